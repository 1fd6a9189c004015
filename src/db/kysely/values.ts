/**
 * How the values of an expression are read: what a query selects comes back as the field would, whichever database it was.
 *
 * `min(published_at)` is read as the time it is, `sum(price)` as the decimal; what nothing is known of stays as the driver gives it.
 */
import {
  AggregateFunctionNode,
  AliasNode,
  BinaryOperationNode,
  CaseNode,
  FunctionNode,
  type OperationNode,
  OperatorNode,
  ParensNode,
  ReferenceNode,
  SelectQueryNode,
  ValueNode,
} from "kysely";
import { defineField, type FieldKind } from "../../model/index.ts";
import { formatOfAggregate } from "../aggregates.ts";
import type { Dialect } from "../database.ts";
import { formatOf } from "../formats.ts";
import { type Column, formatIn } from "./tables.ts";

/** What an expression gives: a column without a name. */
export type Value = Omit<Column, "column">;

/** Functions that give one of the values of their arguments. */
const passing = new Set([
  ...["coalesce", "nullif", "min", "max", "greatest", "least", "lag", "lead"],
  ...["first_value", "last_value", "nth_value", "any_value"],
]);

export const isPassing = (name: string): boolean => passing.has(name);

export const arithmetic: ReadonlySet<string> = new Set(["+", "-", "*", "/", "%"]);

export interface Lookups {
  readonly dialect: Dialect;
  /** What a reference means. */
  reference(node: ReferenceNode): Value | undefined;
  /** What the first column of a subquery is. */
  subquery(node: SelectQueryNode): Value | undefined;
}

/** What an expression gives; undefined where nothing is known of it. */
export function valueGiven(node: OperationNode | undefined, lookups: Lookups): Value | undefined {
  const first = (nodes: readonly (OperationNode | undefined)[]): Value | undefined => {
    for (const each of nodes) {
      const value = valueGiven(each, lookups);
      if (value) return value;
    }
    return undefined;
  };
  if (node === undefined) return undefined;
  if (ReferenceNode.is(node)) return lookups.reference(node);
  if (SelectQueryNode.is(node)) return lookups.subquery(node);
  if (ParensNode.is(node) || AliasNode.is(node)) return valueGiven(node.node, lookups);
  if (ValueNode.is(node)) return typeof node.value === "boolean" ? booleans[lookups.dialect] : undefined;
  if (CaseNode.is(node)) return first([...(node.when ?? []).map(({ result }) => result), node.else]);
  if (FunctionNode.is(node)) return passing.has(node.func) ? first(node.arguments) : undefined;
  if (AggregateFunctionNode.is(node)) {
    if (passing.has(node.func)) return first(node.aggregated);
    return aggregated(node.func, first(node.aggregated));
  }
  if (!BinaryOperationNode.is(node)) return undefined;
  const { leftOperand, operator, rightOperand } = node;
  if (!OperatorNode.is(operator) || !arithmetic.has(operator.operator)) return undefined;
  return computed(operator.operator, first([leftOperand]), first([rightOperand]), lookups.dialect);
}

const aggregated = (name: string, of: Value | undefined): Value => ({
  ...(name === "sum" && of),
  ...(name === "avg" && { kind: "float" }),
  format: formatOfAggregate(name, of),
});

const isTime = (kind: FieldKind | undefined): boolean => kind === "datetime" || kind === "date" || kind === "time";

/** What arithmetic gives: of numbers the wider kind, of decimals the digits that come of theirs. */
function computed(
  operator: string,
  left: Value | undefined,
  right: Value | undefined,
  dialect: Dialect,
): Value | undefined {
  const operands = [left, right].filter((each) => each !== undefined);
  // The time between two times, or a later one: each database has an answer of its own.
  if (operands.some(({ kind }) => isTime(kind))) return undefined;
  const float = operands.find(({ kind }) => kind === "float");
  if (float) return float;
  const places = operands.flatMap(({ kind, places }) => (kind === "decimal" && places !== undefined ? [places] : []));
  if (places.length === 0) return operands[0];
  // As many digits as the database has.
  if (operator === "/") return { kind: "decimal", format: { ...formatIn(decimal(0), dialect), fromColumn: String } };
  const decimalPlaces = operator === "*" ? places.reduce((sum, each) => sum + each) : Math.max(...places);
  return { kind: "decimal", places: decimalPlaces, format: formatIn(decimal(decimalPlaces), dialect) };
}

const decimal = (decimalPlaces: number) => defineField("decimal", { maxDigits: 1000, decimalPlaces });

const booleanOf = (dialect: Dialect): Value => ({
  format: formatOf(defineField("boolean", {}), dialect),
  kind: "boolean",
});
const booleans: Record<Dialect, Value> = { sqlite: booleanOf("sqlite"), postgres: booleanOf("postgres") };
