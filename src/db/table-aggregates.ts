/** Aggregates over the rows of a model: one statement for all of them, compiled once a shape. */
import { type RawBuilder, type SqlBool, sql } from "kysely";
import { aggregates as takes } from "../model/index.ts";
import type { Aggregate } from "./aggregate.ts";
import { formatOfAggregate } from "./aggregates.ts";
import { Bindings, inTextOrder } from "./bindings.ts";
import { compileWhere } from "./conditions.ts";
import { after, type Executor, type SqlRow, type SqlValue } from "./database.ts";
import type { Format } from "./formats.ts";
import { keep } from "./keep.ts";
import type { ReadStore } from "./read-store.ts";
import type { ResolvedPath, Selection } from "./selection.ts";
import { bind, type Statement, slot, statement } from "./statement.ts";
import { type Condition, everything, shapeOf, type Where } from "./where.ts";

/** What is asked, with nothing left out. */
export interface Asked {
  readonly what: Readonly<Record<string, Aggregate>>;
  readonly where?: Where;
  readonly groupBy?: readonly string[];
  readonly order?: readonly string[];
  readonly limit?: number;
}

interface Compiled {
  readonly statement: Statement;
  readonly values: (conditions: readonly Condition[]) => SqlValue[];
  /** What is read of a row, in its order. */
  readonly outputs: readonly { readonly name: string; readonly format: Format }[];
}

/** Compiles the aggregates of a store's rows; each is given the executor and what is asked, and gives a record a group. */
export function createAggregator(store: ReadStore) {
  const shapes = new Map<string, Compiled>();
  return (executor: Executor, asked: Asked) => {
    const { what, where = everything, groupBy = [], order = groupBy, limit } = asked;
    const conditions: Condition[] = [];
    // In the order of their places: those of each function, then those of the rows.
    const parts = Object.entries(what).map(([name, { where, ...one }]) =>
      JSON.stringify([name, one, where ? shapeOf(where, conditions) : ""]),
    );
    const shape = `${parts.join()} ${shapeOf(where, conditions)} ${groupBy.join()} ${order.join()} ${limit === undefined}`;
    const compiled = keep(shapes, shape, () => compile(store, { ...asked, where, groupBy, order }));
    const values = compiled.values(conditions);
    if (limit !== undefined) values.push(limit);
    return after(executor.all(compiled.statement, bind(compiled.statement, values)), (rows) =>
      rows.map((row) => record(row, compiled.outputs)),
    );
  };
}

function record(row: SqlRow, outputs: Compiled["outputs"]): Record<string, unknown> {
  return Object.fromEntries(
    outputs.map(({ name, format }, i) => {
      const raw = row[i];
      return [name, raw === null || raw === undefined ? null : format.fromColumn(raw)];
    }),
  );
}

function compile(
  store: ReadStore,
  { what, where, groupBy, order, limit }: Required<Omit<Asked, "limit">> & Asked,
): Compiled {
  const selection = store.selection();
  const { dialect } = selection;
  const [inColumns, inWhere] = [new Bindings(), new Bindings()];
  let place = 0;
  const groups = groupBy.map((path) => {
    const resolved = single(selection, path);
    return { name: path, format: resolved.format, expression: sql.ref(resolved.column) as RawBuilder<unknown> };
  });
  const functions = Object.entries(what).map(([name, aggregate]) => {
    if (groupBy.includes(name)) throw new TypeError(`"${name}" is a group already; expected another name`);
    const { expression, format } = functionOf(aggregate, selection);
    const only = aggregate.where;
    if (!only) return { name, format, expression };
    const holds: RawBuilder<SqlBool> = sql`${compileWhere(only, selection, inColumns, { first: place })}`;
    place += conditionsIn(only);
    return { name, format, expression: sql`${expression} filter (where ${holds})` };
  });
  const condition = compileWhere(where, selection, inWhere, { first: place });
  const outputs = [...groups, ...functions];
  let query = selection
    .from()
    .where(condition)
    .select(outputs.map(({ expression }, i) => expression.as(`c${i}`)));
  for (const { expression } of groups) query = query.groupBy(expression);
  for (const entry of order) {
    const name = entry.replace(/^-/, "");
    const found = outputs.find((output) => output.name === name);
    if (!found)
      throw new TypeError(`order: expected ${outputs.map((output) => output.name).join(", ")}, got "${name}"`);
    // By its place: what it computes need not be written again.
    query = query.orderBy(
      sql`${sql.lit(outputs.indexOf(found) + 1)} ${sql.raw(entry.startsWith("-") ? "desc" : "asc")}`,
    );
  }
  const whole =
    limit === undefined
      ? query
      : query.limit(dialect === "sqlite" ? sql<number>`0 + ${slot()}` : sql<number>`${slot()}`);
  return { statement: statement(whole), values: inTextOrder(inColumns, inWhere), outputs };
}

/** @throws TypeError  a field that the function takes no values of */
function functionOf(
  { name, path, distinct }: Aggregate,
  selection: Selection,
): { expression: RawBuilder<unknown>; format: Format } {
  const resolved = path === undefined ? undefined : single(selection, path);
  const kind = resolved?.field.kind ?? "integer";
  if (!takes(name, kind)) throw new TypeError(`${name}("${path}"): a field of ${kind} has none`);
  const of = resolved && { kind, format: resolved.format };
  const format = formatOfAggregate(name, of) ?? resolved?.format;
  if (!format) throw new TypeError(`${name}: expected the name of a field`);
  const value = resolved ? sql`${sql.raw(distinct ? "distinct " : "")}${sql.ref(resolved.column)}` : sql`*`;
  return { expression: sql`${sql.raw(name)}(${value})`, format };
}

function single(selection: Selection, path: string): ResolvedPath {
  const resolved = selection.resolve(path);
  if (resolved.many) throw new TypeError(`"${path}" leads to many rows; expected a path to one value`);
  return resolved;
}

function conditionsIn(where: Where): number {
  const conditions: Condition[] = [];
  shapeOf(where, conditions);
  return conditions.length;
}
