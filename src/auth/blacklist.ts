/**
 * Which refresh tokens were given out, and which are no longer accepted.
 *
 * Reference: rest_framework_simplejwt.token_blacklist; the tables are its own.
 * Differs: blacklisting says whether it was this call that did it, so that one of two rotations wins.
 */
import { type Database, type Executor, type Store, UniqueViolation } from "../db/index.ts";
import { isoTime } from "../resource/index.ts";
import type { Token } from "./tokens.ts";

export interface Blacklist {
  /** Records a token that a user was given. */
  remember(token: Token, userId: number): Promise<void>;
  has(jti: string): Promise<boolean>;
  /** Puts a token on the list; false where it was there already. */
  add(token: Token): Promise<boolean>;
}

export function createBlacklist(
  database: Database,
  outstanding: Store,
  blacklisted: Store,
  now: () => number,
): Blacklist {
  const key = outstanding.selection();
  const { index } = key.add("id");
  const byJti = outstanding.finder(key, "jti");
  const inList = blacklisted.selection();
  inList.add("id");
  const listed = blacklisted.finder(inList, "token.jti");

  const expiry = ({ claims }: Token): string => isoTime(claims.exp * 1000);

  const keyOf = async (executor: Executor, token: Token): Promise<unknown> => {
    const row = await byJti(executor, token.claims.jti);
    if (row) return row[index];
    const { text, claims } = token;
    return outstanding.insert(executor, {
      token: text,
      jti: claims.jti,
      expires_at: expiry(token),
      user: null,
      created_at: null,
    });
  };

  return {
    async remember(token, userId) {
      const { text, claims } = token;
      await outstanding.insert(database, {
        token: text,
        jti: claims.jti,
        expires_at: expiry(token),
        user: userId,
        created_at: isoTime(now()),
      });
    },
    async has(jti) {
      return (await listed(database, jti)) !== undefined;
    },
    async add(token) {
      if (await listed(database, token.claims.jti)) return false;
      try {
        await database.transaction(async (transaction) => {
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
  };
}
