/**
 * Throw-away databases: made for one test, empty, and removed with it.
 *
 * No database that is there already is touched: on PostgreSQL a new one is made beside the one that the URL names, on SQLite a new
 * file in a temporary directory.
 * Reference: django.test.utils.setup_databases.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Database, sqlitePath } from "../db/index.ts";

export interface ThrowAwayDatabase {
  readonly url: string;
  readonly database: Database;
  /** Closes and removes it. */
  drop(): Promise<void>;
}

/**
 * Makes an empty database.
 * @param url  a database on the PostgreSQL server to make it on (default: SQLite)
 */
export function createDatabase(url?: string): Promise<ThrowAwayDatabase> {
  return url === undefined || sqlitePath(url) !== undefined ? createSqlite() : createPostgres(url);
}

async function createSqlite(): Promise<ThrowAwayDatabase> {
  const directory = await mkdtemp(join(tmpdir(), "drf-auth-sqlite-"));
  const url = `sqlite:///${join(directory, "db.sqlite3")}`;
  const database = await connect(url);
  return {
    url,
    database,
    async drop() {
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function createPostgres(server: string): Promise<ThrowAwayDatabase> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await administer(server, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = await connect(url.href);
  return {
    url: url.href,
    database,
    async drop() {
      await database.close();
      await administer(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function administer(server: string, sql: string): Promise<void> {
  const database = await connect(server, { maxConnections: 1 });
  await database.script(sql).finally(() => database.close());
}
