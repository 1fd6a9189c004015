/**
 * Conditions on rows, as plain data: `{ path: "author.name", lookup: "icontains", value: "bo" }`.
 *
 * A path names fields through relations; a lookup is one of django-filter's, a transform may stand before it
 * (`date__gte`, `year`). Paths and lookups come from declarations, values from requests: the *shape* (all but the values)
 * is compiled once into SQL and kept, the values are bound.
 */
import type { Field, Model } from "../model/index.ts";

export const comparisons = [
  "exact",
  "iexact",
  "contains",
  "icontains",
  "startswith",
  "istartswith",
  "endswith",
  "iendswith",
  "regex",
  "iregex",
  "in",
  "gt",
  "gte",
  "lt",
  "lte",
  "range",
  "isnull",
] as const;
export type Comparison = (typeof comparisons)[number];

/** What is taken of a value before it is compared. */
export const transforms = ["date", "year", "month", "day", "hour", "minute", "second"] as const;
export type Transform = (typeof transforms)[number];

/** `exact`, `year`, `date__gte`, …: a comparison, a transform, or both. */
export type Lookup = Comparison | Transform | `${Transform}__${Comparison}`;

/** The paths of a model: its fields, and through its relations what lies behind them (that part is checked when it is used). */
export type PathOf<M extends Model> =
  | (keyof M["fields"] & string)
  | {
      [Name in keyof M["fields"] & string]: M["fields"][Name] extends Field<"foreignKey" | "manyToMany">
        ? `${Name}.${string}`
        : never;
    }[keyof M["fields"] & string];

export interface Condition<Path extends string = string> {
  /** Field names from the model on, joined by dots. */
  readonly path: Path;
  /** Default: `exact`. */
  readonly lookup?: Lookup;
  /** In the field's own format; a list for `in` and `range`, a boolean for `isnull`; null with `exact` is `isnull`. */
  readonly value: unknown;
}

/**
 * Which rows: a condition, or several put together. `{ and: [] }` is true of every row, `{ or: [] }` of none.
 *
 * @example
 * const mine: Where = { or: [{ path: "owner", value: 7 }, { path: "is_public", value: true }] };
 */
export type Where<Path extends string = string> =
  | Condition<Path>
  | { readonly and: readonly Where<Path>[] }
  | { readonly or: readonly Where<Path>[] }
  | { readonly not: Where<Path> };

/** True of every row. */
export const everything: Where = { and: [] };

/** True of no row. */
export const nothing: Where = { or: [] };

/** Whether a condition is plainly true of every row, whatever they hold. */
export function isEverything(where: Where): boolean {
  if ("and" in where) return where.and.every(isEverything);
  return "or" in where && where.or.some(isEverything);
}

/** The paths of its conditions. */
export function pathsIn(where: Where): string[] {
  if ("and" in where) return where.and.flatMap(pathsIn);
  if ("or" in where) return where.or.flatMap(pathsIn);
  return "not" in where ? pathsIn(where.not) : [where.path];
}

/** Splits a lookup into its transform and its comparison. */
export function parseLookup(lookup: Lookup = "exact"): { transform?: Transform; comparison: Comparison } {
  const [first = "exact", second] = lookup.split("__") as [string, string?];
  const transform = transforms.find((name) => name === first);
  const comparison = comparisons.find((name) => name === (transform ? (second ?? "exact") : first));
  if (!comparison) throw new TypeError(`"${lookup}" is not a lookup`);
  return { transform, comparison };
}

/** How many slots a list of values has: a power of two, so that lists of every length make few shapes. */
export const slotsFor = ({ length }: readonly unknown[]): number =>
  length < 2 ? length : 2 ** Math.ceil(Math.log2(length));

/**
 * The shape of a condition, as a key, with its conditions listed in order.
 * Two conditions of one shape differ in nothing but the values to bind.
 */
export function shapeOf(where: Where, conditions: Condition[]): string {
  if ("and" in where) return `(${where.and.map((inner) => shapeOf(inner, conditions)).join("&")})`;
  if ("or" in where) return `(${where.or.map((inner) => shapeOf(inner, conditions)).join("|")})`;
  if ("not" in where) return `!${shapeOf(where.not, conditions)}`;
  conditions.push(where);
  const { value, lookup = "exact" } = where;
  // What stands in the SQL itself: the number of slots, and whether null is asked for.
  const literal = Array.isArray(value) ? slotsFor(value) : value === null || lookup === "isnull" ? String(value) : "";
  return `${where.path}.${lookup}${literal}`;
}
