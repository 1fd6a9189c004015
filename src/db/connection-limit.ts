/** How many connections a PostgreSQL server takes of this user, be it from one process or from all of them together. */
import type { Database } from "./database.ts";
import { defineStatement } from "./statement.ts";

const limits = defineStatement(
  `SELECT CASE WHEN rolsuper THEN 0 ELSE current_setting('superuser_reserved_connections')::integer END,
     current_setting('max_connections')::integer,
     (SELECT datconnlimit FROM pg_database WHERE datname = current_database()), rolconnlimit
   FROM pg_roles WHERE rolname = current_user`,
  true,
);

/** The least of the limits of server, database and user; undefined where there is none, as for SQLite. */
export async function connectionLimit(database: Database): Promise<number | undefined> {
  if (database.dialect !== "postgres") return undefined;
  const [reserved = 0, ofServer = 0, ...others] = ((await database.get(limits)) ?? []).map(Number);
  // -1 stands for none.
  return Math.min(ofServer - reserved, ...others.filter((limit) => limit >= 0));
}
