/**
 * Every database that drf-auth runs on, for tests that must hold on each.
 *
 *     for (const { name, create } of databases) {
 *       describe(name, () => { … const { database, drop } = await create(); … });
 *     }
 */
import { createDatabase, type ThrowAwayDatabase } from "../src/testing/database.ts";
import { startPostgres } from "./postgres.ts";

export type TestDatabase = ThrowAwayDatabase;

/** A kind of database; each `create()` gives an empty one of its own. `url()` names one where others can be made. */
export const databases: readonly {
  readonly name: string;
  create(): Promise<TestDatabase>;
  url(): Promise<string | undefined>;
}[] = [
  { name: "SQLite", create: () => createDatabase(), url: async () => undefined },
  { name: "PostgreSQL", create: async () => createDatabase(await serverUrl()), url: serverUrl },
];

let ownServer: Promise<string> | undefined;

/** The server of the global setup; a test file that runs without it starts one for itself. */
async function serverUrl(): Promise<string> {
  ownServer ??= process.env.TEST_POSTGRES_URL
    ? Promise.resolve(process.env.TEST_POSTGRES_URL)
    : startPostgres().then((server) => server.url);
  return ownServer;
}
