/**
 * Copies of an SQLite file: made while others write to it, looked at before they count, and put in its place again.
 *
 * Reference: sqlite.org/backup.html, `backup()` of node:sqlite, PRAGMA integrity_check.
 * Differs from a bare `backup()`: a read transaction is held meanwhile. Without one every write of another process begins the copy
 * anew, so that under load it has no end.
 */
import { constants, existsSync } from "node:fs";
import { copyFile, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { DrfAuthError } from "../errors.ts";
import { DatabaseUnavailable, fromSqlite } from "./errors.ts";

/** A copy is damaged, or no SQLite file; nothing was replaced. */
export class BackupDamaged extends DrfAuthError {
  readonly code = "backup_damaged";
}

/** There is a file already, or a process still uses the one that is to be replaced. */
export class BackupRefused extends DrfAuthError {
  readonly code = "backup_refused";
}

export interface BackupOptions {
  /** Called after each piece: pages of the file copied, and pages in all. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Pages copied at a time, in a thread of its own (default 1000: 4 MB). */
  readonly pagesAtOnce?: number;
}

const WAIT_MS = 5000;

/**
 * Copies a database to a new file, checked and on the disk when this returns.
 *
 * @throws DatabaseUnavailable  there is no such file, or it is no database
 * @throws BackupRefused        the target is there already
 * @throws BackupDamaged        the copy has errors, and so has the original
 */
export async function backUpSqlite(path: string, target: string, options: BackupOptions = {}): Promise<void> {
  if (!existsSync(path)) throw new DatabaseUnavailable(`SQLite database ${path}: there is no such file`);
  if (existsSync(target)) throw new BackupRefused(`${target} is there already`);
  const partial = `${target}.partial`;
  await removeFiles(partial);
  try {
    await copy(path, partial, options);
    checkSqlite(partial);
    await toDisk(partial);
    await rename(partial, target);
    await toDisk(dirname(target));
  } catch (error) {
    await removeFiles(partial);
    throw fromSqlite(error, `SQLite database ${path}`);
  }
}

/** Copies what is committed at one moment. */
async function copy(path: string, target: string, { onProgress, pagesAtOnce = 1000 }: BackupOptions): Promise<void> {
  const source = new DatabaseSync(path, { timeout: WAIT_MS });
  try {
    source.exec("PRAGMA query_only = ON; BEGIN; SELECT 1 FROM sqlite_master");
    const progress = ({ totalPages, remainingPages }: { totalPages: number; remainingPages: number }) =>
      onProgress?.(totalPages - remainingPages, totalPages);
    await backup(source, target, { rate: pagesAtOnce, progress });
  } finally {
    source.close();
  }
}

/**
 * Reads a whole file and looks whether it is a sound database; leaves it as one file, without a log beside it.
 * @throws BackupDamaged
 */
export function checkSqlite(path: string): void {
  const damaged = (reason: unknown, options?: ErrorOptions) =>
    new BackupDamaged(`${path} is no sound SQLite database: ${reason}`, options);
  let findings: unknown[];
  try {
    const database = new DatabaseSync(path, { timeout: WAIT_MS, returnArrays: true });
    try {
      database.exec("PRAGMA journal_mode = DELETE");
      findings = database.prepare("PRAGMA integrity_check(5)").all().flatMap(Object.values);
    } finally {
      database.close();
    }
  } catch (cause) {
    throw damaged(cause instanceof Error ? cause.message : cause, { cause });
  }
  if (findings.join() !== "ok") throw damaged(findings.join("; "));
}

/**
 * Puts a copy in the place of a database. Nobody may have it open: a server would go on with the file that is gone.
 *
 * @param replace  whether a database that is there may go
 * @throws BackupDamaged | BackupRefused
 */
export async function restoreSqlite(copyPath: string, path: string, { replace = false } = {}): Promise<void> {
  if (!existsSync(copyPath)) throw new BackupRefused(`there is no file ${copyPath}`);
  if (existsSync(`${copyPath}-wal`))
    throw new BackupRefused(`${copyPath} has a log beside it (-wal): it is in use, and no copy that "backup" made`);
  if (existsSync(path) && !replace)
    throw new BackupRefused(`${path} is there already; --replace puts the copy in its place`);
  const partial = `${path}.restoring`;
  await removeFiles(partial);
  try {
    await copyFile(copyPath, partial, constants.COPYFILE_FICLONE);
    checkSqlite(partial);
    await toDisk(partial);
    const letGo = existsSync(path) ? holdAlone(path) : undefined;
    try {
      await rename(partial, path);
      // What is in them belongs to the file that is gone.
      await removeFiles(path, ["-wal", "-shm", "-journal"]);
    } finally {
      letGo?.();
    }
    await toDisk(dirname(path));
  } catch (error) {
    await removeFiles(partial);
    throw error;
  }
}

/** Holds a database so that no other process can have it open; gives the way to let it go. @throws BackupRefused */
function holdAlone(path: string): () => void {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // Out of WAL mode, and in exclusive mode, a file can be had by one connection alone (sqlite.org/pragma.html#pragma_locking_mode).
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
    return () => database.close();
  } catch (cause) {
    database.close();
    if (cause instanceof Error && /locked|busy/.test(cause.message))
      throw new BackupRefused(`a process has ${path} open; stop the server, then try again`, { cause });
    return () => undefined; // what is no database can go
  }
}

async function toDisk(path: string): Promise<void> {
  const file = await open(path);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function removeFiles(path: string, ends: readonly string[] = ["", "-wal", "-shm", "-journal"]): Promise<void> {
  for (const end of ends) await rm(`${path}${end}`, { force: true });
}
