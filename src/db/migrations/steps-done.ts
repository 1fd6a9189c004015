/**
 * How many operations of a migration are done that is no single transaction: a table of our own, since Django's knows whole migrations alone.
 *
 * A row is there from the first operation until the migration is recorded, or undone.
 */
import type { Database, Executor } from "../database.ts";
import { defineStatement } from "../statement.ts";
import type { Migration } from "./migration.ts";

const definition = `CREATE TABLE IF NOT EXISTS drf_auth_migration_step
  (app varchar(255) NOT NULL, name varchar(255) NOT NULL, done integer NOT NULL, PRIMARY KEY (app, name))`;
const findTable = defineStatement("SELECT 1 WHERE to_regclass('drf_auth_migration_step') IS NOT NULL", true);
const selectAll = defineStatement("SELECT app, name, done FROM drf_auth_migration_step");
const upsert = defineStatement(
  "INSERT INTO drf_auth_migration_step (app, name, done) VALUES ($1, $2, $3) ON CONFLICT (app, name) DO UPDATE SET done = excluded.done",
);
const remove = defineStatement("DELETE FROM drf_auth_migration_step WHERE app = $1 AND name = $2");

/** The number of operations that are done, by `label.name`, of migrations that are begun and not ended. */
export type StepsDone = ReadonlyMap<string, number>;

/** Reads what is begun and not ended. SQLite applies every migration as a whole. */
export async function findStepsDone(database: Executor): Promise<StepsDone> {
  if (database.dialect === "sqlite" || !(await database.get(findTable))) return new Map();
  const rows = await database.all(selectAll);
  return new Map(rows.map(([label, name, done]) => [`${label}.${name}`, Number(done)]));
}

export const makeTable = (database: Database): Promise<void> => database.script(definition);

export async function setStepsDone(executor: Executor, { label, name }: Migration, done: number): Promise<void> {
  await executor.run(upsert, [label, name, done]);
}

export async function forgetSteps(executor: Executor, { label, name }: Migration): Promise<void> {
  if (await executor.get(findTable)) await executor.run(remove, [label, name]);
}
