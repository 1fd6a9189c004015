/**
 * An SQLite table made again as another model, with its rows; and with everything that is there and was never declared.
 *
 * The rows wait in a copy while the table is dropped and made again under its own name: the deferred check counts each child row as
 * broken when its parent goes and as mended when it comes back. The AUTOINCREMENT counter goes along, so that the key of a
 * deleted row is never given out again.
 * Reference: django.db.backends.sqlite3.schema.DatabaseSchemaEditor._remake_table of Django 3.2.
 * Differs: Django turns the enforcement of foreign keys off instead, which is not possible inside a transaction; and it forgets
 * columns, triggers and defaults that it did not make.
 */
import { columnOf, type Model } from "../../model/index.ts";
import { columnDefinition, isAutomatic, keyField, quote, type Resolve } from "../columns.ts";
import { backfillOf } from "./backfill.ts";
import { converted, typeChange } from "./convert.ts";
import { checkSql, fieldOf, partsFor, quoted } from "./parts.ts";
import type { ColumnThere, TableThere } from "./table-there.ts";

/** SQL statements, in order. */
export type Sql = readonly string[];

/** A table that is dropped and made again. What is there is read when it comes to that, and not known when SQL is only printed. */
export interface Remake {
  readonly table: string;
  sql(there?: TableThere): Sql;
}

interface Column {
  readonly name: string;
  readonly definition: string;
  /** Where its values come from; undefined where they are computed. */
  readonly value: string | undefined;
}

/**
 * @param before  the table as the models know it
 * @param after   what it is to be, with the same table name
 * @param formerly  finds the models that `before` points at, where they are others
 */
export function remakeTable(before: Model, after: Model, resolve: Resolve, formerly: Resolve = resolve): Remake {
  const parts = partsFor("sqlite", resolve);
  const definitionOf = (of: Model, name: string, find = resolve): string =>
    columnDefinition(name, fieldOf(of, name), "sqlite", find) ?? "";
  const copy = `old__${before.table}`;

  const declared = (there: TableThere | undefined): Column[] =>
    Object.entries(after.fields).flatMap(([name, each]): Column[] => {
      if (each.kind === "manyToMany") return [];
      const column = columnOf(name, each);
      const backfill = backfillOf(each, "sqlite", resolve);
      const old = before.fields[name];
      if (!old) return [{ name: column, definition: definitionOf(after, name), value: backfill ?? "NULL" }];
      const was = columnOf(name, old);
      const found = there?.columns.find((other) => isName(other, was));
      const isSame = was === column && definitionOf(before, name, formerly) === definitionOf(after, name);
      const own = definitionOf(after, name);
      const definition = isSame && found?.definition ? found.definition : withDefault(own, found);
      const change = typeChange([old, formerly], [each, resolve]);
      const value = change ? converted("sqlite", was, change) : quote(was);
      const mayLack = old.null && !each.null && backfill !== undefined;
      return [{ name: column, definition, value: mayLack ? `coalesce(${value}, ${backfill})` : value }];
    });
  const known = new Set(Object.entries(before.fields).map(([name, each]) => columnOf(name, each).toLowerCase()));
  const undeclared = (there: TableThere | undefined): Column[] =>
    (there?.columns ?? [])
      .filter(({ name }) => !known.has(name.toLowerCase()))
      .map(({ name, definition, isGenerated }) => ({ name, definition, value: isGenerated ? undefined : quote(name) }));

  return {
    table: before.table,
    sql(there) {
      const columns = [...declared(there), ...undeclared(there)];
      const ours = new Set(before.constraints.map(({ name }) => name.toLowerCase()));
      const lines = [
        ...columns.map(({ name, definition }) => `${quote(name)} ${definition}`.trimEnd()),
        ...checksOf(after, resolve),
        ...(there?.constraints ?? [])
          .filter(({ name }) => name === undefined || !ours.has(name.toLowerCase()))
          .map(({ text }) => text),
      ];
      const written = columns.filter(({ value }) => value !== undefined);
      const counted = isAutomatic(keyField(before)) && isAutomatic(keyField(after));
      const [from, to] = [text(before.table), text(copy)];
      const own = [...parts.of(before), ...parts.of(after)].map(({ name }) => name.toLowerCase());
      const names = new Set(columns.map(({ name }) => name.toLowerCase()));
      const others = (there?.others ?? []).filter(
        ({ name, columns: indexed }) =>
          !own.includes(name.toLowerCase()) && indexed.every((column) => names.has(column.toLowerCase())),
      );
      return [
        // Keys of tables made by hand may be checked at once.
        "PRAGMA defer_foreign_keys = ON",
        `CREATE TABLE ${quote(copy)} AS SELECT * FROM ${quote(before.table)}`,
        ...(counted
          ? [`INSERT INTO sqlite_sequence (name, seq) SELECT ${to}, seq FROM sqlite_sequence WHERE name = ${from}`]
          : []),
        `DROP TABLE ${quote(before.table)}`,
        `CREATE TABLE ${quote(after.table)} (${lines.join(", ")})${there?.tail ? ` ${there.tail}` : ""}`,
        `INSERT INTO ${quote(after.table)} (${quoted(written.map(({ name }) => name))})` +
          ` SELECT ${written.map(({ value }) => value).join(", ")} FROM ${quote(copy)}`,
        ...(counted
          ? [
              `DELETE FROM sqlite_sequence WHERE name = ${from}`,
              `UPDATE sqlite_sequence SET name = ${from} WHERE name = ${to}`,
            ]
          : []),
        `DROP TABLE ${quote(copy)}`,
        ...parts.of(after).map(({ add }) => add),
        ...others.map(({ sql }) => sql),
      ];
    },
  };
}

/** The declared checks of a table, as they stand in its CREATE TABLE. */
export const checksOf = (of: Model, resolve: Resolve): string[] =>
  of.constraints.flatMap((each) => ("check" in each ? [checkSql(of, each, "sqlite", resolve)] : []));

const isName = (column: ColumnThere, name: string): boolean => column.name.toLowerCase() === name.toLowerCase();

/** A new definition with the default that the column had in the database. */
const withDefault = (definition: string, there: ColumnThere | undefined): string =>
  there?.default === undefined ? definition : `${definition} DEFAULT (${there.default})`;

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
