/**
 * One lookup of one field (`price__gte`): which lookups a kind has, how its parameter is read, the condition that follows.
 *
 * Compiled at start by `filters.ts`. Numbers that the column cannot hold become conditions with the same meaning that the
 * database can compute: `pages <= 10^30` is true of every number of pages.
 * Reference: django_filters.filterset.FilterSet.filter_for_lookup and the filter classes.
 */
import { type Comparison, type Lookup, type Models, parseLookup, type Transform, type Where } from "../../db/index.ts";
import { ConfigurationError } from "../../errors.ts";
import type { Field, FieldKind, Model } from "../../model/index.ts";
import type { QueryParameters } from "../query-parameters.ts";
import { Invalid, invalid } from "../serializer/parser.ts";
import { type NamedField, storedField } from "./named-field.ts";
import { type Bounds, bits32, isWithin, wholeValue } from "./number.ts";
import {
  choiceReader,
  choicesOf,
  dateReader,
  isAddress,
  keyReader,
  type ParameterKind,
  readBoolean,
  readerOf,
  readText,
  type ValueReader,
  wholeReader,
} from "./values.ts";

/** How many values a parameter takes: one; some or two, separated by commas; or one each time it is repeated. */
export type Arity = "one" | "list" | "pair" | "repeated";

/** What a request's parameter comes to: a condition, and the keys of rows that must exist; or findings; or nothing. */
export type Outcome = { readonly where: Where; readonly keys?: readonly unknown[] } | Invalid | undefined;

export interface CompiledLookup {
  readonly kind: ParameterKind;
  readonly arity: Arity;
  readonly choices?: readonly (readonly [value: string | number, label: string])[];
  /** The model whose keys the parameter holds. */
  readonly target?: Model;
  readonly read: (query: QueryParameters, parameter: string) => Outcome;
}

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
  list: none,
  dict: none,
  nested: none,
  computed: none,
} satisfies Record<FieldKind, readonly Comparison[]>;

const transformsOf: Partial<Record<FieldKind, readonly Transform[]>> = {
  datetime: ["date", "year", "month", "day", "hour", "minute", "second"],
  date: ["year", "month", "day"],
  time: ["hour", "minute", "second"],
};

/** True of no row. */
export const nothing: Where = { or: [] };

/**
 * Compiles a lookup of a field.
 * @throws ConfigurationError  the field's kind has no such lookup
 */
export function compileLookup(named: NamedField, lookup: Lookup, models: Models, place: string): CompiledLookup {
  const { field, target, path } = named;
  const { transform, comparison } = checkLookup(field, lookup, place);
  if (comparison === "isnull") return single("boolean", readBoolean, (value) => ({ path, lookup, value }));
  if (target) return compileRelation(named, target, comparison, models);
  const isChoice = comparison === "exact" && field.kind === "choice";
  const reader = isChoice ? choiceReader(field) : readerFor(field, transform, comparison);
  if (!reader) throw new ConfigurationError(place, `a ${field.kind} field cannot be compared with a text`);
  const build = builderOf(named, lookup, comparison, reader.bounds);
  if (comparison === "in" || comparison === "range") return several(reader, comparison, build);
  return { ...single(reader.kind, reader.read, build), choices: isChoice ? choicesOf(field) : undefined };
}

function checkLookup(field: Field, lookup: Lookup, place: string): { transform?: Transform; comparison: Comparison } {
  const comparisons: readonly Comparison[] = comparisonsOf[field.kind];
  const transforms = transformsOf[field.kind] ?? [];
  const parsed = parse(lookup);
  const isKnown = parsed?.transform
    ? transforms.includes(parsed.transform) && ordered.includes(parsed.comparison) && parsed.comparison !== "isnull"
    : parsed !== undefined && comparisons.includes(parsed.comparison);
  if (!parsed || !isKnown) {
    const lookups = [...comparisons, ...transforms].join(", ") || "none";
    throw new ConfigurationError(place, `"${lookup}" is no lookup of a ${field.kind} field; lookups: ${lookups}`);
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

/** What is compared: the day of a time, its year, or the value itself. */
function readerFor(field: Field, transform: Transform | undefined, comparison: Comparison): ValueReader | undefined {
  if (transform) return transform === "date" ? dateReader : wholeReader(bits32);
  return patterns.includes(comparison) ? { kind: "text", read: readText } : readerOf(field);
}

// ---- reading ---------------------------------------------------------------------------------------

type Build = (value: unknown) => Where | Invalid;

function single(kind: ParameterKind, read: ValueReader["read"], build: Build): CompiledLookup {
  return {
    kind,
    arity: "one",
    read(query, parameter) {
      const text = query.get(parameter);
      const value = text === undefined ? undefined : read(text);
      return value === undefined || value instanceof Invalid ? value : outcome(build(value));
    },
  };
}

/** Reference: django_filters.fields.BaseCSVField and BaseRangeField: a blank item is "" of a text and null of anything else. */
function several(reader: ValueReader, comparison: "in" | "range", build: Build): CompiledLookup {
  return {
    kind: reader.kind,
    arity: comparison === "in" ? "list" : "pair",
    read(query, parameter) {
      const values = readList(query.get(parameter), reader);
      if (values === undefined || values instanceof Invalid) return values;
      if (comparison === "in") return outcome(build(values.filter((value) => value !== undefined)));
      if (values.length !== 2) return invalid("invalid", { expected: "two values, separated by a comma" });
      return values.includes(undefined) ? { where: nothing } : outcome(build(values));
    },
  };
}

function readList(text: string | undefined, { kind, read }: ValueReader): unknown[] | Invalid | undefined {
  if (text === undefined || text === "") return undefined;
  const values: unknown[] = [];
  for (const item of text.split(",")) {
    const value = read(item) ?? (kind === "text" ? "" : undefined);
    if (value instanceof Invalid) return value;
    values.push(value);
  }
  return values;
}

const outcome = (where: Where | Invalid): Outcome => (where instanceof Invalid ? where : { where });

/** Reference: ModelChoiceFilter for one link, ModelMultipleChoiceFilter (any of the keys) for many. */
function compileRelation(named: NamedField, target: Model, comparison: Comparison, models: Models): CompiledLookup {
  const { path, field } = named;
  const reader = keyReader(storedField(field, target, models));
  const whereIn = (keys: readonly unknown[]): Outcome => {
    const [key] = keys;
    if (keys.length === 0) return { where: nothing };
    return {
      keys,
      where: keys.length === 1 ? { path, lookup: "exact", value: key } : { path, lookup: "in", value: keys },
    };
  };
  if (comparison === "in") {
    const read = (text: string | undefined): Outcome => {
      const keys = readList(text, reader);
      if (keys === undefined || keys instanceof Invalid) return keys;
      return whereIn([...new Set(keys.filter((key) => key !== undefined))]);
    };
    return { kind: "key", arity: "list", target, read: (query, parameter) => read(query.get(parameter)) };
  }
  if (field.kind === "manyToMany") {
    const read = (texts: readonly string[]): Outcome => {
      const keys = new Set<unknown>();
      for (const text of texts) {
        const key = reader.read(text);
        if (key instanceof Invalid) return key;
        if (key === undefined || (typeof key !== "string" && String(key) !== text)) {
          return invalid("invalid_choice", { input: text });
        }
        keys.add(key);
      }
      return keys.size === 0 ? undefined : whereIn([...keys]);
    };
    return { kind: "key", arity: "repeated", target, read: (query, parameter) => read(query.all(parameter)) };
  }
  const read = (text: string | undefined): Outcome => {
    const key = text === undefined ? undefined : reader.read(text);
    return key === undefined || key instanceof Invalid ? key : whereIn([key]);
  };
  return { kind: "key", arity: "one", target, read: (query, parameter) => read(query.get(parameter)) };
}

// ---- conditions ------------------------------------------------------------------------------------

function builderOf({ path, field }: NamedField, lookup: Lookup, comparison: Comparison, bounds?: Bounds): Build {
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

const isIn = (path: string, lookup: Lookup, values: readonly unknown[]): Where =>
  values.length === 0 ? nothing : { path, lookup, value: values };

const notAPattern = invalid("invalid", { expected: "a regular expression" });

/** Whether a text is a regular expression; `(?i)` in front ignores case, as elsewhere. */
export function isPattern(text: string): boolean {
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
