/**
 * The CSRF token of a page or a client: the cookie, and another masking of its secret to be sent beside it.
 * Reference: django.middleware.csrf.get_token and rotate_token.
 */
import type { Context } from "../resource/index.ts";
import type { Browser } from "./browser.ts";
import { mask, newSecret, unmask } from "./csrf.ts";

/**
 * Sets the cookie, with the secret that the browser has or a new one, and returns a token to send beside it.
 * @param rotate  always a new secret: who signs in leaves the old one behind
 */
export function csrfToken(context: Context, browser: Browser, rotate = false): string {
  const known = rotate ? undefined : browser.csrf.of(context);
  const secret = known === undefined ? undefined : unmask(known);
  const token = known !== undefined && secret !== undefined ? known : mask(newSecret());
  browser.csrf.set(context, token);
  context.vary("Cookie");
  return mask(secret ?? unmask(token) ?? newSecret());
}
