/**
 * PostgreSQL: the database of several machines.
 *
 * What reads shares a few pipelined connections (lanes), with many statements under way on each. What writes, and each
 * transaction, has a connection of its own from a pool, so that a statement that waits for a row lock holds up nobody else.
 * Reference: node-postgres.
 */
import pg from "pg";
import type { Measurement } from "../config/index.ts";
import type { Database, Executor, SqlRow, SqlValue } from "./database.ts";
import { DatabaseUnavailable, fromPostgres, StaleStatement } from "./errors.ts";
import { Inside } from "./inside.ts";
import { type PostgresTarget, postgresTarget, type Result, runStatement, unavailable } from "./postgres-connection.ts";
import { Lanes } from "./postgres-lanes.ts";
import type { PostgresOptions } from "./postgres-options.ts";
import type { Statement } from "./statement.ts";
import { runTransaction, type Session } from "./transaction.ts";

/**
 * Opens a PostgreSQL database; the first statement connects.
 *
 * @param url  `postgres://user:password@host:port/name`, with the parameters of node-postgres (`?sslmode=verify-full`)
 * @throws TypeError  not a URL
 * @example
 * const database = openPostgres("postgres://app@127.0.0.1/app", { maxConnections: 20 });
 */
export function openPostgres(url: string, options: PostgresOptions = {}): Database {
  const { maxConnections = 10, connectTimeoutMs = 5000, statementTimeoutMs = 30_000 } = options;
  const target = postgresTarget(url, connectTimeoutMs, statementTimeoutMs);
  return new PostgresDatabase(target, Math.max(2, maxConnections));
}

const none: readonly SqlValue[] = [];

class PostgresDatabase implements Database {
  readonly dialect = "postgres";
  readonly #target: PostgresTarget;
  readonly #lanes: Lanes;
  readonly #pool: pg.Pool;
  readonly #inside = new Inside();
  #closed: Promise<void> | undefined;

  constructor(target: PostgresTarget, maxConnections: number) {
    const lanes = Math.floor(maxConnections / 2);
    this.#target = target;
    this.#lanes = new Lanes(target, lanes);
    this.#pool = new pg.Pool({
      ...target.config,
      max: maxConnections - lanes,
      onConnect: (client) => client.query(target.setup),
    });
    // Connections are lost while idle (first line) or in use (second); who uses one next, or now, is told by its statement.
    this.#pool.on("error", () => undefined);
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
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

  transaction<T>(work: (transaction: Executor) => Promise<T>): Promise<T> {
    return this.#exclusively((client) => this.#inside.run(() => runTransaction(session(client, this.#target), work)));
  }

  async script(sql: string): Promise<void> {
    await this.#exclusively((client) => simple(client, this.#target, sql));
  }

  measure(): readonly Measurement[] {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    const { open, busy } = this.#lanes.load();
    const total = totalCount + open;
    const inUse = totalCount - idleCount + busy;
    const name = "drf_auth_database_connections";
    return [
      { name, labels: { state: "busy" }, value: inUse },
      { name, labels: { state: "idle" }, value: total - inUse },
      { name: "drf_auth_database_waiting", value: waitingCount },
    ];
  }

  close(): Promise<void> {
    this.#closed ??= Promise.all([this.#lanes.close(), this.#pool.end()]).then(() => undefined);
    return this.#closed;
  }

  async #perform(statement: Statement, parameters: readonly SqlValue[]): Promise<Result> {
    try {
      return await this.#attempt(statement, parameters);
    } catch (error) {
      if (!(error instanceof StaleStatement)) throw error;
      return await this.#attempt(statement, parameters);
    }
  }

  #attempt(statement: Statement, parameters: readonly SqlValue[]): Promise<Result> {
    if (statement.reads) return this.#lanes.run(statement, parameters);
    return this.#exclusively((client) => runStatement(client, this.#target, statement, parameters));
  }

  async #exclusively<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    this.#inside.refuse();
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw unavailable(error, this.#target);
    });
    let isSound = true;
    try {
      return await work(client);
    } catch (error) {
      isSound = !(error instanceof DatabaseUnavailable);
      throw error;
    } finally {
      // "I" is idle: outside of any transaction.
      client.release(!isSound || client.getTransactionStatus() !== "I");
    }
  }
}

function session(client: pg.PoolClient, target: PostgresTarget): Session {
  const run = (statement: Statement, parameters: readonly SqlValue[]) =>
    runStatement(client, target, statement, parameters);
  return {
    dialect: "postgres",
    begin: "BEGIN",
    all: async (statement, parameters) => (await run(statement, parameters)).rows,
    get: async (statement, parameters) => (await run(statement, parameters)).rows[0],
    run: async (statement, parameters) => (await run(statement, parameters)).rowCount ?? 0,
    async control(sql) {
      const { command } = await simple(client, target, sql);
      // After a failed statement the server answers COMMIT with a rollback, and without an error.
      if (sql === "COMMIT" && command !== "COMMIT") {
        throw new TypeError("a statement failed and its error was caught inside the transaction; nothing was kept");
      }
    },
  };
}

/** Sends SQL text as it is: control statements, DDL, scripts. */
async function simple(client: pg.PoolClient, target: PostgresTarget, sql: string): Promise<pg.QueryResult> {
  try {
    return await client.query(sql);
  } catch (error) {
    throw fromPostgres(error, target.where);
  }
}
