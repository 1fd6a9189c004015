/**
 * Filters: query parameters to conditions.
 *
 * Compiled once from a resource's declaration; asked by `rows.ts` for every list. Only declared names are looked at, and every
 * wrong parameter is reported at once. Whether a row exists that a parameter names (`?author=7`) is a question to the database:
 * it is returned as a check, and its answer is handed back.
 *
 *     const reading = filters.read(query);
 *     const missing = await findMissing(reading.checks);   // the keys of rows that are not there, by check
 *     const conditions = reading.where(missing);           // or a ValidationError
 *
 * Reference: django_filters.rest_framework.DjangoFilterBackend.
 */
import { type Lookup, type Models, pathsIn, type Where } from "../../db/index.ts";
import { ConfigurationError, type Issues, ValidationError } from "../../errors.ts";
import type { Field, Model } from "../../model/index.ts";
import type { QueryParameters } from "../query-parameters.ts";
import { Invalid, issue } from "../serializer/parser.ts";
import type { FilterDeclaration, FilterDeclarations } from "./declaration.ts";
import { labelOf } from "./label.ts";
import { compileLookup } from "./lookup.ts";
import { findField, parameterOf } from "./named-field.ts";
import type { Arity, CompiledLookup, Outcome } from "./outcome.ts";
import { type ParameterKind, readBoolean } from "./values.ts";

/** A query parameter, for documents and forms. */
export interface FilterParameter {
  readonly name: string;
  readonly kind: ParameterKind;
  readonly arity: Arity;
  /** For people: `Title contains`. */
  readonly label: string;
  /** The values that are accepted, if they are few. */
  readonly choices?: readonly (readonly [value: string | number, label: string])[];
  /** Full name of the model whose keys are accepted. */
  readonly target?: string;
}

/** Rows that a parameter names and that must exist. */
export interface RowCheck {
  readonly parameter: string;
  readonly target: Model;
  /** Primary keys, in the format of the key's field. */
  readonly keys: readonly unknown[];
}

/** The keys of a check whose rows are not there. */
export type MissingRows = ReadonlyMap<RowCheck, readonly unknown[]>;

/** What the parameters of one request ask for. */
export interface FilterReading {
  readonly checks: readonly RowCheck[];
  /**
   * The conditions, in the order of the declaration.
   * @param missing  the keys whose rows are not there, by check
   * @throws ValidationError  naming every wrong parameter
   */
  where(missing: MissingRows): readonly Where[];
}

export interface Filters {
  /** Every path that a filter may look at. */
  readonly paths: readonly string[];
  readonly parameters: readonly FilterParameter[];
  read(query: QueryParameters): FilterReading;
}

interface Filter {
  /** What errors are reported under. */
  readonly name: string;
  readonly parameters: readonly FilterParameter[];
  readonly paths: readonly string[];
  readonly target?: Model;
  readonly read: (query: QueryParameters) => Outcome;
}

/** What one filter found in a request. */
interface Asked {
  readonly name: string;
  readonly issues?: Issues;
  readonly where?: Where;
  readonly check?: RowCheck;
}

const nothingAsked: FilterReading = { checks: [], where: () => [] };

/**
 * Compiles the filters of a resource.
 *
 * @param place  what errors name, e.g. `resource "books"`
 * @throws ConfigurationError  an unknown field, a lookup that its kind does not have, a parameter declared twice
 */
export function compileFilters(declared: FilterDeclarations, model: Model, models: Models, place: string): Filters {
  if (Array.isArray(declared))
    throw new ConfigurationError(
      `${place}, filter`,
      `expected lookups by field, such as { name: ["exact"] }, got a list`,
    );
  const filters = Object.entries(declared).flatMap(([name, declaration]) => {
    const at = `${place}, filter "${name}"`;
    if (!isLookups(declaration)) return [compileDeclaration(name, declaration, model, models, at)];
    return declaration.map((lookup) => compileField(name, lookup, model, models, at));
  });
  const names = new Set<string>();
  for (const { name } of filters.flatMap(({ parameters }) => parameters)) {
    if (names.has(name)) throw new ConfigurationError(`${place}, filter`, `the parameter "${name}" is declared twice`);
    names.add(name);
  }
  return {
    paths: filters.flatMap(({ paths }) => paths),
    parameters: filters.flatMap(({ parameters }) => parameters),
    read: (query) => (query.isEmpty || filters.length === 0 ? nothingAsked : read(filters, query)),
  };
}

function read(filters: readonly Filter[], query: QueryParameters): FilterReading {
  const asked: Asked[] = [];
  for (const { name, target, parameters, read } of filters) {
    if (!parameters.some((parameter) => query.has(parameter.name))) continue;
    const outcome = read(query);
    if (outcome === undefined) continue;
    if (outcome instanceof Invalid) asked.push({ name, issues: outcome.issues });
    else {
      const { where, keys } = outcome;
      asked.push({ name, where, check: target && keys && { parameter: name, target, keys } });
    }
  }
  if (asked.length === 0) return nothingAsked;
  return {
    checks: asked.flatMap(({ check }) => check ?? []),
    where(missing) {
      const wrong: Record<string, Issues> = {};
      for (const { name, issues, check } of asked) {
        const absent = check && missing.get(check);
        if (issues) wrong[name] = issues;
        else if (absent) wrong[name] = absent.map((key) => issue("does_not_exist", { input: String(key) }));
      }
      if (Object.keys(wrong).length > 0) throw new ValidationError(wrong);
      return asked.flatMap(({ where }) => where ?? []);
    },
  };
}

function isLookups(declaration: readonly Lookup[] | FilterDeclaration): declaration is readonly Lookup[] {
  return Array.isArray(declaration);
}

/** A lookup under the field's own name: `title`, `title__icontains`. */
function compileField(name: string, lookup: Lookup, model: Model, models: Models, place: string): Filter {
  const suffix = lookup.replace(/(^|__)exact$/, "");
  const parameter = parameterOf(name) + (suffix === "" ? "" : `__${suffix}`);
  return compileOne(parameter, name, lookup, model, models, place);
}

function compileDeclaration(
  name: string,
  declaration: FilterDeclaration,
  model: Model,
  models: Models,
  place: string,
): Filter {
  switch (declaration.kind) {
    case "through":
      return compileOne(name, declaration.path, declaration.lookup, model, models, place);
    case "range":
      return compileRange(name, declaration.path ?? name, model, models, place);
    case "boolean":
      return compileBoolean(name, declaration.where, model, models, place);
  }
}

function compileOne(
  parameter: string,
  name: string,
  lookup: Lookup,
  model: Model,
  models: Models,
  place: string,
): Filter {
  const named = findField(name, model, models, place);
  const compiled = compileLookup(named, lookup, models, place);
  return {
    name: parameter,
    target: compiled.target,
    paths: [named.path],
    parameters: [parameterFrom(compiled, parameter, labelOf(named.label, lookup))],
    read: (query) => compiled.read(query, parameter),
  };
}

const parameterFrom = (
  { kind, arity, choices, target }: CompiledLookup,
  name: string,
  label: string,
): FilterParameter => ({ name, kind, arity, label, choices, target: target?.name });

/** Names of a range's bounds, for the kinds that have one. Reference: django_filters.widgets.RangeWidget, DateRangeWidget. */
function suffixesOf({ kind }: Field): readonly [lower: string, upper: string] | undefined {
  if (kind === "integer" || kind === "float" || kind === "decimal") return ["min", "max"];
  return kind === "datetime" || kind === "date" || kind === "time" ? ["after", "before"] : undefined;
}

function compileRange(name: string, path: string, model: Model, models: Models, place: string): Filter {
  const named = findField(path, model, models, place);
  const suffixes = suffixesOf(named.field);
  if (!suffixes)
    throw new ConfigurationError(place, `expected a field of numbers, dates or times, not of ${named.field.kind}`);
  const [lower, upper] = suffixes.map((suffix) => `${name}_${suffix}`) as [string, string];
  const from = compileLookup(named, "gte", models, place);
  const to = compileLookup(named, "lte", models, place);
  return {
    name,
    paths: [named.path],
    parameters: [
      parameterFrom(from, lower, labelOf(named.label, "gte")),
      parameterFrom(to, upper, labelOf(named.label, "lte")),
    ],
    read(query) {
      const bounds = [from.read(query, lower), to.read(query, upper)];
      const wrong = bounds.find((bound) => bound instanceof Invalid);
      if (wrong) return wrong;
      const where = bounds.flatMap((bound) => (bound && "where" in bound ? bound.where : []));
      return where.length === 0 ? undefined : { where: { and: where } };
    },
  };
}

function compileBoolean(
  name: string,
  where: (value: boolean) => Where,
  model: Model,
  models: Models,
  place: string,
): Filter {
  const conditions = [where(false), where(true)] as const;
  for (const condition of conditions) checkWhere(condition, model, models, place);
  const label = labelOf(name.replaceAll("_", " "), "exact");
  return {
    name,
    paths: conditions.flatMap(pathsIn),
    parameters: [{ name, kind: "boolean", arity: "one", label }],
    read(query) {
      const answer = readBoolean(query.get(name) ?? "");
      return answer === undefined ? undefined : { where: conditions[answer === true ? 1 : 0] };
    },
  };
}

function checkWhere(where: Where, model: Model, models: Models, place: string): void {
  if ("and" in where) for (const inner of where.and) checkWhere(inner, model, models, place);
  else if ("or" in where) for (const inner of where.or) checkWhere(inner, model, models, place);
  else if ("not" in where) checkWhere(where.not, model, models, place);
  else compileLookup(findField(where.path, model, models, place), where.lookup ?? "exact", models, place);
}
