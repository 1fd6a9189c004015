/**
 * Indexes and rules of PostgreSQL that are made while others write: outside a transaction, a statement at a time.
 *
 * A process that is killed meanwhile leaves an index that is not valid and stands in its own way; so that is dropped first, and an
 * index that is there and valid is taken for done. Thus the migration can be run again from its beginning.
 * Reference: the PostgreSQL manual, CREATE INDEX, "Building Indexes Concurrently".
 */
import type { Database } from "../database.ts";
import { defineStatement } from "../statement.ts";
import { limitLocks } from "./lock.ts";
import { type Direction, sqlOf } from "./operation-sql.ts";
import type { Step } from "./state.ts";

const findIndex = defineStatement("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)");

export async function runConcurrently(
  database: Database,
  step: Step,
  direction: Direction,
  lockTimeoutMs: number | undefined,
): Promise<void> {
  for (const sql of sqlOf(step, direction, "postgres")) {
    const statement = defineStatement(sql);
    if (!sql.includes("INDEX CONCURRENTLY ")) {
      await database.transaction(async (transaction) => {
        await limitLocks(transaction, lockTimeoutMs);
        await transaction.run(statement);
      });
      continue;
    }
    const name = /^CREATE (?:UNIQUE )?INDEX CONCURRENTLY ("(?:[^"]|"")+")/.exec(sql)?.[1];
    const found = name === undefined ? undefined : await database.get(findIndex, [name]);
    if (found?.[0] === true) continue;
    if (found && name !== undefined) await database.run(defineStatement(`DROP INDEX CONCURRENTLY ${name}`));
    await database.run(statement);
  }
}
