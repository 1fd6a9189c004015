/**
 * How the tokens of a user are taken back: sessions are ended, what they were given is put on Django's blacklist, and where all of
 * them are meant, the time is noted.
 *
 * That time counts for tokens that have no session here: those that a Django server beside us issued. Its blacklist does not know all of
 * them (SimpleJWT before 5.5 forgets those of rotations), nor any of its access tokens.
 * Differs: the reference takes back a token at a time.
 */
import { builder, createOwnTable, type Database, type Executor, slot, statement } from "../../db/index.ts";
import type { Blacklist } from "./blacklist.ts";
import type { TokenSessions } from "./token-sessions.ts";
import type { TokenClaims } from "./tokens.ts";

/** Which sessions of a user: one, all but one, or all. */
export interface Which {
  readonly only?: string | undefined;
  readonly except?: string | undefined;
}

export interface Revocation {
  /** Takes back tokens of a user, in the transaction of whatever is the reason. Returns the number of sessions that ended. */
  end(transaction: Executor, userId: number, which: Which): Promise<number>;
  /** When all of a user's tokens were taken back last, milliseconds since 1970. */
  last(userId: number): Promise<number | null>;
  /** Forgets that, where the account is deleted. */
  forget(transaction: Executor, userId: number): Promise<void>;
}

export const revocationTable = "drf_auth_revocation";
const definition = `CREATE TABLE IF NOT EXISTS ${revocationTable} (user_id bigint NOT NULL PRIMARY KEY, revoked_at bigint NOT NULL)`;

/** Makes the table where it is missing. */
export const createRevocationTable = (database: Database): Promise<void> => createOwnTable(database, definition);

export interface RevocationParts {
  readonly database: Database;
  readonly sessions: TokenSessions;
  readonly blacklist: Pick<Blacklist, "addAll">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function createRevocation({ database, sessions, blacklist, now }: RevocationParts): Revocation {
  const statements = statementsFor(database);
  return {
    async end(transaction, userId, { only, except }) {
      const family = async (id: string | undefined) => (id === undefined ? undefined : sessions.find(id, transaction));
      const [one, other] = [await family(only), await family(except)];
      if (only !== undefined && !one) return 0;
      const number = await sessions.end(transaction, userId, { only, except }, now());
      // What ended before was revoked before; of all of a user's, also the tokens that Django issued.
      if (number > 0 || only === undefined) await blacklist.addAll(transaction, userId, { only: one, except: other });
      if (only === undefined) await transaction.run(statements.note, [userId, now()]);
      return number;
    },
    async last(userId) {
      const [revokedAt] = (await database.get(statements.find, [userId])) ?? [];
      return revokedAt === undefined ? null : Number(revokedAt);
    },
    async forget(transaction, userId) {
      await transaction.run(statements.forget, [userId]);
    },
  };
}

/**
 * Whether a token that has no session here was issued before all of its user's were taken back. It says whole seconds: one of the same
 * second is refused.
 */
export const isTakenBack = ({ iat }: TokenClaims, revokedAt: number | null): boolean =>
  revokedAt !== null && !(typeof iat === "number" && iat * 1000 > revokedAt);

function statementsFor({ dialect }: Database) {
  const db = builder(dialect);
  return {
    find: statement(db.selectFrom(revocationTable).select("revoked_at").where("user_id", "=", slot())),
    note: statement(
      db
        .insertInto(revocationTable)
        .values({ user_id: slot(), revoked_at: slot() })
        .onConflict((conflict) =>
          conflict.column("user_id").doUpdateSet((excluded) => ({ revoked_at: excluded.ref("excluded.revoked_at") })),
        ),
    ),
    forget: statement(db.deleteFrom(revocationTable).where("user_id", "=", slot())),
  };
}
