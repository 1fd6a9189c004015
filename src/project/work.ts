/** Code of an app's own that no request asks for: imports, reports, jobs of a scheduler. */
import type { Logger } from "../config/index.ts";
import { type Database, type Models, queriesOf, Store, tablesOf } from "../db/index.ts";
import type { Model } from "../model/index.ts";
import { createWork, isoTime, type Work } from "../resource/index.ts";

/** What such code works with: nobody asks, and the time is the one at which it begins (milliseconds since 1970). */
export function workOutside(models: Models, database: Database, now: number, log: Logger): Work {
  const stores = new Map<Model, Store>();
  const storeOf = (model: Model): Store => {
    const known = stores.get(model) ?? new Store(model, models, database.dialect);
    stores.set(model, known);
    return known;
  };
  return createWork(database, {
    ...{ user: undefined, claims: undefined, log, stamp: { now: isoTime(now), userId: null } },
    services: { database, table: tablesOf(storeOf), queries: queriesOf(models) },
    onError: (error) =>
      log.error("what was to follow a commit failed", {
        error: error instanceof Error ? error : new Error(String(error)),
      }),
  });
}
