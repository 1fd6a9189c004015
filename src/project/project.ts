/**
 * A project: an app file, the migrations beside it, and the settings that it runs with.
 *
 * `openProject` only reads; what changes something are the methods, each of which opens and closes what it needs. The commands
 * are made of them, and so is a start script of one's own.
 */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type App, type RunningApp, type StartOptions, startApp, staticSourcesOf } from "../app/index.ts";
import { createCleaner, type Expired } from "../auth/index.ts";
import { readSettings, silentLogger } from "../config/index.ts";
import {
  checkForeignTables,
  connect,
  connectOptionsOf,
  type Database,
  type MakeOptions,
  type Migration,
  type PlannedMigration,
  type Recorded,
  sqlitePath,
  unhurried,
  writeMigration,
} from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { Model, RowOf } from "../model/index.ts";
import type { Work } from "../resource/index.ts";
import { type CollectResult, collect, pathOf, upload } from "../static/index.ts";
import { loadApp } from "./app-file.ts";
import { writingInto } from "./folders.ts";
import { createLogs } from "./logs.ts";
import {
  type MigrateAppOptions,
  makeMigrationsOf,
  migrateApp,
  migrationsOf,
  planAt,
  recordedAt,
} from "./migrations.ts";
import { insertRows } from "./rows.ts";
import { secretKeyOf } from "./secret-key.ts";
import { type ServeOptions, serve } from "./serve.ts";
import { type ProjectSettings, projectSettings } from "./settings.ts";
import { workOutside } from "./work.ts";

export interface ProjectOptions {
  /** Variables by name, as `process.env` has them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Flags that stand for settings, by name without dashes; stronger than the environment. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970 (default: the system's clock). */
  readonly now?: () => number;
}

export interface Project {
  /** Absolute path of the app file. */
  readonly file: string;
  readonly app: App;
  readonly settings: ProjectSettings;
  /** As they were given; workers are given them again. */
  readonly flags: Readonly<Record<string, string>>;
  /** Where the migrations are: `migrations` beside the app file. */
  readonly migrationsDirectory: string;
  /** Opens the database; the directory of an SQLite file is made. The caller closes it. */
  connect(): Promise<Database>;
  /** Inserts rows of one of the app's models, all of them or none; sets what the server sets, but validates nothing. */
  insert<M extends Model>(database: Database, model: M, rows: readonly Partial<RowOf<M>>[]): Promise<void>;
  /**
   * Runs code of the app's own that no request asks for, with what actions have; nobody is `user`, nothing is validated but by the
   * database. It opens the database and closes it.
   * @example
   * const project = await openProject("app.ts", { environment: process.env });
   * await project.work(({ transaction }) => transaction(({ table }) => importInto(table(Product))));
   */
  work<T>(code: (work: Work) => Promise<T>): Promise<T>;
  /** Every migration there is: the built-in ones and those of the project. */
  readMigrations(): Promise<readonly Migration[]>;
  /** What the database has recorded of migrations, as `label.name`; an SQLite file is not made or changed for it. */
  readRecorded(): Promise<Recorded>;
  /** The migrations that are missing, where some models and fields have another name now; `writeMigrations` writes them. */
  findMissingMigrations(options?: Pick<MakeOptions, "renames" | "name">): Promise<readonly Migration[]>;
  /** Writes migrations to their files and returns the paths. */
  writeMigrations(migrations: readonly Migration[]): Promise<readonly string[]>;
  /** Applies migrations, and makes the permissions on the app's models. Returns what was done; with `plan`, what would be. */
  migrate(
    options?: Omit<MigrateAppOptions, "directory" | "now"> & { readonly plan?: boolean },
  ): Promise<readonly PlannedMigration[]>;
  /** Removes what has expired for an hour: refresh tokens and their sessions, or sessions of browsers. Returns the number of rows. */
  removeExpired(what: Expired): Promise<number>;
  /** @throws ConfigurationError  migrations are not applied; names them */
  checkMigrations(): Promise<void>;
  /** @throws ConfigurationError  a table of somebody else lacks a column that its model names */
  checkForeignTables(): Promise<void>;
  /** The key that signs; made at the first call where none is set and the database is embedded. */
  secretKey(): Promise<string>;
  /** Where static files are collected: STATIC_ROOT, or `.static` beside the app file. */
  readonly staticRoot: string;
  /** Collects the static files; what is there and equal is not touched. Where the app has a storage for them, they are put there, too. */
  collectStatic(
    onProgress?: (done: number, total: number) => void,
  ): Promise<CollectResult & { readonly uploaded?: number }>;
  /** Starts the app, without a socket; the caller closes it. */
  start(options?: Omit<StartOptions, "settings">): Promise<RunningApp>;
  /** Serves with workers until it is told to stop; returns the exit code. */
  serve(options?: ServeOptions): Promise<number>;
}

/**
 * Opens the project of an app file.
 *
 * @throws ConfigurationError  the file does not declare an app, or settings are wrong
 * @example
 * const project = await openProject("app.ts", { environment: process.env });
 * await project.migrate();
 * process.exitCode = await project.serve();
 */
export async function openProject(file: string, options: ProjectOptions): Promise<Project> {
  const { environment, flags = {}, now = Date.now } = options;
  const app = await loadApp(file);
  const read = readSettings(projectSettings, { environment, flags, defaults: app.settings });
  const settings = { ...read, mediaRoot: read.mediaRoot === "" ? join(dirname(file), "media") : read.mediaRoot };
  const directory = join(dirname(file), "migrations");

  const staticRoot = settings.staticRoot === "" ? join(dirname(file), ".static") : settings.staticRoot;
  const makeDirectory = async (): Promise<void> => {
    const path = sqlitePath(settings.databaseUrl);
    if (path === undefined || path === ":memory:") return;
    const folder = dirname(path);
    await writingInto("DATABASE_URL", folder, () => mkdir(folder, { recursive: true }));
  };
  const open = async (): Promise<Database> => {
    await makeDirectory();
    return connect(settings.databaseUrl, connectOptionsOf(settings));
  };
  const project: Project = Object.freeze({
    ...{ file, app, settings, flags, migrationsDirectory: directory, connect: open },
    async insert(database, model, rows) {
      await insertRows(app.models, database, model, rows, now());
    },
    async work(code) {
      const database = await open();
      try {
        return await code(workOutside(app.models, database, now(), createLogs(settings).log));
      } finally {
        await database.close();
      }
    },
    readMigrations: () => migrationsOf(directory),
    readRecorded: () => recordedAt(settings.databaseUrl, open),
    findMissingMigrations: (asked) => makeMigrationsOf(app, directory, asked),
    writeMigrations: (migrations) =>
      writingInto("migrations", directory, () =>
        inTurn(migrations, (migration) => writeMigration(directory, migration)),
      ),
    async migrate({ plan = false, ...asked } = {}) {
      if (plan) return planAt(settings.databaseUrl, open, await project.readMigrations(), asked.to);
      await makeDirectory();
      // An index that is built beside its transaction needs a second connection, and takes as long as it takes.
      const maxConnections = Math.max(4, settings.databasePoolSize);
      const database = await connect(settings.databaseUrl, { ...unhurried(settings), maxConnections });
      try {
        return await migrateApp(app, database, { directory, now, ...asked });
      } finally {
        await database.close();
      }
    },
    async checkMigrations() {
      const missing = await project.migrate({ plan: true });
      if (missing.length === 0) return;
      const names = missing.map(({ migration: { label, name } }) => `${label}.${name}`).join(", ");
      throw new ConfigurationError("database", `lacks migrations: ${names}; "drf-auth migrate" applies them`);
    },
    async checkForeignTables() {
      if (app.models.all.every(({ managed }) => managed)) return;
      const database = await open();
      try {
        await checkForeignTables(database, app.models);
      } finally {
        await database.close();
      }
    },
    async removeExpired(what) {
      const database = await open();
      try {
        return await createCleaner({ database, log: silentLogger, now }).clean(what);
      } finally {
        await database.close();
      }
    },
    async secretKey() {
      await makeDirectory();
      return secretKeyOf(settings, dirname(file));
    },
    staticRoot,
    async collectStatic(onProgress) {
      const urlPrefix = pathOf(settings.staticUrl);
      const collected = await writingInto("STATIC_ROOT", staticRoot, () =>
        collect({
          ...{ sources: staticSourcesOf(settings), target: staticRoot, now, onProgress },
          ...{ urlPrefix, ignore: settings.staticIgnore },
        }),
      );
      const { staticStorage: storage } = app;
      if (!storage) return collected;
      return { ...collected, uploaded: await upload({ directory: staticRoot, urlPrefix, storage, onProgress }) };
    },
    start: async (asked) =>
      startApp(app, { now, ...asked, settings: { ...settings, secretKey: await project.secretKey() } }),
    serve: (asked) => serve(project, asked),
  } satisfies Project);
  return project;
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
