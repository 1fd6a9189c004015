/**
 * The auth system put together: accounts, passwords, tokens, sessions, from settings, a database and a clock.
 * Called once at start by `app.ts`.
 */
import type { Logger, Measurement, Tracer } from "../config/index.ts";
import type { Database, Store } from "../db/index.ts";
import { ConfigurationError, type Issue } from "../errors.ts";
import type { Model } from "../model/index.ts";
import type { Authenticator, Endpoint, Request, Shared, User as SignedIn } from "../resource/index.ts";
import type { DeskOptions } from "./accounts/desk.ts";
import { accountEndpoints } from "./accounts/endpoints.ts";
import { createNotices, type NoticesOptions } from "./accounts/notices.ts";
import { basic, session } from "./authenticators.ts";
import type { AuthEvents } from "./events.ts";
import type { Lockout } from "./lockout/lockout.ts";
import { createTrySecret } from "./lockout/tries.ts";
import { Session, User } from "./models.ts";
import { type PasswordBackends, withBackends } from "./password-backends.ts";
import { createDecoys } from "./passwords/decoys.ts";
import { createPasswords } from "./passwords/passwords.ts";
import {
  defaultPasswordValidators,
  findIssues,
  maxBytes,
  type PasswordOwner,
  type PasswordValidator,
} from "./passwords/validators.ts";
import { createChallenges } from "./second-factor/challenge.ts";
import { secondFactorEndpoints } from "./second-factor/endpoints.ts";
import { createSecondFactor, type SecondFactor } from "./second-factor/second-factor.ts";
import { createSecondStep, type SecondStep } from "./second-factor/sign-in.ts";
import { type Browser, createBrowser } from "./sessions/browser.ts";
import { createSessionCodec } from "./sessions/session-data.ts";
import { createSessions, type Sessions } from "./sessions/sessions.ts";
import type { AuthSettings } from "./settings.ts";
import { createSignIn, type SignIn } from "./sign-in.ts";
import type { TokenOptions } from "./tokens/custom-claims.ts";
import type { TokenPairs } from "./tokens/token-pairs.ts";
import { createTokenSystem } from "./tokens/token-system.ts";
import { type AccountListener, createUsers, type Users } from "./users.ts";

export interface Auth {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly secondFactor: SecondFactor | undefined;
  readonly secondStep: SecondStep | undefined;
  readonly lockout: Lockout;
  readonly events: AuthEvents;
  /** Tokens of users: begun, renewed, ended. */
  readonly pairs: TokenPairs;
  /** In the order of the setting. */
  readonly authenticators: readonly Authenticator[];
  readonly browser: Browser;
  /**
   * The endpoints of tokens, of their sessions, and of the second factor.
   * @param notices  how accounts are told of a change, where there are mails
   */
  endpoints(shared: Shared, notices: NoticesOptions | undefined): readonly Endpoint[];
  /** The routes by which people look after their accounts. */
  accountEndpoints(
    parts: Pick<DeskOptions, "accounts" | "title" | "outbox" | "throttle">,
    shared: Shared,
  ): readonly Endpoint[];
  /** How much there is to hash, for the metrics. */
  measure(): readonly Measurement[];
  /** Everything that is wrong with a password that somebody wants to have. */
  findPasswordIssues(password: string, owner: PasswordOwner): Promise<readonly Issue[]>;
}

export interface AuthOptions {
  readonly settings: AuthSettings & { readonly trustedOrigins: readonly string[] };
  readonly database: Database;
  readonly store: (model: Model) => Store;
  /** Who is asked for a name and a password (default: the table of accounts). */
  readonly backends?: PasswordBackends;
  readonly lockout: Lockout;
  readonly events: AuthEvents;
  /** Accounts may have a second factor; what an authenticator app shows beside the name (default: there is none). */
  readonly secondFactor?: { readonly issuer: string } | undefined;
  /** What new passwords must be (default: as a new Django project asks). */
  readonly passwordValidators?: readonly PasswordValidator[];
  /** Told of reused tokens, and of changes of the key file. */
  readonly log: Logger;
  /** Shows hashing as spans. */
  readonly tracer?: Tracer;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What the app says of its tokens. */
  readonly tokens?: TokenOptions;
}

/** @throws ConfigurationError  there is no secret key, or the settings of tokens do not fit each other */
export async function createAuth(options: AuthOptions): Promise<Auth> {
  const { settings, database, store, lockout, events, now, tokens: own = {}, log, passwordValidators } = options;
  const { secretKey, secretKeyFallbacks: fallbacks, passwordHasher, passwordIterations: iterations } = settings;
  if (secretKey === "") throw new ConfigurationError("SECRET_KEY", "must be set");
  const passwords = createPasswords({
    preferred: passwordHasher,
    parameters: { pbkdf2_sha256: { iterations }, pbkdf2_sha1: { iterations } },
    maxConcurrent: settings.passwordConcurrency,
    maxWaiting: settings.passwordQueueSize,
    tracer: options.tracer,
  });
  const secrets = { secretKey, fallbacks };
  const decoys = createDecoys({ database, secretKey, now });
  const listener: AccountListener = {
    replaced: (...change) => tokens.listener.replaced(...change),
    chosen: (...change) => tokens.listener.chosen(...change),
    changed: (userId) => tokens.listener.changed(userId),
    async removed(transaction, userId) {
      await tokens.listener.removed(transaction, userId);
      await secondFactor?.forget(transaction, userId);
    },
  };
  const accounts = createUsers(database, store(User), passwords, now, { listener, decoys });
  const users = options.backends ? withBackends(accounts, options.backends, { database, store, now }) : accounts;
  const sameSite = settings.tokenCookies ? settings.tokenCookieSameSite : "Lax";
  const browser = createBrowser({ ...settings, csrfSameSite: sameSite === "None" ? "None" : "Lax" });
  const tokens = await createTokenSystem({
    ...{ settings, secrets, database, store, users, browser, events, log, now, own },
  });
  const { pairs, revocation } = tokens;
  const sessions = createSessions({
    ...{ ...settings, ...secrets, database, users, events, revocation, now },
    store: store(Session),
    codec: createSessionCodec({ ...secrets, now }),
  });
  const validators = [...(passwordValidators ?? defaultPasswordValidators()), maxBytes(passwords.maxBytes)];
  const findPasswordIssues = (password: string, owner: PasswordOwner) => findIssues(validators, password, owner);
  const trySecret = createTrySecret(lockout, events);
  const secondFactor = options.secondFactor && (await createSecondFactor({ ...secrets, database, now }));
  const secondStep =
    secondFactor &&
    createSecondStep({ secondFactor, trySecret, events, challenges: createChallenges({ ...secrets, users, now }) });
  const signIn = createSignIn({ users, lockout, events, secondStep });
  /** Whether this is the password of an account that is signed in; counted like a sign-in. */
  const checkPassword = async (request: Request, user: SignedIn, password: string) => {
    const { value } = await trySecret(request, user, { detail: "password" }, async () => {
      // Through every backend: the password may be known to a directory alone.
      const known = await users.signIn(user.username, password);
      return known?.id === user.id ? true : undefined;
    });
    return value === true;
  };

  const byName = {
    jwt: () => tokens.authenticators,
    session: () => [session(sessions, browser)],
    basic: () => [basic(signIn)],
  };
  return {
    users,
    sessions,
    signIn,
    secondFactor,
    secondStep,
    lockout,
    events,
    browser,
    measure: () =>
      Object.entries(passwords.load()).map(([state, value]) => ({
        ...{ name: "drf_auth_password_hashes", labels: { state }, value },
      })),
    findPasswordIssues,
    accountEndpoints: (parts, shared) =>
      accountEndpoints(
        {
          ...{ ...parts, database, store: store(User), users, sessions, browser, secrets, findPasswordIssues, now },
          ...{ events, checkPassword },
          ...{ hash: passwords.hash, isUsable: passwords.isUsable },
          resetTimeoutSeconds: settings.passwordResetTimeoutSeconds,
          linkTimeoutSeconds: settings.accountLinkTimeoutSeconds,
        },
        shared,
      ),
    authenticators: settings.authenticators.flatMap((name) => byName[name]()),
    pairs,
    endpoints: (shared, notices) => [
      ...tokens.endpoints(shared, { signIn, secondStep }),
      ...(options.secondFactor && secondFactor && secondStep
        ? secondFactorEndpoints(
            {
              ...{ ...options.secondFactor, secondFactor, secondStep, events, checkPassword },
              changed: notices && tellSecondFactor(users, notices),
            },
            "/api/second-factor/",
            shared,
          )
        : []),
    ],
  };
}

/** Tells an account by mail that its second factor is another one. */
function tellSecondFactor(users: Users, options: NoticesOptions): (userId: number) => Promise<void> {
  const { tell } = createNotices(options);
  return async (userId) => {
    const user = await users.byId(userId);
    if (user) tell("secondFactorChanged", user);
  };
}
