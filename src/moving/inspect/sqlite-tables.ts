/**
 * The tables of an SQLite file, from its pragmas; CHECK constraints stand in the text of CREATE TABLE alone.
 * Reference: sqlite.org/pragma.html.
 */
import { defineStatement, type Executor, type SqlRow } from "../../db/index.ts";
import type { TableFacts } from "./tables.ts";

/** Not virtual ones, nor those in which they keep what they have. */
const tables = defineStatement(
  `SELECT s.name, s.sql FROM sqlite_master AS s JOIN pragma_table_list AS l ON l.name = s.name AND l.schema = 'main'
   WHERE l.type = 'table' AND s.type = 'table' AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY s.name`,
  true,
);
/** Hidden columns (2 and 3 are generated ones) are read as well as others. */
const columns = defineStatement(
  `SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)`,
  true,
);
const references = defineStatement(
  `SELECT id, "from", "table", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq`,
  true,
);
const indexes = defineStatement(
  `SELECT i.name, i."unique", i.origin, c.name FROM pragma_index_list(?) i, pragma_index_info(i.name) c
   WHERE i.partial = 0 ORDER BY i.seq DESC, c.seqno`,
  true,
);

export async function readSqliteTables(executor: Executor): Promise<readonly TableFacts[]> {
  const found: TableFacts[] = [];
  for (const [table, text] of await executor.all(tables)) {
    const name = String(table);
    const ask = (statement: typeof columns) => executor.all(statement, [name]);
    const own = await ask(columns);
    const keys = own.filter((row) => Number(row[4]) > 0).toSorted((a, b) => Number(a[4]) - Number(b[4]));
    const byIndex = groups(await ask(indexes), 0);
    const isUnique = ([row]: readonly SqlRow[]): boolean => row?.[1] === 1;
    const namesOf = (rows: readonly SqlRow[], at: number): string[] => rows.map((row) => String(row[at]));
    found.push({
      name,
      columns: own.map(([column, type, notNull, value, key, hidden]) => ({
        name: String(column),
        type: String(type)
          .toLowerCase()
          .replace(/\s*\(\s*/, "(")
          .replace(/\s*,\s*/, ",")
          .replace(/\s*\)/, ")"),
        null: notNull !== 1 && key === 0,
        default: value === null ? undefined : String(value),
        isGenerated: Number(hidden) > 1,
      })),
      primaryKey: namesOf(keys, 0),
      // An INTEGER PRIMARY KEY is the number of the row, which SQLite gives.
      isAutomatic: keys.length === 1 && String(keys[0]?.[1]).toLowerCase() === "integer",
      unique: byIndex.filter((rows) => isUnique(rows) && rows[0]?.[2] !== "pk").map((rows) => namesOf(rows, 3)),
      indexed: byIndex.filter((rows) => !isUnique(rows) && rows.length === 1).map((rows) => String(rows[0]?.[3])),
      references: groups(await ask(references), 0)
        .filter((rows) => rows.length === 1)
        .map(([row]) => ({
          column: String(row?.[1]),
          table: String(row?.[2]),
          ...(typeof row?.[3] === "string" && { to: row[3] }),
        })),
      checks: checksIn(String(text)),
    });
  }
  return found;
}

/** Rows that have the same value in a column, together. */
function groups(rows: readonly SqlRow[], at: number): readonly (readonly SqlRow[])[] {
  return [...Map.groupBy(rows, (row) => row[at]).values()];
}

/** What stands in the brackets of each CHECK; brackets and words in texts do not count. */
export function checksIn(sql: string): readonly string[] {
  const found: string[] = [];
  for (const { index } of sql.matchAll(/\bcheck\s*\(/gi)) {
    const start = sql.indexOf("(", index);
    let depth = 0;
    for (const { 0: part, index: at } of sql.slice(start).matchAll(/'(?:[^']|'')*'|[()]/g)) {
      if (part === "(") depth++;
      else if (part === ")" && --depth === 0) {
        found.push(sql.slice(start + 1, start + at));
        break;
      }
    }
  }
  return found;
}
