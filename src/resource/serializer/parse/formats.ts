/**
 * The formats of text that have a kind of their own: e-mail addresses, URLs, IP addresses.
 * Reference: django.core.validators (EmailValidator, URLValidator, validate_ipv46_address) and django.utils.ipv6.
 * Differs: an IPv6 address with a zone (`fe80::1%eth0`) is refused, not cut; one may be written with a full dotted tail.
 */
import { isIPv4, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";

/** RFC 3696 section 3. */
const MAX_EMAIL = 320;
/** Bounds the work of the pattern below (CVE-2023-36053). */
const MAX_URL = 2048;
/** RFC 1034 section 3.1. */
const MAX_HOST = 253;

const dotAtom = /^[-!#$%&'*+/=?^_`{}|~0-9a-z]+(?:\.[-!#$%&'*+/=?^_`{}|~0-9a-z]+)*$/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a quoted string may hold them (RFC 5322 section 3.2.4)
const quotedString = /^"(?:[\x01-\x08\x0b\x0c\x0e-\x1f!#-[\]-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*"$/;
const mailDomain = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}(?<!-)$/i;

export function isEmail(text: string): boolean {
  const at = text.lastIndexOf("@");
  if (at < 0 || text.length > MAX_EMAIL) return false;
  const user = text.slice(0, at);
  const domain = text.slice(at + 1);
  return (dotAtom.test(user) || quotedString.test(user)) && (isMailDomain(domain) || isMailDomain(toAscii(domain)));
}

function isMailDomain(domain: string): boolean {
  if (domain === "localhost" || mailDomain.test(domain)) return true;
  const literal = /^\[([a-f0-9:.]+)\]$/i.exec(domain)?.[1];
  return literal !== undefined && (isIPv4(literal) || isIPv6(literal));
}

/** The ASCII form of an international domain; anything else stays as it is. */
const toAscii = (domain: string): string => (/[^\0-\x7f]/.test(domain) ? domainToASCII(domain) : domain);

const letters = "a-z\\u00a1-\\uffff";
const octet = "(?:0|25[0-5]|2[0-4]\\d|1\\d?\\d?|[1-9]\\d?)";
const host =
  `(?:[${letters}0-9](?:[${letters}0-9-]{0,61}[${letters}0-9])?` +
  `(?:\\.(?!-)[${letters}0-9-]{1,63}(?<!-))*` +
  `\\.(?!-)(?:[${letters}-]{2,63}|xn--[a-z0-9]{1,59})(?<!-)\\.?|localhost)`;
const urlPattern = new RegExp(
  "^(?:https?|ftps?)://(?:[^\\s:@/]+(?::[^\\s:@/]*)?@)?" +
    `(?:${octet}(?:\\.${octet}){3}|\\[[0-9a-f:.]+\\]|${host})(?::\\d{2,5})?(?:[/?#]\\S*)?$`,
  "i",
);

/** An absolute URL of http, https, ftp or ftps. */
export function isUrl(text: string): boolean {
  const parts = /^([a-z]+:\/\/)([^/?#]*)(.*)$/is.exec(text);
  if (!parts || text.length > MAX_URL || /[\t\r\n]/.test(text)) return false;
  const [, scheme = "", authority = "", rest = ""] = parts;
  if (!urlPattern.test(text) && !urlPattern.test(`${scheme}${toAscii(authority)}${rest}`)) return false;
  const name = authority.slice(authority.lastIndexOf("@") + 1);
  const literal = /^\[(.+)\](?::\d+)?$/.exec(name)?.[1];
  return literal === undefined ? name.replace(/:\d+$/, "").length <= MAX_HOST : isIPv6(literal);
}

/** An address in its shortest form: `2001:db8::1`, IPv4 where it is mapped; undefined if it is none. */
export function toIpAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text) || text.includes("%")) return undefined;
  // The WHATWG serializer of hosts writes what RFC 5952 asks for.
  const address = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const bits = Number.parseInt(high, 16) * 0x10000 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
}
