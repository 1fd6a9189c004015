/**
 * An app for tests of our own: what `drf-auth/testing` starts, on a database of `databases.ts`.
 *
 *     const { client, user } = await startTestApp(app, await create());
 *     const alice = await user("alice");
 *     await client("POST", "/api/v1/snacks/", { json: { name: "Nuts" }, headers: alice.bearer });
 */
import type { App, RunningApp } from "../src/app/index.ts";
import type { LogFields } from "../src/config/index.ts";
import type { Database, Values } from "../src/db/index.ts";
import type { Model } from "../src/model/index.ts";
import { secretOfTests, serveTest, startOfClock, type Test } from "../src/testing/test-app.ts";
import type { TestDatabase } from "./databases.ts";
import type { Client } from "./http-client.ts";

export type { TestUser } from "../src/testing/index.ts";

/** The time that the clock of a test app shows, until a test sets it. */
export const start = startOfClock;

/** What a test app signs tokens and sessions with. */
export const secretKey = secretOfTests;

export interface TestApp
  extends Pick<RunningApp, "listener" | "users" | "endpoints" | "cleaner">,
    Pick<Test, "database" | "clock" | "faults" | "user" | "settled" | "stop"> {
  readonly client: Client;
  /** What was logged as a warning, with its message. */
  readonly warnings: readonly LogFields[];
  /** Inserts rows past the API. */
  insert(model: Model, rows: readonly Values[]): Promise<unknown>;
}

export interface TestAppOptions {
  /** Settings by key, stronger than those of the app. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** What the app is given in place of the database, e.g. one that counts statements. */
  readonly wrap?: (database: Database) => Database;
  /** Proxies that are believed (default: none). */
  readonly trustedProxies?: readonly string[];
}

/** Makes the tables, starts the app, and serves it on a free port. */
export const startTestApp = (app: App, test: TestDatabase, options: TestAppOptions = {}): Promise<TestApp> =>
  serveTest(app, test, { ...options, tables: "managed" });
