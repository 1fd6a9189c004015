/**
 * The locks that hold, for the people who run the server: listed, and lifted.
 *
 * Names stand in the table as digests; the list finds those of accounts by making the digests of all their names.
 */
import { sql } from "kysely";
import { builder, type Database, slot, statement } from "../../db/index.ts";
import { isoTime, networkOf } from "../../resource/index.ts";
import { User } from "../models.ts";
import {
  createLockoutTable,
  createNameDigest,
  type LockKind,
  lockoutTable,
  type NameDigestOptions,
} from "./lockout-table.ts";

/** A lock that holds. */
export interface Lock {
  /** Whom it locks: a name from an address, a name from everywhere, or an address. */
  readonly kind: LockKind;
  /** Name of the account; null where there is no account of the name, or where all names are locked. */
  readonly username: string | null;
  /** The keyed digest of the name, as in the audit log; null where all names are locked. */
  readonly nameDigest: string | null;
  /** An IPv4 address or a /64 of IPv6; null where it locks everywhere. */
  readonly address: string | null;
  readonly failures: number;
  /** ISO 8601, UTC. */
  readonly lockedUntil: string;
}

export interface Lockouts {
  /** The locks that hold, those that last longest first. */
  list(): Promise<readonly Lock[]>;
  /**
   * Forgets what was counted for a user name or an address (of IPv6: for its network).
   * @returns how many counts there were
   */
  unlock(who: string): Promise<number>;
  unlockAll(): Promise<number>;
}

export interface LockoutsOptions extends NameDigestOptions {
  readonly database: Database;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Names that are read at once. */
const BATCH = 1000;

/** Opens the table of locks; it is made where it is missing. */
export async function openLockouts({ database, now, ...naming }: LockoutsOptions): Promise<Lockouts> {
  await createLockoutTable(database);
  const digest = createNameDigest(naming);
  const db = builder(database.dialect);
  const locks = statement(
    db
      .selectFrom(lockoutTable)
      .select(["id", "name", "address", "failures", "locked_until"])
      .where("locked_until", ">", slot())
      .orderBy("locked_until", "desc")
      .orderBy("id"),
  );
  const accounts = statement(
    db.selectFrom(User.table).select(["id", "username"]).where("id", ">", slot()).orderBy("id").limit(sql.lit(BATCH)),
  );
  const remove = statement(
    db
      .deleteFrom(lockoutTable)
      .where((row) => row.or([row("name", "=", slot()), row("address", "=", slot())]))
      .where("failures", ">", sql.lit(0)),
  );
  const removeAll = statement(db.deleteFrom(lockoutTable).where("failures", ">", sql.lit(0)));

  const namesOf = async (digests: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> => {
    const names = new Map<string, string>();
    for (let last = 0; names.size < digests.size; ) {
      const rows = await database.all(accounts, [last]);
      for (const [, username] of rows) {
        const name = String(username);
        if (digests.has(digest(name))) names.set(digest(name), name);
      }
      if (rows.length < BATCH) break;
      last = Number(rows.at(-1)?.[0]);
    }
    return names;
  };

  return {
    async list() {
      const rows = await database.all(locks, [now()]);
      const names = await namesOf(new Set(rows.map(([, name]) => String(name)).filter((name) => name !== "")));
      return rows.map(([id, name, address, failures, lockedUntil]) => ({
        kind: kindOf(String(id)),
        username: names.get(String(name)) ?? null,
        nameDigest: name === "" ? null : String(name),
        address: address === "" ? null : String(address),
        failures: Number(failures),
        lockedUntil: isoTime(Number(lockedUntil)),
      }));
    },
    // A name and an address can look alike; then both are meant.
    unlock: async (who) => database.run(remove, [digest(who), networkOf(who)]),
    unlockAll: async () => database.run(removeAll, []),
  };
}

const kindOf = (id: string): LockKind => {
  const [kind] = id.split(" ", 1);
  return kind === "pair" || kind === "user" ? kind : "address";
};
