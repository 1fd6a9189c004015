/**
 * Which lookups each kind of field has: the table, and the check of a declared one.
 * Reference: django.db.models.lookups and the `register_lookup` calls of the fields.
 * Differs: a lookup that makes no sense for a kind (`pages__icontains`) is refused at start.
 */
import { type Comparison, type Lookup, parseLookup, type Transform } from "../../db/index.ts";
import { ConfigurationError } from "../../errors.ts";
import { aFieldOf, type Field, type FieldKind } from "../../model/index.ts";

const ordered: readonly Comparison[] = ["exact", "gt", "gte", "lt", "lte", "in", "range", "isnull"];
const patterns: readonly Comparison[] = [
  "iexact",
  "contains",
  "icontains",
  "startswith",
  "istartswith",
  "endswith",
  "iendswith",
  "regex",
  "iregex",
];
const textual = [...ordered, ...patterns];
const linked: readonly Comparison[] = ["exact", "in", "isnull"];
const none: readonly Comparison[] = [];

/** The comparisons of each kind. */
const comparisonsOf = {
  boolean: ["exact", "isnull"],
  text: textual,
  email: textual,
  url: textual,
  slug: textual,
  choice: textual,
  ip: [...linked, ...patterns],
  uuid: ordered,
  integer: ordered,
  float: ordered,
  decimal: ordered,
  datetime: ordered,
  date: ordered,
  time: ordered,
  duration: ordered,
  foreignKey: linked,
  manyToMany: linked,
  json: ["isnull"],
  binary: ["isnull"],
  list: none,
  dict: none,
  nested: none,
  computed: none,
  file: none,
} satisfies Record<FieldKind, readonly Comparison[]>;

const transformsOf: Partial<Record<FieldKind, readonly Transform[]>> = {
  datetime: ["date", "year", "month", "day", "hour", "minute", "second"],
  date: ["year", "month", "day"],
  time: ["hour", "minute", "second"],
};

/**
 * The parts of a lookup of a field.
 * @throws ConfigurationError  the field's kind has no such lookup
 */
export function checkLookup(
  field: Field,
  lookup: Lookup,
  place: string,
): { transform?: Transform; comparison: Comparison } {
  const comparisons: readonly Comparison[] = comparisonsOf[field.kind];
  const transforms = transformsOf[field.kind] ?? [];
  const parsed = parse(lookup);
  const isKnown = parsed?.transform
    ? transforms.includes(parsed.transform) && ordered.includes(parsed.comparison) && parsed.comparison !== "isnull"
    : parsed !== undefined && comparisons.includes(parsed.comparison);
  if (!parsed || !isKnown) {
    const lookups = [...comparisons, ...transforms].join(", ") || "none";
    throw new ConfigurationError(place, `"${lookup}" is no lookup of ${aFieldOf(field.kind)}; lookups: ${lookups}`);
  }
  return parsed;
}

function parse(lookup: Lookup): { transform?: Transform; comparison: Comparison } | undefined {
  try {
    return parseLookup(lookup);
  } catch {
    return undefined;
  }
}

/** Whether a comparison looks at a value as text. */
export const isPatternLookup = (comparison: Comparison): boolean => patterns.includes(comparison);
