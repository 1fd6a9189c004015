/**
 * PostgreSQL: the database of several machines.
 *
 * What reads shares a few pipelined connections (lanes), with many statements under way on each. What writes, and each
 * transaction, has a connection of its own from a pool, so that a statement that waits for a row lock holds up nobody else.
 * Reference: node-postgres.
 */
import type pg from "pg";
import type { Measurement } from "../config/index.ts";
import type { AfterCommit, Awaitable, Database, Executor, SqlRow, SqlValue, TransactionOptions } from "./database.ts";
import { DatabaseUnavailable, fromPostgres, isLost, outcomeOf, StaleStatement, TransactionConflict } from "./errors.ts";
import { Inside } from "./inside.ts";
import { type PostgresTarget, postgresTarget, type Result, runStatement } from "./postgres-connection.ts";
import { Lanes } from "./postgres-lanes.ts";
import type { PostgresOptions } from "./postgres-options.ts";
import { Pool } from "./postgres-pool.ts";
import type { Statement } from "./statement.ts";
import { runAfterCommit, runTransaction, type Session } from "./transaction.ts";

/**
 * Opens a PostgreSQL database; the first statement connects.
 *
 * @param url  `postgres://user:password@host:port/name`, with the parameters of libpq (`?sslmode=verify-full`)
 * @throws ConfigurationError  not a URL of this form, or a file that it names cannot be used
 * @example
 * const database = openPostgres("postgres://app@127.0.0.1/app", { maxConnections: 20 });
 */
export function openPostgres(url: string, options: PostgresOptions = {}): Database {
  return new PostgresDatabase(postgresTarget(url, options), Math.max(2, options.maxConnections ?? 10));
}

const none: readonly SqlValue[] = [];

/** Connections that a read may lose before its request is told. */
const ATTEMPTS = 3;

class PostgresDatabase implements Database {
  readonly dialect = "postgres";
  readonly #target: PostgresTarget;
  readonly #lanes: Lanes;
  readonly #pool: Pool;
  readonly #inside = new Inside();
  #closed: Promise<void> | undefined;

  constructor(target: PostgresTarget, maxConnections: number) {
    const lanes = Math.floor(maxConnections / 2);
    this.#target = target;
    this.#lanes = new Lanes(target, lanes);
    this.#pool = new Pool(target, maxConnections - lanes);
  }

  async all(statement: Statement, parameters = none): Promise<readonly SqlRow[]> {
    return (await this.#perform(statement, parameters)).rows;
  }

  async get(statement: Statement, parameters = none): Promise<SqlRow | undefined> {
    return (await this.#perform(statement, parameters)).rows[0];
  }

  async run(statement: Statement, parameters = none): Promise<number> {
    return (await this.#perform(statement, parameters)).rowCount ?? 0;
  }

  async transaction<T>(work: (transaction: Executor) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const kept: AfterCommit[] = [];
    const result = await this.#exclusively((client) =>
      this.#inside.run(() => runTransaction(session(client, this.#target), work, options, kept)),
    );
    if (kept.length > 0) await runAfterCommit(kept);
    return result;
  }

  afterCommit(call: AfterCommit): Awaitable<unknown> {
    return call();
  }

  async script(sql: string): Promise<void> {
    await this.#exclusively((client) => simple(client, this.#target, sql));
  }

  measure(): readonly Measurement[] {
    const pool = this.#pool.load();
    const lanes = this.#lanes.load();
    const total = pool.open + lanes.open;
    const inUse = pool.busy + lanes.busy;
    const name = "drf_auth_database_connections";
    return [
      { name, labels: { state: "busy" }, value: inUse },
      { name, labels: { state: "idle" }, value: total - inUse },
      { name: "drf_auth_database_waiting", value: pool.waiting },
    ];
  }

  close(): Promise<void> {
    this.#closed ??= Promise.all([this.#lanes.close(), this.#pool.close()]).then(() => undefined);
    return this.#closed;
  }

  async #perform(statement: Statement, parameters: readonly SqlValue[]): Promise<Result> {
    const began = performance.now();
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(statement, parameters);
      } catch (error) {
        if (error instanceof StaleStatement && attempt === 1) continue;
        // What was waited for before counts as the wait for a connection.
        const isOver = attempt === ATTEMPTS || performance.now() - began > this.#target.connectTimeoutMs;
        if (!statement.reads || !isLost(error) || isOver) throw error;
        await new Promise(setImmediate); // connections that were lost together are all known by then
      }
    }
  }

  #attempt(statement: Statement, parameters: readonly SqlValue[]): Promise<Result> {
    if (statement.reads) return this.#lanes.run(statement, parameters);
    return this.#exclusively(async (client) => {
      try {
        return await runStatement(client, this.#target, statement, parameters);
      } catch (error) {
        throw outcomeOf(error);
      }
    });
  }

  async #exclusively<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    this.#inside.refuse();
    const client = await this.#pool.acquire();
    let isSound = true;
    try {
      return await work(client);
    } catch (error) {
      // After a conflict the connection is as good as before.
      isSound = !(error instanceof DatabaseUnavailable) || error instanceof TransactionConflict;
      throw error;
    } finally {
      // "I" is idle: outside of any transaction.
      this.#pool.release(client, isSound && client.getTransactionStatus() === "I");
    }
  }
}

function session(client: pg.Client, target: PostgresTarget): Session {
  const run = (statement: Statement, parameters: readonly SqlValue[]) =>
    runStatement(client, target, statement, parameters);
  return {
    dialect: "postgres",
    begin: ({ isolation, readOnly }) =>
      `BEGIN${isolation ? ` ISOLATION LEVEL ${isolation.toUpperCase()}` : ""}${readOnly ? " READ ONLY" : ""}${target.afterBegin}`,
    all: async (statement, parameters) => (await run(statement, parameters)).rows,
    get: async (statement, parameters) => (await run(statement, parameters)).rows[0],
    run: async (statement, parameters) => (await run(statement, parameters)).rowCount ?? 0,
    async control(sql) {
      if (sql !== "COMMIT") return simple(client, target, sql);
      const { command } = await simple(client, target, sql).catch((error: unknown) => {
        throw outcomeOf(error);
      });
      // After a failed statement the server answers COMMIT with a rollback, and without an error.
      if (command !== "COMMIT") {
        throw new TypeError("a statement failed and its error was caught inside the transaction; nothing was kept");
      }
      return undefined;
    },
  };
}

/** Sends SQL text as it is: control statements, DDL, scripts. */
async function simple(client: pg.Client, target: PostgresTarget, sql: string): Promise<pg.QueryResult> {
  try {
    return await client.query(sql);
  } catch (error) {
    throw fromPostgres(error, target.where);
  }
}
