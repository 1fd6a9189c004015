/**
 * SQLite, embedded: the database of one machine.
 *
 * Two connections to one file in WAL mode. What writes, and whole transactions, take turns on the one, so no foreign statement ends
 * up in an open transaction. What reads runs at once: on the same one, which still knows its pages when it has written; while a
 * transaction has that, on the other, which reads every page anew after a commit. Worker processes share the file: a lock of another
 * one is waited for without stopping the event loop, up to a bound.
 * Reads of one turn of the event loop share a snapshot: the file is locked once, not once a statement (`sqlite-snapshot.ts`).
 * Reference: sqlite.org/wal.html, sqlite.org/lang_transaction.html.
 * Differs from Django: transactions begin IMMEDIATE, so a lock is met at the start and never in the middle.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { AfterCommit, Awaitable, Database, Executor, SqlRow, SqlValue, TransactionOptions } from "./database.ts";
import { DatabaseBusy } from "./errors.ts";
import { Connection } from "./sqlite-connection.ts";
import { Snapshot } from "./sqlite-snapshot.ts";
import { defineStatement, type Statement } from "./statement.ts";
import { runAfterCommit, runTransaction, type Session } from "./transaction.ts";
import { Turns } from "./turns.ts";

export interface SqliteOptions {
  /** Milliseconds that a statement waits for the lock of another process, all attempts together (default 5000). */
  readonly busyTimeoutMs?: number;
}

/**
 * Opens an SQLite file, creating it where there is none.
 *
 * Statements that read answer at once, without a promise.
 * @param path  of the file, or `:memory:`
 * @throws DatabaseUnavailable  no such directory, no right to write, or not a database
 * @example
 * const database = openSqlite("db.sqlite3");
 * database.get(defineStatement("SELECT count(*) FROM book", true)); // [42]
 */
export function openSqlite(path: string, { busyTimeoutMs = 5000 }: SqliteOptions = {}): Database {
  const writer = new Connection(path, busyTimeoutMs);
  // BEGIN IMMEDIATE finds out at once whether the file may be written.
  writer.exec(`PRAGMA journal_mode = WAL; PRAGMA cache_size = -${cacheKiB}; BEGIN IMMEDIATE; ROLLBACK`);
  writer.ready();
  if (path === ":memory:") return new SqliteDatabase(writer, writer, busyTimeoutMs);
  const reader = new Connection(path, busyTimeoutMs);
  reader.exec(`PRAGMA query_only = ON; PRAGMA cache_size = -${cacheKiB}`);
  reader.ready();
  return new SqliteDatabase(reader, writer, busyTimeoutMs);
}

/** Pages that a connection keeps, KiB; of SQLite's default of 2,000 a table of some thousand rows drops out at each round. */
const cacheKiB = 16_000;

const none: readonly SqlValue[] = [];

class SqliteDatabase implements Database {
  readonly dialect = "sqlite";
  readonly #reader: Connection;
  readonly #writer: Connection;
  readonly #busyTimeoutMs: number;
  readonly #turns = new Turns();
  readonly #session: Session;
  /** Where reads go: that of the writer or, while a transaction has it, that of the reader; none in memory. */
  #snapshot: Snapshot | undefined;
  #closed: Promise<void> | undefined;

  constructor(reader: Connection, writer: Connection, busyTimeoutMs: number) {
    this.#reader = reader;
    this.#writer = writer;
    this.#busyTimeoutMs = busyTimeoutMs;
    const [own, beside] = reader === writer ? [] : [new Snapshot(writer), new Snapshot(reader)];
    this.#snapshot = own;
    this.#session = {
      dialect: "sqlite",
      begin: ({ readOnly }) => (readOnly ? "BEGIN" : "BEGIN IMMEDIATE"),
      all: (statement, parameters) => writer.all(statement, parameters),
      get: (statement, parameters) => writer.get(statement, parameters),
      run: (statement, parameters) => writer.run(statement, parameters),
      control: (sql) =>
        patiently(busyTimeoutMs, () => {
          this.#snapshot?.end();
          try {
            return writer.run(control(sql), none);
          } finally {
            this.#snapshot = writer.isInTransaction ? beside : own;
          }
        }),
    };
  }

  all(statement: Statement, parameters = none): Awaitable<readonly SqlRow[]> {
    const held = this.#held(statement);
    if (held) return held.all(statement, parameters);
    return this.#perform(statement, (connection) => connection.all(statement, parameters));
  }

  get(statement: Statement, parameters = none): Awaitable<SqlRow | undefined> {
    const held = this.#held(statement);
    if (held) return held.get(statement, parameters);
    return this.#perform(statement, (connection) => connection.get(statement, parameters));
  }

  run(statement: Statement, parameters = none): Awaitable<number> {
    // One that only claims to read is refused there.
    if (statement.reads) return this.#reader.run(statement, parameters);
    return this.#perform(statement, (connection) => connection.run(statement, parameters));
  }

  async transaction<T>(work: (transaction: Executor) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const kept: AfterCommit[] = [];
    const result = await this.#turns.take(() => runTransaction(this.#session, work, options, kept));
    if (kept.length > 0) await runAfterCommit(kept);
    return result;
  }

  afterCommit(call: AfterCommit): Awaitable<unknown> {
    return call();
  }

  script(sql: string): Promise<void> {
    return this.#turns.take(() => {
      this.#snapshot?.end();
      // Half a script cannot be tried again, so it waits for locks in place.
      this.#writer.exec(`PRAGMA busy_timeout = ${this.#busyTimeoutMs}`);
      try {
        this.#writer.exec(sql);
      } finally {
        if (this.#writer.isInTransaction) this.#writer.exec("ROLLBACK");
        this.#writer.ready();
      }
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#turns.take(() => {
      this.#snapshot?.end();
      if (this.#reader !== this.#writer) this.#reader.close();
      this.#writer.close();
    });
    return this.#closed;
  }

  /** The connection of a snapshot that is held: what reads meets no lock there, and is run as it is. */
  #held({ reads }: Statement): Connection | undefined {
    return reads && this.#snapshot?.isHeld ? this.#snapshot.connection : undefined;
  }

  #perform<T>(statement: Statement, attempt: (connection: Connection) => T): Awaitable<T> {
    // In memory there is one connection, which a transaction may hold.
    if (statement.reads && this.#snapshot)
      return patiently(this.#busyTimeoutMs, () => (this.#snapshot as Snapshot).read(attempt));
    const write = (): T => {
      this.#snapshot?.end();
      return attempt(this.#writer);
    };
    if (this.#turns.isFree) {
      try {
        return write();
      } catch (error) {
        if (!(error instanceof DatabaseBusy)) throw error;
      }
    }
    return this.#turns.take(() => patiently(this.#busyTimeoutMs, write));
  }
}

const controls = new Map<string, Statement>();

/** BEGIN and its like as statements, so that they too are prepared once. */
function control(sql: string): Statement {
  const known = controls.get(sql);
  if (known !== undefined) return known;
  const made = defineStatement(sql);
  controls.set(sql, made);
  return made;
}

/** Attempts at once; while another process holds the lock, again and again until the time is used up. */
function patiently<T>(timeoutMs: number, attempt: () => T): Awaitable<T> {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof DatabaseBusy)) throw error;
    return retry(timeoutMs, attempt);
  }
}

async function retry<T>(timeoutMs: number, attempt: () => T): Promise<T> {
  // What the attempts themselves wait is not counted: the bound protects the client, it need not be exact.
  for (let waitedMs = 0, pauseMs = 1; ; waitedMs += pauseMs, pauseMs = Math.min(pauseMs * 2, 16)) {
    await sleep(pauseMs);
    try {
      return attempt();
    } catch (error) {
      if (!(error instanceof DatabaseBusy) || waitedMs >= timeoutMs) throw error;
    }
  }
}
