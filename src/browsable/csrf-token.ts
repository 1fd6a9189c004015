/**
 * The CSRF token of a page: every page sets the cookie and carries another masking of its secret in its forms.
 * Reference: django.middleware.csrf.get_token and rotate_token.
 * Differs: over HTTPS the cookie is `Secure`.
 */
import { csrf, csrfCookie, parseCookies, serializeCookie } from "../auth/index.ts";
import type { Context } from "../resource/index.ts";
import { html, type Safe } from "./html.ts";

/** How long a browser keeps the cookie (Django: CSRF_COOKIE_AGE). */
const cookieSeconds = 31_449_600;

/**
 * Sets the cookie, with the secret that the browser has or a new one, and returns a token for forms.
 * @param rotate  always a new secret: who signs in leaves the old one behind
 */
export function csrfToken(context: Context, rotate = false): string {
  const { request, now } = context;
  const known = rotate ? undefined : parseCookies(request.headers.cookie ?? "").get(csrfCookie);
  const secret = known === undefined ? undefined : csrf.unmask(known);
  const token = known !== undefined && secret !== undefined ? known : csrf.mask(csrf.newSecret());
  const attributes = { maxAgeSeconds: cookieSeconds, sameSite: "Lax", secure: request.scheme === "https" } as const;
  context.setCookie(serializeCookie(csrfCookie, token, attributes, now));
  context.vary("Cookie");
  return csrf.mask(secret ?? csrf.unmask(token) ?? csrf.newSecret());
}

/** The hidden field of a form. */
export const csrfField = (token: string): Safe =>
  html`<input type="hidden" name="csrfmiddlewaretoken" value="${token}">`;
