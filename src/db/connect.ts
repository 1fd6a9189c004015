/**
 * From DATABASE_URL to an open database.
 *
 * Reference: dj-database-url (`sqlite:///relative`, `sqlite:////absolute`, `sqlite://:memory:`, `postgres://`, `postgresql://`).
 * Differs: anything else is refused, query parameters of an SQLite URL included, for nothing would read them.
 */
import { ConfigurationError } from "../errors.ts";
import type { Database } from "./database.ts";
import type { PostgresOptions } from "./postgres-options.ts";
import { urlForms } from "./postgres-url.ts";
import type { SqliteOptions } from "./sqlite.ts";

export interface ConnectOptions extends SqliteOptions, PostgresOptions {}

/**
 * Opens the database that a URL names.
 *
 * An SQLite file is opened at once; PostgreSQL is reached with the first statement, so a server may start before its database.
 * @throws ConfigurationError  not a URL of these forms; the message has no password
 * @throws DatabaseUnavailable  the SQLite file cannot be opened or written
 * @example
 * const database = await connect("sqlite:///db.sqlite3");
 */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Database> {
  // The driver of the other database is never loaded.
  if (/^postgres(ql)?:\/\//.test(url)) {
    const { openPostgres } = await import("./postgres.ts");
    return openPostgres(url, options);
  }
  const path = sqlitePath(url);
  if (path === undefined) throw new ConfigurationError("DATABASE_URL", `${urlForms}; got ${withoutSecrets(url)}`);
  const { openSqlite } = await import("./sqlite.ts");
  return openSqlite(path, options);
}

/** The file that an SQLite URL names, or `:memory:`; undefined where it is no such URL. */
export function sqlitePath(url: string): string | undefined {
  if (/^sqlite:\/\/\/?:memory:$/.test(url)) return ":memory:";
  const encoded = /^sqlite:\/\/\/([^?#]+)$/.exec(url)?.[1];
  if (encoded === undefined || encoded.endsWith("/")) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded; // a percent sign that stands for itself
  }
}

/** Only the scheme: in a URL that cannot be read, a password could be anywhere. */
function withoutSecrets(url: string): string {
  const scheme = /^[a-z][a-z0-9+]*:(?=\/\/)/i.exec(url)?.[0];
  if (url === "") return "nothing";
  return scheme === undefined ? "something without a scheme" : `a ${scheme} URL`;
}
