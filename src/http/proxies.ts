/**
 * Who is in front: the client's address and scheme, as proxies that we trust tell them.
 *
 * `*` trusts whoever connects, but not what he was told himself: of a chain, the address on the right is the client then.
 * Reference: gunicorn's forwarded_allow_ips; RFC 7239 for the idea that each proxy adds its peer on the right.
 */
import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { readAddress } from "../resource/index.ts";

export interface Client {
  readonly address: string;
  readonly scheme: "http" | "https";
}

/** What is believed of whom. */
export interface Trust {
  /** Whether what this peer says in headers is believed. */
  peer(address: string): boolean;
  /** Whether an address in a chain is a proxy of ours. */
  proxy(address: string): boolean;
}

/** Reads the setting. @param trusted  addresses, networks, `*`, or `unix` */
export function createTrust(trusted: readonly string[]): Trust {
  const all = trusted.includes("*");
  const unix = trusted.includes("unix");
  const list = new BlockList();
  for (const entry of trusted) {
    const [address = "", bits] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (address === "*" || address === "unix") continue;
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  const proxy = (address: string): boolean =>
    isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  // A Unix socket has no address.
  return { peer: (address) => all || proxy(address) || (unix && address === ""), proxy };
}

/** The address of whoever is at the other end of the socket; empty where that is no network. */
export const peerOf = ({ socket }: Pick<IncomingMessage, "socket">): string => {
  const { remoteAddress = "" } = socket;
  return readAddress(remoteAddress) ?? remoteAddress;
};

/** Makes the function that tells who a request comes from. @param trusted  addresses, networks, or `*` */
export function createProxies(
  trusted: readonly string[],
): (message: Pick<IncomingMessage, "socket" | "headers">) => Client {
  const trust = createTrust(trusted);
  return (message) => {
    const { socket, headers } = message;
    const peer = peerOf(message);
    const encrypted = "encrypted" in socket && socket.encrypted === true;
    const forwarded = headers["x-forwarded-for"];
    const proto = headers["x-forwarded-proto"];
    if ((forwarded === undefined && proto === undefined) || !trust.peer(peer))
      return { address: peer, scheme: encrypted ? "https" : "http" };
    return {
      address: forwarded === undefined ? peer : clientOf(String(forwarded), peer, trust),
      scheme: encrypted || String(proto).trim().toLowerCase() === "https" ? "https" : "http",
    };
  };
}

/** From right to left, the first address that is not a proxy of ours; what stands behind no address is not believed. */
function clientOf(forwarded: string, peer: string, { proxy }: Trust): string {
  let client = peer;
  for (const part of forwarded.split(",").reverse()) {
    const address = readAddress(part.trim());
    if (address === undefined) return client;
    client = address;
    if (!proxy(address)) return client;
  }
  return client;
}
