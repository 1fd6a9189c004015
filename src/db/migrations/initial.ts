/**
 * The first migration of a label whose tables are there already: made by hand, or by what ran before.
 *
 * Reference: `detect_soft_applied` of django.db.migrations.executor.MigrationExecutor.
 */
import type { Dialect, Executor } from "../database.ts";
import { defineStatement } from "../statement.ts";
import type { Migration } from "./migration.ts";

const findTable: Record<Dialect, string> = {
  sqlite: "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND lower(name) = lower(?)",
  postgres: "SELECT 1 FROM pg_class WHERE oid = to_regclass(quote_ident($1))",
};

/** Tells whether a migration is the first of its label, makes tables, and all of them are there. */
export async function hasTablesOf(
  database: Executor,
  { label, dependencies, name, operations }: Migration,
): Promise<boolean> {
  if (!name.startsWith("0001_") || dependencies.some(([other]) => other === label)) return false;
  const tables = operations.flatMap((operation) =>
    operation.kind === "createModel" && operation.declaration.managed ? [operation.declaration.table] : [],
  );
  const statement = defineStatement(findTable[database.dialect], true);
  for (const table of tables) if (!(await database.get(statement, [table]))) return false;
  return tables.length > 0;
}
