/**
 * Removes what has expired: refresh tokens with their place on the blacklist, sessions of tokens, sessions of browsers.
 *
 * In batches of some hundred rows, each in a transaction of its own with a pause after it, so that nobody who signs in waits for more
 * than one. Of all workers and machines one does it: whoever has the lease, which it keeps until the next round is due. What
 * expired within the last hour stays: a clock that differs, or a leeway, may still accept it.
 * Reference: the commands flushexpiredtokens (SimpleJWT: one statement for everything) and clearsessions (Django).
 */
import { setTimeout as pause } from "node:timers/promises";
import { type SelectQueryBuilder, sql } from "kysely";
import type { Logger } from "../config/index.ts";
import {
  builder,
  createLease,
  type Database,
  type Lease,
  type SqlValue,
  type Statement,
  slot,
  statement,
  type Tables,
} from "../db/index.ts";
import { isoTime } from "../resource/index.ts";
import { BlacklistedToken, OutstandingToken, Session } from "./models.ts";
import { createTokenSessions, tokenSessionTable } from "./tokens/token-sessions.ts";

/** What is cleaned: refresh tokens with their sessions, or the sessions of browsers. */
export type Expired = "tokens" | "sessions";

export interface CleanerOptions {
  readonly database: Database;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Cleaner {
  /** Removes what has expired now, whoever has the lease; returns the number of rows. */
  clean(what: Expired): Promise<number>;
  /** The same for everything, if the lease can be had until the next round; undefined where somebody else has it. */
  round(intervalSeconds: number): Promise<number | undefined>;
  /** Does a round now and then in the background. Returns what stops it, after the batch that is being removed. */
  start(intervalSeconds: number): () => Promise<void>;
}

const BATCH = 500;
const PAUSE_MS = 20;
const KEPT_MS = 3_600_000;
/** The first round comes within this time, so that a server that is started often cleans up, too. */
const FIRST_SECONDS = 60;

export function createCleaner({ database, log, now }: CleanerOptions): Cleaner {
  const steps = stepsFor(database);
  let lease: Promise<Lease> | undefined;
  let isStopping = false;

  const clean: Cleaner["clean"] = async (what) => {
    if (what === "tokens") await createTokenSessions(database); // where Django made the database and no server has run yet
    const before = now() - KEPT_MS;
    const removeSome = ({ value, find, deletes }: Step, range: readonly SqlValue[]): Promise<number> =>
      database.transaction(async (transaction) => {
        const found = await transaction.all(find, [value(before), ...range]);
        const keys = JSON.stringify(found.map(([key]) => String(key)));
        if (found.length > 0) for (const each of deletes) await transaction.run(each, [keys]);
        return found.length;
      });
    let removed = 0;
    for (const step of steps[what]) {
      let from = 0;
      for (let isMore = true; isMore && !isStopping; ) {
        if (step.next) {
          const [to, rows] = (await database.get(step.next, [from])) ?? [];
          if (to !== null) removed += await removeSome(step, [from, Number(to)]);
          from = Number(to);
          isMore = Number(rows) === BATCH;
        } else {
          const rows = await removeSome(step, []);
          removed += rows;
          isMore = rows === BATCH;
        }
        if (isMore) await pause(PAUSE_MS);
      }
    }
    return removed;
  };

  const round: Cleaner["round"] = async (intervalSeconds) => {
    lease ??= createLease(database, "clean-up", now);
    try {
      if (!(await (await lease).hold(now() + intervalSeconds * 1000))) return undefined;
    } catch (error) {
      lease = undefined;
      throw error;
    }
    const removed = (await clean("tokens")) + (await clean("sessions"));
    if (removed > 0) log.info("expired rows were removed", { rows: removed });
    return removed;
  };

  return {
    clean,
    round,
    start(intervalSeconds) {
      let timer: NodeJS.Timeout | undefined;
      let running: Promise<unknown> = Promise.resolve();
      const later = (seconds: number): void => {
        timer = setTimeout(() => {
          running = round(intervalSeconds)
            .catch((error) => log.warning("expired rows were not removed", { error }))
            .then(() => !isStopping && later(intervalSeconds * (0.9 + Math.random() / 5)));
        }, seconds * 1000);
        timer.unref();
      };
      later(Math.random() * Math.min(FIRST_SECONDS, intervalSeconds));
      return async () => {
        isStopping = true;
        clearTimeout(timer);
        await running;
      };
    },
  };
}

interface Step {
  /** A time in the column's form. */
  readonly value: (milliseconds: number) => string | number;
  /** The last key of the next rows, and how many they are. Django has no index on when a token expires: its table is gone through by key. */
  readonly next?: Statement;
  /** The keys of some rows that have expired, in that range where there is one. */
  readonly find: Statement;
  /** Each takes the keys as JSON. */
  readonly deletes: readonly Statement[];
}

function stepsFor({ dialect }: Database): Record<Expired, readonly Step[]> {
  const db = builder(dialect);
  const isPostgres = dialect === "postgres";
  const text = (milliseconds: number): string =>
    isPostgres ? isoTime(milliseconds) : isoTime(milliseconds).replace("T", " ").replace("Z", "");
  const asNumber = (milliseconds: number): number => milliseconds;

  /** Rows that another process is removing are left to it. */
  const unlocked = (rows: SelectQueryBuilder<Tables, string, object>): Statement => ({
    ...statement(isPostgres ? rows.forUpdate().skipLocked() : rows),
    reads: false,
  });
  const find = (table: string, key: string, expires: string) =>
    db.selectFrom(table).select(key).where(expires, "<=", slot()).orderBy(expires).limit(sql.lit(BATCH));
  const remove = (table: string, key: string, type: "bigint" | "text"): Statement => {
    const keys = isPostgres
      ? sql`(select value::${sql.raw(type)} from json_array_elements_text(${slot()}::json))`
      : sql`(select value from json_each(${slot()}))`;
    return statement(db.deleteFrom(table).where(sql<boolean>`${sql.ref(key)} in ${keys}`));
  };
  const { table } = OutstandingToken;
  const some = db.selectFrom(table).select("id").where("id", ">", slot()).orderBy("id").limit(sql.lit(BATCH));
  const outstanding = {
    value: text,
    next: statement(
      db.selectFrom(some.as("some")).select(({ fn }) => [fn.max("id").as("last"), fn.countAll().as("rows")]),
    ),
    find: unlocked(
      db
        .selectFrom(table)
        .select("id")
        .where("expires_at", "<=", slot())
        .where("id", ">", slot())
        .where("id", "<=", slot())
        .orderBy("id"),
    ),
    deletes: [remove(BlacklistedToken.table, "token_id", "bigint"), remove(table, "id", "bigint")],
  };
  const tokenSessions = {
    value: asNumber,
    find: unlocked(find(tokenSessionTable, "id", "expires_at")),
    deletes: [remove(tokenSessionTable, "id", "text")],
  };
  const sessions = {
    value: text,
    find: unlocked(find(Session.table, "session_key", "expire_date")),
    deletes: [remove(Session.table, "session_key", "text")],
  };
  return { tokens: [outstanding, tokenSessions], sessions: [sessions] };
}
