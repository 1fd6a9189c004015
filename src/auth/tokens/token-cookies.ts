/**
 * Tokens in cookies, for pages whose scripts should not hold them: sign in, refresh, log out.
 *
 *     GET  /api/token/cookie/csrf/        gives the CSRF token that every POST must carry
 *     POST /api/token/cookie/             signs in: sets both cookies; with a second factor, second-factor/ does
 *     POST /api/token/cookie/refresh/     sets the next ones
 *     POST /api/token/cookie/blacklist/   logs out: the session ends, both cookies go
 *
 * They do what the routes beside them do (`endpoints.ts`) and move the tokens of the answer into cookies; those routes are not
 * changed by it. The access cookie is `__Host-`: no other host can set it. That prefix demands `Path=/`, and the refresh token shall
 * be sent to these routes alone, so its cookie is `__Secure-` with their path. Both last as long as the refresh token: an access token that
 * has expired is sent and refused with 401, so a page refreshes and is never taken for a stranger without noticing.
 * Reference: RFC 6265bis sections 4.1.2.3 and 4.1.3 (paths, prefixes). Differs: the reference has no cookies for tokens.
 */
import type { Values } from "../../db/index.ts";
import { ApiError } from "../../errors.ts";
import { type FieldMap, field } from "../../model/index.ts";
import { type Context, createSerializer, type Endpoint, type Renderer, type Serializer } from "../../resource/index.ts";
import { type Browser, type BrowserCookie, cookieOf } from "../sessions/browser.ts";
import { checkCsrf } from "../sessions/csrf-check.ts";
import { csrfToken } from "../sessions/csrf-token.ts";
import { sessionIdOf } from "./session-id.ts";
import type { TokenCookieSettings } from "./token-cookie-settings.ts";
import { notValid } from "./token-not-valid.ts";
import type { Pair } from "./token-pairs.ts";

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

/** A way to begin a session: what it reads, and what it gives. */
export interface SignInAction {
  readonly input: FieldMap;
  run(values: Values, context: Context): Promise<Pair>;
}

/** What the routes of a client that holds its tokens itself do. */
export interface TokenActions {
  readonly password: SignInAction;
  /** The second step, where accounts may have one. */
  readonly code?: SignInAction;
  refresh(values: Values, context: Context): Promise<Partial<Pair>>;
  /** Ends the session of a refresh token, also of one that was used. @throws ApiError  it is none of ours, or has expired */
  leave(refresh: string, context: Context): Promise<void>;
}

export interface TokenCookieParts extends TokenActions {
  readonly cookies: TokenCookies;
  readonly browser: Browser;
  readonly renderers: readonly [Renderer, ...Renderer[]];
  readonly challenge: string;
}

const csrfOutput = { csrf_token: field.text() };

export function tokenCookieEndpoints(parts: TokenCookieParts): Endpoint[] {
  const { cookies, browser, password, code, refresh, leave, renderers, challenge } = parts;

  const keep = (context: Context, { access, refresh: next }: Partial<Pair>): void => {
    if (access !== undefined) cookies.access.set(context, access);
    if (next !== undefined) cookies.refresh.set(context, next);
  };
  const forget = (context: Context): void => {
    cookies.access.forget(context);
    cookies.refresh.forget(context);
  };
  const sentToken = (context: Context): string => cookies.refresh.of(context) ?? "";
  const isRefusal = (error: unknown): boolean => error instanceof ApiError && error.status === 401;

  const endpoint = (route: string, name: string, description: string, actions: Endpoint["actions"]): Endpoint => ({
    ...{ path: cookies.path + route, name, description, actions, renderers, challenge },
    ...{ authenticators: [], permissions: [], formatSuffix: false },
  });
  const answer = (data: object) => ({ status: 200, data, headers: { "cache-control": "no-store" } });
  /** Only from a page of ours, or of a trusted origin. */
  const post = (name: string, run: (context: Context) => Promise<object>, input?: Serializer): Endpoint["actions"] => ({
    POST: {
      ...{ name, needsCsrf: true },
      ...(input ? { input, output: csrfOutput, refuses: [401, 403, 429] } : { output: {}, refuses: [401, 403] }),
      async run(context) {
        await checkCsrf(context, browser);
        return answer(await run(context));
      },
    },
  });
  const signIn = (name: string, { input, run }: SignInAction): Endpoint["actions"] => {
    const reads = createSerializer(input);
    const begin = async (context: Context) => {
      const values = await reads.read(await context.body(), { executor: context.services.database });
      keep(context, await run(values, context));
      // Who signs in leaves the old secret behind. Pages of another origin cannot read its cookie.
      return { csrf_token: csrfToken(context, browser, true) };
    };
    return post(name, begin, reads);
  };

  const refreshed = async (context: Context) => {
    try {
      if (!cookies.agree(context)) throw notValid();
      keep(context, await refresh({ refresh: sentToken(context) }, context));
      return {};
    } catch (error) {
      if (isRefusal(error)) forget(context);
      throw error;
    }
  };
  const loggedOut = async (context: Context) => {
    try {
      await leave(sentToken(context), context);
    } catch (error) {
      // Whoever is not signed in any more has logged out.
      if (!isRefusal(error)) throw error;
    }
    forget(context);
    return {};
  };

  return [
    {
      ...endpoint("", "Token Cookies", "Signs in a page for a username and a password.", signIn("obtain", password)),
      throttleScope: "token",
    },
    ...(code
      ? [
          {
            ...endpoint(
              "second-factor/",
              "Token Cookies Second Factor",
              "Signs in a page for a challenge and a code.",
              signIn("second-factor", code),
            ),
            throttleScope: "token",
          },
        ]
      : []),
    endpoint("refresh/", "Token Cookies Refresh", "Sets the next tokens.", post("refresh", refreshed)),
    endpoint("blacklist/", "Token Cookies Blacklist", "Logs out.", post("blacklist", loggedOut)),
    endpoint("csrf/", "Token Cookies CSRF", "Gives the token that the other requests must carry.", {
      GET: { name: "csrf", output: csrfOutput, run: (context) => answer({ csrf_token: csrfToken(context, browser) }) },
    }),
  ];
}
