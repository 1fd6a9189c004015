/** A connection that a pooler has lent to others before knows what was there then; a migrator must not go by that. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { authMigrations } from "../../../src/auth/index.ts";
import { connect, defineStatement, findApplied, migrate } from "../../../src/db/index.ts";
import { databases } from "../../databases.ts";

it("a migrator that waited sees the history table that another one has made meanwhile", async () => {
  const postgres = databases.find(({ name }) => name === "PostgreSQL") ?? assert.fail();
  const { url, database, drop } = await postgres.create();
  const migrator = await connect(url, { maxConnections: 2 });
  const applied = await migrator.transaction((transaction) => findApplied(transaction, authMigrations));
  assert.equal(applied.size, 0);
  await migrator.transaction(async (transaction) => {
    await transaction.run(defineStatement("SELECT pg_try_advisory_xact_lock(1)"));
    await migrate(database, authMigrations, { now: Date.now });
    await transaction.run(defineStatement("SELECT pg_try_advisory_xact_lock(1)"));
    assert.equal((await findApplied(transaction, authMigrations)).size, authMigrations.length);
  });
  await migrator.close();
  await drop();
});
