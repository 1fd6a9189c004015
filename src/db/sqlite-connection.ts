/**
 * One connection to an SQLite file: prepared statements kept by identity, rows as arrays, errors in our words.
 *
 * `sqlite.ts` opens two of them, one that reads and one that writes. Everything here is synchronous: a statement takes
 * microseconds, a hop to another thread takes more.
 * Reference: node:sqlite; django.db.backends.sqlite3 (the `regexp` function).
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { SqlRow, SqlValue } from "./database.ts";
import { fromSqlite } from "./errors.ts";
import { matches, withinTime } from "./sqlite-patterns.ts";
import type { Statement } from "./statement.ts";

/** Statements kept a generation; twice as many may be prepared at a time. */
const KEPT = 500;

/** Milliseconds that a statement waits for a lock with the event loop standing still. */
const PATIENCE_MS = 2;

export class Connection {
  readonly #db: DatabaseSync;
  readonly #where: string;
  // Two generations keep what is used, without reordering on each use: a statement that is asked for moves to the new one.
  #kept = new Map<Statement, StatementSync>();
  #fading = new Map<Statement, StatementSync>();

  /**
   * @param waitMs  until which locks of other processes are waited for while opening
   * @throws DatabaseUnavailable
   */
  constructor(path: string, waitMs: number) {
    this.#where = path === ":memory:" ? "SQLite database in memory" : `SQLite database ${path}`;
    this.#db = this.#guarded(() => new DatabaseSync(path, { timeout: waitMs, returnArrays: true }));
    this.#db.function("regexp", { deterministic: true, varargs: false }, matches);
    this.exec("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY");
  }

  /** All is set up: from now on a lock is not waited for here but by the caller, who can do something else meanwhile. */
  ready(): void {
    this.exec(`PRAGMA busy_timeout = ${PATIENCE_MS}`);
  }

  get isInTransaction(): boolean {
    return this.#db.isOpen && this.#db.isTransaction;
  }

  all(statement: Statement, parameters: readonly SqlValue[]): readonly SqlRow[] {
    try {
      return this.#rows(statement, parameters);
    } catch (error) {
      throw fromSqlite(error, this.#where);
    }
  }

  get(statement: Statement, parameters: readonly SqlValue[]): SqlRow | undefined {
    // A statement that writes is run to its end, so that every row is written and RETURNING gives the first.
    if (!statement.reads) return this.all(statement, parameters)[0];
    try {
      const prepared = this.#prepared(statement);
      const values = bindable(parameters);
      return row(statement.matchesPatterns ? withinTime(() => prepared.get(...values)) : prepared.get(...values));
    } catch (error) {
      if (isTooLarge(error)) return this.all(statement, parameters)[0];
      throw fromSqlite(error, this.#where);
    }
  }

  run(statement: Statement, parameters: readonly SqlValue[]): number {
    return this.#guarded(() => Number(this.#prepared(statement).run(...bindable(parameters)).changes));
  }

  exec(sql: string): void {
    this.#guarded(() => this.#db.exec(sql));
  }

  close(): void {
    this.#kept.clear();
    this.#fading.clear();
    this.#db.close();
  }

  #rows(statement: Statement, parameters: readonly SqlValue[]): readonly SqlRow[] {
    const values = bindable(parameters);
    if (!statement.reads) return narrowed(this.#prepared(statement).all(...values));
    try {
      const prepared = this.#prepared(statement);
      return rows(statement.matchesPatterns ? withinTime(() => prepared.all(...values)) : prepared.all(...values));
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      return narrowed(this.#db.prepare(statement.sql, { readBigInts: true }).all(...values));
    }
  }

  #prepared(statement: Statement): StatementSync {
    return this.#kept.get(statement) ?? this.#prepare(statement);
  }

  #prepare(statement: Statement): StatementSync {
    // What writes cannot be run again when a number turns out too large, so it reads big integers from the start.
    const prepared =
      this.#fading.get(statement) ??
      this.#db.prepare(statement.sql, { readBigInts: !statement.reads, returnArrays: true });
    if (this.#kept.size >= KEPT) {
      this.#fading = this.#kept;
      this.#kept = new Map();
    }
    this.#kept.set(statement, prepared);
    return prepared;
  }

  #guarded<T>(attempt: () => T): T {
    try {
      return attempt();
    } catch (error) {
      throw fromSqlite(error, this.#where);
    }
  }
}

// The types of node:sqlite describe rows as objects; with `returnArrays` they are arrays.
const rows = (found: readonly unknown[]) => found as readonly SqlRow[];
const row = (found: unknown) => found as SqlRow | undefined;

const isTooLarge = (error: unknown) =>
  error instanceof RangeError && "code" in error && error.code === "ERR_OUT_OF_RANGE";

/** Rows read with big integers, where those that a number holds become numbers again, in place. */
function narrowed(found: readonly unknown[]): readonly SqlRow[] {
  const read = found as readonly unknown[][];
  for (const values of read)
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value !== "bigint") continue;
      const number = Number(value);
      if (Number.isSafeInteger(number)) values[i] = number;
    }
  return read;
}

/** Parameters as SQLite takes them. Whole numbers become integers: as a double, 5 in a text column would read "5.0". */
function bindable(parameters: readonly SqlValue[]): SQLInputValue[] {
  const values = new Array<SQLInputValue>(parameters.length);
  for (let i = 0; i < parameters.length; i++) {
    const value = parameters[i];
    if (typeof value === "number") values[i] = Number.isSafeInteger(value) ? BigInt(value) : value;
    else if (typeof value === "boolean") values[i] = value ? 1n : 0n;
    else if (value === undefined) throw new TypeError(`parameter ${i + 1} is undefined; expected a value or null`);
    else values[i] = value;
  }
  return values;
}
