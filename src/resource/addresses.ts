/**
 * Addresses of clients in one form each, so that who is counted by address cannot look like many.
 *
 * `http/proxies.ts` reads what sockets and proxies say; rates and the lock-out count by network.
 * Reference: RFC 4291 2.2 and 2.5.5.2 (texts of IPv6, IPv4-mapped), RFC 5952 (the one text), RFC 6177 (a customer is given a /64 at least).
 */
import { isIP, isIPv4, isIPv6 } from "node:net";

/**
 * The one form of an address: IPv4 as such, also where it is mapped into IPv6; IPv6 in the form of RFC 5952, without a zone.
 * A port behind it is left out, as some proxies add one.
 *
 * @returns undefined for a text that is no address
 * @example
 * readAddress("[2001:DB8::0:1]:443"); // "2001:db8::1"
 * readAddress("::ffff:192.0.2.7"); // "192.0.2.7"
 */
export function readAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  const [, bracketed, withPort] = /^(?:\[([^[\]]+)\]|([\d.]+))(?::\d{1,5})?$/.exec(text) ?? [];
  if (withPort !== undefined) return isIPv4(withPort) ? withPort : undefined;
  const [address = ""] = (bracketed ?? text).split("%", 1);
  if (!isIPv6(address)) return undefined;
  const canonical = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1) ?? "";
  const [, high, low] = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  return [high, low].flatMap((group) => bytesOf(Number.parseInt(group, 16))).join(".");
}

const bytesOf = (group: number): [number, number] => [group >> 8, group & 255];

/**
 * Who is counted as one: an IPv4 address, or the /64 of an IPv6 address, since its owner has every address in it.
 * Something else, such as the empty address of a Unix socket, stands for itself.
 */
export function networkOf(address: string): string {
  const plain = readAddress(address) ?? address;
  if (isIP(plain) !== 6) return plain;
  const [left = "", right] = plain.split("::");
  const groups = left === "" ? [] : left.split(":");
  const behind = right ? right.split(":") : [];
  const missing = right === undefined ? 0 : 8 - groups.length - behind.length;
  const all = [...groups, ...Array.from({ length: missing }, () => "0"), ...behind];
  return `${all.slice(0, 4).join(":")}::/64`;
}
