/**
 * What a field is: a kind, the options it was declared with, and the few facts every reader asks for.
 *
 * A field is frozen plain data. It knows no SQL and no HTTP; each reader (columns, validation, representation, metadata,
 * forms) keeps one table of its own, indexed by kind and closed by the compiler.
 *
 * **The value of a field is what JSON carries**, everywhere: in a row, in a hook, in an action, in the client. A decimal is
 * the string "12.50", a time is the ISO string "2024-01-01T08:00:00.123456Z". Nothing is lost and nothing is converted twice.
 */
import type { RelatedAggregate } from "./aggregates.ts";
import type { Model } from "./model.ts";

/** Any JSON value; numbers that a double cannot hold arrive as `bigint`. */
export type Json = string | number | bigint | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The TypeScript type of a value, by kind; `structure` kinds are refined by their options. */
export interface ValueOf {
  boolean: boolean;
  text: string;
  email: string;
  url: string;
  slug: string;
  uuid: string;
  ip: string;
  integer: number;
  float: number;
  decimal: string;
  datetime: string;
  date: string;
  time: string;
  duration: string;
  choice: string | number;
  json: Json;
  binary: string;
  list: readonly unknown[];
  dict: Readonly<Record<string, unknown>>;
  nested: Readonly<Record<string, unknown>>;
  foreignKey: number;
  manyToMany: readonly number[];
  computed: unknown;
  file: string;
}

export type FieldKind = keyof ValueOf;

/**
 * An additional check, run on a value of the right type.
 *
 * @example
 * field.integer({
 *   validators: [{ code: "even", message: "Expected an even number.", isValid: (seats: number) => seats % 2 === 0 }],
 * })
 */
export interface Validator<Value = never> {
  /** Machine code of the finding. */
  readonly code: string;
  readonly message: string;
  readonly isValid: (value: Value) => boolean;
}

/** Options that every kind takes. */
export interface FieldOptions {
  /** Must be sent (default: unless it has a default, may be null or blank, or is read-only). */
  readonly required?: boolean;
  /** May be null. */
  readonly null?: boolean;
  /** May be empty: "" for text, no entry for relations. */
  readonly blank?: boolean;
  /** Used when nothing is sent; a function is called each time. */
  readonly default?: unknown;
  readonly unique?: boolean;
  /** An index on the column (foreign keys and unique columns have one anyway). */
  readonly index?: boolean;
  readonly primaryKey?: boolean;
  readonly readOnly?: boolean;
  readonly writeOnly?: boolean;
  readonly label?: string;
  readonly help?: string;
  /** Name of the column, where it differs from the field's. */
  readonly column?: string;
  /** Where the value is read from, e.g. `author.name`; makes the field read-only. */
  readonly source?: string;
  /** Set by the server: at creation, at every write, or to the signed-in user. */
  readonly auto?: "created" | "updated" | "user" | "uuid";
  readonly validators?: readonly Validator[];
  /** What the database computes of related rows (`aggregates.ts`). */
  readonly aggregate?: RelatedAggregate;
}

export interface TextOptions extends FieldOptions {
  /** Characters. */
  readonly minLength?: number;
  /** Characters; a text without one is a column of unlimited length. */
  readonly maxLength?: number;
  /** Remove white space at both ends before anything else (default true). */
  readonly trim?: boolean;
  readonly pattern?: RegExp;
}

/** Options of a file. */
export interface FileOptions extends FieldOptions {
  /** Characters of the path in the column (default 100), and of the name that a client gives. */
  readonly maxLength?: number;
  /** Folder within MEDIA_ROOT, such as `covers` or `reports/%Y/%m` (default: MEDIA_ROOT itself). */
  readonly uploadTo?: string;
  /** Largest file (default: MAX_UPLOAD_BYTES); a larger one is a finding. */
  readonly maxBytes?: number;
  /** How names may end, without the dot and in lower case: `["pdf", "txt"]` (default: as they like). */
  readonly extensions?: readonly string[];
  /** Whether it is an image by its first bytes: PNG, JPEG, GIF, WebP or AVIF. */
  readonly image?: boolean;
  /** Whether a file goes when its row is deleted or names another one, after the commit (default false: it stays). */
  readonly removeOld?: boolean;
}

export interface NumberOptions extends FieldOptions {
  readonly min?: number;
  readonly max?: number;
}

export interface IntegerOptions extends NumberOptions {
  /** A column of 64 bits. */
  readonly big?: boolean;
  /** A column of 16 bits. */
  readonly small?: boolean;
}

export interface BinaryOptions extends FieldOptions {
  /** Bytes, not characters of their base64. */
  readonly maxBytes?: number;
}

export interface DecimalOptions extends NumberOptions {
  /** Digits in all. */
  readonly maxDigits: number;
  /** Digits after the point. */
  readonly decimalPlaces: number;
  /** Represent as a JSON number instead of a string. */
  readonly asNumber?: boolean;
}

/** A choice: its value, or its value and the label that people see. */
export type Choice = string | number | readonly [value: string | number, label: string];

export interface ChoiceOptions extends FieldOptions {
  readonly choices: readonly Choice[];
  readonly maxLength?: number;
}

export interface ListOptions extends FieldOptions {
  /** Each item (default: any JSON). */
  readonly of?: Field;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** An empty list is accepted (default true). */
  readonly allowEmpty?: boolean;
  /** The rows of another model whose foreign key `by` points here; each item is one of them. */
  readonly rows?: ChildRows;
  /** The rows that the many-to-many field `source` links; each item is one of them. */
  readonly linked?: true;
}

/** Rows that belong to another row. */
export interface ChildRows {
  readonly of: Model;
  /** Name of their foreign key. */
  readonly by: string;
}

export interface DictOptions extends FieldOptions {
  /** Each value (default: any JSON). */
  readonly of?: Field;
}

export interface NestedOptions extends FieldOptions {
  readonly fields: FieldMap;
}

/** What happens to rows that point at a deleted row. Reference: django.db.models.deletion. */
export type OnDelete = "cascade" | "protect" | "setNull";

/** A model, a function that returns it (for cycles), its full name (`auth.user`), or `self`: the model that the field stands in. */
export type Target = Model | (() => Model) | string;

export interface ForeignKeyOptions extends FieldOptions {
  readonly to: Target;
  readonly onDelete?: OnDelete;
}

export interface ManyToManyOptions extends FieldOptions {
  readonly to: Target;
  /** The table between (default: `<table>_<field>`). */
  readonly through?: string;
}

export interface ComputedOptions extends FieldOptions {
  /** From the object that is represented; must be cheap, it runs for every row. Without it the value at `source` is shown. */
  readonly from?: (object: never) => unknown;
}

export interface OptionsOf {
  boolean: FieldOptions;
  text: TextOptions;
  email: TextOptions;
  url: TextOptions;
  slug: TextOptions;
  uuid: FieldOptions;
  ip: FieldOptions;
  integer: IntegerOptions;
  float: NumberOptions;
  decimal: DecimalOptions;
  datetime: FieldOptions;
  date: FieldOptions;
  time: FieldOptions;
  duration: FieldOptions;
  choice: ChoiceOptions;
  json: FieldOptions;
  binary: BinaryOptions;
  list: ListOptions;
  dict: DictOptions;
  nested: NestedOptions;
  foreignKey: ForeignKeyOptions;
  manyToMany: ManyToManyOptions;
  computed: ComputedOptions;
  file: FileOptions;
}

/** A kind as sentences name it: `an integer field`. */
export const aFieldOf = (kind: FieldKind): string => `${/^[aei]/.test(kind) ? "an" : "a"} ${kind} field`;

/** A declared field. `K` is its kind, `O` the options as they were written: types are read off both. */
export interface Field<K extends FieldKind = FieldKind, O extends OptionsOf[K] = OptionsOf[K]> {
  readonly kind: K;
  readonly options: O;
  readonly required: boolean;
  readonly null: boolean;
  readonly readOnly: boolean;
  readonly writeOnly: boolean;
}

/** Fields by name, in the order of the output. */
export type FieldMap = { readonly [name: string]: Field };

/**
 * Makes a field of a kind, with the facts that follow from its options.
 * Reference: rest_framework.utils.field_mapping.get_field_kwargs (what makes a model field optional or read-only).
 */
export function defineField<K extends FieldKind, const O extends OptionsOf[K]>(kind: K, options: O): Field<K, O> {
  const readOnly =
    options.readOnly ?? (options.auto !== undefined || options.primaryKey === true || options.source !== undefined);
  const optional = "default" in options || options.null === true || options.blank === true;
  return Object.freeze({
    kind,
    options: Object.freeze(options),
    required: options.required ?? !(optional || readOnly),
    null: options.null === true,
    readOnly,
    writeOnly: options.writeOnly === true,
  });
}

// ---- types read off a declaration ----------------------------------------------------------------

/**
 * The value of the primary key of a relation's target. Accounts have numbers, and so are targets that are made later taken to have;
 * of others that are named it is not known here.
 */
type KeyOf<T> =
  T extends Model<string, infer Fields>
    ? string extends keyof Fields
      ? number
      : {
          [N in keyof Fields]: Fields[N] extends { readonly options: { readonly primaryKey: true } }
            ? ValueOf[Fields[N]["kind"]]
            : never;
        }[keyof Fields]
    : T extends string
      ? T extends `auth.${string}`
        ? number
        : number | string
      : number;

type Value<F> =
  F extends Field<infer K, infer O>
    ? O extends { readonly custom: { readonly parse: (sent: never, refuse: never) => infer V } }
      ? V
      : K extends "foreignKey"
        ? KeyOf<O extends { readonly to: infer T } ? T : never>
        : K extends "manyToMany"
          ? readonly KeyOf<O extends { readonly to: infer T } ? T : never>[]
          : O extends { readonly choices: readonly (infer C)[] }
            ? C extends readonly [infer V, string]
              ? V
              : C
            : O extends { readonly fields: infer N extends FieldMap }
              ? Row<N>
              : O extends { readonly of: infer Item }
                ? K extends "list"
                  ? readonly ValueOfField<Item>[]
                  : { readonly [key: string]: ValueOfField<Item> }
                : O extends { readonly from: (object: never) => infer R }
                  ? R
                  : ValueOf[K]
    : never;

/** The value that a field holds, null included where it may be. */
export type ValueOfField<F> = F extends { readonly options: { readonly null: true } } ? Value<F> | null : Value<F>;

/** A row of these fields, as it is read. */
export type Row<Fields extends FieldMap> = { -readonly [Name in keyof Fields]: ValueOfField<Fields[Name]> };

type IsReadOnly<F> = F extends {
  readonly options:
    | { readonly readOnly: true }
    | { readonly auto: string }
    | { readonly primaryKey: true }
    | { readonly source: string };
}
  ? true
  : F extends Field<"computed">
    ? true
    : false;
type IsOptional<F> = F extends {
  readonly options:
    | { readonly null: true }
    | { readonly blank: true }
    | { readonly default: unknown }
    | { readonly required: false };
}
  ? true
  : false;

type Writable<Fields extends FieldMap> = {
  [Name in keyof Fields as IsReadOnly<Fields[Name]> extends true ? never : Name]: Fields[Name];
};
type OptionalNames<Fields extends FieldMap> = {
  [Name in keyof Fields]: IsOptional<Fields[Name]> extends true ? Name : never;
}[keyof Fields];

/** What a client sends to create a row: read-only fields are left out, those with a default may be. */
export type Input<Fields extends FieldMap> = {
  -readonly [Name in Exclude<keyof Writable<Fields>, OptionalNames<Fields>>]: ValueOfField<Fields[Name]>;
} & {
  -readonly [Name in Extract<keyof Writable<Fields>, OptionalNames<Fields>>]?: ValueOfField<Fields[Name]>;
};

/** What comes from elsewhere in the object that is shown. */
type IsDerived<F> = F extends { readonly options: { readonly source: string } } | Field<"computed"> ? true : false;
type NeededNames<Fields extends FieldMap> = {
  [Name in keyof Fields]: IsOptional<Fields[Name]> extends true
    ? never
    : IsDerived<Fields[Name]> extends true
      ? never
      : Name;
}[keyof Fields];

/**
 * An object that can be shown by these fields: it has those that are not optional, and come from nowhere else in it. Of fields whose
 * names the compiler does not know nothing is said.
 */
export type ShownOf<Fields extends FieldMap> = string extends keyof Fields
  ? { readonly [name: string]: unknown }
  : {
      readonly [Name in NeededNames<Fields>]: ValueOfField<Fields[Name]>;
    } & {
      readonly [Name in Exclude<keyof Fields, NeededNames<Fields>>]?: IsDerived<Fields[Name]> extends true
        ? unknown
        : ValueOfField<Fields[Name]>;
    };
