/**
 * Which refresh tokens were given out, and which are no longer accepted.
 *
 * Reference: rest_framework_simplejwt.token_blacklist; the tables are its own.
 * Differs: every refresh token is recorded before it leaves (the reference forgets those of rotations before its 5.5); blacklisting
 * says whether it was this call that did it.
 */
import { sql } from "kysely";
import {
  builder,
  type Database,
  type Executor,
  type SqlValue,
  type Store,
  slot,
  statement,
  UniqueViolation,
} from "../../db/index.ts";
import { isoTime } from "../../resource/index.ts";
import { BlacklistedToken, OutstandingToken } from "../models.ts";
import type { Token } from "./tokens.ts";

export interface Blacklist {
  /** Records a token that a user was given. */
  remember(token: Token, userId: number, executor?: Executor): Promise<void>;
  has(jti: string): Promise<boolean>;
  /** Puts a token on the list; false where it was there already. */
  add(token: Token, executor?: Executor): Promise<boolean>;
  /** Puts the valid tokens of a user on the list: those of one session (and the token it began with), of all but one, or all. */
  addAll(
    executor: Executor,
    userId: number,
    which: { readonly only?: Family; readonly except?: Family },
  ): Promise<void>;
  /** The token with a key, as it was given out. */
  textOf(jti: string): Promise<string | undefined>;
}

/** The tokens of a session: by the session that their keys name, and one that was made by somebody else. */
export interface Family {
  readonly id: string;
  readonly jti: string;
}

export function createBlacklist(
  database: Database,
  outstanding: Store,
  blacklisted: Store,
  now: () => number,
): Blacklist {
  const row = outstanding.selection();
  const { index } = row.add("id");
  const { index: text } = row.add("token");
  const byJti = outstanding.finder(row, "jti");
  const inList = blacklisted.selection();
  inList.add("id");
  const listed = blacklisted.finder(inList, "token.jti");
  const { toColumn } = outstanding.selection().resolve("expires_at").format;
  const present = (): SqlValue => toColumn(isoTime(now()));
  const statements = statementsFor(database);

  const expiry = ({ claims }: Token): string => isoTime(claims.exp * 1000);

  const keyOf = async (executor: Executor, token: Token): Promise<unknown> => {
    const known = await byJti(executor, token.claims.jti);
    if (known) return known[index];
    return outstanding.insert(executor, {
      token: token.text,
      jti: token.claims.jti,
      expires_at: expiry(token),
      user: null,
      created_at: null,
    });
  };

  return {
    async remember(token, userId, executor = database) {
      await outstanding.insert(executor, {
        token: token.text,
        jti: token.claims.jti,
        expires_at: expiry(token),
        user: userId,
        created_at: isoTime(now()),
      });
    },
    async has(jti) {
      return (await listed(database, jti)) !== undefined;
    },
    async add(token, executor = database) {
      if (await listed(executor, token.claims.jti)) return false;
      try {
        await executor.transaction(async (transaction) => {
          await blacklisted.insert(transaction, {
            token: await keyOf(transaction, token),
            blacklisted_at: isoTime(now()),
          });
        });
        return true;
      } catch (error) {
        if (error instanceof UniqueViolation) return false;
        throw error;
      }
    },
    async addAll(executor, userId, { only, except }) {
      const common = [present(), userId, present()];
      if (only) await executor.run(statements.addFamily, [...common, only.id, only.jti]);
      else if (except) await executor.run(statements.addOthers, [...common, except.id, except.jti]);
      else await executor.run(statements.addEvery, common);
    },
    async textOf(jti) {
      const found = await byJti(database, jti);
      return found && String(found[text]);
    },
  };
}

function statementsFor({ dialect }: Database) {
  const db = builder(dialect);
  const time = () => (dialect === "postgres" ? sql`${slot()}::timestamptz` : sql`${slot()}`);
  const valid = db
    .selectFrom(`${OutstandingToken.table} as o`)
    .select(["o.id", time().as("at")])
    .where("o.user_id", "=", slot())
    .where("o.expires_at", ">", time())
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom(`${BlacklistedToken.table} as b`).select("b.id").whereRef("b.token_id", "=", "o.id"))),
    );
  const add = (tokens: typeof valid) =>
    statement(
      db
        .insertInto(BlacklistedToken.table)
        .columns(["token_id", "blacklisted_at"])
        .expression(tokens)
        .onConflict((conflict) => conflict.doNothing()),
    );
  const isFamily = sql<boolean>`(substr(o.jti, 1, 16) = ${slot()} or o.jti = ${slot()})`;
  return {
    addEvery: add(valid),
    addFamily: add(valid.where(isFamily)),
    addOthers: add(valid.where(sql<boolean>`not ${isFamily}`)),
  };
}
