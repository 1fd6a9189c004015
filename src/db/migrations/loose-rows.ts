/**
 * Rows of SQLite that pointed at nothing before a migration: written while nobody looked, they are found when their table is made again.
 *
 * Reference: sqlite.org/pragma.html#pragma_foreign_key_check; `check_constraints` of Django's SQLite backend.
 */
import type { Database } from "../database.ts";
import { ForeignKeyViolation } from "../errors.ts";
import { defineStatement } from "../statement.ts";

const findLoose = defineStatement(`SELECT "table", rowid, parent FROM pragma_foreign_key_check LIMIT 3`, true);

/** The error, with such rows in its sentence. Called when the migration was taken back. */
export async function looseRowsExplained(database: Database, error: unknown): Promise<unknown> {
  if (!(error instanceof ForeignKeyViolation) || database.dialect !== "sqlite") return error;
  const rows = await database.all(findLoose);
  if (rows.length === 0) return error;
  const places = rows.map(([table, row, parent]) => `row ${row} of ${table} at ${parent}`).join(", ");
  return new ForeignKeyViolation(
    `rows pointed at nothing before it, and have to be mended or deleted first: ${places}`,
    {
      cause: error,
    },
  );
}
