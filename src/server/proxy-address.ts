/** How a setting names proxies. */
import { isIP } from "node:net";
import type { Parser } from "../config/index.ts";

/** An address, a network such as `10.0.0.0/8`, `*` for everyone, or `unix` for whoever comes by UNIX_SOCKET. */
export const proxyAddress: Parser<string> = {
  expected: 'an IP address, a network such as 10.0.0.0/8, "*", or "unix" for whoever comes by UNIX_SOCKET',
  read: (given) => {
    if (typeof given !== "string") return undefined;
    if (given === "*" || given === "unix") return given;
    const [address = "", bits, ...rest] = given.split("/");
    const version = isIP(address);
    if (version === 0 || rest.length > 0) return undefined;
    const isNetwork = bits !== undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
    return bits === undefined || isNetwork ? given : undefined;
  },
};
