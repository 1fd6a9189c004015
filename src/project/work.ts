/** Code of an app's own that no request asks for: imports, reports, jobs of a scheduler. */
import type { Logger } from "../config/index.ts";
import { type Database, type Models, queriesOf, storesOf, tablesOf } from "../db/index.ts";
import { createWork, isoTime, type Work } from "../resource/index.ts";

/** What such code works with: nobody asks, and the time is the one at which it begins (milliseconds since 1970). */
export function workOutside(models: Models, database: Database, now: number, log: Logger): Work {
  return createWork(database, {
    ...{ user: undefined, claims: undefined, log, stamp: { now: isoTime(now), userId: null } },
    services: { database, table: tablesOf(storesOf(models, database.dialect)), queries: queriesOf(models) },
    onError: (error) =>
      log.error("what was to follow a commit failed", {
        error: error instanceof Error ? error : new Error(String(error)),
      }),
  });
}
