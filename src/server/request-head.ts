/**
 * The head of a request; and a reader of it that takes only what can be read in one way.
 *
 * Reference: RFC 9112 sections 2 to 6.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";

/** What is known of a request before its body; a `node:http` request is one. */
export interface RequestHead {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly httpVersion: string;
  readonly headers: IncomingHttpHeaders;
  readonly socket: Socket;
}

/** A path, and a field or more on a line each, of visible characters; no line goes on in the next. */
const form = /^(GET|HEAD) (\/[!-~]*) HTTP\/1\.1\r\n((?:[!#-'*+\-.0-9A-Z^-z|~]+:[\t -~]*\r\n)+)\r\n$/;
/** Fields that say something of the message or the connection, and so more than what is asked for. */
const framing = new Set([
  "content-length",
  "transfer-encoding",
  "expect",
  "upgrade",
  "trailer",
  "te",
  "http2-settings",
]);

/**
 * Reads a packet that is one whole GET or HEAD request without a body and nothing else.
 *
 * @param prefix  what its path begins with
 * @returns undefined for every other: a path elsewhere, a part of a request, two of them, a field that comes twice or frames a
 *   body, a connection that is to end, no host, a character that is none of a head
 */
export function readRequestHead(packet: Buffer, prefix: string, socket: Socket): RequestHead | undefined {
  const text = packet.toString("latin1");
  if (!text.startsWith(prefix, "GET ".length) && !text.startsWith(prefix, "HEAD ".length)) return undefined;
  const [, method, url, fields = ""] = form.exec(text) ?? [];
  if (method === undefined) return undefined;
  // With a prototype, unlike most maps: without one it would be a hash table, which costs a sixth of the whole answer. A field
  // that has a name of the prototype's passes for one that comes twice.
  const headers: Record<string, string> = {};
  for (let at = 0; at < fields.length; ) {
    const colon = fields.indexOf(":", at);
    const end = fields.indexOf("\r", colon);
    const name = fields.slice(at, colon).toLowerCase();
    if (name in headers || framing.has(name)) return undefined;
    headers[name] = fields.slice(colon + 1, end).trim();
    at = end + 2;
  }
  const { host, connection = "keep-alive" } = headers;
  if (!host || connection.toLowerCase() !== "keep-alive") return undefined;
  return { method, url, httpVersion: "1.1", headers, socket };
}
