/**
 * Tokens put together: what makes, verifies and renews them, takes them back, and knows people by them.
 * Called once at start by `auth.ts`.
 */
import type { Logger } from "../../config/index.ts";
import type { Database, Store } from "../../db/index.ts";
import { ConfigurationError } from "../../errors.ts";
import type { Model } from "../../model/index.ts";
import { type Authenticator, type Endpoint, isoTime, type Shared } from "../../resource/index.ts";
import type { AuthEvents } from "../events.ts";
import { BlacklistedToken, OutstandingToken, User } from "../models.ts";
import type { SecondStep } from "../second-factor/sign-in.ts";
import type { Browser } from "../sessions/browser.ts";
import { sessionAuthHash } from "../sessions/session-data.ts";
import type { AuthSettings } from "../settings.ts";
import type { SignIn } from "../sign-in.ts";
import type { SecretKeys } from "../signing.ts";
import type { AccountListener, Users } from "../users.ts";
import { createBlacklist } from "./blacklist.ts";
import { customClaims, type TokenOptions } from "./custom-claims.ts";
import { tokenEndpoints } from "./endpoints.ts";
import { jwksEndpoint } from "./jwks-endpoint.ts";
import { createRevocation, createRevocationTable, type Revocation } from "./revocation.ts";
import { sessionEndpoints } from "./session-endpoints.ts";
import { createSessionValidation } from "./session-validation.ts";
import { bearer, cookieToken } from "./token-authenticators.ts";
import { createTokenCookies } from "./token-cookies.ts";
import { createTokenKeys } from "./token-keys.ts";
import { createTokenOwners } from "./token-owner.ts";
import { createTokenPairs, type TokenPairs } from "./token-pairs.ts";
import { createTokenSessions } from "./token-sessions.ts";
import { createTokenUsers } from "./token-users.ts";
import { createTokens } from "./tokens.ts";

export interface TokenSystem {
  /** Tokens of users: begun, renewed, ended. */
  readonly pairs: TokenPairs;
  readonly revocation: Revocation;
  /** Of the header, and of the cookie where pages may keep tokens. */
  readonly authenticators: readonly Authenticator[];
  /** How tokens follow what happens to accounts. */
  readonly listener: AccountListener;
  /** The endpoints of tokens, of their keys, and of their sessions. */
  endpoints(shared: Shared, doors: TokenDoors): readonly Endpoint[];
}

/** How people come by tokens. */
export interface TokenDoors {
  readonly signIn: SignIn;
  readonly secondStep: SecondStep | undefined;
}

export interface TokenSystemOptions {
  readonly settings: AuthSettings;
  readonly secrets: SecretKeys;
  readonly database: Database;
  readonly store: (model: Model) => Store;
  readonly users: Users;
  readonly browser: Browser;
  readonly events: AuthEvents;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What the app says of its tokens. */
  readonly own: TokenOptions;
}

const path = "/api/token/";

/** @throws ConfigurationError  the settings of tokens do not fit each other */
export async function createTokenSystem(options: TokenSystemOptions): Promise<TokenSystem> {
  const { settings, secrets, database, store, users, browser, events, log, now, own } = options;
  checkSettings(settings);
  const keys = createTokenKeys(settings, now, log);
  const tokens = createTokens({ ...settings, signer: keys, verifier: keys, now });
  const tokenUsers = createTokenUsers(users, settings);
  const { userIdClaim, tokenTypeClaim, jtiClaim, slidingRefreshExpClaim } = settings;
  const claimsOf = customClaims(own, [userIdClaim, tokenTypeClaim, jtiClaim, slidingRefreshExpClaim]);
  const sessions = await createTokenSessions(database);
  const blacklist = createBlacklist(database, store(OutstandingToken), store(BlacklistedToken), now);
  await createRevocationTable(database);
  const revocation = createRevocation({ database, sessions, blacklist, now });
  const owners = createTokenOwners({
    ...{ database, users: tokenUsers, keys: secrets },
    intervalMs: settings.tokenCheckSeconds * 1000,
  });
  const parts = { ...settings, database, tokens, sessions, blacklist, revocation, owners, keys: secrets, events, now };
  const validation = createSessionValidation({ ...parts, users });
  const pairs = createTokenPairs({ ...parts, tokenUsers, validation });
  const cookies = settings.tokenCookies ? createTokenCookies({ ...settings, path: `${path}cookie/` }) : undefined;

  return {
    pairs,
    revocation,
    authenticators: [bearer(parts), ...(cookies ? [cookieToken(parts, cookies.access, browser)] : [])],
    listener: {
      async replaced(transaction, userId, from, to, kept) {
        const present = sessionAuthHash(to, secrets.secretKey);
        for (const key of [secrets.secretKey, ...(secrets.fallbacks ?? [])])
          await sessions.rebind(transaction, userId, kept, sessionAuthHash(from, key), present);
      },
      async chosen(transaction, userId, except) {
        await revocation.end(transaction, userId, { except });
      },
      changed: owners.forget,
      removed: revocation.forget,
    },
    endpoints: (shared, doors) => [
      ...tokenEndpoints({
        ...{ ...parts, ...doors, pairs, claimsOf, path, browser, cookies, renderers: shared.renderers },
        async noteSignIn({ id }) {
          if (settings.updateLastLogin) await store(User).update(database, id, { last_login: isoTime(now()) });
        },
      }),
      ...(keys.isPublished ? [jwksEndpoint(keys.publicKeys)] : []),
      ...(settings.sessionEndpoints
        ? sessionEndpoints({ ...shared, sessions, pairs, events, path: "/api/auth/sessions/" })
        : []),
    ],
  };
}

function checkSettings({ tokenProfile, issuer, audience, clientId, tokenCookies, authenticators }: AuthSettings): void {
  if (tokenCookies && !authenticators.includes("jwt"))
    throw new ConfigurationError("AUTHENTICATORS", "must have jwt with TOKEN_COOKIES=true");
  if (tokenProfile !== "rfc9068") return;
  for (const [setting, value] of [
    ["JWT_ISSUER", issuer],
    ["JWT_AUDIENCE", audience.join()],
    ["JWT_CLIENT_ID", clientId],
  ])
    if (value === "") throw new ConfigurationError(`${setting}`, "must be set with JWT_PROFILE=rfc9068");
}
