/**
 * What a database refuses, in the same words whichever database it was.
 *
 * `sqlite.ts` and `postgres.ts` pass every error of their driver through `fromSqlite` and `fromPostgres`; what has no meaning
 * here (a syntax error, say) stays as it is.
 * Reference: the result codes of SQLite (sqlite.org/rescode.html), appendix A of the PostgreSQL manual (SQLSTATE).
 * Values that a statement carried never reach a message: `Key (email)=(…)` gives the column, not what was in it.
 */
import { DrfAuthError } from "../errors.ts";

export abstract class DatabaseError extends DrfAuthError {}

/** A value that must be unique is there already. */
export class UniqueViolation extends DatabaseError {
  readonly code = "unique";
  /** The table; of a unique index on an expression SQLite tells only the index, which then stands here. */
  readonly table: string;
  /** The columns that are unique together; none where the database did not tell. */
  readonly columns: readonly string[];
  constructor(table: string, columns: readonly string[], options?: ErrorOptions) {
    super(`${table}: ${columns.join(", ") || "a value"} must be unique`, options);
    this.table = table;
    this.columns = columns;
  }
}

/** A row points at a row that is not there, or a row that others point at was to go. */
export class ForeignKeyViolation extends DatabaseError {
  readonly code = "foreign_key";
}

/** A column that must have a value was given none. */
export class NotNullViolation extends DatabaseError {
  readonly code = "not_null";
}

/** A value is outside what the column's CHECK, type or length allows. */
export class CheckViolation extends DatabaseError {
  readonly code = "check";
  /** The name of the rule that was broken, where it is one. */
  readonly constraint: string | undefined;
  constructor(message: string, options?: ErrorOptions & { readonly constraint?: string }) {
    super(message, options);
    this.constraint = options?.constraint;
  }
}

/** A pattern is not a regular expression of this database. */
export class InvalidPattern extends DatabaseError {
  readonly code = "invalid_pattern";
}

/** The database cannot be reached, or took too long; nothing of the transaction was kept, but for `OutcomeUnknown`. */
export class DatabaseUnavailable extends DatabaseError {
  readonly code: string = "database_unavailable";
}

/** The connection was lost while a write was being committed: all of it was kept or nothing, and nobody here knows which. */
export class OutcomeUnknown extends DatabaseUnavailable {
  override readonly code = "outcome_unknown";
}

/** Two transactions waited for each other and this one was given up; running it again is all it needs. */
export class TransactionConflict extends DatabaseUnavailable {}

/** Another process holds the lock of an SQLite file; the driver tries again before anyone sees this. */
export class DatabaseBusy extends DatabaseUnavailable {}

/** A prepared statement of PostgreSQL no longer fits its tables; it did nothing, and the driver prepares it again. */
export class StaleStatement extends DatabaseUnavailable {}

/** The value of a property that only some errors have. */
function property(error: unknown, name: string): unknown {
  return typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined;
}

/** Primary result codes that mean the file is out of reach, not that the statement is wrong. */
const sqliteUnavailable = new Set([5, 8, 10, 11, 13, 14, 15, 22, 26]);

/**
 * What an error of node:sqlite means.
 * @param where  the database in a person's words, e.g. `SQLite database /srv/db.sqlite3`
 */
export function fromSqlite(error: unknown, where: string): unknown {
  const options = { cause: error };
  if (property(error, "code") === "ERR_INVALID_STATE") return new DatabaseUnavailable(`${where} is closed`, options);
  const result = property(error, "errcode");
  if (typeof result !== "number" || !(error instanceof Error)) return error;
  // "UNIQUE constraint failed: book.title, book.author_id", "NOT NULL constraint failed: book.title"
  const subject = error.message.slice(error.message.indexOf(": ") + 2);
  switch (result) {
    case 1555: // primary key
    case 2067: // unique
    case 2579: // rowid
      return sqliteUnique(subject, options);
    case 787:
      return new ForeignKeyViolation("a row points at a row that is not there", options);
    case 1299:
      return new NotNullViolation(`${subject} must have a value`, options);
    case 275: // check
    case 3091: // the type, of a STRICT table
      return new CheckViolation(`a value is not allowed: ${subject}`, { ...options, constraint: subject });
  }
  if (!sqliteUnavailable.has(result & 0xff)) return error;
  const Unavailable = (result & 0xff) === 5 ? DatabaseBusy : DatabaseUnavailable;
  return new Unavailable(`${where}: ${error.message}`, options);
}

function sqliteUnique(subject: string, options: ErrorOptions): UniqueViolation {
  const index = /^index '(.*)'$/.exec(subject)?.[1];
  if (index !== undefined) return new UniqueViolation(index, [], options);
  const columns = subject.split(", ").map((column) => column.split("."));
  return new UniqueViolation(
    columns[0]?.[0] ?? "",
    columns.map((path) => path.slice(1).join(".")),
    options,
  );
}

/** Classes (two characters) and codes (five) that mean the server is out of reach, overloaded, or gave the statement up. */
const postgresUnavailable = /^(08|28|40|53|57|58)|^(25006|25P03|25P04|3D000|55P03)/;

/**
 * What an error means that ended a COMMIT, or a write outside of a transaction: whether the server told that it was given up, or what
 * became of it is unknown.
 */
export function outcomeOf(error: unknown): unknown {
  if (
    !(error instanceof DatabaseUnavailable) ||
    error instanceof TransactionConflict ||
    error instanceof StaleStatement
  )
    return error;
  const { cause } = error;
  const state = property(cause, "severity") === undefined ? "" : String(property(cause, "code"));
  // Of 57P01 (the server is stopped) and its like nobody knows whether it came before the commit or after.
  const isTold = state !== "" && !/^(08|57P)/.test(state);
  return isTold || isUnsent(cause) ? error : new OutcomeUnknown(error.message, { cause });
}

/**
 * Whether a connection ended with, or before, what was asked on it; so that what only reads can be asked on another. Not where the
 * server says that it ended it (57P01): who ends a statement that takes too much does not want it again.
 */
export function isLost(error: unknown): boolean {
  const cause = error instanceof DatabaseUnavailable ? error.cause : undefined;
  return (
    cause instanceof Error &&
    (isUnsent(cause) ||
      cause.message.startsWith("Connection terminated") ||
      ["ECONNRESET", "EPIPE"].includes(String(property(cause, "code"))))
  );
}

const isUnsent = (cause: unknown): boolean => cause instanceof Error && cause.message.endsWith("is not queryable");

/** Errors that `pg` makes itself: they have a sentence and no code. */
const connectionLost = /^(Connection terminated|Client (has|was)|Query read timeout|timeout |Cannot use a pool)/;

/**
 * What an error of `pg` means.
 * @param where  the database in a person's words, without the password
 */
export function fromPostgres(error: unknown, where: string): unknown {
  if (!(error instanceof Error) || error instanceof DrfAuthError) return error;
  const state = property(error, "code");
  const isState = typeof state === "string" && /^[0-9A-Z]{5}$/.test(state) && property(error, "severity") !== undefined;
  if (!isState) {
    const isLost =
      typeof property(error, "syscall") === "string" || typeof state === "string" || connectionLost.test(error.message);
    return isLost ? new DatabaseUnavailable(`${where}: ${error.message || state}`, { cause: error }) : error;
  }
  const table = String(property(error, "table") ?? "");
  const columns = /\((.+?)\)=\(/.exec(String(property(error, "detail") ?? ""))?.[1];
  // What depends on a table or column is named here alone.
  if (state === "2BP01") error.message += `: ${String(property(error, "detail")).replaceAll("\n", ", ")}`;
  // These carry the values of the row, and errors end up in logs.
  for (const name of ["detail", "where", "internalQuery"]) Reflect.deleteProperty(error, name);
  const options = { cause: error };
  if (state === "23505") {
    return new UniqueViolation(table, columns?.split(", ").map((column) => column.replaceAll('"', "")) ?? [], options);
  }
  // 23001 is what newer servers say of ON DELETE RESTRICT.
  if (state === "23503" || state === "23001")
    return new ForeignKeyViolation(`${table}: a row points at a row that is not there`, options);
  if (state === "23502")
    return new NotNullViolation(`${table}.${property(error, "column")} must have a value`, options);
  // 23P01: a constraint that excludes, such as of spans that overlap.
  if (state === "23514" || state === "23P01")
    return new CheckViolation(`${table}: a value is not allowed: ${property(error, "constraint")}`, {
      ...options,
      constraint: String(property(error, "constraint")),
    });
  // The messages of class 22 quote the value, so the error itself is left out.
  if (state === "2201B") return new InvalidPattern("expected a regular expression of PostgreSQL");
  // 54000: among others a text that is longer than an index takes.
  if (state.startsWith("22") || state === "54000")
    return new CheckViolation(`a value is outside what its column can hold (SQLSTATE ${state})`);
  if (state === "26000" || property(error, "routine") === "RevalidateCachedQuery") {
    return new StaleStatement(`${where}: ${error.message}`, options);
  }
  if (state === "42P05") {
    const hint = "a pooler that lends connections by the transaction needs DATABASE_POOL_MODE=transaction";
    return new DatabaseUnavailable(`${where}: ${error.message}; ${hint}`, options);
  }
  if (state.startsWith("40")) return new TransactionConflict(`${where}: ${error.message}`, options);
  return postgresUnavailable.test(state) ? new DatabaseUnavailable(`${where}: ${error.message}`, options) : error;
}
