/**
 * Rates such as `100/hour`, counted exactly over all workers and machines: the requests of the last hour stand in the database.
 *
 * A request is counted in a transaction that holds a lock, so of N requests at once at a limit of L exactly L pass. A row a
 * counted request is kept, at most as many as the limit for each who is counted; rows that are out of date go when their owner
 * comes again, and those of others a few at a time.
 * Reference: rest_framework.throttling.SimpleRateThrottle (a window that slides; refused requests do not count).
 * Differs: the reference reads and writes its cache without a lock and lets more through.
 */
import { sql } from "kysely";
import { builder, createOwnTable, type Database, type Executor, type Statement, slot, statement } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { Throttle } from "./throttling.ts";

const periods = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

export interface Rate {
  readonly limit: number;
  readonly periodMs: number;
}

/**
 * Reads a rate: a number, `/`, and a period that begins with s, m, h or d (second, minute, hour, day).
 * @throws ConfigurationError
 */
export function parseRate(text: string, place: string): Rate {
  const [, limit, letter] = /^(\d{1,9})\/([smhd])[a-z]*$/.exec(text.trim()) ?? [];
  if (limit === undefined || Number(limit) === 0) {
    throw new ConfigurationError(place, `expected a rate such as 100/hour or 5/min, got "${text}"`);
  }
  return { limit: Number(limit), periodMs: periods[letter as keyof typeof periods] * 1000 };
}

const table = "drf_auth_throttle";
const definition = `CREATE TABLE IF NOT EXISTS ${table} (who varchar(200) NOT NULL, at bigint NOT NULL, expires bigint NOT NULL);
CREATE INDEX IF NOT EXISTS ${table}_who ON ${table} (who);
CREATE INDEX IF NOT EXISTS ${table}_expires ON ${table} (expires)`;

/** Rows of others that are out of date, removed with each request that is counted. */
const SWEPT = 20;

/**
 * Makes the throttle of an app; its table is made where it is missing.
 * @param rates  by scope
 */
export async function createThrottle(database: Database, rates: ReadonlyMap<string, Rate>): Promise<Throttle> {
  await createOwnTable(database, definition);
  const statements = statementsFor(database);
  const refused = new Map<string, number>();
  return {
    measure: () =>
      [...refused].map(([scope, value]) => ({ name: "drf_auth_throttled_total", labels: { scope }, value })),
    async count(scope, who, now) {
      const rate = rates.get(scope);
      if (!rate) return undefined;
      const wait = await count(database, statements, rate, `${scope} ${who}`.slice(0, 200), now);
      if (wait !== undefined) refused.set(scope, (refused.get(scope) ?? 0) + 1);
      return wait;
    },
  };
}

type Statements = ReturnType<typeof statementsFor>;

function count(database: Database, statements: Statements, { limit, periodMs }: Rate, who: string, now: number) {
  return database.transaction(async (transaction: Executor) => {
    if (statements.lock) await transaction.get(statements.lock, [who]);
    // What is further ahead than a period was counted by a clock that was wrong.
    await transaction.run(statements.forget, [who, now, now + periodMs]);
    const [counted = 0, oldest = now] = ((await transaction.get(statements.count, [who])) ?? []) as readonly number[];
    if (Number(counted) >= limit) return Math.max(0, Number(oldest) + periodMs - now) / 1000;
    await transaction.run(statements.add, [who, now, now + periodMs]);
    await transaction.run(statements.sweep, [now]);
    return undefined;
  });
}

function statementsFor({ dialect }: Database) {
  const db = builder(dialect);
  // SQLite has one writer at a time; PostgreSQL is told whose requests wait for each other.
  const lock: Statement | undefined =
    dialect === "postgres"
      ? statement(db.selectNoFrom(sql`pg_advisory_xact_lock(hashtextextended(${slot()}, 0))`.as("lock")))
      : undefined;
  const expired = sql`from ${sql.table(table)} where expires <= ${slot()} limit ${sql.lit(SWEPT)}`;
  // Rows that another request is removing are left to it: two that sweep what the other one holds would wait for each other.
  const swept =
    dialect === "sqlite"
      ? sql<boolean>`rowid in (select rowid ${expired})`
      : sql<boolean>`ctid = any(array(select ctid ${expired} for update skip locked))`;
  return {
    lock: lock && { ...lock, reads: false },
    forget: statement(
      db
        .deleteFrom(table)
        .where("who", "=", slot())
        .where(({ or, eb }) => or([eb("expires", "<=", slot()), eb("at", ">", slot())])),
    ),
    count: {
      ...statement(
        db
          .selectFrom(table)
          .select([sql<number>`count(*)`.as("counted"), sql<number>`min(at)`.as("oldest")])
          .where("who", "=", slot()),
      ),
      reads: false,
    },
    add: statement(db.insertInto(table).values({ who: slot(), at: slot(), expires: slot() })),
    sweep: statement(db.deleteFrom(table).where(swept)),
  };
}
