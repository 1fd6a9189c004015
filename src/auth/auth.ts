/**
 * The auth system put together: accounts, passwords, tokens, sessions, from settings, a database and a clock.
 * Called once at start by `app.ts`.
 */
import type { Database, Store } from "../db/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { Model } from "../model/index.ts";
import type { Authenticator, Endpoint, Renderer } from "../resource/index.ts";
import { basic, bearer, session } from "./authenticators.ts";
import { createBlacklist } from "./blacklist.ts";
import { tokenEndpoints } from "./endpoints.ts";
import type { AuthEvents } from "./events.ts";
import { createSigner, createVerifier } from "./jwt.ts";
import type { Lockout } from "./lockout.ts";
import { BlacklistedToken, OutstandingToken, Session, User } from "./models.ts";
import { createPasswords } from "./passwords/passwords.ts";
import { createSessionCodec } from "./session-data.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import type { AuthSettings } from "./settings.ts";
import { createSignIn, type SignIn } from "./sign-in.ts";
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
  readonly trustedOrigins: readonly string[];
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
}

/** @throws ConfigurationError  there is no secret key */
export function createAuth({ settings, database, store, lockout, events, now }: AuthOptions): Auth {
  const {
    secretKey,
    secretKeyFallbacks: fallbacks,
    trustedOrigins,
    passwordHasher,
    passwordIterations: iterations,
  } = settings;
  if (secretKey === "") throw new ConfigurationError("SECRET_KEY", "must be set");
  const passwords = createPasswords({
    preferred: passwordHasher,
    parameters: { pbkdf2_sha256: { iterations }, pbkdf2_sha1: { iterations } },
    maxConcurrent: settings.passwordConcurrency,
  });
  const users = createUsers(database, store(User), passwords, now);
  const keys = [secretKey, ...fallbacks].map((key) => ({ key }));
  const tokens = createTokens({
    ...settings,
    signer: createSigner({ algorithm: "HS256", key: secretKey }),
    verifier: createVerifier({ algorithms: ["HS256"], keys, cacheSize: settings.tokenCacheSize, now }),
    now,
  });
  const blacklist = createBlacklist(database, store(OutstandingToken), store(BlacklistedToken), now);
  const secrets = { secretKey, fallbacks };
  const sessions = createSessions(
    database,
    store(Session),
    users,
    createSessionCodec({ ...secrets, now }),
    secrets,
    now,
  );
  const signIn = createSignIn({ users, lockout, events });
  const byName = {
    jwt: () => bearer(tokens, users),
    session: () => session(sessions, trustedOrigins),
    basic: () => basic(signIn),
  };
  return {
    users,
    sessions,
    signIn,
    lockout,
    events,
    trustedOrigins,
    authenticators: settings.authenticators.map((name) => byName[name]()),
    endpoints: (renderers) =>
      tokenEndpoints({ ...settings, tokens, users, signIn, events, blacklist, renderers, path: "/api/token/" }),
  };
}
