/**
 * An app for tests: its tables made straight from the declarations, served by the real server, with a clock that stands still.
 *
 *     const { client, user } = await startTestApp(app, await create());
 *     const alice = await user("alice");
 *     await client("POST", "/api/v1/snacks/", { json: { name: "Nuts" }, headers: alice.bearer });
 */
import { type App, appSettings, type RunningApp, startApp } from "../src/app.ts";
import { authMigrations, ensurePermissions, type NewUser } from "../src/auth/index.ts";
import { type Logger, readSettings, silentLogger } from "../src/config/index.ts";
import { type Database, isQuery, makeMigrations, migrate, type Values } from "../src/db/index.ts";
import type { Model } from "../src/model/index.ts";
import { insertRows } from "../src/project/rows.ts";
import { serveInProcess } from "../src/server/index.ts";
import type { TestDatabase } from "./databases.ts";
import { type Client, clientOf } from "./http-client.ts";

/** The time that the clock of a test app shows, until a test sets it. */
export const start = Date.UTC(2024, 5, 1, 12);

/** What a test app signs tokens and sessions with. */
export const secretKey = "a secret of tests, thirty-two characters";

export interface TestUser {
  readonly id: number;
  readonly username: string;
  readonly password: string;
  /** Headers that sign a request in. */
  readonly bearer: { readonly authorization: string };
}

export interface TestApp extends Pick<RunningApp, "database" | "users" | "endpoints"> {
  readonly client: Client;
  /** Milliseconds since 1970; assign to it to let time pass. */
  readonly clock: { now: number };
  /** What was logged as an error: empty where no answer was a 500. */
  readonly faults: unknown[];
  /** Makes an account, whose password is `<name>-pass`, and signs it in. */
  user(username: string, flags?: Partial<NewUser>): Promise<TestUser>;
  /** Inserts rows past the API. */
  insert(model: Model, rows: readonly Values[]): Promise<void>;
  /** Stops the server, and drops the database. */
  stop(): Promise<void>;
}

export interface TestAppOptions {
  /** Settings by key, stronger than those of the app. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** What the app is given in place of the database, e.g. one that counts statements. */
  readonly wrap?: (database: Database) => Database;
}

/** Makes the tables, starts the app, and serves it on a free port. */
export async function startTestApp(app: App, test: TestDatabase, options: TestAppOptions = {}): Promise<TestApp> {
  const clock = { now: start };
  const now = () => clock.now;
  const models = app.models.all.filter((model) => model.managed && !isQuery(model));
  await migrate(test.database, [...authMigrations, ...makeMigrations(authMigrations, models)], { now });
  await ensurePermissions(test.database, models);
  const faults: unknown[] = [];
  const log: Logger = { ...silentLogger, error: (message, fields) => faults.push(fields?.error ?? message) };
  const settings = readSettings(appSettings, {
    environment: { SECRET_KEY: secretKey },
    // One iteration: tests sign in often, and nobody attacks these passwords.
    defaults: { ...app.settings, passwordHasher: "pbkdf2_sha256", passwordIterations: 1, ...options.settings },
  });
  const database = options.wrap?.(test.database) ?? test.database;
  const running = await startApp(app, { settings, database, log, now });
  const server = await serveInProcess({
    ...{ listener: running.listener, optimizeEmptyRequests: running.optimizeEmptyRequests },
    ...{ host: "127.0.0.1", port: 0, keepAliveSeconds: 5, requestTimeoutSeconds: 30, drainSeconds: 1 },
  });
  const client = clientOf(server.url);
  return {
    ...{ client, clock, faults, database, users: running.users, endpoints: running.endpoints },
    async user(username, flags) {
      const password = `${username}-pass`;
      const id = await running.users.create({ username, password, ...flags });
      const { json, status } = await client("POST", "/api/token/", { json: { username, password } });
      if (status !== 200) throw new Error(`expected ${username} to be signed in, got ${status}`);
      return { id, username, password, bearer: { authorization: `Bearer ${json.access}` } };
    },
    insert: (model, rows) => insertRows(app.models, test.database, model, rows, clock.now),
    async stop() {
      await server.close();
      await test.drop();
    },
  };
}
