/**
 * Being known by a token: in a header, or in a cookie.
 * Reference: rest_framework_simplejwt.authentication.JWTAuthentication.
 */
import type { Awaitable } from "../../db/index.ts";
import type { Authenticator, Context, Identity, SecurityScheme } from "../../resource/index.ts";
import { inCookie } from "../authenticators.ts";
import { TokenError, TokenInvalid } from "../errors.ts";
import type { AuthEvents, Cause } from "../events.ts";
import type { Browser, BrowserCookie } from "../sessions/browser.ts";
import { checkCsrf } from "../sessions/csrf-check.ts";
import type { Blacklist } from "./blacklist.ts";
import { sessionIdOf } from "./session-id.ts";
import { challengeOf } from "./token-endpoint.ts";
import { TokenNotValid } from "./token-not-valid.ts";
import type { Owner, TokenOwners } from "./token-owner.ts";
import { userIdOf } from "./token-users.ts";
import type { TokenClaims, Tokens, TokenType } from "./tokens.ts";

export interface BearerParts {
  readonly tokens: Tokens;
  readonly owners: TokenOwners;
  readonly blacklist: Pick<Blacklist, "has">;
  readonly events: AuthEvents;
  readonly authHeaderTypes: readonly string[];
  /** In lower case. */
  readonly authHeaderName: string;
  readonly slidingTokens: boolean;
  /** The challenge says what is wrong with a token (RFC 6750 3). */
  readonly bearerErrors: boolean;
}

/** What is the same wherever an access token stands. */
interface AccessTokens {
  readonly challenge: string;
  refusal(...[body, options]: ConstructorParameters<typeof TokenNotValid>): TokenNotValid;
  /** Whom a token signs in. One that was seen before is answered without a promise. @throws TokenNotValid */
  identityOf(token: string, context: Pick<Context, "now" | "request">): Awaitable<Identity>;
}

function accessTokens({ tokens, owners, blacklist, events, authHeaderTypes, ...settings }: BearerParts): AccessTokens {
  const types: readonly TokenType[] = settings.slidingTokens ? ["access", "sliding"] : ["access"];
  const challenge = challengeOf(authHeaderTypes);
  const refusal = (...[body, options]: ConstructorParameters<typeof TokenNotValid>): TokenNotValid =>
    new TokenNotValid(body, {
      ...options,
      challenge: settings.bearerErrors ? `${challenge}, error="invalid_token"` : undefined,
    });
  type Asked = Pick<Context, "now" | "request">;
  const ownerOf = (claims: TokenClaims, { now, request }: Asked) => {
    if (claims.user_id === undefined) throw refusal({ detail: "The token does not say whose it is." });
    const owner = owners.of(claims, now);
    return owner instanceof Promise
      ? owner.then((found) => identify(found, claims, request))
      : identify(owner, claims, request);
  };
  const identify = (owner: Owner, claims: TokenClaims, request: Cause) => {
    if (typeof owner !== "string") return { user: owner, credentials: claims, scopes: scopesOf(claims) };
    if (owner === "ended" || owner === "password")
      events.emit("session_use_after_expire", { userId: userIdOf(claims), detail: sessionIdOf(claims.jti) }, request);
    throw refusal(refusals[owner]);
  };
  /** A sliding token signs in and is refreshed with one text, so it may have been revoked. */
  const unlessRevoked = async (claims: TokenClaims, asked: Asked) => {
    if (await blacklist.has(claims.jti)) return refuse(new TokenInvalid("the token was revoked"));
    return ownerOf(claims, asked);
  };
  const known = (claims: TokenClaims, asked: Asked): Awaitable<Identity> =>
    claims.token_type === "sliding" ? unlessRevoked(claims, asked) : ownerOf(claims, asked);
  const refuse = (cause: unknown): never => {
    if (!(cause instanceof TokenError)) throw cause;
    const message = {
      token_class: "AccessToken",
      token_type: "access",
      message: "The token is not valid or has expired.",
    };
    throw refusal({ detail: "Given token not valid for any token type", messages: [message] });
  };
  return {
    challenge,
    refusal,
    identityOf(token, asked) {
      let claims: TokenClaims | Promise<TokenClaims>;
      try {
        claims = tokens.verify(token, ...types);
      } catch (error) {
        return refuse(error);
      }
      return claims instanceof Promise
        ? claims.catch(refuse).then((verified) => known(verified, asked))
        : known(claims, asked);
    },
  };
}

/** `Authorization: Bearer <access token>`, or what the settings make of it. */
export function bearer(parts: BearerParts): Authenticator {
  const { authHeaderTypes, authHeaderName } = parts;
  const { challenge, refusal, identityOf } = accessTokens(parts);
  return {
    name: "jwt",
    challenge,
    varies: authHeaderName === "authorization" ? undefined : authHeaderName,
    security: bearerScheme(parts),
    authenticate(context) {
      const { request } = context;
      const header = request.headers[authHeaderName];
      if (typeof header !== "string") return undefined;
      const [scheme = "", token, ...more] = wordsOf(header);
      if (!authHeaderTypes.includes(scheme)) return undefined;
      if (token === undefined || more.length) {
        throw refusal({
          detail: `Expected ${authHeaderName === "authorization" ? "Authorization" : authHeaderName}: ${scheme}, one space, and the token.`,
          code: "bad_authorization_header",
        });
      }
      return identityOf(token, context);
    },
  };
}

/** How documents say that an access token is sent. */
function bearerScheme({ authHeaderTypes: [type = "Bearer"], authHeaderName }: BearerParts): SecurityScheme {
  const description = `${type}, one space, and an access token.`;
  if (authHeaderName !== "authorization") return { type: "apiKey", in: "header", name: authHeaderName, description };
  return type === "Bearer"
    ? { type: "http", scheme: "bearer", bearerFormat: "JWT", description: "An access token." }
    : { type: "http", scheme: type, description };
}

/**
 * An access token in a cookie, where no header carries credentials; writes need a CSRF token beside it.
 * A refusal is that of a Bearer token: the client refreshes.
 */
export function cookieToken(parts: BearerParts, access: BrowserCookie, browser: Browser): Authenticator {
  const { authHeaderName } = parts;
  const { identityOf } = accessTokens(parts);
  const checked = async (identity: Awaitable<Identity>, context: Context): Promise<Identity> => {
    const known = await identity;
    await checkCsrf(context, browser);
    return known;
  };
  return {
    name: "jwt-cookie",
    varies: "Cookie",
    ...inCookie(access.name, "An access token in a cookie."),
    authenticate(context) {
      const { cookie, authorization, [authHeaderName]: own } = context.request.headers;
      if (cookie === undefined || authorization !== undefined || own !== undefined) return undefined;
      const token = access.of(context);
      if (token === undefined) return undefined;
      const identity = identityOf(token, context);
      return context.isSafe ? identity : checked(identity, context);
    },
  };
}

const noScopes: readonly string[] = [];

/** The scopes of a token (RFC 8693 4.2); one without the claim has none. */
const scopesOf = ({ scope }: TokenClaims): readonly string[] =>
  typeof scope === "string" && scope !== "" ? scope.split(" ") : noScopes;

const refusals = {
  missing: { detail: "The user of this token does not exist.", code: "user_not_found" },
  inactive: { detail: "The user of this token is not active.", code: "user_inactive" },
  ended: { detail: "The session of this token has ended." },
  password: { detail: "The password was changed since this token was issued.", code: "password_changed" },
} as const satisfies Record<Extract<Owner, string>, { readonly detail: string; readonly code?: string }>;

/** The words of a header. The usual two are cut at their one space, which is ten times as fast as a pattern. */
function wordsOf(header: string): readonly string[] {
  const space = header.indexOf(" ");
  const isUsual = space > 0 && !/\s/.test(header.slice(space + 1));
  return isUsual ? [header.slice(0, space), header.slice(space + 1)] : header.trim().split(/\s+/);
}
