/**
 * Tables and columns that have another name now, with all that is named after them: of a model, and of its many-to-many fields.
 *
 * Both sides have the same fields in the same order; nothing but names differs. What points at a renamed table goes on doing so in
 * either database.
 * Reference: `alter_db_table` and RenameModel.database_forwards of Django. Differs: indexes and constraints are renamed, too.
 */
import { columnOf, type Model } from "../../model/index.ts";
import { quote } from "../columns.ts";
import type { Dialect } from "../database.ts";
import { type Part, partsFor } from "./parts.ts";
import type { Sql } from "./remake.ts";
import { getModel, type ProjectState } from "./state.ts";
import { throughModels } from "./through.ts";

/** @param named  the name that a model of `from` has in `to` */
export function renameTables(
  dialect: Dialect,
  from: ProjectState,
  to: ProjectState,
  named: (model: string) => string = (model) => model,
): Sql {
  const source = tablesIn(from, [...from.keys()]);
  const target = tablesIn(to, [...from.keys()].map(named));
  const [before, after] = [partsFor(dialect, source.resolve), partsFor(dialect, target.resolve)];
  return source.tables.flatMap((was, i) => {
    const is = target.tables[i];
    if (!is) throw new TypeError(`${was.name} has no counterpart`);
    return renameTable(dialect, [was, before.of(was)], [is, after.of(is)]);
  });
}

function tablesIn(state: ProjectState, names: readonly string[]) {
  const resolve = (target: Parameters<typeof getModel>[1]): Model => getModel(state, target);
  return { resolve, tables: names.map(resolve).flatMap((each) => [each, ...throughModels(each, resolve)]) };
}

type Side = readonly [Model, readonly Part[]];

function renameTable(dialect: Dialect, [was, before]: Side, [is, after]: Side): Sql {
  const table = `ALTER TABLE ${quote(is.table)}`;
  const columns = (of: Model): string[] =>
    Object.entries(of.fields).flatMap(([name, each]) => (each.kind === "manyToMany" ? [] : [columnOf(name, each)]));
  const now = columns(is);
  const renames = [
    ...(was.table === is.table ? [] : [`ALTER TABLE ${quote(was.table)} RENAME TO ${quote(is.table)}`]),
    ...columns(was).flatMap((column, i) => {
      const other = now[i] ?? column;
      return column === other ? [] : [`${table} RENAME COLUMN ${quote(column)} TO ${quote(other)}`];
    }),
  ];
  if (dialect === "sqlite") {
    const names = new Set(after.map(({ name }) => name));
    const kept = new Set(before.map(({ name }) => name));
    return [
      ...before.filter(({ name }) => !names.has(name)).map(({ drop }) => drop),
      ...renames,
      ...after.filter(({ name }) => !kept.has(name)).map(({ add }) => add),
    ];
  }
  const parts = before.flatMap(({ kind, name }, i) => {
    const other = after[i]?.name ?? name;
    if (name === other) return [];
    return kind === "index"
      ? [`ALTER INDEX IF EXISTS ${quote(name)} RENAME TO ${quote(other)}`]
      : [`${table} RENAME CONSTRAINT ${quote(name)} TO ${quote(other)}`];
  });
  return [...renames, ...parts];
}
