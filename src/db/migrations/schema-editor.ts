/**
 * Tables made, changed and dropped: models in, SQL out, for one database.
 *
 * Knows no operations and runs nothing; `operation-sql.ts` calls it. Whatever refers to another table finds that table's
 * model through `resolve`.
 * Reference: django.db.backends.{base,sqlite3,postgresql}.schema of Django 3.2.
 * Differs: SQLite tables are remade with foreign keys enforced (`remake.ts`).
 */
import { type Constraint, columnOf, type Index, type Model } from "../../model/index.ts";
import { columnDefinition, isIndexed, isKind, quote, type Resolve, references } from "../columns.ts";
import type { Dialect } from "../database.ts";
import { indexName } from "../names.ts";
import { alterColumn } from "./alter-column.ts";
import { backfillOf } from "./backfill.ts";
import { type Guard, guardOf, typeChange } from "./convert.ts";
import { fieldOf, type Part, partsFor } from "./parts.ts";
import { checksOf, type Remake, remakeTable, type Sql } from "./remake.ts";
import { throughModel, throughModels } from "./through.ts";

/** Statements, tables of SQLite that are made again, and values that must not be there. */
export type Changes = readonly (string | Remake | Guard)[];

export interface SchemaEditor {
  createTable(model: Model): Sql;
  dropTable(model: Model): Sql;
  addColumn(before: Model, after: Model, name: string): Changes;
  alterColumn(before: Model, after: Model, name: string): Changes;
  dropColumn(before: Model, after: Model, name: string): Changes;
  /** Of a field with a column; a many-to-many field has a table (`rename-tables.ts`). */
  renameColumn(before: Model, after: Model, from: string, to: string): Sql;
  addUnique(model: Model, fields: readonly string[], concurrently?: boolean): Sql;
  dropUnique(model: Model, fields: readonly string[]): Sql;
  addIndex(model: Model, index: Index, concurrently?: boolean): Sql;
  dropIndex(model: Model, index: Index, concurrently?: boolean): Sql;
  addConstraint(before: Model, after: Model, constraint: Constraint, concurrently?: boolean): Changes;
  dropConstraint(before: Model, after: Model, constraint: Constraint): Changes;
}

/** A rule that rows to come are held to at once, and rows that are there when they were looked at; may be run again. */
const validatedLater = ({ table }: Model, { name, add }: Part): Sql => [
  `ALTER TABLE ${quote(table)} DROP CONSTRAINT IF EXISTS ${quote(name)}`,
  `${add} NOT VALID`,
  `ALTER TABLE ${quote(table)} VALIDATE CONSTRAINT ${quote(name)}`,
];

/** The schema editor of a database, for models that `resolve` knows. */
export function schemaEditor(dialect: Dialect, resolve: Resolve): SchemaEditor {
  const parts = partsFor(dialect, resolve);
  const sqlite = dialect === "sqlite";
  const besides = (of: Model, name: string): Sql => parts.besides(of, name).map(({ add }) => add);

  const tableOnly = (of: Model): string => {
    const columns = Object.entries(of.fields).flatMap(([name, each]) => {
      const definition = columnDefinition(name, each, dialect, resolve);
      return definition === undefined ? [] : [`${quote(columnOf(name, each))} ${definition}`];
    });
    const checks = sqlite ? checksOf(of, resolve) : [];
    return `CREATE TABLE ${quote(of.table)} (${[...columns, ...checks].join(", ")})`;
  };

  const createTable: SchemaEditor["createTable"] = (of) => [
    tableOnly(of),
    ...parts.of(of).map(({ add }) => add),
    ...throughModels(of, resolve).flatMap(createTable),
  ];

  const dropTable: SchemaEditor["dropTable"] = (of) => [
    ...throughModels(of, resolve).flatMap(dropTable),
    // Without CASCADE: a view that somebody made by hand stands in the way, and is not taken along.
    `DROP TABLE ${quote(of.table)}`,
  ];

  const addUnique: SchemaEditor["addUnique"] = (of, fields, concurrently = false) =>
    concurrently && !sqlite ? parts.uniqueConcurrently(of, fields) : [parts.unique(of, fields).add];
  const dropUnique: SchemaEditor["dropUnique"] = (of, fields) => [parts.unique(of, fields).drop];

  return {
    createTable,
    dropTable,
    addColumn(before, after, name) {
      const added = fieldOf(after, name);
      if (isKind(added, "manyToMany")) return createTable(throughModel(after, name, added, resolve));
      const backfill = backfillOf(added, dialect, resolve);
      const inPlace = !sqlite || (added.null && backfill === undefined && !added.options.unique);
      if (!inPlace) return [remakeTable(before, after, resolve)];
      const column = quote(columnOf(name, added));
      const definition = columnDefinition(name, added, dialect, resolve, backfill);
      const table = `ALTER TABLE ${quote(after.table)}`;
      // PostgreSQL does not look for keys that no row can have yet, if the foreign key comes with its column.
      const own = parts.besides(after, name);
      const key = own.find(({ kind }) => kind === "constraint");
      const reference =
        key && isKind(added, "foreignKey")
          ? ` CONSTRAINT ${quote(key.name)} ${references(resolve(added.options.to))}`
          : "";
      return [
        `${table} ADD COLUMN ${column} ${definition}${reference}`,
        ...(backfill === undefined ? [] : [`${table} ALTER COLUMN ${column} DROP DEFAULT`]),
        ...own.filter((part) => part !== key).map(({ add }) => add),
      ];
    },
    alterColumn(before, after, name) {
      if (!sqlite) return alterColumn(before, after, name, resolve);
      const definition = (of: Model): string => {
        const each = fieldOf(of, name);
        return `${columnOf(name, each)} ${columnDefinition(name, each, dialect, resolve)}`;
      };
      const change = typeChange([fieldOf(before, name), resolve], [fieldOf(after, name), resolve]);
      if (change || definition(before) !== definition(after)) {
        const guards = (of: Model, when: "before" | "after"): readonly Guard[] =>
          change ? guardOf(of.table, columnOf(name, fieldOf(of, name)), change, when) : [];
        return [...guards(before, "before"), remakeTable(before, after, resolve), ...guards(after, "after")];
      }
      const [was, is] = [parts.besides(before, name), parts.besides(after, name)];
      return [
        ...was.filter((part) => !is.some(({ add }) => add === part.add)).map(({ drop }) => drop),
        ...is.filter((part) => !was.some(({ add }) => add === part.add)).map(({ add }) => add),
      ];
    },
    dropColumn(before, after, name) {
      const removed = fieldOf(before, name);
      if (isKind(removed, "manyToMany")) return dropTable(throughModel(before, name, removed, resolve));
      if (sqlite) return [remakeTable(before, after, resolve)];
      return [`ALTER TABLE ${quote(before.table)} DROP COLUMN ${quote(columnOf(name, removed))}`];
    },
    renameColumn(before, after, from, to) {
      const [old, renamed] = [fieldOf(before, from), fieldOf(after, to)];
      const [was, is] = [columnOf(from, old), columnOf(to, renamed)];
      if (was === is) return [];
      const table = `ALTER TABLE ${quote(after.table)}`;
      const index = (column: string): string => quote(indexName(after.table, [column], dialect));
      const column = `${table} RENAME COLUMN ${quote(was)} TO ${quote(is)}`;
      // What is named after its columns is named anew: another column may come to have the old name.
      const had = [
        ...before.unique.map((set) => parts.unique(before, set)),
        ...before.indexes.map((each) => parts.index(before, each)),
      ];
      const has = [
        ...after.unique.map((set) => parts.unique(after, set)),
        ...after.indexes.map((each) => parts.index(after, each)),
      ];
      const gone = had.filter(({ name }) => !has.some((part) => part.name === name)).map(({ drop }) => drop);
      const fresh = has.filter(({ name }) => !had.some((part) => part.name === name)).map(({ add }) => add);
      if (sqlite) {
        const dropped = isIndexed(old) ? [`DROP INDEX IF EXISTS ${index(was)}`] : [];
        return [...gone, ...dropped, column, ...besides(after, to), ...fresh];
      }
      const names = (of: Model, name: string): string[] =>
        parts.besides(of, name).flatMap(({ kind, name: own }) => (kind === "constraint" ? [quote(own)] : []));
      const [key, renamedKey] = [names(before, from)[0], names(after, to)[0]];
      return [
        ...gone,
        column,
        ...(key !== undefined && renamedKey !== undefined
          ? [`${table} RENAME CONSTRAINT ${key} TO ${renamedKey}`]
          : []),
        ...(isIndexed(old) ? [`ALTER INDEX IF EXISTS ${index(was)} RENAME TO ${index(is)}`] : []),
        ...fresh,
      ];
    },
    addUnique,
    dropUnique,
    addIndex: (of, index, concurrently) => [parts.index(of, index, concurrently).add],
    dropIndex: (of, index, concurrently) => [parts.index(of, index, concurrently).drop],
    addConstraint(before, after, constraint, concurrently = false) {
      const part = parts.constraint(after, constraint, concurrently);
      if (!part) return [remakeTable(before, after, resolve)];
      return concurrently && !sqlite && part.kind === "constraint" ? validatedLater(after, part) : [part.add];
    },
    dropConstraint(before, after, constraint) {
      const part = parts.constraint(before, constraint);
      return part ? [part.drop] : [remakeTable(before, after, resolve)];
    },
  };
}
