/**
 * Every database that drf-auth runs on, for tests that must hold on each.
 *
 *     for (const { name, create } of databases) {
 *       describe(name, () => { … const { database, drop } = await create(); … });
 *     }
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Database } from "../src/db/index.ts";
import { startPostgres } from "./postgres.ts";

export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  /** Closes and removes it. */
  drop(): Promise<void>;
}

/** A kind of database; each `create()` gives an empty one of its own. */
export const databases: readonly { readonly name: string; create(): Promise<TestDatabase> }[] = [
  { name: "SQLite", create: createSqlite },
  { name: "PostgreSQL", create: createPostgres },
];

async function createSqlite(): Promise<TestDatabase> {
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

let ownServer: Promise<string> | undefined;

/** The server of the global setup; a test file that runs without it starts one for itself. */
async function serverUrl(): Promise<string> {
  ownServer ??= process.env.TEST_POSTGRES_URL
    ? Promise.resolve(process.env.TEST_POSTGRES_URL)
    : startPostgres().then((server) => server.url);
  return ownServer;
}

async function createPostgres(): Promise<TestDatabase> {
  const server = await serverUrl();
  const name = `test_${randomBytes(6).toString("hex")}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await administer(server, `CREATE DATABASE ${name} TEMPLATE template0`);
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
