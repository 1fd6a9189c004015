/**
 * Conditions on rows, as plain data: `{ path: "author.name", lookup: "icontains", value: "bo" }`.
 *
 * A path names fields through relations; a lookup is one of django-filter's, a transform may stand before it
 * (`date__gte`, `year`). Paths and lookups come from declarations, values from requests: the *shape* (all but the values)
 * is compiled once into SQL and kept, the values are bound.
 */
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

export interface Condition {
  /** Field names from the model on, joined by dots. */
  readonly path: string;
  readonly lookup: Lookup;
  /** In the field's own format; a list for `in` and `range`, a boolean for `isnull`. */
  readonly value: unknown;
}

export type Where =
  | Condition
  | { readonly and: readonly Where[] }
  | { readonly or: readonly Where[] }
  | { readonly not: Where };

/** Splits a lookup into its transform and its comparison. */
export function parseLookup(lookup: Lookup): { transform?: Transform; comparison: Comparison } {
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
  const count = Array.isArray(where.value)
    ? slotsFor(where.value)
    : "isnull" === where.lookup
      ? String(where.value)
      : "";
  return `${where.path}.${where.lookup}${count}`;
}
