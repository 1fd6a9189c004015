/**
 * What is applied to an SQLite file, read without a trace: the file is not made, nor its journal changed.
 *
 * Opening a database for work sets its journal mode; who only asks (`migrate --plan`, `showmigrations`) opens it here.
 */
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { DatabaseUnavailable, fromSqlite } from "../errors.ts";
import { findTable, type Recorded, selectRecorded } from "./recorder.ts";

/** The migrations that a file has recorded; none where there is no such file. @throws DatabaseUnavailable */
export function recordedInFile(path: string): Recorded {
  if (path === ":memory:" || !existsSync(path)) return new Set();
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    try {
      if (!database.prepare(findTable.sqlite).get()) return new Set();
      return new Set(
        database
          .prepare(selectRecorded)
          .all()
          .map(({ app, name }) => `${app}.${name}`),
      );
    } finally {
      database.close();
    }
  } catch (error) {
    const known = fromSqlite(error, `SQLite database ${path}`);
    throw known instanceof Error ? known : new DatabaseUnavailable(String(known));
  }
}
