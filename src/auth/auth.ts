/**
 * The auth system put together: accounts, passwords, tokens, sessions, from settings, a database and a clock.
 * Called once at start by `app.ts`.
 */
import type { Logger } from "../config/index.ts";
import type { Database, Store } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { Model } from "../model/index.ts";
import { type Authenticator, type Endpoint, isoTime, type Renderer } from "../resource/index.ts";
import { basic, bearer, session } from "./authenticators.ts";
import { createBlacklist } from "./blacklist.ts";
import { type Browser, createBrowser } from "./browser.ts";
import { customClaims, type TokenOptions } from "./custom-claims.ts";
import { tokenEndpoints } from "./endpoints.ts";
import type { AuthEvents } from "./events.ts";
import { jwksEndpoint } from "./jwks-endpoint.ts";
import type { Lockout } from "./lockout.ts";
import { BlacklistedToken, OutstandingToken, Session, User } from "./models.ts";
import { createPasswords } from "./passwords/passwords.ts";
import { createSessionCodec } from "./session-data.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import type { AuthSettings } from "./settings.ts";
import { createSignIn, type SignIn } from "./sign-in.ts";
import { createTokenKeys } from "./token-keys.ts";
import { createTokenUsers } from "./token-users.ts";
import { createTokens } from "./tokens.ts";
import { createUsers, type Users } from "./users.ts";

export interface Auth {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly lockout: Lockout;
  readonly events: AuthEvents;
  /** In the order of the setting. */
  readonly authenticators: readonly Authenticator[];
  readonly browser: Browser;
  /** The token endpoints. */
  endpoints(renderers: readonly [Renderer, ...Renderer[]]): readonly Endpoint[];
}

export interface AuthOptions {
  readonly settings: AuthSettings & { readonly trustedOrigins: readonly string[] };
  readonly database: Database;
  readonly store: (model: Model) => Store;
  readonly lockout: Lockout;
  readonly events: AuthEvents;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What the app says of its tokens. */
  readonly tokens?: TokenOptions;
  /** Told of changes of the key file. */
  readonly log?: Pick<Logger, "error" | "info">;
}

/** @throws ConfigurationError  there is no secret key, or the settings of tokens do not fit each other */
export function createAuth(options: AuthOptions): Auth {
  const { settings, database, store, lockout, events, now, tokens: own = {}, log } = options;
  const { secretKey, secretKeyFallbacks: fallbacks, passwordHasher, passwordIterations: iterations } = settings;
  if (secretKey === "") throw new ConfigurationError("SECRET_KEY", "must be set");
  const passwords = createPasswords({
    preferred: passwordHasher,
    parameters: { pbkdf2_sha256: { iterations }, pbkdf2_sha1: { iterations } },
    maxConcurrent: settings.passwordConcurrency,
  });
  const users = createUsers(database, store(User), passwords, now);
  checkProfile(settings);
  const keys = createTokenKeys(settings, now, log);
  const tokens = createTokens({ ...settings, signer: keys, verifier: keys, now });
  const tokenUsers = createTokenUsers(users, settings);
  const { userIdClaim, tokenTypeClaim, jtiClaim, slidingRefreshExpClaim } = settings;
  const claimsOf = customClaims(own, [userIdClaim, tokenTypeClaim, jtiClaim, slidingRefreshExpClaim]);
  const blacklist = createBlacklist(database, store(OutstandingToken), store(BlacklistedToken), now);
  const secrets = { secretKey, fallbacks };
  const sessions = createSessions({
    ...{ ...settings, ...secrets, database, users, now },
    store: store(Session),
    codec: createSessionCodec({ ...secrets, now }),
  });
  const browser = createBrowser(settings);
  const signIn = createSignIn({ users, lockout, events });
  const byName = {
    jwt: () => bearer({ ...settings, tokens, users: tokenUsers, blacklist }),
    session: () => session(sessions, browser),
    basic: () => basic(signIn),
  };
  return {
    users,
    sessions,
    signIn,
    lockout,
    events,
    browser,
    authenticators: settings.authenticators.map((name) => byName[name]()),
    endpoints: (renderers) => [
      ...tokenEndpoints({
        ...settings,
        ...{ tokens, signIn, events, tokenUsers, blacklist, renderers, claimsOf, path: "/api/token/" },
        async noteSignIn({ id }) {
          if (settings.updateLastLogin) await store(User).update(database, id, { last_login: isoTime(now()) });
        },
      }),
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
