/**
 * Removes what has expired: refresh tokens with their place on the blacklist, sessions of tokens, sessions of browsers.
 *
 * In batches of some hundred rows, each in a transaction of its own with a pause after it, so that nobody who signs in waits for more
 * than one. Of all workers and machines one does it: whoever has the lease, which it keeps until the next round is due. What
 * expired within the last hour stays: a clock that differs, or a leeway, may still accept it.
 * Reference: the commands flushexpiredtokens (SimpleJWT: one statement for everything) and clearsessions (Django).
 */
import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import type { Logger } from "../config/index.ts";
import { builder, createLease, type Database, type Lease, type Statement, slot, statement } from "../db/index.ts";
import { isoTime } from "../resource/index.ts";
import { BlacklistedToken, OutstandingToken, Session } from "./models.ts";
import { createTokenSessions, tokenSessionTable } from "./token-sessions.ts";

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
    let removed = 0;
    for (const { value, statements } of steps[what]) {
      for (;;) {
        const rows = await database.transaction(async (transaction) => {
          let last = 0;
          for (const each of statements) last = await transaction.run(each, [value(before)]);
          return last;
        });
        removed += rows;
        if (rows < BATCH || isStopping) break;
        await pause(PAUSE_MS);
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
  /** Run in one transaction with the same time; the last one says how many rows it were. */
  readonly statements: readonly Statement[];
}

function stepsFor({ dialect }: Database): Record<Expired, readonly Step[]> {
  const db = builder(dialect);
  const time = () => (dialect === "postgres" ? sql`${slot()}::timestamptz` : sql`${slot()}`);
  const text = (milliseconds: number): string =>
    dialect === "postgres" ? isoTime(milliseconds) : isoTime(milliseconds).replace("T", " ").replace("Z", "");
  // In the order of their keys: two that clean at once take the same rows in the same order, and neither waits in a circle.
  const some = (table: string, key: string, expires: string, at: ReturnType<typeof time>) =>
    db.selectFrom(table).select(key).where(expires, "<=", at).orderBy(key).limit(sql.lit(BATCH));
  const tokens = () => some(OutstandingToken.table, "id", "expires_at", time());
  const remove = (table: string, key: string, of: ReturnType<typeof some>) =>
    statement(db.deleteFrom(table).where(key, "in", of));
  return {
    tokens: [
      {
        value: text,
        statements: [
          remove(BlacklistedToken.table, "token_id", tokens()),
          remove(OutstandingToken.table, "id", tokens()),
        ],
      },
      {
        value: (milliseconds) => milliseconds,
        statements: [remove(tokenSessionTable, "id", some(tokenSessionTable, "id", "expires_at", sql`${slot()}`))],
      },
    ],
    sessions: [
      {
        value: text,
        statements: [remove(Session.table, "session_key", some(Session.table, "session_key", "expire_date", time()))],
      },
    ],
  };
}
