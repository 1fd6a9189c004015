/**
 * The tables of the current schema of a PostgreSQL database, from its catalogue.
 * Reference: the chapter on system catalogs of the PostgreSQL manual.
 */
import { defineStatement, type Executor } from "../../db/index.ts";
import type { ColumnFacts, TableFacts } from "./tables.ts";

const own = "c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition";

const columns = defineStatement(
  `SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated
   FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE ${own} ORDER BY c.relname, a.attnum`,
  true,
);
/** Columns as JSON, for arrays arrive as text. */
const constraints = defineStatement(
  `SELECT c.relname, o.contype::text, (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(o.conkey) WITH ORDINALITY k(number, place)
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number)::text, f.relname, pg_get_constraintdef(o.oid),
     (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = f.oid AND a.attnum = o.confkey[1])
   FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid LEFT JOIN pg_class f ON f.oid = o.confrelid
   WHERE ${own} ORDER BY o.oid`,
  true,
);
const indexes = defineStatement(
  `SELECT c.relname, i.indisunique, (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(i.indkey::smallint[]) WITH ORDINALITY k(number, place)
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number)::text
   FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
   WHERE ${own} AND NOT i.indisprimary AND i.indpred IS NULL AND i.indexprs IS NULL ORDER BY i.indexrelid`,
  true,
);

export async function readPostgresTables(executor: Executor): Promise<readonly TableFacts[]> {
  const byTable = Map.groupBy(await executor.all(columns), ([table]) => String(table));
  const constraintsOf = Map.groupBy(await executor.all(constraints), ([table]) => String(table));
  const indexesOf = Map.groupBy(await executor.all(indexes), ([table]) => String(table));
  return [...byTable].map(([name, rows]) => {
    const constrained = (constraintsOf.get(name) ?? []).map(([, kind, names, table, sql, to]) => ({
      kind,
      names: namesIn(names),
      table: String(table),
      sql: String(sql),
      to: String(to),
    }));
    const primaryKey = constrained.find(({ kind }) => kind === "p")?.names ?? [];
    const indexed = (indexesOf.get(name) ?? []).map(([, isUnique, names]) => ({ isUnique, names: namesIn(names) }));
    const own = rows.map(
      ([, column, type, notNull, value, , generated]): ColumnFacts => ({
        name: String(column),
        type: String(type).toLowerCase(),
        null: notNull !== true,
        default: value === null ? undefined : String(value),
        isGenerated: generated !== "",
      }),
    );
    const isGiven = (column: string) =>
      rows.some((row) => row[1] === column && (row[5] !== "" || String(row[4]).startsWith("nextval(")));
    return {
      name,
      // What the database gives by itself is no default that a model could name.
      columns: own.map((column) => (isGiven(column.name) ? { ...column, default: undefined } : column)),
      primaryKey,
      isAutomatic: primaryKey.length === 1 && primaryKey.every(isGiven),
      unique: indexed.filter(({ isUnique }) => isUnique).map(({ names }) => names),
      indexed: indexed.flatMap(({ isUnique, names }) => (isUnique || names.length !== 1 ? [] : names)),
      references: constrained.flatMap(({ kind, names: [column, ...more], table, to }) =>
        kind === "f" && column !== undefined && more.length === 0 ? [{ column, table, to }] : [],
      ),
      checks: constrained.filter(({ kind }) => kind === "c").map(({ sql }) => sql.replace(/^CHECK \((.*)\)$/s, "$1")),
    };
  });
}

function namesIn(json: unknown): readonly string[] {
  const names: unknown = json === null ? [] : JSON.parse(String(json));
  return Array.isArray(names) ? names.map(String) : [];
}
