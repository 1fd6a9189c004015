/**
 * What the rest of the project asks of a database: run a prepared statement, hold a transaction, close.
 *
 * Two implementations, `sqlite.ts` and `postgres.ts`; `connect.ts` chooses by the URL. Rows are arrays in the order of the
 * selected columns: their reader was compiled with the statement (`selection.ts`), so no name is looked up per row.
 */
import type { Measurement } from "../config/index.ts";
import type { Statement } from "./statement.ts";

export type Dialect = "sqlite" | "postgres";

/** What a driver takes as a parameter; booleans and times are in column format already (`formats.ts`). */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array;

/** A row as the driver returns it, one entry a selected column. */
export type SqlRow = readonly unknown[];

/** A value now or later: the embedded database answers at once, a server does not. Always `await` it. */
export type Awaitable<T> = T | Promise<T>;

/** Goes on with a value: at once where it is there, which spares a promise on the way of every request; else when it comes. */
export const after = <T, R>(value: Awaitable<T>, use: (value: T) => Awaitable<R>): Awaitable<R> =>
  value instanceof Promise ? value.then(use) : use(value);

/**
 * What one transaction sees of others that run at the same time, from least to most kept apart. PostgreSQL gives what is asked for
 * (default: what the server is set to, read committed); SQLite, which has one writer, always gives `serializable`.
 */
export type Isolation = "read committed" | "repeatable read" | "serializable";

export interface TransactionOptions {
  readonly isolation?: Isolation;
  /** What writes is an error; on SQLite other processes may then write meanwhile (default false). */
  readonly readOnly?: boolean;
}

/** What is done when a transaction is kept. */
export type AfterCommit = () => Awaitable<unknown>;

/** Runs statements: the database itself, or one transaction of it. */
export interface Executor {
  readonly dialect: Dialect;
  /** Every row. */
  all(statement: Statement, parameters?: readonly SqlValue[]): Awaitable<readonly SqlRow[]>;
  /** The first row, or undefined. */
  get(statement: Statement, parameters?: readonly SqlValue[]): Awaitable<SqlRow | undefined>;
  /** Number of rows written. */
  run(statement: Statement, parameters?: readonly SqlValue[]): Awaitable<number>;
  /**
   * Runs `work` in a transaction: all of it is kept, or, if it throws, none. Inside a transaction it is a savepoint.
   * Statements of other requests never end up in it.
   * @throws TypeError  options for a savepoint: how a transaction is, is said where it begins
   */
  transaction<T>(work: (transaction: Executor) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Has something done when the outermost transaction is committed, in the order of asking and outside of it; never where it, or the
   * savepoint around this call, is rolled back. Outside of a transaction it is done at once.
   */
  afterCommit(call: AfterCommit): Awaitable<unknown>;
}

/**
 * An open database.
 *
 * Every method rejects with `UniqueViolation`, `ForeignKeyViolation`, `NotNullViolation`, `CheckViolation` or
 * `DatabaseUnavailable` (`errors.ts`) where the driver's error means that, with the driver's error as `cause`.
 */
export interface Database extends Executor {
  /** Runs DDL or a script of several statements, without parameters. */
  script(sql: string): Promise<void>;
  /** How busy its connections are, for the metrics; nothing where there are none. */
  measure?(): readonly Measurement[];
  /** Waits for what is running, then closes. Calling it twice does nothing. */
  close(): Promise<void>;
}
