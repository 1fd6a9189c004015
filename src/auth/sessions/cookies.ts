/**
 * Cookies: the `Cookie` header of a request, the `Set-Cookie` header of a response.
 *
 * Reference: django.http.cookie.parse_cookie, HttpResponse.set_cookie and delete_cookie, Python's http.cookies; RFC 6265.
 * Differs: a name, path or domain that would break out of its place in the header is a `TypeError`.
 */

export interface CookieAttributes {
  /** How long the browser keeps it, whole seconds (default: until it is closed). */
  readonly maxAgeSeconds?: number;
  /** Default `/`. */
  readonly path?: string;
  /** Default: this host only. */
  readonly domain?: string;
  readonly secure?: boolean;
  readonly httpOnly?: boolean;
  readonly sameSite?: "Lax" | "Strict" | "None";
}

/**
 * The cookies of a `Cookie` header by name; the last one of a name counts.
 *
 * @example
 * parseCookies("theme=dark; sessionid=abc").get("sessionid")   // "abc"
 */
export function parseCookies(header: string): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    // Browsers send a cookie without a name as its bare value.
    const name = at < 0 ? "" : pair.slice(0, at).trim();
    const value = pair.slice(at + 1).trim();
    if (name !== "" || value !== "") cookies.set(name, unquote(value));
  }
  return cookies;
}

/**
 * A `Set-Cookie` header.
 *
 * @param now  milliseconds since 1970; `Expires` stands beside `Max-Age` for old browsers
 * @throws TypeError  the name, the value, the path or the domain cannot stand in a header
 * @example
 * serializeCookie("csrftoken", token, { maxAgeSeconds: 31_449_600, sameSite: "Lax" }, Date.now());
 */
export function serializeCookie(name: string, value: string, attributes: CookieAttributes, now: number): string {
  const { maxAgeSeconds } = attributes;
  const expires = maxAgeSeconds === undefined ? undefined : new Date(now + maxAgeSeconds * 1000);
  return join(name, value, attributes, expires);
}

/**
 * A `Set-Cookie` header that makes the browser forget a cookie; path and domain must be those it was set with.
 * @throws TypeError  the name, the path or the domain cannot stand in a header
 */
export function deleteCookie(name: string, attributes: Omit<CookieAttributes, "maxAgeSeconds"> = {}): string {
  // Browsers ignore a header for such a cookie that is not Secure.
  const secure = attributes.secure === true || /^__(Secure|Host)-/.test(name) || attributes.sameSite === "None";
  return join(name, "", { ...attributes, secure, maxAgeSeconds: 0 }, new Date(0));
}

/** RFC 6265 4.1.1: a token of RFC 2616. */
const token = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;
/** RFC 6265 4.1.1: av-octets. */
const attributeValue = /^[\x20-\x3a\x3c-\x7e]*$/;

/** In the order in which Python writes the attributes. */
function join(name: string, value: string, attributes: CookieAttributes, expires: Date | undefined): string {
  const { maxAgeSeconds, path = "/", domain = "", secure, httpOnly, sameSite } = attributes;
  if (!token.test(name)) throw new TypeError("expected a cookie name of letters, digits and !#$%&'*+-.^_`|~");
  if (!attributeValue.test(path) || !attributeValue.test(domain)) {
    throw new TypeError(`cookie ${name}: expected path and domain without ";" and control characters`);
  }
  const parts = [
    `${name}=${quote(name, value)}`,
    domain && `Domain=${domain}`,
    expires && `expires=${expires.toUTCString()}`,
    httpOnly && "HttpOnly",
    maxAgeSeconds !== undefined && `Max-Age=${Math.floor(maxAgeSeconds)}`,
    path && `Path=${path}`,
    sameSite && `SameSite=${sameSite}`,
    secure && "Secure",
  ];
  return parts.filter((part) => part).join("; ");
}

/** Reference: http.cookies._quote. */
function quote(name: string, value: string): string {
  if (/^[\w!#$%&'*+\-.^`|~:]+$/.test(value)) return value;
  if (/[^\0-\xff]/.test(value)) throw new TypeError(`cookie ${name}: expected a value of Latin-1 characters`);
  const octal = (character: string) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
  const escaped = value.replace(/["\\]/g, "\\$&").replace(/[^\w!#$%&'*+\-.^`|~: ()/<=>?@[\]{}"\\]/g, octal);
  return `"${escaped}"`;
}

/** Reference: http.cookies._unquote. */
function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  return value
    .slice(1, -1)
    .replace(/\\(?:([0-3][0-7][0-7])|(.))/gs, (_, octal: string | undefined, character: string) =>
      octal === undefined ? character : String.fromCharCode(Number.parseInt(octal, 8)),
    );
}
