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
import { defineField } from "../../model/index.ts";
import { formatOfAggregate } from "../aggregates.ts";
import type { Dialect } from "../database.ts";
import { formatOf } from "../formats.ts";
import type { Column } from "./tables.ts";

/** What an expression gives: a column without a name. */
export type Value = Pick<Column, "format" | "kind">;

/** Functions that give one of the values of their arguments. */
const passing = new Set([
  ...["coalesce", "nullif", "min", "max", "greatest", "least", "lag", "lead"],
  ...["first_value", "last_value", "nth_value", "any_value"],
]);

export const isPassing = (name: string): boolean => passing.has(name);

const arithmetic = new Set(["+", "-", "*", "/", "%"]);

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
    return { format: formatOfAggregate(node.func, first(node.aggregated)) };
  }
  if (!BinaryOperationNode.is(node)) return undefined;
  const { leftOperand, operator, rightOperand } = node;
  const isArithmetic = OperatorNode.is(operator) && arithmetic.has(operator.operator);
  return isArithmetic ? first([leftOperand, rightOperand]) : undefined;
}

const booleanOf = (dialect: Dialect): Value => ({
  format: formatOf(defineField("boolean", {}), dialect),
  kind: "boolean",
});
const booleans: Record<Dialect, Value> = { sqlite: booleanOf("sqlite"), postgres: booleanOf("postgres") };
