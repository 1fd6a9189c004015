/**
 * Who is in front: the client's address and scheme, as proxies that we trust tell them.
 * Reference: gunicorn's forwarded_allow_ips; RFC 7239 for the idea that each proxy adds its peer on the right.
 */
import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

export interface Client {
  readonly address: string;
  readonly scheme: "http" | "https";
}

/** Makes the function that tells who a request comes from. @param trusted  addresses, networks, or `*` */
export function createProxies(trusted: readonly string[]): (message: IncomingMessage) => Client {
  const all = trusted.includes("*");
  const list = new BlockList();
  for (const entry of trusted) {
    const [address = "", bits] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (address === "*") continue;
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  const isTrusted = (address: string): boolean =>
    all || (isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4"));

  return ({ socket, headers }) => {
    const peer = plain(socket.remoteAddress ?? "");
    const encrypted = "encrypted" in socket && socket.encrypted === true;
    const forwarded = headers["x-forwarded-for"];
    const proto = headers["x-forwarded-proto"];
    if ((forwarded === undefined && proto === undefined) || !isTrusted(peer))
      return { address: peer, scheme: encrypted ? "https" : "http" };
    return {
      address: forwarded === undefined ? peer : clientOf(String(forwarded), peer, isTrusted),
      scheme: encrypted || String(proto).trim().toLowerCase() === "https" ? "https" : "http",
    };
  };
}

/** From right to left, the first address that is not a proxy of ours. */
function clientOf(forwarded: string, peer: string, isTrusted: (address: string) => boolean): string {
  let client = peer;
  for (const address of forwarded
    .split(",")
    .map((part) => plain(part.trim()))
    .reverse()) {
    if (isIP(address) === 0) return client;
    client = address;
    if (!isTrusted(address)) return client;
  }
  return client;
}

/** An IPv4 address as such, also where the socket is one of IPv6. */
const plain = (address: string): string => (address.startsWith("::ffff:") ? address.slice(7) : address);
