/**
 * Tokens in cookies, for pages whose scripts should not hold them: sign in, refresh, log out.
 *
 *     GET  /api/token/cookie/csrf/        gives the CSRF token that every POST must carry
 *     POST /api/token/cookie/             signs in: sets both cookies
 *     POST /api/token/cookie/refresh/     sets the next ones
 *     POST /api/token/cookie/blacklist/   logs out: the session ends, both cookies go
 *
 * They do what the routes beside them do (`endpoints.ts`) and move the tokens of the answer into cookies; those routes are not
 * changed by it. The access cookie is `__Host-`: no other host can set it. That prefix demands `Path=/`, and the refresh token shall
 * be sent to these routes alone, so its cookie is `__Secure-` with their path. Both last as long as the refresh token: an access token that
 * has expired is sent and refused with 401, so a page refreshes and is never taken for a stranger without noticing.
 * Reference: RFC 6265bis sections 4.1.2.3 and 4.1.3 (paths, prefixes). Differs: the reference has no cookies for tokens.
 */
import type { Values } from "../db/index.ts";
import { ApiError } from "../errors.ts";
import type { FieldMap } from "../model/index.ts";
import { type Context, createSerializer, type Endpoint, type Renderer } from "../resource/index.ts";
import { type Browser, type BrowserCookie, cookieOf } from "./browser.ts";
import { checkCsrf } from "./csrf-check.ts";
import { csrfToken } from "./csrf-token.ts";
import { sessionIdOf } from "./session-id.ts";
import type { TokenCookieSettings } from "./token-cookie-settings.ts";
import { notValid, type Pair } from "./token-pairs.ts";

export interface TokenCookies {
  readonly access: BrowserCookie;
  readonly refresh: BrowserCookie;
  /**
   * Whether both cookies are there and of one session. Another host of the domain can set the refresh cookie, and so put its own session
   * in the place of a user's; the access cookie it cannot set.
   */
  agree(context: Context): boolean;
  /** Where their routes stand. */
  readonly path: string;
}

export interface TokenCookieOptions extends Pick<TokenCookieSettings, "tokenCookieSameSite"> {
  readonly refreshLifetimeSeconds: number;
  readonly jtiClaim: string;
  /** Where the routes stand, e.g. `/api/token/cookie/`. */
  readonly path: string;
}

export function createTokenCookies(options: TokenCookieOptions): TokenCookies {
  const { path, refreshLifetimeSeconds: maxAgeSeconds, tokenCookieSameSite: sameSite } = options;
  const form = { maxAgeSeconds, sameSite, httpOnly: true, secure: true };
  const access = cookieOf({ ...form, name: "__Host-access" });
  const refresh = cookieOf({ ...form, name: "__Secure-refresh", path });
  return {
    ...{ path, access, refresh },
    agree(context) {
      const session = saidSession(access.of(context), options.jtiClaim);
      return session !== undefined && session === saidSession(refresh.of(context), options.jtiClaim);
    },
  };
}

/** The session that a token says it is of. Nothing is verified: an access token may have expired by now. */
function saidSession(token: string | undefined, jtiClaim: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token?.split(".")[1] ?? "", "base64url").toString());
    const jti = typeof claims === "object" && claims !== null ? Reflect.get(claims, jtiClaim) : undefined;
    return typeof jti === "string" ? sessionIdOf(jti) : undefined;
  } catch {
    return undefined;
  }
}

/** What the routes of a client that holds its tokens itself do. */
export interface TokenActions {
  obtain(values: Values, context: Context): Promise<Partial<Pair>>;
  refresh(values: Values, context: Context): Promise<Partial<Pair>>;
  /** Ends the session of a refresh token, also of one that was used. @throws ApiError  it is none of ours, or has expired */
  leave(refresh: string): Promise<void>;
}

export interface TokenCookieParts extends TokenActions {
  readonly cookies: TokenCookies;
  readonly browser: Browser;
  /** What a sign-in reads. */
  readonly credentials: FieldMap;
  readonly renderers: readonly [Renderer, ...Renderer[]];
  readonly challenge: string;
}

export function tokenCookieEndpoints(parts: TokenCookieParts): Endpoint[] {
  const { cookies, browser, obtain, refresh, leave, renderers, challenge } = parts;
  const credentials = createSerializer(parts.credentials);

  const endpoint = (
    route: "" | "refresh/" | "blacklist/" | "csrf/",
    name: string,
    description: string,
    method: "GET" | "POST",
    run: (context: Context) => Promise<object>,
  ): Endpoint => ({
    ...{ path: cookies.path + route, name, description, renderers, challenge },
    ...{ authenticators: [], permissions: [], formatSuffix: false },
    actions: {
      [method]: {
        name: route === "" ? "obtain" : route.slice(0, -1),
        ...(route === "" && { input: credentials }),
        async run(context: Context) {
          if (method === "POST") await checkCsrf(context, browser);
          return { status: 200, data: await run(context), headers: { "cache-control": "no-store" } };
        },
      },
    },
  });

  /** What an answer says beside its tokens. */
  const keep = (context: Context, { access, refresh: next, ...more }: Partial<Pair>): object => {
    if (access !== undefined) cookies.access.set(context, access);
    if (next !== undefined) cookies.refresh.set(context, next);
    return more;
  };
  const forget = (context: Context): void => {
    cookies.access.forget(context);
    cookies.refresh.forget(context);
  };
  /** The same; where the refresh token is refused, its cookies go. */
  const orForget = async <T>(context: Context, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) forget(context);
      throw error;
    }
  };
  const sentToken = (context: Context): string => cookies.refresh.of(context) ?? "";

  return [
    {
      ...endpoint(
        "",
        "Token Cookies",
        "Signs in with cookies for a username and a password.",
        "POST",
        async (context) => {
          const values = await credentials.read(await context.body(), { executor: context.services.database });
          const answer = await obtain(values, context);
          const more = keep(context, answer);
          // Who signs in leaves the old secret behind. Pages of another origin cannot read the cookie.
          return answer.access === undefined ? more : { ...more, csrf_token: csrfToken(context, browser, true) };
        },
      ),
      throttleScope: "token",
    },
    endpoint("refresh/", "Token Cookies Refresh", "Sets the next tokens.", "POST", (context) =>
      orForget(context, async () => {
        if (!cookies.agree(context)) throw notValid();
        return keep(context, await refresh({ refresh: sentToken(context) }, context));
      }),
    ),
    endpoint("blacklist/", "Token Cookies Blacklist", "Logs out.", "POST", async (context) => {
      try {
        await leave(sentToken(context));
      } catch (error) {
        // Whoever is not signed in any more has logged out.
        if (!(error instanceof ApiError && error.status === 401)) throw error;
      }
      forget(context);
      return {};
    }),
    endpoint(
      "csrf/",
      "Token Cookies CSRF",
      "Gives the token that every other request must carry.",
      "GET",
      async (context) => ({
        csrf_token: csrfToken(context, browser),
      }),
    ),
  ];
}
