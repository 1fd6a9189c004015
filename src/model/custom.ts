/**
 * Kinds of field of one's own: another value over the column of a kind that there is.
 *
 * The value is what JSON carries, as with every kind: in a row, in a hook, in an answer. Only the column holds something else, where
 * `toColumn` and `fromColumn` say so.
 * Reference: rest_framework.fields.Field (to_internal_value, to_representation), django.db.models.Field (get_prep_value,
 * from_db_value).
 */
import { ConfigurationError } from "../errors.ts";
import { defineField, type Field, type FieldKind, type ValueOf } from "./field.ts";
import type { OptionsOf } from "./options.ts";

/** Says that a value is not accepted: a code for machines, a sentence for people. */
export type Refuse = (code: string, message: string) => never;

/** What a kind of one's own does with its values. */
export interface CustomKind<Value = never, Stored = unknown> {
  /** The value of what a client sent, which is there and not null; calls `refuse` for what it cannot take. */
  readonly parse: (sent: unknown, refuse: Refuse) => Value;
  /** What the column holds (default: the value itself, which then is one of the column's kind). */
  readonly toColumn?: (value: Value) => Stored;
  /** The way back; both are declared or neither. */
  readonly fromColumn?: (stored: Stored) => Value;
}

/** Kinds that are one column. */
type ColumnKind = Exclude<FieldKind, "list" | "dict" | "nested" | "computed" | "manyToMany" | "foreignKey" | "file">;

const columnKinds = {
  boolean: true,
  text: true,
  email: true,
  url: true,
  slug: true,
  uuid: true,
  ip: true,
  integer: true,
  float: true,
  decimal: true,
  datetime: true,
  date: true,
  time: true,
  duration: true,
  choice: true,
  json: true,
  binary: true,
} satisfies Record<ColumnKind, true>;

/**
 * Makes a field of a kind of one's own. What `parse` gives is then held to the limits of the column's kind (its length, its pattern, its
 * validators); a kind with `toColumn` can be filtered by nothing but whether it is null.
 *
 * @param column  the field whose column it has, with its options
 * @throws ConfigurationError  the column's kind is a relation, a file or no column, or one of `toColumn` and `fromColumn` is missing
 * @example
 * const colour = () =>
 *   field.custom(field.text({ maxLength: 7 }), {
 *     parse: (sent, refuse) =>
 *       typeof sent === "string" && /^#[0-9a-f]{6}$/i.test(sent)
 *         ? sent.toLowerCase()
 *         : refuse("invalid_colour", "Expected a colour such as #ff8800."),
 *   });
 * @example
 * const point = field.custom(field.text({ maxLength: 40 }), {
 *   parse: (sent, refuse): readonly [number, number] =>
 *     Array.isArray(sent) && sent.length === 2 && sent.every(Number.isFinite)
 *       ? [sent[0], sent[1]]
 *       : refuse("invalid_point", "Expected two numbers."),
 *   toColumn: ([x, y]) => `${x} ${y}`,
 *   fromColumn: (stored): readonly [number, number] => {
 *     const [x = 0, y = 0] = stored.split(" ").map(Number);
 *     return [x, y];
 *   },
 * });
 */
export function custom<K extends FieldKind, const O extends OptionsOf[K], Value>(
  column: Field<K, O>,
  kind: CustomKind<Value, ValueOf[K]>,
): Field<K, O & { readonly custom: CustomKind<Value, ValueOf[K]> }> {
  if (!Object.hasOwn(columnKinds, column.kind))
    throw new ConfigurationError(
      "field.custom",
      `a ${column.kind} field is no column of a value; expected another kind`,
    );
  if ((kind.toColumn === undefined) !== (kind.fromColumn === undefined))
    throw new ConfigurationError("field.custom", "expected toColumn and fromColumn, or neither of them");
  return defineField(column.kind, { ...column.options, custom: kind } as O & {
    readonly custom: CustomKind<Value, ValueOf[K]>;
  });
}

/** What a field's kind of one's own does; undefined where it is one of the built-in kinds. */
export const customOf = ({ options }: Field): CustomKind<unknown> | undefined =>
  "custom" in options ? (options.custom as CustomKind<unknown>) : undefined;
