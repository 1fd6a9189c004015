/**
 * Sessions in Django's table: found by their key, made at login, ended at logout.
 *
 * Three ends: a time from the login (Django's SESSION_COOKIE_AGE), one without use, and a log-out everywhere. A session of ours says in its
 * data when it began; one that Django made has the end that Django gave it.
 * Reference: django.contrib.sessions.backends.db, django.contrib.auth.login and get_user.
 * Differs: Django has no end without use, and prolongs a session whenever its data are changed; ours ends when it was said to.
 */
import type { Database, Store } from "../../db/index.ts";
import { isoTime } from "../../resource/index.ts";
import type { AuthEvents, Cause } from "../events.ts";
import type { UserRow } from "../models.ts";
import type { SecretKeys } from "../signing.ts";
import type { Revocation } from "../tokens/revocation.ts";
import type { Users } from "../users.ts";
import {
  isSessionAuthHash,
  newSessionKey,
  type SessionCodec,
  type SessionData,
  sessionAuthHash,
} from "./session-data.ts";
import type { SessionSettings } from "./session-settings.ts";

export interface Sessions {
  /**
   * The user who is signed in with a session; undefined for one that is unknown, expired, or of an older password.
   * @param cause  the request that came with it, for the audit log
   */
  userOf(sessionKey: string, cause: Cause): Promise<UserRow | undefined>;
  /**
   * Signs a user in: a new session under a new key, which is returned.
   * @param previousKey  the session that the browser had: it ends, and what it held goes over unless it was another user's
   */
  start(user: UserRow, previousKey?: string): Promise<string>;
  /**
   * A new key for the session in which a user has changed his password: what it held stays, and it ends when it would have.
   * Reference: django.contrib.auth.update_session_auth_hash.
   * @returns the key; undefined where the session has ended meanwhile, or is another user's
   */
  cycle(user: UserRow, sessionKey: string): Promise<string | undefined>;
  end(sessionKey: string): Promise<void>;
}

export interface SessionsOptions
  extends SecretKeys,
    Pick<SessionSettings, "sessionLifetimeSeconds" | "sessionIdleSeconds"> {
  readonly database: Database;
  readonly store: Store;
  readonly users: Pick<Users, "byId" | "noteLogin">;
  readonly codec: SessionCodec;
  readonly events: AuthEvents;
  readonly revocation: Pick<Revocation, "last">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Keys are lower-case letters and digits; whatever else a cookie holds is not looked for. */
const form = /^[a-z0-9]{1,40}$/;

const backend = "django.contrib.auth.backends.ModelBackend";

/** Where a session of ours keeps its beginning, milliseconds since 1970. */
const startedAt = "drf_auth_started_at";

/** When its user confirmed it by another password: it outlives a log-out everywhere of before. */
const confirmedAt = "drf_auth_confirmed_at";

/** A session that is used is prolonged when this share of its time without use is over, so that few requests write. */
const prolongAfter = 0.1;

interface Found {
  readonly data: SessionData;
  /** Milliseconds since 1970. */
  readonly end: number;
}

export function createSessions(options: SessionsOptions): Sessions {
  const { database, store, users, codec, events, now, sessionLifetimeSeconds, sessionIdleSeconds } = options;
  const selection = store.selection();
  const data = selection.add("session_data").index;
  const expires = selection.add("expire_date");
  const findRow = store.finder(selection);
  const lifetimeMs = sessionLifetimeSeconds * 1000;
  const idleMs = sessionIdleSeconds * 1000;
  /** When a session ends that is used now. */
  const endOf = (started: number): number =>
    Math.min(started + lifetimeMs, idleMs > 0 ? now() + idleMs : Number.POSITIVE_INFINITY);

  /** What a session holds, and when it ends or has ended; undefined where its row is gone. */
  const find = async (sessionKey: string): Promise<Found | undefined> => {
    if (!form.test(sessionKey)) return undefined;
    const row = await findRow(database, sessionKey);
    if (!row) return undefined;
    const end = Date.parse(String(expires.resolved.format.fromColumn(row[expires.index])));
    return { data: codec.decode(String(row[data])), end };
  };
  /** The same of one that has not ended. */
  const read = async (sessionKey: string): Promise<Found | undefined> => {
    const session = await find(sessionKey);
    return session && session.end > now() ? session : undefined;
  };
  /** Whether all sessions of its user were ended since. */
  const isRevoked = async (userId: number, data: SessionData): Promise<boolean> => {
    const times = [data[startedAt], data[confirmedAt]].filter((time) => typeof time === "number");
    return times.length > 0 && Math.max(...times) < ((await options.revocation.last(userId)) ?? 0);
  };
  /** @returns whether its end without use was put off */
  const prolong = async (sessionKey: string, { data: { [startedAt]: started }, end }: Found): Promise<boolean> => {
    if (idleMs === 0 || typeof started !== "number") return false;
    const later = endOf(started);
    if (later - end <= idleMs * prolongAfter) return false;
    await store.update(database, sessionKey, { expire_date: isoTime(later) });
    return true;
  };
  /** What a browser's old session takes along into that of a user. */
  const takenAlong = async (user: UserRow, previousKey: string | undefined): Promise<SessionData> => {
    const previous = previousKey === undefined ? undefined : await read(previousKey);
    if (!previous) return {};
    const { _auth_user_id: id, _auth_user_hash: hash } = previous.data;
    const isOthers =
      id !== undefined &&
      !(id === String(user.id) && typeof hash === "string" && isSessionAuthHash(hash, user.password, options));
    return isOthers ? {} : previous.data;
  };

  /** Keeps a session under a new key, in the place of the one that the browser had. */
  const put = async (content: SessionData, end: number, previousKey: string | undefined): Promise<string> => {
    const session_key = newSessionKey();
    const row = { session_key, session_data: codec.encode(content), expire_date: isoTime(end) };
    await database.transaction(async (transaction) => {
      if (previousKey !== undefined && form.test(previousKey)) await store.delete(transaction, [previousKey]);
      await store.insert(transaction, row);
    });
    return session_key;
  };

  return {
    async userOf(sessionKey, cause) {
      const session = await find(sessionKey);
      if (!session) return undefined;
      const { _auth_user_id: id, _auth_user_hash: hash } = session.data;
      if (typeof id !== "string" || typeof hash !== "string" || !/^\d{1,15}$/.test(id)) return undefined;
      const userId = Number(id);
      if (session.end <= now()) {
        events.emit("session_expired", { userId, detail: "timeout" }, cause);
        return undefined;
      }
      const user = await users.byId(userId);
      if (!user) return undefined;
      const isSamePassword = isSessionAuthHash(hash, user.password, options);
      if (!isSamePassword || (await isRevoked(userId, session.data))) {
        const detail = isSamePassword ? "revoked" : "password";
        events.emit("session_use_after_expire", { userId, username: user.username, detail }, cause);
        return undefined;
      }
      if (await prolong(sessionKey, session))
        events.emit("session_renewed", { userId, username: user.username, detail: "use" }, cause);
      return user;
    },
    async start(user, previousKey) {
      const content = {
        ...(await takenAlong(user, previousKey)),
        _auth_user_id: String(user.id),
        _auth_user_backend: backend,
        _auth_user_hash: sessionAuthHash(user.password, options.secretKey),
        [startedAt]: now(),
      };
      const key = await put(content, endOf(now()), previousKey);
      await users.noteLogin(user.id);
      return key;
    },
    async cycle(user, sessionKey) {
      const session = await read(sessionKey);
      if (session?.data._auth_user_id !== String(user.id)) return undefined;
      const hash = sessionAuthHash(user.password, options.secretKey);
      const content = { ...session.data, _auth_user_hash: hash, [confirmedAt]: now() };
      return put(content, session.end, sessionKey);
    },
    async end(sessionKey) {
      if (form.test(sessionKey)) await database.transaction((transaction) => store.delete(transaction, [sessionKey]));
    },
  };
}
