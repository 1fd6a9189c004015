/**
 * The secret key of a project: the one that is set, or one that is made and kept beside the embedded database.
 *
 * Processes of one machine share the file. A database server may have several machines, which must have the same key.
 */
import { dirname, join } from "node:path";
import { secretKeyFrom } from "../auth/index.ts";
import { sqlitePath } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import { newSecretRecipe } from "./secret-strength.ts";
import type { ProjectSettings } from "./settings.ts";

/**
 * @param directory  of the app file; holds the key of a database in memory
 * @throws ConfigurationError  none is set and the database is a server, or the file cannot be used
 */
export function secretKeyOf({ secretKey, databaseUrl }: ProjectSettings, directory: string): string {
  if (secretKey !== "") return secretKey;
  const path = sqlitePath(databaseUrl);
  if (path !== undefined) return secretKeyFrom(join(path === ":memory:" ? directory : dirname(path), ".secret-key"));
  throw new ConfigurationError(
    "SECRET_KEY",
    `must be set with PostgreSQL, to the same value on every machine; this prints a new one: ${newSecretRecipe}`,
  );
}
