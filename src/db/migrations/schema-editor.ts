/**
 * Tables made, changed and dropped: models in, SQL out, for one database.
 *
 * Knows no operations and runs nothing; `operation-sql.ts` calls it. Whatever refers to another table finds that table's
 * model through `resolve`.
 * Reference: django.db.backends.{base,sqlite3,postgresql}.schema of Django 3.2.
 * Differs: SQLite tables are remade with foreign keys enforced. The rows wait in a copy while the table is dropped and made
 * again under its own name: the deferred check counts each child row as broken when its parent goes and as mended when it
 * comes back. Django turns enforcement off instead, which is not possible inside a transaction. The AUTOINCREMENT counter
 * goes along, so that the key of a deleted row is never given out again.
 */
import { ConfigurationError } from "../../errors.ts";
import { columnOf, type Field, field, type Model, model } from "../../model/index.ts";
import {
  columnDefinition,
  isAutomatic,
  isIndexed,
  isKind,
  keyField,
  quote,
  type Resolve,
  references,
} from "../columns.ts";
import type { Dialect } from "../database.ts";
import { indexName } from "../names.ts";
import { backfillOf } from "./backfill.ts";

/** SQL statements, in order. */
export type Sql = readonly string[];

export interface SchemaEditor {
  createTable(model: Model): Sql;
  dropTable(model: Model): Sql;
  addColumn(before: Model, after: Model, name: string): Sql;
  dropColumn(before: Model, after: Model, name: string): Sql;
  /** @throws ConfigurationError  the field is many-to-many and its table would have to be renamed */
  renameColumn(before: Model, after: Model, from: string, to: string): Sql;
  addUnique(model: Model, fields: readonly string[]): Sql;
  dropUnique(model: Model, fields: readonly string[]): Sql;
}

/** The table between two models of a many-to-many field, as a model of its own: `id` and two foreign keys. */
export function throughModel(from: Model, name: string, many: Field<"manyToMany">, resolve: Resolve): Model {
  const to = resolve(many.options.to);
  const self = to.name === from.name;
  const left = self ? `from_${from.modelName}` : from.modelName;
  const right = self ? `to_${to.modelName}` : to.modelName;
  const label = from.name.slice(0, -from.modelName.length);
  return model(`${label}${from.modelName}_${name}`, {
    table: many.options.through ?? `${from.table}_${name}`,
    fields: {
      id: field.id(),
      [left]: field.foreignKey(from.name),
      [right]: field.foreignKey(to.name),
    },
    unique: [[left, right]],
  });
}

/** The schema editor of a database, for models that `resolve` knows. */
export function schemaEditor(dialect: Dialect, resolve: Resolve): SchemaEditor {
  const fieldOf = (of: Model, name: string): Field => {
    const found = of.fields[name];
    if (!found) throw new TypeError(`"${name}" is not a field of ${of.name}`);
    return found;
  };
  const columnsOf = (of: Model, names: readonly string[]): string[] =>
    names.map((name) => columnOf(name, fieldOf(of, name)));
  const list = (columns: readonly string[]): string => columns.map(quote).join(", ");

  const throughModels = (of: Model): Model[] =>
    Object.entries(of.fields).flatMap(([name, many]) =>
      isKind(many, "manyToMany") ? [throughModel(of, name, many, resolve)] : [],
    );

  const tableOnly = (of: Model): string => {
    const columns = Object.entries(of.fields).flatMap(([name, each]) => {
      const definition = columnDefinition(name, each, dialect, resolve);
      return definition === undefined ? [] : [`${quote(columnOf(name, each))} ${definition}`];
    });
    return `CREATE TABLE ${quote(of.table)} (${columns.join(", ")})`;
  };

  const foreignKeyName = (of: Model, name: string, each: Field<"foreignKey">): string => {
    const to = resolve(each.options.to);
    const suffix = `_fk_${to.table}_${columnOf(to.primaryKey, keyField(to))}`;
    return indexName(of.table, [columnOf(name, each)], dialect, suffix);
  };

  /** What a column has beside its definition: its index, and on PostgreSQL its foreign key. */
  const besides = (of: Model, name: string): Sql => {
    const each = fieldOf(of, name);
    const column = columnOf(name, each);
    const sql: string[] = [];
    if (dialect === "postgres" && isKind(each, "foreignKey")) {
      sql.push(
        `ALTER TABLE ${quote(of.table)} ADD CONSTRAINT ${quote(foreignKeyName(of, name, each))}` +
          ` FOREIGN KEY (${quote(column)}) ${references(resolve(each.options.to))}`,
      );
    }
    if (isIndexed(each)) {
      sql.push(
        `CREATE INDEX ${quote(indexName(of.table, [column], dialect))} ON ${quote(of.table)} (${quote(column)})`,
      );
    }
    return sql;
  };

  const addUnique: SchemaEditor["addUnique"] = (of, fields) => {
    const columns = columnsOf(of, fields);
    const name = quote(indexName(of.table, columns, dialect, "_uniq"));
    return dialect === "sqlite"
      ? [`CREATE UNIQUE INDEX ${name} ON ${quote(of.table)} (${list(columns)})`]
      : [`ALTER TABLE ${quote(of.table)} ADD CONSTRAINT ${name} UNIQUE (${list(columns)})`];
  };

  const indexes = (of: Model): Sql => [
    ...of.unique.flatMap((set) => addUnique(of, set)),
    ...Object.entries(of.fields).flatMap(([name, each]) => (each.kind === "manyToMany" ? [] : besides(of, name))),
  ];

  const createTable: SchemaEditor["createTable"] = (of) => [
    tableOnly(of),
    ...indexes(of),
    ...throughModels(of).flatMap(createTable),
  ];

  const dropTable: SchemaEditor["dropTable"] = (of) => [
    ...throughModels(of).flatMap(dropTable),
    `DROP TABLE ${quote(of.table)}${dialect === "postgres" ? " CASCADE" : ""}`,
  ];

  /** SQLite: the table again as `after`, with the rows of `before`. */
  const remake = (before: Model, after: Model): Sql => {
    const copy = `old__${before.table}`;
    const counted = isAutomatic(keyField(before)) && isAutomatic(keyField(after));
    const columns: string[] = [];
    const values: string[] = [];
    for (const [name, each] of Object.entries(after.fields)) {
      if (each.kind === "manyToMany") continue;
      columns.push(columnOf(name, each));
      const old = before.fields[name];
      values.push(old ? quote(columnOf(name, old)) : (backfillOf(each, dialect, resolve) ?? "NULL"));
    }
    const [from, to] = [text(before.table), text(copy)];
    return [
      `CREATE TABLE ${quote(copy)} AS SELECT * FROM ${quote(before.table)}`,
      ...(counted
        ? [`INSERT INTO sqlite_sequence (name, seq) SELECT ${to}, seq FROM sqlite_sequence WHERE name = ${from}`]
        : []),
      `DROP TABLE ${quote(before.table)}`,
      tableOnly(after),
      `INSERT INTO ${quote(after.table)} (${list(columns)}) SELECT ${values.join(", ")} FROM ${quote(copy)}`,
      ...(counted
        ? [
            `DELETE FROM sqlite_sequence WHERE name = ${from}`,
            `UPDATE sqlite_sequence SET name = ${from} WHERE name = ${to}`,
          ]
        : []),
      `DROP TABLE ${quote(copy)}`,
      ...indexes(after),
    ];
  };

  const addColumn: SchemaEditor["addColumn"] = (before, after, name) => {
    const added = fieldOf(after, name);
    if (isKind(added, "manyToMany")) return createTable(throughModel(after, name, added, resolve));
    const backfill = backfillOf(added, dialect, resolve);
    const inPlace = dialect === "postgres" || (added.null && backfill === undefined && !added.options.unique);
    if (!inPlace) return remake(before, after);
    const column = quote(columnOf(name, added));
    const definition = columnDefinition(name, added, dialect, resolve, backfill);
    const table = `ALTER TABLE ${quote(after.table)}`;
    return [
      `${table} ADD COLUMN ${column} ${definition}`,
      ...(backfill === undefined ? [] : [`${table} ALTER COLUMN ${column} DROP DEFAULT`]),
      ...besides(after, name),
    ];
  };

  const dropColumn: SchemaEditor["dropColumn"] = (before, after, name) => {
    const removed = fieldOf(before, name);
    if (isKind(removed, "manyToMany")) return dropTable(throughModel(before, name, removed, resolve));
    if (dialect === "sqlite") return remake(before, after);
    return [`ALTER TABLE ${quote(before.table)} DROP COLUMN ${quote(columnOf(name, removed))} CASCADE`];
  };

  const renameColumn: SchemaEditor["renameColumn"] = (before, after, from, to) => {
    const [old, renamed] = [fieldOf(before, from), fieldOf(after, to)];
    // Its table stays (`renames.ts`).
    if (isKind(old, "manyToMany")) return keptLinks(before, after, from, to);
    const [was, is] = [columnOf(from, old), columnOf(to, renamed)];
    if (was === is) return [];
    const table = `ALTER TABLE ${quote(after.table)}`;
    const index = (column: string): string => quote(indexName(after.table, [column], dialect));
    const column = `${table} RENAME COLUMN ${quote(was)} TO ${quote(is)}`;
    // What is named after its columns is named anew: another column may come to have the old name.
    const gone = before.unique.filter((set) => set.includes(from)).flatMap((set) => dropUnique(before, set));
    const fresh = after.unique.filter((set) => set.includes(to)).flatMap((set) => addUnique(after, set));
    if (dialect === "sqlite") {
      const dropped = isIndexed(old) ? [`DROP INDEX IF EXISTS ${index(was)}`] : [];
      return [...gone, ...dropped, column, ...besides(after, to), ...fresh];
    }
    return [
      ...gone,
      column,
      ...(isKind(old, "foreignKey") && isKind(renamed, "foreignKey")
        ? [
            `${table} RENAME CONSTRAINT ${quote(foreignKeyName(before, from, old))}` +
              ` TO ${quote(foreignKeyName(after, to, renamed))}`,
          ]
        : []),
      ...(isIndexed(old) ? [`ALTER INDEX IF EXISTS ${index(was)} RENAME TO ${index(is)}`] : []),
      ...fresh,
    ];
  };

  const keptLinks: SchemaEditor["renameColumn"] = (before, after, from, to) => {
    const tableOf = (of: Model, name: string): string => {
      const many = fieldOf(of, name);
      return isKind(many, "manyToMany") ? throughModel(of, name, many, resolve).table : of.table;
    };
    const table = tableOf(before, from);
    if (table === tableOf(after, to)) return [];
    throw new ConfigurationError(
      `model "${after.name}", field "${to}"`,
      `renaming the table of a many-to-many field is not possible yet; keep it with through: "${table}"`,
    );
  };

  const dropUnique: SchemaEditor["dropUnique"] = (of, fields) => {
    const name = quote(indexName(of.table, columnsOf(of, fields), dialect, "_uniq"));
    return dialect === "sqlite" ? [`DROP INDEX ${name}`] : [`ALTER TABLE ${quote(of.table)} DROP CONSTRAINT ${name}`];
  };

  return { createTable, dropTable, addColumn, dropColumn, renameColumn, addUnique, dropUnique };
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
