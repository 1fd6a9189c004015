/**
 * Pairs of an access and a refresh token: begun at a sign-in, renewed at a refresh.
 *
 * A refresh token is used once. Who used it is decided by one row: the session says which token is the present one, and whoever puts
 * the next one in its place has won, in the transaction that also writes the tables of Django. The others get what the winner got, if
 * they come within REFRESH_GRACE_PERIOD, as parallel requests of one client do. Whoever comes later holds a copy, or the client does:
 * nobody can tell, so the whole session ends (RFC 9700 section 4.14.2).
 * A token that Django issued begins a session at its first refresh here.
 * Reference: rest_framework_simplejwt.serializers.TokenRefreshSerializer.
 * Differs: the reference lets all of those win that come at once, and notices no reuse.
 */
import type { Database } from "../../db/index.ts";
import type { AuthEvents, Cause } from "../events.ts";
import type { UserRow } from "../models.ts";
import { sessionAuthHash } from "../sessions/session-data.ts";
import type { SecretKeys } from "../signing.ts";
import type { Blacklist } from "./blacklist.ts";
import type { Revocation, Which } from "./revocation.ts";
import { newSessionId, sessionIdOf } from "./session-id.ts";
import type { SessionValidation } from "./session-validation.ts";
import { NoActiveAccount, notValid } from "./token-not-valid.ts";
import type { TokenOwners } from "./token-owner.ts";
import type { TokenSessions, Use } from "./token-sessions.ts";
import type { TokenUsers } from "./token-users.ts";
import type { MoreClaims, Token, Tokens } from "./tokens.ts";

/** Whoever asks for tokens. */
export interface Asking {
  readonly request: Cause;
  /** What the app's own code says of a user, for the claims of the tokens; `before` are those of the token that is refreshed. */
  claimsOf(user: UserRow, before?: MoreClaims): Promise<MoreClaims>;
}

export interface Pair {
  readonly access: string;
  readonly refresh: string;
}

export interface TokenPairs {
  /** A new session of a user who has signed in. */
  begin(user: UserRow, from: Asking): Promise<Pair>;
  /**
   * A new access token, and where tokens rotate the next refresh token.
   * @param refresh  a verified refresh token
   * @throws TokenNotValid         it was revoked or used, or its session has ended
   * @throws AuthenticationFailed  its user is gone or not active
   */
  renew(refresh: Token, from: Asking): Promise<Partial<Pair>>;
  /** A new session of a user who has signed in, with one sliding token. */
  beginSliding(user: UserRow, from: Asking): Promise<string>;
  /**
   * A sliding token with new times.
   * @param sliding  a verified one
   * @throws TokenNotValid         it was revoked, or its session has ended
   * @throws AuthenticationFailed  its user is gone or not active
   * @throws TokenError            its time to be refreshed has passed
   */
  slide(sliding: Token, from: Asking): Promise<string>;
  /**
   * Revokes a refresh token, and ends its session where that is what the setting says.
   * @throws TokenNotValid  it was revoked or used before
   */
  revoke(refresh: Token, from: Asking): Promise<void>;
  /** Ends the session of a refresh token, also of one that was used. */
  leave(refresh: Token): Promise<void>;
  /** Ends sessions of a user: one, all but one, or all (log out everywhere). Returns their number. */
  end(userId: number, which: Which): Promise<number>;
}

export interface TokenPairsParts {
  readonly database: Database;
  readonly tokens: Tokens;
  readonly tokenUsers: Pick<TokenUsers, "account" | "keyOf">;
  readonly blacklist: Blacklist;
  readonly sessions: TokenSessions;
  readonly validation: SessionValidation;
  readonly revocation: Pick<Revocation, "end">;
  readonly owners: TokenOwners;
  readonly keys: SecretKeys;
  readonly events: AuthEvents;
  readonly now: () => number;
  readonly rotateRefreshTokens: boolean;
  readonly blacklistAfterRotation: boolean;
  readonly blacklistEndsSession: boolean;
  readonly refreshGraceSeconds: number;
  readonly slidingRefreshExpClaim: string;
}

export function createTokenPairs(parts: TokenPairsParts): TokenPairs {
  const { database, tokens, tokenUsers, blacklist, sessions, validation, revocation, owners, keys, events, now } =
    parts;
  const graceMs = parts.refreshGraceSeconds * 1000;

  const use = ({ request: { address, headers } }: Asking, ...issued: readonly Token[]): Use => ({
    ...{ address, userAgent: headers["user-agent"] ?? "", now: now() },
    expiresAt: Math.max(...issued.map(({ claims }) => claims.exp)) * 1000,
  });

  /** Begins a session of a user with its first token. */
  const start = (id: string, token: Token, user: UserRow, from: Use): Promise<void> =>
    database.transaction(async (transaction) => {
      const authHash = sessionAuthHash(user.password, keys.secretKey);
      await sessions.begin(transaction, { id, userId: user.id, authHash, jti: token.claims.jti }, from);
      await blacklist.remember(token, user.id, transaction);
    });

  /** Until when a sliding token can be refreshed, milliseconds since 1970. */
  const slidesUntil = ({ claims }: Token): number =>
    Math.max(claims.exp, Number(claims[parts.slidingRefreshExpClaim] ?? 0)) * 1000;

  const aboutOf = ({ claims }: Token, { id, username }: UserRow) => ({ userId: id, username, detail: claims.jti });

  const userOf = async ({ claims }: Token): Promise<UserRow> => {
    const user = await tokenUsers.account(claims);
    if (!user?.is_active) throw new NoActiveAccount();
    return user;
  };

  /** The successor of a token that was used just now; a token that was used before that ends its session. */
  const replay = async (token: Token, from: Asking): Promise<Pair> => {
    const { jti } = token.claims;
    const session = await sessions.find(sessionIdOf(jti));
    if (!session) throw notValid();
    if (session.endedAt !== null) throw validation.tooLate(session, from.request);
    if (session.previousJti === jti && now() - session.rotatedAt < graceMs && !(await blacklist.has(session.jti))) {
      const user = await userOf(token);
      await validation.check(session, user, from.request);
      const refresh = await blacklist.textOf(session.jti);
      if (refresh === undefined) throw notValid();
      const access = await tokens.accessFrom(await tokens.verify(refresh, "refresh"));
      return { access: access.text, refresh };
    }
    await pairs.end(session.userId, { only: session.id });
    events.emit("authn_token_reuse", { userId: session.userId, detail: jti }, from.request);
    throw notValid();
  };

  const pairs: TokenPairs = {
    async begin(user, from) {
      const id = newSessionId();
      const refresh = await tokens.refreshFor(tokenUsers.keyOf(user), id, await from.claimsOf(user));
      const access = await tokens.accessFrom(refresh.claims);
      await start(id, refresh, user, use(from, refresh, access));
      events.emit("authn_token_created", aboutOf(refresh, user), from.request);
      return { refresh: refresh.text, access: access.text };
    },

    async beginSliding(user, from) {
      const id = newSessionId();
      const sliding = await tokens.slidingFor(tokenUsers.keyOf(user), id, await from.claimsOf(user));
      await start(id, sliding, user, { ...use(from), expiresAt: slidesUntil(sliding) });
      events.emit("authn_token_created", aboutOf(sliding, user), from.request);
      return sliding.text;
    },

    async slide(token, from) {
      if (await blacklist.has(token.claims.jti)) throw notValid();
      const user = await userOf(token);
      const session = await validation.sessionOf(token.claims, user, { ...use(from), expiresAt: slidesUntil(token) });
      await validation.check(session, user, from.request);
      const next = await tokens.slide({ ...token.claims, ...(await from.claimsOf(user, token.claims)) });
      await sessions.touch(database, session.id, token.claims.jti, { ...use(from), expiresAt: slidesUntil(next) });
      return next.text;
    },

    async renew(token, from) {
      // Before the session is read: whoever sees that the token was used also sees by what it was replaced.
      if (await blacklist.has(token.claims.jti)) return replay(token, from);
      const user = await userOf(token);
      const session = await validation.sessionOf(token.claims, user, use(from, token));
      await validation.check(session, user, from.request);
      const claims = { ...token.claims, ...(await from.claimsOf(user, token.claims)) };
      const access = await tokens.accessFrom(claims);
      if (!parts.rotateRefreshTokens) {
        await sessions.touch(database, session.id, token.claims.jti, use(from, token, access));
        return { access: access.text };
      }
      const next = await tokens.rotate(claims);
      const [old, fresh] = [token.claims.jti, next.claims.jti];
      const used = use(from, next, access);
      const hasWon = await database.transaction(async (transaction) => {
        if (!parts.blacklistAfterRotation) await sessions.touch(transaction, session.id, fresh, used);
        else if (!(await sessions.rotate(transaction, session.id, old, fresh, used))) return false;
        // Django may have rotated or revoked it at the same time.
        else if (!(await blacklist.add(token, transaction))) throw notValid();
        await blacklist.remember(next, user.id, transaction);
        return true;
      });
      if (!hasWon) return replay(token, from);
      events.emit("authn_token_created", aboutOf(next, user), from.request);
      return { access: access.text, refresh: next.text };
    },

    async revoke(token, from) {
      const session = await sessions.find(sessionIdOf(token.claims.jti));
      await database.transaction(async (transaction) => {
        // The session first, as a refresh does: in another order the two could wait for each other.
        if (session && parts.blacklistEndsSession)
          await sessions.end(transaction, session.userId, { only: session.id }, now());
        if (!(await blacklist.add(token, transaction))) throw notValid();
      });
      if (session) owners.forget(session.userId);
      events.emit("authn_token_revoked", { userId: session?.userId, detail: token.claims.jti }, from.request);
    },

    async leave({ claims }) {
      const session = await sessions.find(sessionIdOf(claims.jti));
      if (session) await pairs.end(session.userId, { only: session.id });
    },

    async end(userId, which) {
      const ended = await database.transaction((transaction) => revocation.end(transaction, userId, which));
      owners.forget(userId);
      return ended;
    },
  };
  return pairs;
}
