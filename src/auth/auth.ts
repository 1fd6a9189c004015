/**
 * The auth system put together: accounts, passwords, tokens, sessions, from settings, a database and a clock.
 * Called once at start by `app.ts`.
 */
import type { Logger } from "../config/index.ts";
import type { Database, Store } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { Model } from "../model/index.ts";
import { type Authenticator, type Endpoint, isoTime, type Shared } from "../resource/index.ts";
import { basic, bearer, session } from "./authenticators.ts";
import { createBlacklist } from "./blacklist.ts";
import { type Browser, createBrowser } from "./browser.ts";
import { customClaims, type TokenOptions } from "./custom-claims.ts";
import { tokenEndpoints } from "./endpoints.ts";
import { jwksEndpoint } from "./jwks-endpoint.ts";
import { BlacklistedToken, OutstandingToken, Session, User } from "./models.ts";
import { createPasswords } from "./passwords/passwords.ts";
import { createSessionCodec, sessionAuthHash } from "./session-data.ts";
import { sessionEndpoints } from "./session-endpoints.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import type { AuthSettings } from "./settings.ts";
import { createTokenKeys } from "./token-keys.ts";
import { createTokenOwners } from "./token-owner.ts";
import { createTokenPairs, type TokenPairs } from "./token-pairs.ts";
import { createTokenSessions } from "./token-sessions.ts";
import { createTokenUsers } from "./token-users.ts";
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
  /** What the app says of its tokens. */
  readonly tokens?: TokenOptions;
}

/** @throws ConfigurationError  there is no secret key, or the settings of tokens do not fit each other */
export async function createAuth({
  settings,
  database,
  store,
  now,
  tokens: own = {},
  log,
}: AuthOptions): Promise<Auth> {
  const { secretKey, secretKeyFallbacks: fallbacks, passwordHasher, passwordIterations: iterations } = settings;
  if (secretKey === "") throw new ConfigurationError("SECRET_KEY", "must be set");
  const passwords = createPasswords({
    preferred: passwordHasher,
    parameters: { pbkdf2_sha256: { iterations }, pbkdf2_sha1: { iterations } },
    maxConcurrent: settings.passwordConcurrency,
  });
  checkProfile(settings);
  const keys = createTokenKeys(settings, now, log);
  const secrets = { secretKey, fallbacks };
  const tokenSessions = await createTokenSessions(database);
  const users = createUsers(database, store(User), passwords, now, async (transaction, userId, from, to) => {
    const present = sessionAuthHash(to, secretKey);
    for (const key of [secretKey, ...fallbacks])
      await tokenSessions.rebind(transaction, userId, sessionAuthHash(from, key), present);
  });
  const tokens = createTokens({ ...settings, signer: keys, verifier: keys, now });
  const tokenUsers = createTokenUsers(users, settings);
  const { userIdClaim, tokenTypeClaim, jtiClaim, slidingRefreshExpClaim } = settings;
  const claimsOf = customClaims(own, [userIdClaim, tokenTypeClaim, jtiClaim, slidingRefreshExpClaim]);
  const blacklist = createBlacklist(database, store(OutstandingToken), store(BlacklistedToken), now);
  const owners = createTokenOwners(
    database,
    tokenUsers,
    settings.userIdField,
    secrets,
    settings.tokenCheckSeconds * 1000,
  );
  const pairs = createTokenPairs({
    ...settings,
    ...{ database, tokens, users, tokenUsers, blacklist, sessions: tokenSessions, owners, keys: secrets, log, now },
  });
  const sessions = createSessions({
    ...{ ...settings, ...secrets, database, users, now },
    store: store(Session),
    codec: createSessionCodec({ ...secrets, now }),
  });
  const browser = createBrowser(settings);
  const byName = {
    jwt: () => bearer({ ...settings, tokens, owners, blacklist }),
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
      ...tokenEndpoints({
        ...settings,
        ...{ tokens, users, tokenUsers, blacklist, pairs, owners, claimsOf },
        ...{ renderers: shared.renderers, path: "/api/token/" },
        async noteSignIn({ id }) {
          if (settings.updateLastLogin) await store(User).update(database, id, { last_login: isoTime(now()) });
        },
      }),
      ...(settings.sessionEndpoints
        ? sessionEndpoints({ ...shared, sessions: tokenSessions, pairs, path: "/api/auth/sessions/" })
        : []),
      ...(keys.isPublished ? [jwksEndpoint(keys.publicKeys)] : []),
    ],
  };
}

/** @throws ConfigurationError  RFC 9068 asks for claims that are not set */
function checkProfile({ tokenProfile, issuer, audience, clientId }: AuthSettings): void {
  if (tokenProfile !== "rfc9068") return;
  for (const [setting, value] of [
    ["JWT_ISSUER", issuer],
    ["JWT_AUDIENCE", audience.join()],
    ["JWT_CLIENT_ID", clientId],
  ])
    if (value === "") throw new ConfigurationError(`${setting}`, "must be set with JWT_PROFILE=rfc9068");
}
