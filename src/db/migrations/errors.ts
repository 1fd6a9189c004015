/** What goes wrong while migrations are applied. What is wrong with their files is a `ConfigurationError`. */
import { DrfAuthError } from "../../errors.ts";
import { type Migration, placeOf } from "./migration.ts";

/**
 * A migration could not be applied or undone; those before it were. Nothing of it was kept, but where it is no single
 * transaction: then what was done stays, and the next run goes on from there.
 */
export class MigrationFailed extends DrfAuthError {
  readonly code = "migration_failed";
  readonly migration: Migration;
  /** @param where  the operation in words, or what else was being done */
  constructor(migration: Migration, where: string, cause: unknown, inSteps = false) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const kept = inSteps
      ? "what came before that is kept, and the next run goes on from there"
      : "nothing of it was kept";
    super(`${placeOf(migration)} failed at ${where}, and ${kept}: ${reason}`, { cause });
    this.migration = migration;
  }
}

/** The database's record of migrations does not fit the migrations that are there. */
export class InconsistentHistory extends DrfAuthError {
  readonly code = "inconsistent_history";
}
