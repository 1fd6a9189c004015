/** What all tests share, set up once: `node --test --test-global-setup=test/setup.ts`. */
import { resolve } from "node:path";
import { type PostgresServer, startPostgres } from "./postgres.ts";

let server: PostgresServer | undefined;

/**
 * Starts PostgreSQL, unless TEST_POSTGRES_URL names one that may create databases. Keeps what Node compiles, which every test file and
 * every server that a test starts would compile again: half of their start.
 */
export async function globalSetup(): Promise<void> {
  process.env.NODE_COMPILE_CACHE ??= resolve(import.meta.dirname, "../node_modules/.cache/compile");
  if (process.env.TEST_POSTGRES_URL) return;
  server = await startPostgres();
  process.env.TEST_POSTGRES_URL = server.url;
}

export async function globalTeardown(): Promise<void> {
  await server?.stop();
}
