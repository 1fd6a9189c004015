/**
 * What a field is: a kind, the options it was declared with, and the few facts every reader asks for.
 *
 * A field is frozen plain data. It knows no SQL and no HTTP; each reader (columns, validation, representation, metadata,
 * forms) keeps one table of its own, indexed by kind and closed by the compiler.
 *
 * **The value of a field is what JSON carries**, everywhere: in a row, in a hook, in an action, in the client. A decimal is
 * the string "12.50", a time is the ISO string "2024-01-01T08:00:00.123456Z". Nothing is lost and nothing is converted twice.
 */
import { checkNames } from "../config/index.ts";
import { fieldOptionNames, type OptionsOf } from "./options.ts";

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
 * @throws ConfigurationError  an option that the kind does not have
 * Reference: rest_framework.utils.field_mapping.get_field_kwargs (what makes a model field optional or read-only).
 */
export function defineField<K extends FieldKind, const O extends OptionsOf[K]>(kind: K, options: O): Field<K, O> {
  checkNames(`field.${kind}`, options, fieldOptionNames[kind], "option");
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
