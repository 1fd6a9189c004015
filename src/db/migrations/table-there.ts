/**
 * An SQLite table as it is in the database, for those who make it again: what was not declared is kept as it was written.
 *
 * The text of CREATE TABLE is divided at its commas and nothing of it is understood but the names of columns and constraints, so
 * that a default, a collation or a generated column that somebody added by hand comes back word by word.
 * Reference: sqlite.org/lang_createtable.html, sqlite.org/lang_altertable.html#otheralter.
 */
import type { Executor } from "../database.ts";
import { defineStatement } from "../statement.ts";

export interface ColumnThere {
  readonly name: string;
  /** Its definition after the name. */
  readonly definition: string;
  readonly default: string | undefined;
  /** Its value is computed, so it is not written. */
  readonly isGenerated: boolean;
}

export interface TableThere {
  readonly columns: readonly ColumnThere[];
  /** Constraints of the whole table. */
  readonly constraints: readonly { readonly name: string | undefined; readonly text: string }[];
  /** What stands behind the closing parenthesis: STRICT, WITHOUT ROWID. */
  readonly tail: string;
  /** Indexes and triggers on it that have a text of their own, with the columns of an index. */
  readonly others: readonly { readonly name: string; readonly sql: string; readonly columns: readonly string[] }[];
}

const findTable = defineStatement(
  "SELECT sql FROM sqlite_schema WHERE type = 'table' AND lower(name) = lower(?)",
  true,
);
const findColumns = defineStatement("SELECT name, dflt_value, hidden FROM pragma_table_xinfo(?)", true);
const findOthers = defineStatement(
  `SELECT name, sql, (SELECT json_group_array(name) FROM pragma_index_info(s.name)) FROM sqlite_schema AS s
    WHERE type IN ('index', 'trigger') AND lower(tbl_name) = lower(?) AND sql IS NOT NULL ORDER BY type, name`,
  true,
);

/** Reads a table; undefined where it is not there. */
export async function findTableThere(database: Executor, table: string): Promise<TableThere | undefined> {
  const [sql] = (await database.get(findTable, [table])) ?? [];
  if (typeof sql !== "string") return undefined;
  const { definitions, tail } = divide(sql);
  const texts = new Map<string, string>();
  const constraints: { name: string | undefined; text: string }[] = [];
  for (const text of definitions) {
    const [first = "", rest] = firstName(text);
    if (/^(constraint|primary|unique|check|foreign)$/i.test(first) && /^[a-z]/i.test(text))
      constraints.push({ name: /^constraint$/i.test(first) ? firstName(rest)[0] : undefined, text });
    else texts.set(first.toLowerCase(), rest);
  }
  const columns = (await database.all(findColumns, [table])).map(([name, value, hidden]) => ({
    name: String(name),
    definition: texts.get(String(name).toLowerCase()) ?? "",
    default: typeof value === "string" ? value : undefined,
    isGenerated: Number(hidden) > 1,
  }));
  const others = (await database.all(findOthers, [table])).map(([name, text, indexed]) => ({
    name: String(name),
    sql: String(text),
    columns: namesIn(JSON.parse(String(indexed))),
  }));
  return { columns, constraints, tail, others };
}

const namesIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];

/** Strings, quoted names and comments whole, parentheses and commas, and whatever is between. */
const tokens =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|[(),]|[^'"`[\-/(),]+|[-/]/g;

/** The parts between the outer parentheses of CREATE TABLE, without comments, and what follows them. */
function divide(sql: string): { readonly definitions: readonly string[]; readonly tail: string } {
  const definitions: string[] = [];
  let [depth, text] = [0, ""];
  for (const [token] of sql.matchAll(tokens)) {
    if (token.startsWith("--") || token.startsWith("/*")) {
      text += " ";
      continue;
    }
    if (token === ")") depth -= 1;
    const isOuter = (token === "(" && depth === 0) || (token === ")" && depth === 0) || (token === "," && depth === 1);
    if (token === "(") depth += 1;
    if (!isOuter) text += token;
    else {
      if (token !== "(") definitions.push(text.trim());
      text = "";
    }
  }
  return { definitions, tail: text.trim() };
}

/** The name that a text begins with, without its quotes, and the rest. */
function firstName(text: string): [string | undefined, string] {
  const [whole, ...forms] =
    /^\s*(?:"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|\[([^\]]*)\]|'((?:[^']|'')*)'|([^\s("]+))/.exec(text) ?? [];
  if (whole === undefined) return [undefined, text];
  const name = forms.find((form) => form !== undefined) ?? "";
  return [name.replaceAll(/""|``|''/g, (pair) => pair.slice(1)), text.slice(whole.length).trim()];
}
