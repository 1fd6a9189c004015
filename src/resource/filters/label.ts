/**
 * What people are told that a filter asks: `Title contains`, `Published at year is greater than`.
 * Reference: django_filters.utils.label_for_filter (the words are ours).
 */
import { type Comparison, type Lookup, parseLookup } from "../../db/index.ts";

const words = {
  exact: "",
  iexact: "is, in any case",
  contains: "contains, in this case",
  icontains: "contains",
  startswith: "begins with, in this case",
  istartswith: "begins with",
  endswith: "ends with, in this case",
  iendswith: "ends with",
  regex: "matches, in this case",
  iregex: "matches",
  in: "is one of",
  gt: "is greater than",
  gte: "is at least",
  lt: "is less than",
  lte: "is at most",
  range: "is between",
  isnull: "is empty",
} satisfies Record<Comparison, string>;

/** The label of a lookup of a field. */
export function labelOf(field: string, lookup: Lookup): string {
  const { transform, comparison } = parseLookup(lookup);
  const label = [field, transform, words[comparison]].filter((word) => word).join(" ");
  return label.charAt(0).toUpperCase() + label.slice(1);
}
