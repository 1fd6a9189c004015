/**
 * The auth system put together: accounts, passwords, tokens, sessions, from settings, a database and a clock.
 * Called once at start by `app.ts`.
 */
import type { Database, Store } from "../db/index.ts";
import { ConfigurationError, type Issue } from "../errors.ts";
import type { Model } from "../model/index.ts";
import type { Authenticator, Endpoint, Renderer, Shared } from "../resource/index.ts";
import type { DeskOptions } from "./accounts/desk.ts";
import { accountEndpoints } from "./accounts/endpoints.ts";
import { basic, bearer, session } from "./authenticators.ts";
import { createBlacklist } from "./blacklist.ts";
import { type Browser, createBrowser } from "./browser.ts";
import { tokenEndpoints } from "./endpoints.ts";
import { createSigner, createVerifier } from "./jwt.ts";
import { BlacklistedToken, OutstandingToken, Session, User } from "./models.ts";
import { createPasswords } from "./passwords/passwords.ts";
import {
  defaultPasswordValidators,
  findIssues,
  maxBytes,
  type PasswordOwner,
  type PasswordValidator,
} from "./passwords/validators.ts";
import { createSessionCodec } from "./session-data.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import type { AuthSettings } from "./settings.ts";
import { createTokens } from "./tokens.ts";
import { createUsers, type Users } from "./users.ts";

export interface Auth {
  readonly users: Users;
  readonly sessions: Sessions;
  /** In the order of the setting. */
  readonly authenticators: readonly Authenticator[];
  readonly browser: Browser;
  /** The token endpoints. */
  endpoints(renderers: readonly [Renderer, ...Renderer[]]): readonly Endpoint[];
  /** The routes by which people look after their accounts. */
  accountEndpoints(
    parts: Pick<DeskOptions, "accounts" | "title" | "outbox" | "throttle">,
    shared: Shared,
  ): readonly Endpoint[];
  /** Everything that is wrong with a password that somebody wants to have. */
  findPasswordIssues(password: string, owner: PasswordOwner): Promise<readonly Issue[]>;
}

export interface AuthOptions {
  readonly settings: AuthSettings & { readonly trustedOrigins: readonly string[] };
  readonly database: Database;
  readonly store: (model: Model) => Store;
  /** What new passwords must be (default: as a new Django project asks). */
  readonly passwordValidators?: readonly PasswordValidator[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** @throws ConfigurationError  there is no secret key */
export function createAuth({ settings, database, store, now, passwordValidators }: AuthOptions): Auth {
  const { secretKey, secretKeyFallbacks: fallbacks, passwordHasher, passwordIterations: iterations } = settings;
  if (secretKey === "") throw new ConfigurationError("SECRET_KEY", "must be set");
  const passwords = createPasswords({
    preferred: passwordHasher,
    parameters: { pbkdf2_sha256: { iterations }, pbkdf2_sha1: { iterations } },
    maxConcurrent: settings.passwordConcurrency,
    maxWaiting: settings.passwordQueueSize,
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
  const sessions = createSessions({
    ...{ ...settings, ...secrets, database, users, now },
    store: store(Session),
    codec: createSessionCodec({ ...secrets, now }),
  });
  const browser = createBrowser(settings);
  const validators = [...(passwordValidators ?? defaultPasswordValidators()), maxBytes(passwords.maxBytes)];
  const findPasswordIssues = (password: string, owner: PasswordOwner) => findIssues(validators, password, owner);
  const byName = {
    jwt: () => bearer(tokens, users),
    session: () => session(sessions, browser),
    basic: () => basic(users),
  };
  return {
    users,
    sessions,
    browser,
    findPasswordIssues,
    accountEndpoints: (parts, shared) =>
      accountEndpoints(
        {
          ...{ ...parts, database, store: store(User), users, sessions, browser, secrets, findPasswordIssues, now },
          ...{ hash: passwords.hash, isUsable: passwords.isUsable },
          resetTimeoutSeconds: settings.passwordResetTimeoutSeconds,
          linkTimeoutSeconds: settings.accountLinkTimeoutSeconds,
        },
        shared,
      ),
    authenticators: settings.authenticators.map((name) => byName[name]()),
    endpoints: (renderers) => tokenEndpoints({ ...settings, tokens, users, blacklist, renderers, path: "/api/token/" }),
  };
}
