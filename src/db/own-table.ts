/**
 * Tables of the framework's own that stand beside migrations: made when the app starts, since a database that somebody else
 * migrated has none.
 */
import type { Database, Dialect } from "./database.ts";

/** Runs in one transaction with what follows it. Of two that make a table at once PostgreSQL lets one fail; so the second waits. */
const lock: Record<Dialect, string> = {
  sqlite: "",
  postgres: "SELECT pg_advisory_xact_lock(4738112907);",
};

/** Makes a table where it is missing. @param definition  `CREATE TABLE IF NOT EXISTS` and its indexes, for either database */
export const createOwnTable = (database: Database, definition: string): Promise<void> =>
  database.script(`${lock[database.dialect]} ${definition}`);
