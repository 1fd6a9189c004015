/**
 * Positions in a list: the values of a row in the fields of the order, as a cursor carries them, and the condition that a row
 * comes after them.
 *
 * Rows `after (x, y)` in the order `a, b` are those with `a > x`, or `a = x` and `b > y`. Nulls stand where the database sorts
 * them: before everything on SQLite, after everything on PostgreSQL, and the other way round in a descending order.
 */
import { type Dialect, type Models, nothing, type Where } from "../../db/index.ts";
import type { Field, Model } from "../../model/index.ts";
import { isAddress } from "../filters/condition.ts";
import { findField, storedField } from "../filters/named-field.ts";
import { isWithin, parseInteger, wholeValue } from "../filters/number.ts";
import { pathIn } from "../filters/ordering.ts";
import { readerOf } from "../filters/values.ts";
import { Invalid } from "../serializer/parser.ts";

/** A field that a list is sorted by. */
export interface OrderField {
  readonly path: string;
  readonly isNullable: boolean;
  /** The value of a text that a cursor carries; undefined where it can be none. */
  readonly parse: (text: string) => unknown;
}

/** Finds the field of a path of an order; behind a row that may be out of sight it may be null. */
export function orderField(
  path: string,
  model: Model,
  models: Models,
  place: string,
  limits: (model: Model) => boolean,
): OrderField {
  const { field, target, through, ...named } = findField(path, model, models, place);
  const isNullable = named.isNullable || through.some(limits);
  return { path, isNullable, parse: parserFor(storedField(field, target, models)) };
}

function parserFor(field: Field): OrderField["parse"] {
  if (field.kind === "float")
    return (text) => (Number.isFinite(Number(text)) && text !== "" ? Number(text) : undefined);
  if (field.kind === "ip") return (text) => (isAddress(text) ? text : undefined);
  const reader = readerOf(field);
  if (!reader || reader.kind === "text") return (text) => (text.includes("\0") ? undefined : text);
  const { bounds, read } = reader;
  return (text) => {
    if (bounds) {
      const whole = parseInteger(text);
      return whole !== undefined && isWithin(whole, bounds) ? wholeValue(whole) : undefined;
    }
    const value = read(text);
    return value instanceof Invalid ? undefined : value;
  };
}

/** How values stand in a cursor. */
export const positionText = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value);

/** An entry of an order with its field. */
export interface Sorted {
  readonly field: OrderField;
  readonly isDescending: boolean;
}

/** The entries of an order, e.g. `-created_at`, `id`. */
export const sortedBy = (order: readonly string[], fieldOf: (path: string) => OrderField): Sorted[] =>
  order.map((entry) => ({ field: fieldOf(pathIn(entry)), isDescending: entry.startsWith("-") }));

/**
 * The condition of the rows after a position in an order.
 * @param position  values of the first fields of the order, one at least
 */
export function rowsAfter(sorted: readonly Sorted[], position: readonly unknown[], dialect: Dialect): Where {
  const [first, ...rest] = sorted;
  const [value, ...inner] = position;
  if (!first) return nothing;
  const beyond = beyondValue(first, value, dialect);
  if (inner.length === 0) return beyond;
  const tied: Where = { and: [equals(first, value), rowsAfter(rest, inner, dialect)] };
  const either: Where = { or: [beyond, tied] };
  // The bound alone is what an index can follow.
  return first.field.isNullable ? either : { and: [bound(first, value), either] };
}

function beyondValue({ field: { path, isNullable }, isDescending }: Sorted, value: unknown, dialect: Dialect): Where {
  const isNullFirst = (dialect === "sqlite") !== isDescending;
  if (value === null) return isNullFirst ? { path, lookup: "isnull", value: false } : nothing;
  const beyond: Where = { path, lookup: isDescending ? "lt" : "gt", value };
  return isNullable && !isNullFirst ? { or: [beyond, { path, lookup: "isnull", value: true }] } : beyond;
}

const equals = ({ field: { path } }: Sorted, value: unknown): Where =>
  value === null ? { path, lookup: "isnull", value: true } : { path, lookup: "exact", value };

const bound = ({ field: { path }, isDescending }: Sorted, value: unknown): Where => ({
  path,
  lookup: isDescending ? "lte" : "gte",
  value,
});
