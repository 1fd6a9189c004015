/**
 * Protection against forged requests from other sites: the secret of a browser, its masked forms, and the origin.
 *
 * Called where a session (and so a cookie that the browser adds by itself) signs a request in, and by the forms. The cookie
 * holds a token, the form or the header another one; both must hide the same secret. Masking makes each token look new, so
 * that a compressed page does not give the secret away (BREACH).
 * Reference: django.middleware.csrf of Django 3.2; the check of `Origin` is that of Django 4.0 and later.
 */
import { isEqualInConstantTime } from "../constant-time.ts";
import { alphanumeric, type RandomBytes, randomString } from "../random.ts";

const secretLength = 32;
const tokenLength = 2 * secretLength;

/** A new secret: 32 letters and digits. */
export function newSecret(random?: RandomBytes): string {
  return randomString(secretLength, alphanumeric, random);
}

/** A token of 64 letters and digits that hides a secret: a random mask, then the secret shifted by it. */
export function mask(secret: string, random?: RandomBytes): string {
  const key = newSecret(random);
  return key + shift(secret, key, 1);
}

/** The secret that a token hides, the text itself if it is a bare secret, or undefined if it is neither. */
export function unmask(token: string): string | undefined {
  if (!/^[a-zA-Z0-9]+$/.test(token)) return undefined;
  if (token.length === secretLength) return token;
  if (token.length !== tokenLength) return undefined;
  return shift(token.slice(secretLength), token.slice(0, secretLength), -1);
}

/** Whether the token of the cookie and that of the form or header hide the same secret. */
export function matches(cookieToken: string, formToken: string): boolean {
  const expected = unmask(cookieToken);
  const given = unmask(formToken);
  return expected !== undefined && given !== undefined && isEqualInConstantTime(expected, given);
}

function shift(text: string, by: string, direction: 1 | -1): string {
  const size = alphanumeric.length;
  const moved = (character: string, i: number) =>
    alphanumeric.charAt(
      (alphanumeric.indexOf(character) + direction * alphanumeric.indexOf(by.charAt(i)) + size) % size,
    );
  return Array.from(text, moved).join("");
}

/**
 * Whether an unsafe request comes from a page that may send it.
 *
 * `Origin`, where a browser sent it, must be this host or a trusted origin. Without it, a request over HTTPS must have a
 * `Referer` that is; over plain HTTP there is nothing more to know.
 *
 * @param host            the `Host` of the request, with its port if it has one
 * @param secure          the request came over HTTPS
 * @param trustedOrigins  e.g. `https://shop.example.com` or `https://*.example.com`
 */
export function originAllowed(
  originHeader: string | undefined,
  refererHeader: string | undefined,
  host: string,
  secure: boolean,
  trustedOrigins: readonly string[],
): boolean {
  if (originHeader === undefined && !secure) return true;
  const page = URL.parse(originHeader ?? refererHeader ?? "");
  if (page === null || (originHeader === undefined && page.protocol !== "https:")) return false;
  // Parsed as well, since a Host may name the default port that browsers leave out.
  const own = URL.parse(`${secure ? "https" : "http"}://${host}`)?.origin ?? [];
  return [own, trustedOrigins].flat().some((pattern) => isOrigin(page.origin, pattern.toLowerCase()));
}

/** Reference: django.utils.http.is_same_domain; here the scheme is always compared, too. */
function isOrigin(origin: string, pattern: string): boolean {
  const [scheme = "", domain] = pattern.split("://*");
  if (domain === undefined) return origin === pattern;
  const prefix = `${scheme}://`;
  return origin.startsWith(prefix) && (origin.endsWith(domain) || origin === prefix + domain.slice(1));
}
