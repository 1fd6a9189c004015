/**
 * Copies of the SQLite database on a schedule: one of all workers makes one when the newest is old enough, and the oldest go.
 *
 * What is due is read off the names in the folder, so a restart neither forgets nor repeats one, and one that failed is tried again. Each is
 * made in a thread of its own, checked and under its name only when it is whole (`db/sqlite-backup.ts`). The lease keeps other workers away
 * meanwhile.
 */
import { constants } from "node:fs";
import { access, mkdir, readdir, rm } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Logger, Measurement, ValuesOf } from "../config/index.ts";
import { createLease, type Database, type Lease, sqlitePath } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { backupSettings } from "./backup-settings.ts";
import { writingInto } from "./folders.ts";
import { siblingOf } from "./sibling.ts";

export interface BackupsOptions {
  readonly settings: ValuesOf<typeof backupSettings> & { readonly databaseUrl: string };
  readonly database: Database;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Backups {
  /** Makes a copy if one is due and nobody else makes it; returns its path. What goes wrong is logged. */
  round(): Promise<string | undefined>;
  /** When the newest was made, once it is known. */
  measure(): readonly Measurement[];
  /** Asks now and then in the background. Returns what stops it; a copy that is not done then is given up. */
  start(): () => Promise<void>;
}

/** Who makes a copy may be silent so long before another worker tries; so long one that failed waits to be tried again. */
const PATIENCE_MS = 600_000;
/** Between two questions whether a copy is due. */
const ASKED_MS = 60_000;

/**
 * Checks that there can be copies, and makes their folder.
 * @throws ConfigurationError  the database is no SQLite file, or the folder cannot be written
 */
export async function prepareBackups({
  backupDirectory: folder,
  databaseUrl,
}: BackupsOptions["settings"]): Promise<void> {
  if (folder === "") return;
  const path = sqlitePath(databaseUrl);
  if (path === undefined)
    throw new ConfigurationError(
      "BACKUP_DIRECTORY",
      "copies an SQLite file, and the database is PostgreSQL; its own tools make copies: pg_dump on a schedule, or base backups with archived WAL (pg_basebackup)",
    );
  if (path === ":memory:") throw new ConfigurationError("BACKUP_DIRECTORY", "the database is in memory, and no file");
  await writingInto("BACKUP_DIRECTORY", folder, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
  });
}

/** Makes the backups of a database; undefined where none are asked for. */
export function createBackups({ settings, database, log, now }: BackupsOptions): Backups | undefined {
  const { backupDirectory: folder, backupEverySeconds, backupKeep } = settings;
  const path = sqlitePath(settings.databaseUrl);
  if (folder === "" || path === undefined) return undefined;
  const names = copiesOf(path);
  const leaseMs = Math.min(PATIENCE_MS, backupEverySeconds * 1000);
  let lease: Promise<Lease> | undefined;
  let thread: Worker | undefined;
  let isStopping = false;

  /** The copies that are there, the oldest first. */
  const found = async (): Promise<string[]> => (await readdir(folder)).filter(names.isCopy).sort();
  let known: number | undefined;
  const newest = async (): Promise<number | undefined> => {
    known = names.timeOf((await found()).at(-1));
    return known;
  };

  const copy = async (target: string): Promise<void> => {
    const held = await lease;
    let until = now() + leaseMs;
    thread = new Worker(siblingOf(import.meta.url, "backup-thread"), { workerData: { path, target } });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    thread.on("message", () => {
      if (now() < until - leaseMs / 2) return;
      until = now() + leaseMs;
      held?.hold(until).catch(() => undefined);
    });
    thread.on("error", reject);
    thread.on("exit", (code) => (code === 0 ? resolve() : reject(new Error("the copy was given up"))));
    await promise.finally(() => {
      thread = undefined;
    });
  };

  const make = async (): Promise<string | undefined> => {
    const last = await newest();
    if (last !== undefined && now() < last + backupEverySeconds * 1000) return undefined;
    lease ??= createLease(database, "backup", now);
    if (!(await (await lease).hold(now() + leaseMs))) return undefined;
    for (const name of await readdir(folder)) if (names.isPartial(name)) await rm(join(folder, name), { force: true });
    const target = join(folder, names.at(now()));
    await copy(target);
    await newest();
    const copies = await found();
    for (const name of copies.slice(0, Math.max(0, copies.length - backupKeep))) await rm(join(folder, name));
    log.info("a backup was made", { file: target, kept: Math.min(copies.length, backupKeep) });
    return target;
  };

  const round: Backups["round"] = async () => {
    try {
      return await make();
    } catch (error) {
      if (isStopping) return undefined;
      lease = undefined;
      const last = await newest().catch(() => undefined);
      log.error("a backup failed", {
        ...{ error: error instanceof Error ? error : new Error(String(error)), folder },
        newest: last === undefined ? "none" : new Date(last).toISOString(),
      });
      return undefined;
    }
  };

  return {
    round,
    measure: () => (known === undefined ? [] : [{ name: "drf_auth_backup_time_seconds", value: known / 1000 }]),
    start() {
      let timer: NodeJS.Timeout | undefined;
      let running: Promise<unknown> = Promise.resolve();
      const later = (milliseconds: number): void => {
        timer = setTimeout(() => {
          running = round().then(() => !isStopping && later(ASKED_MS * (0.9 + Math.random() / 5)));
        }, milliseconds);
        timer.unref();
      };
      later(Math.random() * 2000);
      return async () => {
        isStopping = true;
        clearTimeout(timer);
        await thread?.terminate();
        await running;
      };
    },
  };
}

/** The names of copies of a file: `db-20240601T120000Z.sqlite3`. */
function copiesOf(path: string) {
  const end = extname(path);
  const start = `${basename(path, end)}-`;
  const timeOf = (name: string | undefined): number | undefined => {
    if (name === undefined || !name.startsWith(start) || !name.endsWith(end)) return undefined;
    const stamp = name.slice(start.length, name.length - end.length);
    const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp);
    if (!match) return undefined;
    const [, year, month, day, hour, minute, second] = match.map(Number);
    return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  };
  const isCopy = (name: string): boolean => timeOf(name) !== undefined;
  return {
    timeOf,
    isCopy,
    /** What a copy that was given up has left. */
    isPartial: (name: string): boolean => isCopy(name.replace(/\.partial(-wal|-shm|-journal)?$/, "")) && !isCopy(name),
    at: (time: number): string => `${start}${new Date(time).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z${end}`,
  };
}
