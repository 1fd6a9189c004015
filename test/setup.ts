/** What all tests share, set up once: `node --test --test-global-setup=test/setup.ts`. */
import { type PostgresServer, startPostgres } from "./postgres.ts";

let server: PostgresServer | undefined;

/** Starts PostgreSQL, unless TEST_POSTGRES_URL names one that may create databases. */
export async function globalSetup(): Promise<void> {
  if (process.env.TEST_POSTGRES_URL) return;
  server = await startPostgres();
  process.env.TEST_POSTGRES_URL = server.url;
}

export async function globalTeardown(): Promise<void> {
  await server?.stop();
}
