/**
 * The auth system put together: accounts, passwords, tokens, sessions, from settings, a database and a clock.
 * Called once at start by `app.ts`.
 */
import type { Logger } from "../config/index.ts";
import type { Database, Store } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { Model } from "../model/index.ts";
import type { Authenticator, Endpoint, Shared } from "../resource/index.ts";
import { basic, bearer, session } from "./authenticators.ts";
import { createBlacklist } from "./blacklist.ts";
import { type Browser, createBrowser } from "./browser.ts";
import { tokenEndpoints } from "./endpoints.ts";
import { createSigner, createVerifier } from "./jwt.ts";
import { BlacklistedToken, OutstandingToken, Session, User } from "./models.ts";
import { createPasswords } from "./passwords/passwords.ts";
import { createSessionCodec, sessionAuthHash } from "./session-data.ts";
import { sessionEndpoints } from "./session-endpoints.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import type { AuthSettings } from "./settings.ts";
import { createTokenOwners } from "./token-owner.ts";
import { createTokenPairs, type TokenPairs } from "./token-pairs.ts";
import { createTokenSessions } from "./token-sessions.ts";
import { createTokens } from "./tokens.ts";
import { createUsers, type Users } from "./users.ts";

export interface Auth {
  readonly users: Users;
  readonly sessions: Sessions;
  /** Tokens of users: begun, renewed, ended. */
  readonly pairs: TokenPairs;
  /** In the order of the setting. */
  readonly authenticators: readonly Authenticator[];
  readonly browser: Browser;
  /** The endpoints of tokens and of sessions. */
  endpoints(shared: Shared): readonly Endpoint[];
}

export interface AuthOptions {
  readonly settings: AuthSettings & { readonly trustedOrigins: readonly string[] };
  readonly database: Database;
  readonly store: (model: Model) => Store;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** @throws ConfigurationError  there is no secret key */
export async function createAuth({ settings, database, store, log, now }: AuthOptions): Promise<Auth> {
  const { secretKey, secretKeyFallbacks: fallbacks, passwordHasher, passwordIterations: iterations } = settings;
  if (secretKey === "") throw new ConfigurationError("SECRET_KEY", "must be set");
  const passwords = createPasswords({
    preferred: passwordHasher,
    parameters: { pbkdf2_sha256: { iterations }, pbkdf2_sha1: { iterations } },
    maxConcurrent: settings.passwordConcurrency,
  });
  const secrets = { secretKey, fallbacks };
  const tokenSessions = await createTokenSessions(database);
  const users = createUsers(database, store(User), passwords, now, async (transaction, userId, from, to) => {
    const present = sessionAuthHash(to, secretKey);
    for (const key of [secretKey, ...fallbacks])
      await tokenSessions.rebind(transaction, userId, sessionAuthHash(from, key), present);
  });
  const keys = [secretKey, ...fallbacks].map((key) => ({ key }));
  const tokens = createTokens({
    ...settings,
    signer: createSigner({ algorithm: "HS256", key: secretKey }),
    verifier: createVerifier({ algorithms: ["HS256"], keys, cacheSize: settings.tokenCacheSize, now }),
    now,
  });
  const blacklist = createBlacklist(database, store(OutstandingToken), store(BlacklistedToken), now);
  const owners = createTokenOwners(database, secrets, settings.tokenCheckSeconds * 1000);
  const pairs = createTokenPairs({
    ...settings,
    ...{ database, tokens, users, blacklist, sessions: tokenSessions, owners, keys: secrets, log, now },
  });
  const sessions = createSessions({
    ...{ ...settings, ...secrets, database, users, now },
    store: store(Session),
    codec: createSessionCodec({ ...secrets, now }),
  });
  const browser = createBrowser(settings);
  const byName = {
    jwt: () => bearer(tokens, owners),
    session: () => session(sessions, browser),
    basic: () => basic(users),
  };
  return {
    users,
    sessions,
    browser,
    authenticators: settings.authenticators.map((name) => byName[name]()),
    pairs,
    endpoints: (shared) => [
      ...tokenEndpoints({ tokens, users, blacklist, pairs, owners, renderers: shared.renderers, path: "/api/token/" }),
      ...(settings.sessionEndpoints
        ? sessionEndpoints({ ...shared, sessions: tokenSessions, pairs, path: "/api/auth/sessions/" })
        : []),
    ],
  };
}
