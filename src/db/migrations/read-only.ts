/**
 * What is applied to an SQLite file, read without a trace: the file is not made, nor its journal changed.
 *
 * Opening a database for work sets its journal mode; who only asks (`migrate --plan`, `showmigrations`) opens it here.
 * Reference: sqlite.org/wal.html#read_only_databases, sqlite.org/fileformat2.html (bytes 18 and 19: 2 is WAL).
 */
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { DatabaseUnavailable, fromSqlite } from "../errors.ts";
import { findTable, type Recorded, selectRecorded } from "./recorder.ts";

/** The migrations that a file has recorded; none where there is no such file. @throws DatabaseUnavailable */
export function recordedInFile(path: string): Recorded {
  if (path === ":memory:" || !existsSync(path)) return new Set();
  try {
    const database = new DatabaseSync(isAtRest(path) ? atRest(path) : path, { readOnly: true, timeout: 5000 });
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

/** A file in WAL mode that nobody has open: to be opened as any other, it would get its log and its shared memory beside it again. */
function isAtRest(path: string): boolean {
  const header = Buffer.alloc(20);
  const file = openSync(path, "r");
  try {
    readSync(file, header, 0, 20, 0);
  } finally {
    closeSync(file);
  }
  return header[18] === 2 && !existsSync(`${path}-wal`);
}

function atRest(path: string): URL {
  const url = pathToFileURL(resolve(path));
  url.searchParams.set("immutable", "1");
  return url;
}
