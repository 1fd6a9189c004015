/** What goes wrong while migrations are applied. What is wrong with their files is a `ConfigurationError`. */
import { DrfAuthError } from "../../errors.ts";
import { type Migration, placeOf } from "./migration.ts";

/** A migration could not be applied or undone; nothing of it was kept, those before it were. */
export class MigrationFailed extends DrfAuthError {
  readonly code = "migration_failed";
  readonly migration: Migration;
  /** @param where  the operation in words, or what else was being done */
  constructor(migration: Migration, where: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${placeOf(migration)} failed at ${where}, and nothing of it was kept: ${reason}`, { cause });
    this.migration = migration;
  }
}

/** The database's record of migrations does not fit the migrations that are there. */
export class InconsistentHistory extends DrfAuthError {
  readonly code = "inconsistent_history";
}
