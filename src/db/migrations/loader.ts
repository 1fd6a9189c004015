/**
 * Migration files, from `migrations/<label>/<name>.ts`.
 *
 * The files are ordinary modules; a compiled application holds them as `.js`. A file whose name begins with `_` is not looked
 * at, any other that is no migration is an error, so that none is passed over in silence.
 * Reference: django.db.migrations.loader.MigrationLoader.load_disk.
 */
import type { Dirent } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigurationError, DrfAuthError } from "../../errors.ts";
import { type Migration, type MigrationDeclaration, namedMigration } from "./migration.ts";
import { isOperation } from "./operations.ts";
import { migrationSource } from "./writer.ts";

/**
 * Reads every migration of a directory, in the order of labels and names.
 *
 * @param directory  holds one directory a label; one that does not exist holds none
 * @throws ConfigurationError  a file cannot be run, or its default export is no migration; names its path
 */
export async function loadMigrations(directory: string): Promise<readonly Migration[]> {
  const migrations: Migration[] = [];
  for (const label of await entriesOf(directory)) {
    if (!label.isDirectory() || label.name.startsWith("_") || label.name.startsWith(".")) continue;
    for (const file of await entriesOf(join(directory, label.name))) {
      const path = join(directory, label.name, file.name);
      const name = migrationName(path, file);
      if (name !== undefined) migrations.push(await loadFile(path, label.name, name));
    }
  }
  return migrations;
}

async function entriesOf(directory: string): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new ConfigurationError(directory, "expected a readable directory of migrations", { cause: error });
  }
}

/** The name of the migration in a file; undefined where the file is no code, or hidden. */
function migrationName(path: string, file: Dirent): string | undefined {
  if (/^[_.]/.test(file.name) || /\.d\.[mc]?ts$/.test(file.name)) return undefined;
  const [, name, code] = /^(.*)\.([mc]?[jt]s)$/.exec(file.name) ?? [];
  if (name === undefined || code === undefined) return undefined;
  if (/^\d{4}_[a-z0-9_]+$/.test(name)) return name;
  throw new ConfigurationError(path, "expected a name of four digits and words, such as 0002_book_subtitle.ts");
}

async function loadFile(path: string, label: string, name: string): Promise<Migration> {
  let module: { default?: unknown };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(path, `this migration file does not load: ${reason}`, { cause: error });
  }
  if (!isDeclaration(module.default)) {
    throw new ConfigurationError(path, "expected `export default migration({ operations: […] })`");
  }
  try {
    return namedMigration(label, name, module.default, path);
  } catch (error) {
    if (error instanceof DrfAuthError) throw new ConfigurationError(path, error.message, { cause: error });
    throw error;
  }
}

function isDeclaration(value: unknown): value is MigrationDeclaration {
  if (typeof value !== "object" || value === null) return false;
  return (
    "operations" in value &&
    Array.isArray(value.operations) &&
    value.operations.every(isOperation) &&
    "dependencies" in value &&
    Array.isArray(value.dependencies) &&
    "replaces" in value &&
    Array.isArray(value.replaces)
  );
}

/**
 * Writes a migration to its file, and never over another.
 *
 * @returns the path
 * @throws ConfigurationError  the file cannot be written, or is there already
 */
export async function writeMigration(directory: string, migration: Migration, importFrom?: string): Promise<string> {
  const path = join(directory, migration.label, `${migration.name}.ts`);
  const source = migrationSource(migration, importFrom);
  try {
    await mkdir(join(directory, migration.label), { recursive: true });
    await writeFile(path, source, { flag: "wx" });
  } catch (error) {
    throw new ConfigurationError(path, "expected a path where a new migration file can be written", { cause: error });
  }
  return path;
}
