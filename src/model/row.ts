/**
 * The types that are read off a declaration: a row as it is read, what a client sends to create one, what can be shown of one.
 *
 * They follow the options as they were written, so nothing has to be said twice.
 */
import type { Field, FieldMap, ValueOf } from "./field.ts";
import type { Model } from "./model.ts";

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
