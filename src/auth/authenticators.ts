/**
 * The three ways of being known: a Bearer token, a session, Basic.
 * Reference: rest_framework_simplejwt.authentication.JWTAuthentication, rest_framework.authentication.
 */
import { ApiError, AuthenticationFailed, PermissionDenied } from "../errors.ts";
import { type Authenticator, type Context, Form, type User } from "../resource/index.ts";
import { deleteCookie, parseCookies } from "./cookies.ts";
import { matches, originAllowed } from "./csrf.ts";
import { TokenError } from "./errors.ts";
import type { Sessions } from "./sessions.ts";
import type { SignIn } from "./sign-in.ts";
import type { TokenClaims, Tokens } from "./tokens.ts";
import type { Users } from "./users.ts";

export const sessionCookie = "sessionid";
export const csrfCookie = "csrftoken";

/** A token that was sent and is not accepted. The text of `detail` is compared by front ends, so it is fixed. */
export class TokenNotValid extends ApiError {
  readonly #body: Readonly<Record<string, unknown>>;
  constructor(
    body: { readonly detail: string; readonly code?: string; readonly messages?: readonly unknown[] },
    options?: ErrorOptions,
  ) {
    super(401, body.code ?? "token_not_valid", body.detail, options);
    this.#body = { detail: body.detail, code: this.code, ...(body.messages && { messages: body.messages }) };
  }
  override body(): unknown {
    return this.#body;
  }
}

/** `Authorization: Bearer <access token>`. */
export function bearer(tokens: Tokens, users: Users): Authenticator {
  const userOf = (claims: TokenClaims) => {
    if (claims.user_id === undefined) throw new TokenNotValid({ detail: "The token does not say whose it is." });
    const id = userIdOf(claims);
    const user = id === undefined ? undefined : users.signedIn(id);
    return user instanceof Promise ? user.then((found) => identify(found, claims)) : identify(user, claims);
  };
  const identify = (user: User | undefined, claims: TokenClaims) => {
    if (!user) throw new TokenNotValid({ detail: "The user of this token does not exist.", code: "user_not_found" });
    if (!user.is_active)
      throw new TokenNotValid({ detail: "The user of this token is not active.", code: "user_inactive" });
    return { user, credentials: claims };
  };
  const refuse = (cause: unknown): never => {
    if (!(cause instanceof TokenError)) throw cause;
    const message = {
      token_class: "AccessToken",
      token_type: "access",
      message: "The token is not valid or has expired.",
    };
    throw new TokenNotValid({ detail: "Given token not valid for any token type", messages: [message] });
  };
  return {
    name: "jwt",
    challenge: 'Bearer realm="api"',
    authenticate({ request }) {
      const { authorization } = request.headers;
      if (authorization === undefined) return undefined;
      const [scheme, token, ...more] = wordsOf(authorization);
      if (scheme !== "Bearer") return undefined;
      if (token === undefined || more.length) {
        throw new TokenNotValid({
          detail: "Expected Authorization: Bearer, one space, and the token.",
          code: "bad_authorization_header",
        });
      }
      let claims: TokenClaims | Promise<TokenClaims>;
      try {
        claims = tokens.verify(token, "access");
      } catch (error) {
        return refuse(error);
      }
      return claims instanceof Promise ? claims.catch(refuse).then(userOf) : userOf(claims);
    },
  };
}

/** The words of a header. The usual two are cut at their one space, which is ten times as fast as a pattern. */
function wordsOf(header: string): readonly string[] {
  const space = header.indexOf(" ");
  const isUsual = space > 0 && !/\s/.test(header.slice(space + 1));
  return isUsual ? [header.slice(0, space), header.slice(space + 1)] : header.trim().split(/\s+/);
}

/** The key in the claim `user_id`: a whole number, or one written as text by recent releases of the reference. */
export function userIdOf({ user_id: id }: TokenClaims): number | undefined {
  const key = typeof id === "string" && /^\d{1,15}$/.test(id) ? Number(id) : id;
  return typeof key === "number" && Number.isSafeInteger(key) && key >= 0 ? key : undefined;
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
export function session(sessions: Sessions, trustedOrigins: readonly string[]): Authenticator {
  return {
    name: "session",
    varies: "Cookie",
    async authenticate(context) {
      const { cookie } = context.request.headers;
      if (cookie === undefined) return undefined;
      const cookies = parseCookies(cookie);
      const key = cookies.get(sessionCookie);
      if (key === undefined) return undefined;
      const user = await sessions.userOf(key);
      if (!user) {
        context.setCookie(deleteCookie(sessionCookie, { sameSite: "Lax" }));
        return undefined;
      }
      if (!user.is_active) return undefined;
      if (!context.isSafe) await checkCsrf(context, cookies, trustedOrigins);
      return { user: signedIn(user), credentials: key };
    },
  };
}

/**
 * Refuses an unsafe request that another site may have made a browser send.
 * @throws PermissionDenied  the origin is another one, or the token is missing or not that of the cookie
 */
export async function checkCsrf(
  context: Context,
  cookies: ReadonlyMap<string, string>,
  trustedOrigins: readonly string[],
): Promise<void> {
  const { headers, host, scheme } = context.request;
  if (!originAllowed(headers.origin, headers.referer, host, scheme === "https", trustedOrigins)) {
    throw new PermissionDenied("CSRF: the request comes from another site.", "csrf_failed");
  }
  const expected = cookies.get(csrfCookie);
  if (expected === undefined) throw new PermissionDenied("CSRF: the cookie csrftoken is missing.", "csrf_failed");
  if (!matches(expected, await sentToken(context)))
    throw new PermissionDenied("CSRF: the token is missing or wrong.", "csrf_failed");
}

async function sentToken(context: Context): Promise<string> {
  const header = context.request.headers["x-csrftoken"];
  if (typeof header === "string" && header !== "") return header;
  const type = context.request.headers["content-type"] ?? "";
  if (context.request.method !== "POST" || !/^(application\/x-www-form-urlencoded|multipart\/form-data)/i.test(type))
    return "";
  const body = await context.body();
  return body instanceof Form ? (body.get("csrfmiddlewaretoken") ?? "") : "";
}
