/**
 * What a table has under a name of its own: unique sets, foreign keys, indexes and constraints.
 *
 * Their names are Django's, made of table and columns; so who renames a table or a column renames them, too. Foreign keys of SQLite,
 * and its checks, have no life beside the table and are no parts.
 * Reference: django.db.backends.base.schema (`_model_indexes_sql`, `_create_fk_sql`, `_create_unique_sql`).
 */
import { type Constraint, columnOf, type Field, type Index, indexedField, type Model } from "../../model/index.ts";
import { isIndexed, isKind, keyField, quote, type Resolve, references } from "../columns.ts";
import type { Dialect } from "../database.ts";
import { indexName } from "../names.ts";
import { conditionSql } from "./condition-sql.ts";

export interface Part {
  readonly kind: "index" | "constraint";
  readonly name: string;
  readonly add: string;
  readonly drop: string;
}

export interface Parts {
  unique(of: Model, fields: readonly string[]): Part;
  /** PostgreSQL: the statements that make it while others write; they may be run again. */
  uniqueConcurrently(of: Model, fields: readonly string[]): readonly string[];
  index(of: Model, index: Index, concurrently?: boolean): Part;
  /** Undefined where it stands in CREATE TABLE. */
  constraint(of: Model, constraint: Constraint, concurrently?: boolean): Part | undefined;
  /** Those of a single column. */
  besides(of: Model, name: string): readonly Part[];
  /** Everything. */
  of(model: Model): readonly Part[];
}

export function fieldOf(of: Model, name: string): Field {
  const found = of.fields[name];
  if (!found) throw new TypeError(`"${name}" is not a field of ${of.name}`);
  return found;
}

export const quoted = (columns: readonly string[]): string => columns.map(quote).join(", ");

/** The check of a constraint as it stands in CREATE TABLE and after ADD. */
export const checkSql = (
  of: Model,
  { name, check }: Extract<Constraint, { check: unknown }>,
  dialect: Dialect,
  resolve: Resolve,
): string => `CONSTRAINT ${quote(name)} CHECK (${conditionSql(of, check, dialect, resolve)})`;

export function partsFor(dialect: Dialect, resolve: Resolve): Parts {
  const sqlite = dialect === "sqlite";
  const column = (of: Model, name: string): string => columnOf(name, fieldOf(of, name));
  const asConstraint = (of: Model, name: string, definition: string): Part => ({
    kind: "constraint",
    name,
    add: `ALTER TABLE ${quote(of.table)} ADD ${definition}`,
    drop: `ALTER TABLE ${quote(of.table)} DROP CONSTRAINT ${quote(name)}`,
  });
  const asIndex = (of: Model, name: string, rest: string, [unique, concurrently] = ["", ""]): Part => ({
    kind: "index",
    name,
    add: `CREATE ${unique}INDEX ${concurrently}${quote(name)} ON ${quote(of.table)} (${rest}`,
    drop: `DROP INDEX ${concurrently}${unique === "" ? "IF EXISTS " : ""}${quote(name)}`,
  });
  const where = (of: Model, index: Pick<Index, "where">): string =>
    index.where === undefined ? ")" : `) WHERE ${conditionSql(of, index.where, dialect, resolve)}`;

  const parts: Parts = {
    unique(of, fields) {
      const columns = fields.map((name) => column(of, name));
      const name = indexName(of.table, columns, dialect, "_uniq");
      return sqlite
        ? asIndex(of, name, `${quoted(columns)})`, ["UNIQUE ", ""])
        : asConstraint(of, name, `CONSTRAINT ${quote(name)} UNIQUE (${quoted(columns)})`);
    },
    uniqueConcurrently(of, fields) {
      const columns = fields.map((name) => column(of, name));
      const name = quote(indexName(of.table, columns, dialect, "_uniq"));
      const table = `ALTER TABLE ${quote(of.table)}`;
      return [
        `${table} DROP CONSTRAINT IF EXISTS ${name}`,
        `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${quote(of.table)} (${quoted(columns)})`,
        `${table} ADD CONSTRAINT ${name} UNIQUE USING INDEX ${name}`,
      ];
    },
    index(of, index, concurrently = false) {
      const columns = index.fields.map((entry) => column(of, indexedField(entry)));
      const name = index.name ?? indexName(of.table, columns, dialect, "_idx");
      const ordered = index.fields.map((entry, i) => quote(columns[i] ?? "") + (entry.startsWith("-") ? " DESC" : ""));
      return asIndex(of, name, ordered.join(", ") + where(of, index), [
        "",
        concurrently && !sqlite ? "CONCURRENTLY " : "",
      ]);
    },
    constraint(of, constraint, concurrently = false) {
      if ("unique" in constraint) {
        const columns = constraint.unique.map((name) => column(of, name));
        const how = concurrently && !sqlite ? "CONCURRENTLY " : "";
        return asIndex(of, constraint.name, quoted(columns) + where(of, constraint), ["UNIQUE ", how]);
      }
      return sqlite ? undefined : asConstraint(of, constraint.name, checkSql(of, constraint, dialect, resolve));
    },
    besides(of, name) {
      const each = fieldOf(of, name);
      if (isKind(each, "manyToMany")) return [];
      const own = columnOf(name, each);
      const found: Part[] = [];
      if (!sqlite && isKind(each, "foreignKey")) {
        const to = resolve(each.options.to);
        const suffix = `_fk_${to.table}_${columnOf(to.primaryKey, keyField(to))}`;
        const key = indexName(of.table, [own], dialect, suffix);
        found.push(asConstraint(of, key, `CONSTRAINT ${quote(key)} FOREIGN KEY (${quote(own)}) ${references(to)}`));
      }
      if (isIndexed(each)) found.push(asIndex(of, indexName(of.table, [own], dialect), `${quote(own)})`));
      return found;
    },
    of: (model) => [
      ...model.unique.map((set) => parts.unique(model, set)),
      ...Object.keys(model.fields).flatMap((name) => parts.besides(model, name)),
      ...model.indexes.map((index) => parts.index(model, index)),
      ...model.constraints.flatMap((each) => parts.constraint(model, each) ?? []),
    ],
  };
  return parts;
}
