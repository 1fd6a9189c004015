/**
 * The ways of being known: a token in a header or in a cookie, a session, Basic.
 * Reference: rest_framework_simplejwt.authentication.JWTAuthentication, rest_framework.authentication.
 */
import type { Awaitable } from "../db/index.ts";
import { ApiError, AuthenticationFailed } from "../errors.ts";
import type { Authenticator, Context, Identity, SecurityScheme, User } from "../resource/index.ts";
import { TokenError, TokenInvalid } from "./errors.ts";
import type { Browser, BrowserCookie } from "./sessions/browser.ts";
import { checkCsrf } from "./sessions/csrf-check.ts";
import type { Sessions } from "./sessions/sessions.ts";
import type { SignIn } from "./sign-in.ts";
import type { Blacklist } from "./tokens/blacklist.ts";
import type { Owner, TokenOwners } from "./tokens/token-owner.ts";
import type { TokenClaims, Tokens, TokenType } from "./tokens/tokens.ts";

/** A token that was sent and is not accepted. The text of `detail` is compared by front ends, so it is fixed. */
export class TokenNotValid extends ApiError {
  readonly #body: Readonly<Record<string, unknown>>;
  override readonly headers: Readonly<Record<string, string>>;
  /** @param options  `challenge` takes the place of the endpoint's */
  constructor(
    body: { readonly detail: string; readonly code?: string; readonly messages?: readonly unknown[] },
    options?: ErrorOptions & { readonly challenge?: string },
  ) {
    super(401, body.code ?? "token_not_valid", body.detail, options);
    this.headers = options?.challenge === undefined ? {} : { "www-authenticate": options.challenge };
    this.#body = { detail: body.detail, code: this.code, ...(body.messages && { messages: body.messages }) };
  }
  override body(): unknown {
    return this.#body;
  }
}

export interface BearerParts {
  readonly tokens: Tokens;
  readonly owners: TokenOwners;
  readonly blacklist: Pick<Blacklist, "has">;
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
  identityOf(token: string, now: number): Awaitable<Identity>;
}

function accessTokens({ tokens, owners, blacklist, authHeaderTypes, ...settings }: BearerParts): AccessTokens {
  const types: readonly TokenType[] = settings.slidingTokens ? ["access", "sliding"] : ["access"];
  const challenge = `${authHeaderTypes[0]} realm="api"`;
  const refusal = (...[body, options]: ConstructorParameters<typeof TokenNotValid>): TokenNotValid =>
    new TokenNotValid(body, {
      ...options,
      challenge: settings.bearerErrors ? `${challenge}, error="invalid_token"` : undefined,
    });
  const ownerOf = (claims: TokenClaims, now: number) => {
    if (claims.user_id === undefined) throw refusal({ detail: "The token does not say whose it is." });
    const owner = owners.of(claims, now);
    return owner instanceof Promise ? owner.then((found) => identify(found, claims)) : identify(owner, claims);
  };
  const identify = (owner: Owner, claims: TokenClaims) => {
    if (typeof owner === "string") throw refusal(refusals[owner]);
    return { user: owner, credentials: claims, scopes: scopesOf(claims) };
  };
  /** A sliding token signs in and is refreshed with one text, so it may have been revoked. */
  const unlessRevoked = async (claims: TokenClaims, now: number) => {
    if (await blacklist.has(claims.jti)) return refuse(new TokenInvalid("the token was revoked"));
    return ownerOf(claims, now);
  };
  const known = (claims: TokenClaims, now: number): Awaitable<Identity> =>
    claims.token_type === "sliding" ? unlessRevoked(claims, now) : ownerOf(claims, now);
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
    identityOf(token, now) {
      let claims: TokenClaims | Promise<TokenClaims>;
      try {
        claims = tokens.verify(token, ...types);
      } catch (error) {
        return refuse(error);
      }
      return claims instanceof Promise
        ? claims.catch(refuse).then((verified) => known(verified, now))
        : known(claims, now);
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
    authenticate({ request, now }) {
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
      return identityOf(token, now);
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

const withCsrf = (what: string): string => `${what}; what changes something carries a CSRF token in X-CSRFToken, too.`;

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
    security: { type: "apiKey", in: "cookie", name: access.name, description: withCsrf("An access token in a cookie") },
    authenticate(context) {
      const { cookie, authorization, [authHeaderName]: own } = context.request.headers;
      if (cookie === undefined || authorization !== undefined || own !== undefined) return undefined;
      const token = access.of(context);
      if (token === undefined) return undefined;
      const identity = identityOf(token, context.now);
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

/** What own code sees of an account is the same, whichever way it signed in. */
const signedIn = ({ id, username, is_active, is_staff, is_superuser }: User): User => ({
  ...{ id, username, is_active, is_staff, is_superuser },
});

/** `Authorization: Basic <base64 of username:password>` (RFC 7617). */
export function basic(signIn: SignIn): Authenticator {
  return {
    name: "basic",
    challenge: 'Basic realm="api"',
    security: { type: "http", scheme: "basic" },
    // Whoever tries too many passwords has to wait.
    refuses: [429],
    async authenticate({ request }) {
      const [scheme = "", encoded, ...more] = (request.headers.authorization ?? "").trim().split(/\s+/);
      if (scheme.toLowerCase() !== "basic") return undefined;
      if (encoded === undefined || more.length)
        throw new AuthenticationFailed("Expected Authorization: Basic, one space, and base64.");
      const pair = decodeBasic(encoded);
      if (!pair) throw new AuthenticationFailed("Expected the base64 of username:password.");
      const user = await signIn(request, "basic", ...pair);
      if (!user) throw new AuthenticationFailed("The username or the password is wrong.");
      return { user: signedIn(user) };
    },
  };
}

function decodeBasic(encoded: string): [username: string, password: string] | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) || encoded.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(encoded, "base64");
  const text = new TextDecoder("utf-8", { fatal: false }).decode(bytes);
  const colon = text.indexOf(":");
  return colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** The cookie of a signed-in browser; writes need a CSRF token beside it. */
export function session(sessions: Pick<Sessions, "userOf">, browser: Browser): Authenticator {
  return {
    name: "session",
    varies: "Cookie",
    security: {
      type: "apiKey",
      in: "cookie",
      name: browser.session.name,
      description: withCsrf("A signed-in browser"),
    },
    async authenticate(context) {
      if (context.request.headers.cookie === undefined) return undefined;
      const key = browser.session.of(context);
      if (key === undefined) return undefined;
      const user = await sessions.userOf(key);
      if (!user) {
        browser.session.forget(context);
        return undefined;
      }
      if (!user.is_active) return undefined;
      if (!context.isSafe) await checkCsrf(context, browser);
      return { user: signedIn(user), credentials: key };
    },
  };
}
