/**
 * What a browser carries by itself, and which pages may make it write: two cookies, and the origins that are trusted.
 *
 * Made once at start; sessions, the login page and every form of a page ask it.
 * Reference: django.contrib.sessions.middleware, django.middleware.csrf (the settings of their cookies).
 * Differs: both cookies are `Secure` over HTTPS without being told so.
 */
import type { Context } from "../resource/index.ts";
import { type CookieAttributes, deleteCookie, parseCookies, serializeCookie } from "./cookies.ts";
import type { SessionSettings } from "./session-settings.ts";

/** A cookie by its name, as a request carries it and an answer sets it. */
export interface BrowserCookie {
  readonly name: string;
  /** Its value; undefined where the request has none. */
  of(context: Context): string | undefined;
  set(context: Context, value: string): void;
  /** Makes the browser forget it. */
  forget(context: Context): void;
}

export interface Browser {
  readonly session: BrowserCookie;
  readonly csrf: BrowserCookie;
  /** Other origins whose pages may send forms. */
  readonly trustedOrigins: readonly string[];
}

export type BrowserSettings = Omit<SessionSettings, "sessionIdleSeconds"> & {
  readonly trustedOrigins: readonly string[];
  /** `None` where pages of other sites are to send the CSRF cookie, too (default `Lax`). */
  readonly csrfSameSite?: SameSite;
};

/** How long a browser keeps the CSRF cookie (Django: CSRF_COOKIE_AGE). */
const csrfCookieSeconds = 31_449_600;

/** The two cookies under the names and for the domains of the settings. */
export function createBrowser(settings: BrowserSettings): Browser {
  return {
    session: cookieOf({
      name: settings.sessionCookieName,
      domain: settings.sessionCookieDomain,
      maxAgeSeconds: settings.sessionLifetimeSeconds,
      httpOnly: true,
    }),
    // Scripts of the pages' own origin may read it, to send it in a header.
    csrf: cookieOf({
      name: settings.csrfCookieName,
      domain: settings.csrfCookieDomain,
      maxAgeSeconds: csrfCookieSeconds,
      httpOnly: false,
      sameSite: settings.csrfSameSite,
    }),
    trustedOrigins: settings.trustedOrigins,
  };
}

export interface CookieForm {
  readonly name: string;
  /** Default: the host of the request. */
  readonly domain?: string;
  /** Default `/`. */
  readonly path?: string;
  readonly maxAgeSeconds: number;
  readonly httpOnly: boolean;
  /** Default `Lax`. */
  readonly sameSite?: SameSite;
  /** Default: over HTTPS. What is sent from other sites always is, as browsers ask. */
  readonly secure?: boolean;
}

type SameSite = CookieAttributes["sameSite"];

/** A cookie with its attributes. */
export function cookieOf({ name, maxAgeSeconds, httpOnly, secure, ...form }: CookieForm): BrowserCookie {
  const { domain, path, sameSite = "Lax" } = form;
  const isSecure = secure ?? sameSite === "None";
  return {
    name,
    of: ({ request }) => parseCookies(request.headers.cookie ?? "").get(name),
    set(context, value) {
      const attributes = { domain, path, httpOnly, sameSite, secure: isSecure || context.request.scheme === "https" };
      context.setCookie(serializeCookie(name, value, { ...attributes, maxAgeSeconds }, context.now));
    },
    forget: (context) => context.setCookie(deleteCookie(name, { domain, path, sameSite })),
  };
}
