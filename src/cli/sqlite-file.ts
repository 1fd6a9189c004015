/** The file of a project's database, for commands that copy files: SQLite's alone. */
import { sqlitePath } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";

/**
 * @param instead  what does the same for PostgreSQL
 * @throws ConfigurationError  the database is no SQLite file
 */
export function sqliteFileOf(databaseUrl: string, command: string, instead: string): string {
  const path = sqlitePath(databaseUrl);
  if (path === undefined)
    throw new ConfigurationError(
      "DATABASE_URL",
      `is PostgreSQL, and ${command} copies SQLite files; use its own: ${instead}`,
    );
  if (path === ":memory:") throw new ConfigurationError("DATABASE_URL", "is in memory; there is no file to copy");
  return path;
}
