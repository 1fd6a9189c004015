/**
 * Migrations of an app: the built-in ones, then those of its project, then the permissions on its models.
 *
 * Called by `project.ts` for the commands `migrate`, `makemigrations`, `serve` and `dev`, and for projects that start themselves.
 */
import type { App } from "../app/index.ts";
import { authMigrations, ensurePermissions } from "../auth/index.ts";
import {
  type Database,
  findRecorded,
  findStepsDone,
  isQuery,
  loadMigrations,
  type MakeOptions,
  type MigrateOptions,
  type Migration,
  makeMigrations,
  migrate,
  type PlannedMigration,
  planOf,
  type Recorded,
  recordedInFile,
  sqlitePath,
} from "../db/index.ts";
import type { Model } from "../model/index.ts";

export interface MigrateAppOptions extends Omit<MigrateOptions, "plan"> {
  /** Where the project keeps its migrations, one directory a label. */
  readonly directory: string;
}

/**
 * Applies what is not applied yet.
 *
 * @returns what was done, in order
 * @throws ConfigurationError | InconsistentHistory | MigrationFailed
 * @example
 * await migrateApp(app, database, { directory: "migrations", now: Date.now });
 */
export async function migrateApp(
  app: Pick<App, "models">,
  database: Database,
  { directory, ...options }: MigrateAppOptions,
): Promise<readonly PlannedMigration[]> {
  const done = await migrate(database, await migrationsOf(directory), options);
  // Going back may take away the tables that permissions are kept in.
  if (!options.to) await ensurePermissions(database, modelsWithTables(app));
  return done;
}

/**
 * The migrations that are missing until the files in `directory` lead to the app's models.
 * @throws ConfigurationError  a change that no migration can be made of without a decision
 */
export async function makeMigrationsOf(
  app: Pick<App, "models">,
  directory: string,
  options: Pick<MakeOptions, "renames" | "name"> = {},
): Promise<readonly Migration[]> {
  const existing = await migrationsOf(directory);
  const models = app.models.all.filter((model) => !isQuery(model));
  // The labels of the files, too: the last model of a label may be gone.
  const labels = new Set([...models, ...existing].map(({ label }) => label));
  return makeMigrations(existing, models, { ...options, labels: [...labels] });
}

/**
 * What a database has recorded, read without a trace: an SQLite file is neither made nor changed.
 *
 * @param open  opens a database that is no file
 */
export async function recordedAt(url: string, open: () => Promise<Database>): Promise<Recorded> {
  const path = sqlitePath(url);
  if (path !== undefined) return recordedInFile(path);
  const database = await open();
  try {
    return await findRecorded(database);
  } finally {
    await database.close();
  }
}

/**
 * What is to be done, read without a trace.
 * @throws ConfigurationError | InconsistentHistory
 */
export async function planAt(
  url: string,
  open: () => Promise<Database>,
  migrations: readonly Migration[],
  to?: MigrateOptions["to"],
): Promise<readonly PlannedMigration[]> {
  const path = sqlitePath(url);
  if (path !== undefined) return planOf(migrations, recordedInFile(path), to);
  const database = await open();
  try {
    return planOf(migrations, await findRecorded(database), to, await findStepsDone(database));
  } finally {
    await database.close();
  }
}

/** Every migration there is: the built-in ones and those of a directory. */
export async function migrationsOf(directory: string): Promise<readonly Migration[]> {
  return [...authMigrations, ...(await loadMigrations(directory))];
}

/** A query has rows but no table, and some tables are somebody else's. */
const modelsWithTables = ({ models }: Pick<App, "models">): readonly Model[] =>
  models.all.filter((model) => model.managed && !isQuery(model));
