/** What a database refuses, in the same words whichever database it was. */
import { DrfAuthError } from "../errors.ts";

export abstract class DatabaseError extends DrfAuthError {}

/** A value that must be unique is there already. */
export class UniqueViolation extends DatabaseError {
  readonly code = "unique";
  readonly table: string;
  /** The columns that are unique together. */
  readonly columns: readonly string[];
  constructor(table: string, columns: readonly string[], options?: ErrorOptions) {
    super(`${table}: ${columns.join(", ")} must be unique`, options);
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
}

/** The database cannot be reached, or took too long; nothing of the transaction was kept. */
export class DatabaseUnavailable extends DatabaseError {
  readonly code = "database_unavailable";
}
