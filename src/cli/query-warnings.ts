/** What `dev` warns of: statements that are slow, and requests that ask the same again and again. */
import type { RequestListener } from "node:http";
import type { Logger } from "../config/index.ts";
import { type Database, watchQueries } from "../db/index.ts";

export interface QueryWarnings {
  readonly database: Database;
  /** The same listener, whose requests are watched. */
  watch(listener: RequestListener): RequestListener;
}

/** Long statements fill the screen; the beginning tells which one it is. */
const shown = (sql: string): string => (sql.length > 300 ? `${sql.slice(0, 300)} …` : sql);

/** Watches a database, and warns. */
export function createQueryWarnings(database: Database, slowSeconds: number, log: Logger): QueryWarnings {
  const watch = watchQueries(database, {
    slowMilliseconds: slowSeconds * 1000,
    onSlow: (sql, milliseconds) => log.warning("a slow query", { milliseconds, sql: shown(sql) }),
  });
  return {
    database: watch.database,
    watch: (listener) => (request, response) => {
      const { method, url = "" } = request;
      const { repeated } = watch.request(() => listener(request, response));
      response.on("close", () => {
        for (const [sql, times] of repeated())
          log.warning("one request asked the same many times; one query for all rows would do", {
            ...{ method, path: url.split("?", 1)[0], times, sql: shown(sql) },
          });
      });
    },
  };
}
