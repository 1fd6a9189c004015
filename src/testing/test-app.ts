/**
 * An app for tests: its tables made straight from the declarations, served by the real server, with a clock that stands still.
 * Reference: django.test.TestCase and rest_framework.test.APIClient.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, appSettings, keepsFiles, type RunningApp, startApp } from "../app/index.ts";
import { authMigrations, ensurePermissions, type NewUser, User } from "../auth/index.ts";
import { type LogFields, type Logger, readSettings, silentLogger } from "../config/index.ts";
import { type Database, isQuery, makeMigrations, migrate } from "../db/index.ts";
import type { Model, RowOf } from "../model/index.ts";
import { insertRows } from "../project/index.ts";
import { serveInProcess } from "../server/index.ts";
import { type Client, clientOf } from "./client.ts";
import { createDatabase, type ThrowAwayDatabase } from "./database.ts";

/** The time that the clock of a test shows, until it is set: noon of 1 June 2024, UTC. */
export const startOfClock = Date.UTC(2024, 5, 1, 12);

/** What an account may have besides its name. */
export interface UserFlags extends Partial<NewUser> {
  /** False: it signs in, and is switched off after that (default true). */
  readonly is_active?: boolean;
}

export interface TestUser {
  readonly id: number;
  readonly username: string;
  readonly password: string;
  /** Headers that sign a request in. */
  readonly bearer: { readonly authorization: string };
  /** A client whose requests are signed in. */
  readonly client: Client;
}

export interface Test extends Pick<RunningApp, "database" | "settled"> {
  /** Asks as nobody in particular. */
  readonly client: Client;
  /** Milliseconds since 1970; assign to it to let time pass. */
  readonly clock: { now: number };
  /** What was logged as an error: empty where no answer was a 500. */
  readonly faults: unknown[];
  /** Makes an account, whose password is `<name>-pass`, and signs it in. */
  user(username: string, flags?: UserFlags): Promise<TestUser>;
  /** Inserts rows past the API and returns their keys; sets what the server sets, but validates nothing. */
  insert<M extends Model>(model: M, rows: readonly Partial<RowOf<M>>[]): Promise<readonly unknown[]>;
  /** Stops the server, and removes the database. */
  stop(): Promise<void>;
}

export interface TestOptions {
  /** A database on the PostgreSQL server where the throw-away one is made (default: an SQLite file in a temporary directory). */
  readonly databaseUrl?: string;
  /** Settings by key, stronger than those of the app. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/**
 * Starts an app in this process, on an empty database that has its tables, behind the real server on a free port. Tables that are
 * somebody else's (`managed: false`) are made as well: here nobody else makes them. The environment is not read; tokens stay valid for
 * as long as a test goes, unless the app's settings say otherwise.
 *
 * @param app  the default export of the app file
 * @throws ConfigurationError  a declaration or a setting is wrong
 * @example
 * const test = await startTest(app);
 * const alice = await test.user("alice");
 * const { status } = await alice.client("POST", "/api/v1/snacks/", { json: { name: "nuts" } });
 * await test.stop();
 */
export async function startTest(app: App, options: TestOptions = {}): Promise<Test> {
  const database = await createDatabase(options.databaseUrl);
  const settings = { accessLifetimeSeconds: longSeconds, ...app.settings, ...options.settings };
  return serveTest(app, database, { settings, tables: "all" });
}

/** What an app in tests signs tokens and sessions with. */
export const secretOfTests = "a secret of tests, thirty-two characters";

/** A century: who lets time pass need not sign in again, unless the app says how long tokens are valid. */
const longSeconds = 100 * 365 * 86_400;

/** One iteration: tests sign in often, and nobody attacks these passwords. What was found of a token would not age: the clock stands still. */
const ofTests = { passwordHasher: "pbkdf2_sha256", passwordIterations: 1, tokenCheckSeconds: 0 };

export interface ServeTestOptions extends Pick<TestOptions, "settings"> {
  /** Whose tables are made: those of every model, or those that migrations make. */
  readonly tables: "all" | "managed";
  /** What the app is given in place of the database, e.g. one that counts statements. */
  readonly wrap?: (database: Database) => Database;
  /** Proxies that are believed (default: none). */
  readonly trustedProxies?: readonly string[];
}

/** The same on a database that is there; it is dropped with the test, also where it does not start. */
export async function serveTest(
  app: App,
  { database, drop }: ThrowAwayDatabase,
  { settings, tables, wrap, trustedProxies = [] }: ServeTestOptions,
): Promise<
  Test &
    Pick<RunningApp, "listener" | "users" | "endpoints" | "services" | "cleaner"> & {
      readonly warnings: readonly LogFields[];
    }
> {
  const clock = { now: startOfClock };
  const now = () => clock.now;
  const faults: unknown[] = [];
  /** A folder for files, where none was set. */
  let files: string | undefined;
  const forget = async () => {
    if (files !== undefined) await rm(files, { recursive: true, force: true });
    await drop();
  };
  const warnings: LogFields[] = [];
  const log: Logger = {
    ...silentLogger,
    warning: (message, fields) => warnings.push({ message, ...fields }),
    error: (message, fields) => faults.push(fields?.error ?? message),
  };
  const start = async () => {
    const models = app.models.all.filter((model) => !isQuery(model));
    const managed = models.filter((model) => model.managed);
    // Here those of others are ours to make.
    const made = tables === "all" ? models.map((model) => ({ ...model, managed: true })) : managed;
    await migrate(database, [...authMigrations, ...makeMigrations(authMigrations, made)], { now });
    await ensurePermissions(database, managed);
    const values = readSettings(appSettings, {
      environment: { SECRET_KEY: secretOfTests },
      defaults: { ...app.settings, ...ofTests, ...settings },
    });
    if (values.mediaRoot === "" && keepsFiles(app)) files = await mkdtemp(join(tmpdir(), "drf-auth-media-"));
    const running = await startApp(app, {
      settings: { ...values, trustedProxies, mediaRoot: files ?? values.mediaRoot },
      database: wrap?.(database) ?? database,
      log,
      now,
    });
    const server = await serveInProcess({
      ...{ listener: running.listener, held: running.held, optimizeEmptyRequests: running.optimizeEmptyRequests },
      ...{ host: "127.0.0.1", port: 0, keepAliveSeconds: 5, requestTimeoutSeconds: 30, drainSeconds: 1 },
    });
    return { running, server };
  };
  const { running, server } = await start().catch(async (error) => {
    await forget();
    throw error;
  });
  const { listener, users, endpoints, services, cleaner } = running;
  const client = clientOf(server.url);
  return {
    ...{ client, clock, faults, database: running.database, users, endpoints, services, cleaner, warnings },
    listener,
    settled: running.settled,
    async user(username, { is_active = true, ...flags } = {}) {
      const password = flags.password ?? `${username}-pass`;
      const id = await users.create({ username, ...flags, password });
      const { json, status } = await client<{ access: string }>("POST", "/api/token/", {
        json: { username, password },
      });
      if (status !== 200) throw new Error(`expected ${username} to be signed in, got ${status}`);
      if (!is_active) await services.store(User).update(database, id, { is_active });
      const bearer = { authorization: `Bearer ${json.access}` };
      return { id, username, password, bearer, client: clientOf(server.url, bearer) };
    },
    insert: (model, rows) => insertRows(app.models, database, model, rows, clock.now),
    async stop() {
      await server.close();
      await running.settled();
      await forget();
    },
  };
}
