/**
 * PostgreSQL: a column that gets another type, nullness, uniqueness, check, index or target.
 *
 * What the database named by itself (the unique constraint and the check of a column) is found by its column, so that a table that
 * Django made is changed as well.
 * Reference: django.db.backends.base.schema.BaseDatabaseSchemaEditor._alter_field.
 */
import { columnOf, type Model } from "../../model/index.ts";
import { checkOf, quote, type Resolve } from "../columns.ts";
import { backfillOf } from "./backfill.ts";
import { converted, type Guard, guardOf, type TypeChange, typeChange } from "./convert.ts";
import { fieldOf, partsFor } from "./parts.ts";
import type { Sql } from "./remake.ts";

/** What is deferred is checked at once: PostgreSQL changes no table that still has something to be checked. */
export const settleConstraints: Sql = ["SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED"];

export function alterColumn(before: Model, after: Model, name: string, resolve: Resolve): readonly (string | Guard)[] {
  const [old, field] = [fieldOf(before, name), fieldOf(after, name)];
  const [was, is] = [columnOf(name, old), columnOf(name, field)];
  const table = `ALTER TABLE ${quote(after.table)}`;
  const column = `${table} ALTER COLUMN ${quote(is)}`;
  const parts = partsFor("postgres", resolve);
  const [had, has] = [parts.of(before), parts.of(after)];
  const [added, gone] = [new Set(has.map(({ add }) => add)), new Set(had.map(({ add }) => add))];
  const change = typeChange([old, resolve], [field, resolve]);
  const backfill = backfillOf(field, "postgres", resolve);
  const [checked, check] = [checkOf(old, is, "postgres"), checkOf(field, is, "postgres")];
  const sql: string[] = had.filter(({ add }) => !added.has(add)).map(({ drop }) => drop);
  if (was !== is) sql.push(`${table} RENAME COLUMN ${quote(was)} TO ${quote(is)}`);
  if (old.options.unique && !field.options.unique) sql.push(dropUnnamed(after, is, "u"));
  if (checked !== undefined && check === undefined) sql.push(dropUnnamed(after, is, "c"));
  if (change && isPatternsLost(change)) sql.push(dropPatternIndexes(after, is));
  if (change) sql.push(`${column} TYPE ${change.type} USING ${converted("postgres", is, change)}`);
  if (old.null && !field.null) {
    if (backfill !== undefined) {
      const rows = `UPDATE ${quote(after.table)} SET ${quote(is)} = ${backfill} WHERE ${quote(is)} IS NULL`;
      sql.push(rows, ...settleConstraints);
    }
    sql.push(`${column} SET NOT NULL`);
  } else if (!old.null && field.null) sql.push(`${column} DROP NOT NULL`);
  if (field.options.unique && !old.options.unique) sql.push(`${table} ADD UNIQUE (${quote(is)})`);
  if (check !== undefined && checked === undefined) sql.push(`${table} ADD CHECK (${check})`);
  const guards = change ? guardOf(before.table, was, change, "before") : [];
  return [...guards, ...sql, ...has.filter(({ add }) => !gone.has(add)).map(({ add }) => add)];
}

const isText = (type: string | undefined): boolean => type === "text" || type?.startsWith("varchar") === true;

/** Django's second index of a text (`varchar_pattern_ops`) is one of texts alone. */
const isPatternsLost = ({ type }: TypeChange): boolean => !isText(type);

/** Drops the indexes of one column that are made for patterns. */
function dropPatternIndexes({ table }: Model, column: string): string {
  const block =
    `DECLARE found regclass; BEGIN FOR found IN SELECT i.indexrelid FROM pg_index AS i` +
    ` JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]` +
    ` JOIN pg_opclass AS o ON o.oid = i.indclass[0] WHERE i.indrelid = ${text(quote(table))}::regclass` +
    ` AND a.attname = ${text(column)} AND o.opcname LIKE '%pattern_ops'` +
    ` LOOP EXECUTE 'DROP INDEX ' || found; END LOOP; END`;
  return `DO ${text(block)}`;
}

/** Drops the constraints of one column that are of a type (unique, check, foreign key) and were not declared with a name. */
export function dropUnnamed({ table, constraints }: Model, column: string, type: "u" | "c" | "f"): string {
  const named = constraints.map(({ name }) => `, ${text(name)}`).join("");
  const block =
    `DECLARE found text; BEGIN FOR found IN SELECT conname FROM pg_constraint AS c JOIN pg_attribute AS a` +
    ` ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum] WHERE c.conrelid = ${text(quote(table))}::regclass` +
    ` AND a.attname = ${text(column)} AND c.contype = '${type}' AND c.conname NOT IN (''${named})` +
    ` LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', ${text(quote(table))}, found); END LOOP; END`;
  return `DO ${text(block)}`;
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
