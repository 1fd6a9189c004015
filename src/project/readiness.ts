/**
 * Whether a worker can do its work: what `/readyz` asks of it.
 *
 * Findings are a few words without details, since anybody may read them.
 */
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { App } from "../app/index.ts";
import { keepsFiles } from "../app/index.ts";
import { type Database, defineStatement, sqlitePath } from "../db/index.ts";
import type { Check } from "../server/index.ts";
import type { ProjectSettings } from "./settings.ts";

export interface ReadinessSource {
  readonly app: App;
  readonly settings: Pick<ProjectSettings, "databaseUrl" | "mediaRoot" | "logFile" | "accessLogFile">;
  readonly database: Database;
  /** @throws  migrations are not applied */
  readonly checkMigrations: () => Promise<void>;
  /** Milliseconds of a steady clock. */
  readonly now?: () => number;
  /** Bytes that are free where a folder is (default: as the system says). */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** Less than this is told, bytes: SQLite needs room for its log, and an upload for itself. */
const minFree = 64 * 2 ** 20;
/** How long applied migrations are taken to stay applied, milliseconds. */
const migrationsFreshness = 30_000;

const one = defineStatement("select 1", true);

/** The checks, by name. */
export function readinessChecks(source: ReadinessSource): Readonly<Record<string, Check>> {
  const { app, settings, database, checkMigrations, now = () => performance.now(), freeBytes = systemFree } = source;
  const file = sqlitePath(settings.databaseUrl);
  const folders = [
    ...(file === undefined || file === ":memory:" ? [] : [dirname(file)]),
    ...(keepsFiles(app) ? [settings.mediaRoot] : []),
    ...[settings.logFile, settings.accessLogFile].filter((path) => path !== "").map(dirname),
  ];
  let migratedAt = -Infinity;
  return {
    async database() {
      await database.get(one);
      return undefined;
    },
    async migrations() {
      if (now() - migratedAt < migrationsFreshness) return undefined;
      try {
        await checkMigrations();
      } catch {
        return "not applied";
      }
      migratedAt = now();
      return undefined;
    },
    async disk() {
      const free = await Promise.all(folders.map(freeBytes));
      return free.some((bytes) => bytes < minFree) ? "nearly full" : undefined;
    },
  };
}

async function systemFree(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
