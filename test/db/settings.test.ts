import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readSettings } from "../../src/config/index.ts";
import { connectOptionsOf, databaseSettings, unhurried } from "../../src/db/index.ts";

const read = (environment: Record<string, string>) => readSettings(databaseSettings, { environment, flags: {} });

describe("Settings of databases", () => {
  it("are told to the database in its own units", () => {
    const settings = read({
      ...{ DATABASE_POOL_SIZE: "7", DATABASE_CONNECT_TIMEOUT: "250ms", DATABASE_STATEMENT_TIMEOUT: "1m" },
      ...{ DATABASE_IDLE_TRANSACTION_TIMEOUT: "2", DATABASE_POOL_MODE: "transaction" },
      ...{ DATABASE_PREPARED_STATEMENTS: "20", DATABASE_BUSY_TIMEOUT: "0.5" },
    });
    assert.deepEqual(connectOptionsOf(settings), {
      ...{ maxConnections: 7, connectTimeoutMs: 250, statementTimeoutMs: 60_000, idleTransactionTimeoutMs: 2000 },
      ...{ poolMode: "transaction", maxPrepared: 20, busyTimeoutMs: 500 },
    });
  });

  it("have limits of their own accord, and none for migrations and fixtures", () => {
    const settings = read({});
    const { statementTimeoutMs, idleTransactionTimeoutMs, maxPrepared } = connectOptionsOf(settings);
    assert.deepEqual([statementTimeoutMs, idleTransactionTimeoutMs, maxPrepared], [30_000, 30_000, undefined]);
    const { statementTimeoutMs: none, idleTransactionTimeoutMs: neither, connectTimeoutMs } = unhurried(settings);
    assert.deepEqual([none, neither, connectTimeoutMs], [0, 0, 5000]);
  });

  it("that are of no use are refused", () => {
    for (const [name, value] of [
      ["DATABASE_POOL_SIZE", "1"],
      ["DATABASE_CONNECT_TIMEOUT", "0"],
      ["DATABASE_POOL_MODE", "statement"],
      ["DATABASE_BUSY_TIMEOUT", "soon"],
    ] as const)
      assert.throws(() => read({ [name]: value }), { name: "ConfigurationError" });
  });
});
