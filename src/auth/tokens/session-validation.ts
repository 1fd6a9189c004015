/**
 * Whether the session of a refresh token goes on: it has not ended, its password is the present one, and it is not too old.
 *
 * A session that is seen for the first time belongs to a token that Django issued, and begins with it.
 * Reference: OWASP ASVS 5.0 V7.3 (a session's end without use is that of its refresh token), V7.4.
 */
import type { Database } from "../../db/index.ts";
import type { AuthEvents, Cause } from "../events.ts";
import type { UserRow } from "../models.ts";
import { isSessionAuthHash, sessionAuthHash } from "../sessions/session-data.ts";
import type { SecretKeys } from "../signing.ts";
import type { Users } from "../users.ts";
import { isTakenBack, type Revocation } from "./revocation.ts";
import { sessionIdOf } from "./session-id.ts";
import { notValid, type TokenNotValid } from "./token-not-valid.ts";
import { isOfPassword } from "./token-owner.ts";
import type { TokenSession, TokenSessions, Use } from "./token-sessions.ts";
import type { TokenClaims } from "./tokens.ts";

export interface SessionValidation {
  /** The session of a token; one that Django issued begins it now. @throws TokenNotValid  it was taken back before */
  sessionOf(claims: TokenClaims, user: UserRow, use: Use): Promise<TokenSession>;
  /** @throws TokenNotValid  the session does not go on */
  check(session: TokenSession, user: UserRow, cause: Cause): Promise<void>;
  /** What a token of a session that has ended is refused with. */
  tooLate(session: TokenSession, cause: Cause): TokenNotValid;
}

export interface SessionValidationParts {
  readonly database: Database;
  readonly users: Pick<Users, "byId">;
  readonly sessions: TokenSessions;
  readonly revocation: Pick<Revocation, "last">;
  readonly keys: SecretKeys;
  readonly events: AuthEvents;
  readonly now: () => number;
  /** How old a session may become; 0 for no end. */
  readonly tokenSessionSeconds: number;
}

export function createSessionValidation(parts: SessionValidationParts): SessionValidation {
  const { database, users, sessions, revocation, keys, events, now } = parts;
  const maxAgeMs = parts.tokenSessionSeconds * 1000;

  const tooLate: SessionValidation["tooLate"] = ({ id, userId }, cause) => {
    events.emit("session_use_after_expire", { userId, detail: id }, cause);
    return notValid();
  };
  return {
    tooLate,
    async sessionOf(claims, user, use) {
      const id = sessionIdOf(claims.jti);
      const known = await sessions.find(id);
      if (known) return known;
      if (!isOfPassword(claims, user.password) || isTakenBack(claims, await revocation.last(user.id))) throw notValid();
      const authHash = sessionAuthHash(user.password, keys.secretKey);
      await sessions.begin(database, { id, userId: user.id, authHash, jti: claims.jti }, use);
      const begun = await sessions.find(id);
      if (!begun) throw notValid(); // ended and cleaned up in between
      return begun;
    },
    async check(session, user, cause) {
      const { userId, endedAt, authHash, createdAt } = session;
      if (userId !== user.id) throw notValid();
      if (endedAt !== null) throw tooLate(session, cause);
      if (maxAgeMs > 0 && now() - createdAt >= maxAgeMs) {
        events.emit("session_expired", { userId, detail: "timeout" }, cause);
        throw notValid();
      }
      let { password } = user;
      if (!isSessionAuthHash(authHash, password, keys)) {
        // The encoding may have been upgraded since the account was read.
        password = (await users.byId(userId))?.password ?? "";
        if (!isSessionAuthHash(authHash, password, keys)) throw tooLate(session, cause);
      }
      const present = sessionAuthHash(password, keys.secretKey);
      // Hashed with an older secret key, which may be dropped before the session ends.
      if (authHash !== present) await sessions.rebind(database, userId, "all", authHash, present);
    },
  };
}
