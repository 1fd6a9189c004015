/**
 * The options that a field is declared with, by kind.
 *
 * Reference: the arguments of the fields of django.db.models and of rest_framework.serializers.
 */
import type { RelatedAggregate } from "./aggregates.ts";
import type { Field, FieldMap } from "./field.ts";
import type { Model } from "./model.ts";

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
  /** A field that has such values, for documents: they say nothing of the type of a value that own code makes. */
  readonly shows?: Field;
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

const ofEvery = {
  required: true,
  null: true,
  blank: true,
  default: true,
  unique: true,
  index: true,
  primaryKey: true,
  readOnly: true,
  writeOnly: true,
  label: true,
  help: true,
  column: true,
  source: true,
  auto: true,
  validators: true,
  aggregate: true,
  custom: true, // `field.custom` puts it there
} satisfies Record<keyof FieldOptions | "custom", true>;
const ofText = { ...ofEvery, minLength: true, maxLength: true, trim: true, pattern: true } as const;
const ofNumber = { ...ofEvery, min: true, max: true } as const;

/** The names of the options of each kind: a misspelt one is an error, not an option that nobody reads. */
export const fieldOptionNames: { readonly [K in keyof OptionsOf]: Readonly<Record<keyof OptionsOf[K], true>> } = {
  boolean: ofEvery,
  text: ofText,
  email: ofText,
  url: ofText,
  slug: ofText,
  uuid: ofEvery,
  ip: ofEvery,
  integer: { ...ofNumber, big: true, small: true },
  float: ofNumber,
  decimal: { ...ofNumber, maxDigits: true, decimalPlaces: true, asNumber: true },
  datetime: ofEvery,
  date: ofEvery,
  time: ofEvery,
  duration: ofEvery,
  choice: { ...ofEvery, choices: true, maxLength: true },
  json: ofEvery,
  binary: { ...ofEvery, maxBytes: true },
  list: { ...ofEvery, of: true, minItems: true, maxItems: true, allowEmpty: true, rows: true, linked: true },
  dict: { ...ofEvery, of: true },
  nested: { ...ofEvery, fields: true },
  foreignKey: { ...ofEvery, to: true, onDelete: true },
  manyToMany: { ...ofEvery, to: true, through: true },
  computed: { ...ofEvery, from: true, shows: true },
  file: {
    ...ofEvery,
    ...{ maxLength: true, uploadTo: true, maxBytes: true, extensions: true, image: true, removeOld: true },
  },
};
