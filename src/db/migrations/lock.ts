/**
 * One migrator at a time, and none that holds up a live service.
 *
 * Each migration is one transaction that first takes the lock of migrations; the others wait for it. Of the tables that it changes
 * PostgreSQL gives the lock within a short time or not at all, since whoever waits for it stops all who come after: then everything
 * is given back and tried again later. No lock outlives a transaction, so a killed process leaves none behind.
 * Reference: the PostgreSQL manual, "Explicit Locking". Differs: Django has no lock, and its five migrators at once fail four times.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Executor } from "../database.ts";
import { DatabaseBusy, DatabaseUnavailable } from "../errors.ts";
import { defineStatement } from "../statement.ts";

export interface Patience {
  /** Milliseconds that a migration waits for others, all attempts together (default ten minutes). */
  readonly waitMs?: number;
  /** PostgreSQL: milliseconds that one statement waits for the lock of a table (default 2000). */
  readonly lockTimeoutMs?: number;
}

const TEN_MINUTES = 600_000;
const TWO_SECONDS = 2000;
/** Milliseconds between attempts; each pause is twice as long as the one before it, up to the second number. */
const [PAUSE, LONGEST_PAUSE] = [50, 2000];

const noIdleTimeout = defineStatement("SET LOCAL idle_in_transaction_session_timeout = 0");
const tryLock = defineStatement("SELECT pg_try_advisory_xact_lock(4738112906)");

/**
 * Waits within a transaction until it is the only migrator. SQLite's transactions begin with the lock of the only writer;
 * PostgreSQL is asked again and again, since who waits in a statement holds up an index that is built concurrently.
 */
export async function lockMigrations(
  transaction: Executor,
  { waitMs = TEN_MINUTES, lockTimeoutMs }: Patience,
  onWait: () => void,
): Promise<void> {
  if (transaction.dialect === "sqlite") return;
  await transaction.run(noIdleTimeout);
  await patiently(waitMs, onWait, async () => {
    const [isOurs] = (await transaction.get(tryLock)) ?? [];
    await forgetSnapshot(transaction);
    if (isOurs !== true) throw new DatabaseBusy("another process is migrating");
  });
  await limitLocks(transaction, lockTimeoutMs);
}

/** PostgreSQL: no statement of a transaction waits longer than this for the lock of a table. */
export async function limitLocks(transaction: Executor, lockTimeoutMs = TWO_SECONDS): Promise<void> {
  await transaction.run(defineStatement(`SET LOCAL lock_timeout = ${Math.ceil(lockTimeoutMs)}`));
}

/**
 * Lets a transaction of PostgreSQL hold nothing that an index that is built concurrently would wait for: the last query keeps what it
 * saw until another statement takes its place.
 */
export async function forgetSnapshot(transaction: Executor): Promise<void> {
  await transaction.run(defineStatement("SET LOCAL statement_timeout = 0"));
}

/** Tries until it works, as long as what stands in the way is a lock. */
export async function patiently<T>(waitMs = TEN_MINUTES, onWait: () => void, attempt: () => Promise<T>): Promise<T> {
  for (let [waited, pause] = [0, PAUSE]; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return await attempt();
    } catch (error) {
      if (waited >= waitMs || !isLocked(error)) throw error;
      if (waited === 0) onWait();
    }
    await sleep(pause);
    waited += pause;
  }
}

/** Somebody has a lock: of an SQLite file, of a table within the time that was set (55P03), or each of two what the other needs. */
function isLocked(error: unknown): boolean {
  if (error instanceof DatabaseBusy) return true;
  if (!(error instanceof DatabaseUnavailable) || !(error.cause instanceof Error) || !("code" in error.cause))
    return false;
  return error.cause.code === "55P03" || error.cause.code === "40P01";
}
