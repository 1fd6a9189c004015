/**
 * From the value of a parameter to a condition that every database can compute.
 *
 * Whole numbers that a column cannot hold become conditions of the same meaning: `pages <= 10^30` is true of every number of
 * pages, `pages = 10^30` of none. A broken regular expression is a finding.
 */
import { isIP } from "node:net";
import { type Comparison, type Lookup, nothing, parseLookup, type Where } from "../../db/index.ts";
import { type Invalid, invalid } from "../serializer/parser.ts";
import type { NamedField } from "./named-field.ts";
import { type Bounds, isWithin, wholeValue } from "./number.ts";

/** Makes the condition of a value that was read. */
export type Build = (value: unknown) => Where | Invalid;

/** Whether a text can be an address at all; PostgreSQL refuses to compare with anything else. */
export const isAddress = (value: unknown): boolean => isIP(String(value)) !== 0;

/** The builder of a lookup's conditions. `bounds` where the values are whole numbers. */
export function builderOf({ path, field }: NamedField, lookup: Lookup, comparison: Comparison, bounds?: Bounds): Build {
  if (bounds) return (value) => compareWhole(path, lookup, comparison, value, bounds);
  if (comparison === "regex" || comparison === "iregex") {
    return (value) => (isPattern(String(value)) ? { path, lookup, value } : notAPattern);
  }
  if (field.kind === "ip" && comparison === "exact") {
    return (value) => (isAddress(value) ? { path, lookup, value } : nothing);
  }
  if (comparison === "in") {
    const isPossible = field.kind === "ip" ? isAddress : () => true;
    return (value) => isIn(path, lookup, Array.isArray(value) ? value.filter(isPossible) : []);
  }
  return (value) => ({ path, lookup, value });
}

/** `path in (values)`. */
export const isIn = (path: string, lookup: Lookup, values: readonly unknown[]): Where =>
  values.length === 0 ? nothing : { path, lookup, value: values };

const notAPattern = invalid("invalid", { expected: "a regular expression" });

/** Longer patterns are refused; the time that one takes is bounded by the database. */
const MAX_PATTERN = 200;

/** Whether a text is a regular expression; `(?i)` in front ignores case, as elsewhere. */
export function isPattern(text: string): boolean {
  if (text.length > MAX_PATTERN) return false;
  try {
    new RegExp(text.replace(/^\(\?i\)/, ""));
    return true;
  } catch {
    return false;
  }
}

/** `path <lookup> value` for a column of whole numbers; values outside its bounds never reach the database. */
function compareWhole(path: string, lookup: Lookup, comparison: Comparison, value: unknown, bounds: Bounds): Where {
  const wholes = (Array.isArray(value) ? value : [value]).filter((each) => typeof each === "bigint");
  const [first, second] = wholes;
  const as = (other: Comparison, whole: bigint): Where => ({
    path,
    lookup: withComparison(lookup, comparison, other),
    value: wholeValue(whole),
  });
  if (comparison === "in") {
    return isIn(path, lookup, [...new Set(wholes)].filter((whole) => isWithin(whole, bounds)).map(wholeValue));
  }
  if (first === undefined) return nothing;
  if (comparison === "range") {
    if (second === undefined) return nothing;
    const [from, to] = [compareBound("gte", first, bounds, as), compareBound("lte", second, bounds, as)];
    return { and: [from, to] };
  }
  return compareBound(comparison, first, bounds, as);
}

function compareBound(
  comparison: Comparison,
  whole: bigint,
  { least, greatest }: Bounds,
  as: (comparison: Comparison, whole: bigint) => Where,
): Where {
  const asksMore = comparison === "gt" || comparison === "gte";
  const asksLess = comparison === "lt" || comparison === "lte";
  if (whole > greatest) return asksLess ? as("lte", greatest) : nothing;
  if (whole < least) return asksMore ? as("gte", least) : nothing;
  return as(comparison, whole);
}

/** The same lookup, with another comparison behind its transform. */
function withComparison(lookup: Lookup, from: Comparison, to: Comparison): Lookup {
  const { transform } = parseLookup(lookup);
  if (from === to) return lookup;
  return transform ? `${transform}__${to}` : to;
}
