/**
 * Reading for a long time what was committed at one moment, while others go on writing.
 *
 * Reference: sqlite.org/isolation.html (a read transaction of a file in WAL mode), REPEATABLE READ of the PostgreSQL manual.
 * Differs from `transaction`: on SQLite it does not take the place of the only writer.
 */
import { type ConnectOptions, connect, sqlitePath } from "./connect.ts";
import type { Executor } from "./database.ts";
import { Connection } from "./sqlite-connection.ts";
import { runTransaction } from "./transaction.ts";

/** It may take hours, and wait for whoever takes what it read. */
const unlimited = { statementTimeoutMs: 0, idleTransactionTimeoutMs: 0 };

/** Milliseconds that opening waits for another process to let go of an SQLite file. */
const WAIT_MS = 5000;

/**
 * Opens a database, reads in one snapshot of it, and closes it again.
 * @throws ConfigurationError | DatabaseUnavailable
 * @example
 * const books = await readConsistently("sqlite:///db.sqlite3", async (snapshot) => snapshot.all(everyBook));
 */
export async function readConsistently<T>(
  url: string,
  work: (snapshot: Executor) => Promise<T>,
  options: ConnectOptions = {},
): Promise<T> {
  const path = sqlitePath(url);
  if (path === undefined) {
    const database = await connect(url, { ...options, ...unlimited, maxConnections: 2 });
    try {
      return await database.transaction(work, { isolation: "repeatable read", readOnly: true });
    } finally {
      await database.close();
    }
  }
  const connection = new Connection(path, WAIT_MS);
  try {
    connection.exec("PRAGMA query_only = ON");
    const session = {
      dialect: "sqlite",
      begin: () => "BEGIN",
      all: (...asked: Parameters<Connection["all"]>) => connection.all(...asked),
      get: (...asked: Parameters<Connection["get"]>) => connection.get(...asked),
      run: (...asked: Parameters<Connection["run"]>) => connection.run(...asked),
      control: (sql: string) => connection.exec(sql),
    } as const;
    return await runTransaction(session, work, { readOnly: true }, []);
  } finally {
    connection.close();
  }
}
