/**
 * Sessions in Django's table: found by their key, made at login, ended at logout.
 * Reference: django.contrib.sessions.backends.db, django.contrib.auth.login and get_user.
 */
import type { Database, Store } from "../db/index.ts";
import { isoTime } from "../resource/index.ts";
import type { UserRow } from "./models.ts";
import { isSessionAuthHash, newSessionKey, type SessionCodec, sessionAuthHash } from "./session-data.ts";
import type { SecretKeys } from "./signing.ts";
import type { Users } from "./users.ts";

export interface Sessions {
  /** The user who is signed in with a session; undefined for one that is unknown, expired, or of an older password. */
  userOf(sessionKey: string): Promise<UserRow | undefined>;
  /** Signs a user in: a new session under a new key, which is returned. */
  start(user: UserRow): Promise<string>;
  end(sessionKey: string): Promise<void>;
}

/** How long a session lasts (Django: SESSION_COOKIE_AGE). */
export const sessionSeconds = 1_209_600;

/** Keys are lower-case letters and digits; whatever else a cookie holds is not looked for. */
const form = /^[a-z0-9]{1,40}$/;

const backend = "django.contrib.auth.backends.ModelBackend";

export function createSessions(
  database: Database,
  store: Store,
  users: Users,
  codec: SessionCodec,
  keys: SecretKeys,
  now: () => number,
): Sessions {
  const selection = store.selection();
  const data = selection.add("session_data").index;
  const expires = selection.add("expire_date");
  const find = store.finder(selection);
  return {
    async userOf(sessionKey) {
      if (!form.test(sessionKey)) return undefined;
      const row = await find(database, sessionKey);
      if (!row || String(expires.resolved.format.fromColumn(row[expires.index])) <= isoTime(now())) return undefined;
      const { _auth_user_id: id, _auth_user_hash: hash } = codec.decode(String(row[data]));
      if (typeof id !== "string" || typeof hash !== "string" || !/^\d{1,15}$/.test(id)) return undefined;
      const user = await users.byId(Number(id));
      return user && isSessionAuthHash(hash, user.password, keys) ? user : undefined;
    },
    async start(user) {
      const session_key = newSessionKey();
      const content = {
        _auth_user_id: String(user.id),
        _auth_user_backend: backend,
        _auth_user_hash: sessionAuthHash(user.password, keys.secretKey),
      };
      await store.insert(database, {
        session_key,
        session_data: codec.encode(content),
        expire_date: isoTime(now() + sessionSeconds * 1000),
      });
      await users.noteLogin(user.id);
      return session_key;
    },
    async end(sessionKey) {
      await database.transaction((transaction) => store.delete(transaction, [sessionKey]));
    },
  };
}
