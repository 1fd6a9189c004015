/**
 * Indexes and constraints of a model's table, as they are declared: plain data, which migrations make SQL of.
 *
 * Reference: `indexes` and `constraints` of django.db.models.options.Options.
 * Differs: a condition is data with the few comparisons that both databases take in an index, and not a query.
 */
import { ConfigurationError } from "../errors.ts";

/** What a value is compared with: a constant, or another field of the same row. */
export type Operand = string | number | boolean | { readonly field: string };

/** How a field is compared: with one value (equality), null (is null), or several comparisons that must all hold. */
export type FieldTest =
  | Operand
  | null
  | {
      readonly not?: Operand | null;
      readonly gt?: Operand;
      readonly gte?: Operand;
      readonly lt?: Operand;
      readonly lte?: Operand;
      readonly in?: readonly Operand[];
    };

/** What holds of a row: all tests of an object; of several objects, one of them. */
export type RowCondition<Name extends string = string> = RowTests<Name> | readonly RowTests<Name>[];
type RowTests<Name extends string> = { readonly [N in Name]?: FieldTest };

export interface Index<Name extends string = string> {
  /** In their order; `-` before a descending one. */
  readonly fields: readonly (Name | `-${Name}`)[];
  /** Only rows of which this holds are in the index. */
  readonly where?: RowCondition<Name>;
  /** Default: made of table and columns. Two indexes over the same columns need one. */
  readonly name?: string;
}

/** A rule that the database keeps: what must hold of every row, or fields that are unique together where something holds. */
export type Constraint<Name extends string = string> =
  | { readonly name: string; readonly check: RowCondition<Name> }
  | { readonly name: string; readonly unique: readonly Name[]; readonly where: RowCondition<Name> };

/** What a client is told whose values break a rule. */
export interface RuleMessage {
  /** Machine code of the finding (default `constraint`). */
  readonly code?: string;
  readonly message?: string;
}

/** A rule, and what is told of it: that is no part of the database. */
export type DeclaredConstraint<Name extends string = string> = Constraint<Name> & RuleMessage;

const comparisons = new Set(["not", "gt", "gte", "lt", "lte", "in"]);

/** The names of fields that a condition speaks of. @throws ConfigurationError  an unknown comparison, or none at all */
export function fieldsOfCondition(place: string, condition: RowCondition): readonly string[] {
  const alternatives: readonly RowTests<string>[] = isList(condition) ? condition : [condition];
  if (alternatives.length === 0 || alternatives.some((tests) => Object.keys(tests).length === 0)) {
    throw new ConfigurationError(place, "expected a condition with at least one field, such as { price: { gt: 0 } }");
  }
  return alternatives.flatMap((tests) =>
    Object.entries(tests).flatMap(([name, test]) => [name, ...others(place, test)]),
  );
}

function others(place: string, test: FieldTest | undefined): readonly string[] {
  if (typeof test !== "object" || test === null) return [];
  if ("field" in test) return [test.field];
  return Object.entries(test).flatMap(([comparison, operand]) => {
    if (!comparisons.has(comparison))
      throw new ConfigurationError(place, `"${comparison}" is no comparison; there are ${[...comparisons].join(", ")}`);
    const operands: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
    return operands.flatMap((each) =>
      typeof each === "object" && each !== null && "field" in each ? [String(each.field)] : [],
    );
  });
}

const isList = (condition: RowCondition): condition is readonly RowTests<string>[] => Array.isArray(condition);

/** The alternatives of a condition, each the tests that must all hold. */
export const alternativesOf = (condition: RowCondition): readonly (readonly [string, FieldTest])[][] =>
  (isList(condition) ? condition : [condition]).map((tests) =>
    Object.entries(tests).flatMap(([name, test]): [string, FieldTest][] => (test === undefined ? [] : [[name, test]])),
  );

/** The field of an entry in `fields` of an index, without its `-`. */
export const indexedField = (entry: string): string => entry.replace(/^-/, "");

/**
 * Checks the indexes and constraints of a model.
 * @throws ConfigurationError  an unknown field, two of one name, a name that is none
 */
export function checkIndexes(
  place: string,
  indexes: readonly Index[],
  constraints: readonly Constraint[],
  known: (field: string, where: string) => void,
): void {
  const condition = (at: string, where: RowCondition | undefined): void => {
    if (where === undefined) return;
    for (const name of fieldsOfCondition(`${place}, ${at}`, where)) known(name, at);
  };
  const names = new Set<string>();
  const take = (at: string, name: string): void => {
    if (names.has(name)) throw new ConfigurationError(`${place}, ${at}`, `there are two of ${name}; give each a name`);
    names.add(name);
  };
  for (const [i, { fields, where, name }] of indexes.entries()) {
    const at = `indexes[${i}]`;
    if (fields.length === 0) throw new ConfigurationError(`${place}, ${at}`, "expected at least one field");
    for (const entry of fields) known(indexedField(entry), at);
    condition(at, where);
    if (name !== undefined) checkName(`${place}, ${at}`, name);
    take(at, name ?? `the fields ${fields.map(indexedField).join(", ")}`);
  }
  for (const [i, constraint] of constraints.entries()) {
    const at = `constraints[${i}]`;
    checkName(`${place}, ${at}`, constraint.name);
    take(at, constraint.name);
    condition(at, "check" in constraint ? constraint.check : constraint.where);
    if ("unique" in constraint) for (const name of constraint.unique) known(name, at);
  }
}

function checkName(place: string, name: string): void {
  if (/^[A-Za-z_]\w{0,62}$/.test(name)) return;
  throw new ConfigurationError(place, "expected a name of at most 63 letters, digits and _");
}
