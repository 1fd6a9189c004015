/**
 * Tables that somebody else makes (`managed: false`): whether they have the columns that their models say.
 *
 * No migration would tell, and the first request would be the one to find out.
 */
import { type SqlBool, sql } from "kysely";
import { ConfigurationError } from "../errors.ts";
import { columnOf, type Model } from "../model/index.ts";
import type { Executor } from "./database.ts";
import { DatabaseUnavailable } from "./errors.ts";
import type { Models } from "./models.ts";
import { isQuery } from "./query.ts";
import { manyStep } from "./selection.ts";
import { builder, statement } from "./statement.ts";

/**
 * Looks whether every table that is not ours has what its model declares; no row is read.
 * @throws ConfigurationError  naming the model, the field, and the column or table that is not there
 */
export async function checkForeignTables(executor: Executor, models: Models): Promise<void> {
  for (const model of models.all) if (!model.managed && !isQuery(model)) await checkTable(executor, models, model);
}

async function checkTable(executor: Executor, models: Models, model: Model): Promise<void> {
  const place = `model "${model.name}"`;
  const columns: { readonly column: string; readonly at: string }[] = [];
  for (const [name, field] of Object.entries(model.fields)) {
    const at = `${place}, field "${name}"`;
    if (field.kind !== "manyToMany") columns.push({ column: columnOf(name, field), at });
    else {
      const { through, from, to } = manyStep(models, model, name);
      await require(executor, through, [from, to].map((column) => ({ column, at })), at);
    }
  }
  await require(executor, model.table, columns, place);
}

async function require(
  executor: Executor,
  table: string,
  columns: readonly { readonly column: string; readonly at: string }[],
  place: string,
): Promise<void> {
  const has = (...names: string[]) => answers(executor, table, names);
  if (await has(...columns.map(({ column }) => column))) return;
  if (!(await has())) throw new ConfigurationError(place, `the database has no table "${table}" that can be read`);
  for (const { column, at } of columns)
    if (!(await has(column)))
      throw new ConfigurationError(at, `the table "${table}" has no column "${column}"; \`column\` gives its name`);
}

/** Whether a statement over these columns can be made at all. */
async function answers(executor: Executor, table: string, columns: readonly string[]): Promise<boolean> {
  const rows = builder(executor.dialect).selectFrom(`${table} as t`).where(sql<SqlBool>`1 = 0`);
  const query = columns.reduce(
    (more, column) => more.select(`t.${column} as c`),
    rows.select((eb) => eb.lit(1).as("c")),
  );
  try {
    await executor.all(statement(query));
    return true;
  } catch (error) {
    if (error instanceof DatabaseUnavailable) throw error;
    return false;
  }
}
