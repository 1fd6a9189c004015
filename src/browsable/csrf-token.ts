/**
 * The CSRF token of a page: every page sets the cookie and carries another masking of its secret in its forms.
 * Reference: django.middleware.csrf.get_token and rotate_token.
 */
import { type Browser, csrf } from "../auth/index.ts";
import type { Context } from "../resource/index.ts";
import { html, type Safe } from "./html.ts";

/**
 * Sets the cookie, with the secret that the browser has or a new one, and returns a token for forms.
 * @param rotate  always a new secret: who signs in leaves the old one behind
 */
export function csrfToken(context: Context, browser: Browser, rotate = false): string {
  const known = rotate ? undefined : browser.csrf.of(context);
  const secret = known === undefined ? undefined : csrf.unmask(known);
  const token = known !== undefined && secret !== undefined ? known : csrf.mask(csrf.newSecret());
  browser.csrf.set(context, token);
  context.vary("Cookie");
  return csrf.mask(secret ?? csrf.unmask(token) ?? csrf.newSecret());
}

/** The hidden field of a form. */
export const csrfField = (token: string): Safe =>
  html`<input type="hidden" name="csrfmiddlewaretoken" value="${token}">`;
