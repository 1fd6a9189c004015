/**
 * The PROXY protocol: a proxy that passes bytes on says first who connected to it.
 *
 * Reference: haproxy.org, "The PROXY protocol, versions 1 & 2"; the two forms are told apart by their first bytes.
 * What stands in it is believed of peers that may say it (PROXY_ALLOW_FROM); without it, or with a malformed one, the connection is
 * closed: whoever could leave it out could be anybody.
 */
import { isIPv4, isIPv6, type Socket } from "node:net";

/** Who connected to the proxy. */
export interface ProxiedClient {
  readonly address: string;
  readonly port: number;
}

export interface ProxyHeader {
  /** Bytes. */
  readonly length: number;
  /** Undefined where the proxy speaks for itself, as its health checks do. */
  readonly client: ProxiedClient | undefined;
}

const signature = Buffer.from("\r\n\r\n\0\r\nQUIT\n");
const maxTextBytes = 107;
/** Fields behind the addresses are read past, up to here. */
const maxBytes = 4096;

/**
 * Reads a header at the start of some bytes.
 * @returns undefined where more of it must come first; "malformed" where it is none
 */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | "malformed" | undefined {
  const compared = Math.min(bytes.length, signature.length);
  if (compared > 0 && bytes.subarray(0, compared).equals(signature.subarray(0, compared))) return parseBinary(bytes);
  return parseText(bytes);
}

function parseText(bytes: Buffer): ProxyHeader | "malformed" | undefined {
  const text = bytes.subarray(0, maxTextBytes).toString("latin1");
  if (!"PROXY ".startsWith(text.slice(0, 6))) return "malformed";
  const end = text.indexOf("\r\n");
  if (end < 0) return text.length < maxTextBytes ? undefined : "malformed";
  const length = end + 2;
  const [, family, source = "", , port = ""] = text.slice(0, end).split(" ");
  if (family === "UNKNOWN") return { length, client: undefined };
  const isAddress = family === "TCP4" ? isIPv4(source) : family === "TCP6" && isIPv6(source);
  if (!isAddress || text.slice(0, end).split(" ").length !== 6 || !isPort(port)) return "malformed";
  return { length, client: { address: source, port: Number(port) } };
}

const isPort = (text: string): boolean => /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;

function parseBinary(bytes: Buffer): ProxyHeader | "malformed" | undefined {
  if (bytes.length < 16) return undefined;
  const [versionAndCommand = 0, family = 0] = bytes.subarray(12);
  const length = 16 + bytes.readUInt16BE(14);
  const command = versionAndCommand & 0x0f;
  if (versionAndCommand >> 4 !== 2 || command > 1 || length > maxBytes) return "malformed";
  if (bytes.length < length) return undefined;
  if (command === 0) return { length, client: undefined };
  switch (family >> 4) {
    case 1:
      if (length < 16 + 12) return "malformed";
      return { length, client: { address: bytes.subarray(16, 20).join("."), port: bytes.readUInt16BE(24) } };
    case 2: {
      if (length < 16 + 36) return "malformed";
      const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(16 + 2 * i).toString(16));
      return { length, client: { address: groups.join(":"), port: bytes.readUInt16BE(48) } };
    }
    default:
      return { length, client: undefined };
  }
}

/** Milliseconds in which the header must be there. */
const headerTimeoutMs = 5_000;

/**
 * Reads the header of a connection and leaves what follows it on the socket.
 * @param next  told who connected; not called where the connection is closed for want of a right header
 */
export function readProxyHeader(socket: Socket, next: (client: ProxiedClient | undefined) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const refuse = (): void => void socket.destroy();
  const timer = setTimeout(refuse, headerTimeoutMs);
  const onReadable = (): void => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) {
      bytes = Buffer.concat([bytes, chunk]);
      const header = parseProxyHeader(bytes);
      if (header === "malformed") refuse();
      if (header === "malformed" || header === undefined) continue;
      clearTimeout(timer);
      socket.off("readable", onReadable);
      socket.off("end", refuse);
      socket.off("error", refuse);
      const rest = bytes.subarray(header.length);
      if (rest.length > 0) socket.unshift(rest);
      // The stream notices only then that nobody waits for "readable" any more.
      setImmediate(() => next(header.client));
      return;
    }
  };
  socket.on("readable", onReadable);
  socket.on("end", refuse);
  socket.on("error", refuse);
  socket.on("close", () => clearTimeout(timer));
}
