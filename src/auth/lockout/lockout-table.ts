/**
 * Where tries are counted: a table of the framework's own, one row for each who is counted.
 *
 * Three kinds of row count: `pair` (a name from a network), `user` (a name from everywhere), `address` (a network). A row of the
 * kind `known` says that the name has signed in from the network. Names stand in it as keyed digests, since people type their
 * passwords there. A row goes when it is out of date, a few with each try, so no more rows stand than were counted in a window.
 */
import { createHmac } from "node:crypto";
import { sql } from "kysely";
import { builder, createOwnTable, type Database, type Statement, slot, statement } from "../../db/index.ts";
import { networkOf } from "../../resource/index.ts";

export const lockoutTable = "drf_auth_lockout";

const definition = `CREATE TABLE IF NOT EXISTS ${lockoutTable} (id varchar(110) NOT NULL PRIMARY KEY, name varchar(43) NOT NULL,
  address varchar(45) NOT NULL, failures integer NOT NULL, locked_until bigint NOT NULL, expires bigint NOT NULL);
CREATE INDEX IF NOT EXISTS ${lockoutTable}_name ON ${lockoutTable} (name);
CREATE INDEX IF NOT EXISTS ${lockoutTable}_address ON ${lockoutTable} (address);
CREATE INDEX IF NOT EXISTS ${lockoutTable}_expires ON ${lockoutTable} (expires)`;

/** Makes the table where it is missing. */
export const createLockoutTable = (database: Database): Promise<void> => createOwnTable(database, definition);

/** Whose tries a row counts. */
export const lockKinds = ["pair", "user", "address"] as const;
export type LockKind = (typeof lockKinds)[number];

/** A row's key, and what it is made of. */
export interface LockKey {
  readonly id: string;
  readonly name: string;
  readonly address: string;
}

/** The keys of a try: what it counts for, and where it would be remembered as known. */
export type LockKeys = Readonly<Record<LockKind | "known", LockKey>>;

/** How names are made into digests. */
export interface NameDigestOptions {
  readonly secretKey: string;
  /** One spelling for what is one name to whoever knows passwords (default: as it is, for Django minds the case). */
  readonly canonicalName?: ((username: string) => string) | undefined;
}

/** Makes digests of names, in NFKC as Django compares them; nobody without the key can try names out. */
export function createNameDigest({
  secretKey,
  canonicalName = (name) => name,
}: NameDigestOptions): (name: string) => string {
  const key = createHmac("sha256", secretKey).update("drf-auth lock-out").digest();
  return (name) =>
    createHmac("sha256", key)
      .update(canonicalName(name.normalize("NFKC")))
      .digest("base64url");
}

/** The keys of a name's digest and a client's address. */
export function lockKeys(name: string, clientAddress: string): LockKeys {
  const address = networkOf(clientAddress).slice(0, 45);
  const key = (kind: string, name: string, address: string): LockKey => ({
    id: `${kind} ${name} ${address}`,
    name,
    address,
  });
  return {
    pair: key("pair", name, address),
    user: key("user", name, ""),
    address: key("address", "", address),
    known: key("known", name, address),
  };
}

/** Rows out of date that go with each try. */
const SWEPT = 20;

export function lockStatements({ dialect }: Pick<Database, "dialect">) {
  const db = builder(dialect);
  const rows = db
    .selectFrom(lockoutTable)
    .select(["id", "failures", "locked_until", "expires"])
    .where("id", "in", [slot(), slot(), slot(), slot()])
    .where("expires", ">", slot());
  // SQLite has one writer at a time; PostgreSQL is told whose tries wait for each other.
  const lock: Statement | undefined =
    dialect === "postgres"
      ? {
          ...statement(db.selectNoFrom(sql`pg_advisory_xact_lock(hashtextextended(${slot()}, 7))`.as("lock"))),
          reads: false,
        }
      : undefined;
  const expired = db.selectFrom(lockoutTable).select("id").where("expires", "<=", slot()).limit(sql.lit(SWEPT));
  return {
    lock,
    /** Outside a transaction, to refuse without writing. */
    look: statement(rows),
    find: { ...statement(rows), reads: false },
    write: statement(
      db
        .insertInto(lockoutTable)
        .values({ id: slot(), name: slot(), address: slot(), failures: slot(), locked_until: slot(), expires: slot() })
        .onConflict((conflict) =>
          conflict.column("id").doUpdateSet((row) => ({
            failures: row.ref("excluded.failures"),
            locked_until: row.ref("excluded.locked_until"),
            expires: row.ref("excluded.expires"),
          })),
        ),
    ),
    remove: statement(db.deleteFrom(lockoutTable).where("id", "=", slot())),
    // Rows that another request is removing are left to it.
    sweep: statement(
      db
        .deleteFrom(lockoutTable)
        .where("id", "in", dialect === "postgres" ? expired.forUpdate().skipLocked() : expired),
    ),
  };
}
