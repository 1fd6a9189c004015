/**
 * Compression of answers, for clients that take it.
 *
 * What is short, already compressed, or not to be stored (tokens) is sent as it is. So is what another site asks for in the name of
 * a visitor: whoever may choose part of an answer and see its length could guess the rest of it (BREACH). Only browsers send
 * cookies by themselves, and they say where a request comes from (`Sec-Fetch-Site`).
 * Reference: RFC 9110 section 12.5.3; RFC 8878 (zstd); django.middleware.gzip.GZipMiddleware.
 */
import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip, zstdCompress } from "node:zlib";
import { etagEncoded, qualitiesOf, qualityOf } from "../resource/index.ts";

type Headers = Record<string, string | number | string[]>;

/** In the order of preference: of those that a client likes as much as each other the first is taken. */
const encoders: ReadonlyMap<string, (text: string) => Promise<Buffer>> = new Map([
  ["zstd", promisify(zstdCompress)],
  // Higher qualities take many times as long for a few hundredths of the length.
  [
    "br",
    (text) =>
      promisify(brotliCompress)(text, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
      }),
  ],
  ["gzip", promisify(gzip)],
]);

/** Compresses an answer, and changes its headers accordingly; undefined where it is sent as it is. */
export type Compress = (message: IncomingMessage, headers: Headers, body: string) => Promise<Buffer> | undefined;

/** @param minBytes  length from which answers are compressed; 0 for none */
export function createCompress(minBytes: number): Compress {
  if (minBytes === 0) return () => undefined;
  return (message, headers, body) => {
    if (body.length < minBytes || !isText(headers["content-type"]) || headers["cache-control"] === "no-store")
      return undefined;
    headers.vary = headers.vary ? `${headers.vary}, Accept-Encoding` : "Accept-Encoding";
    const accepted = message.headers["accept-encoding"];
    if (accepted === undefined || isAskedByOthers(message)) return undefined;
    const encoding = chosen(accepted);
    const encode = encoders.get(encoding ?? "");
    if (encoding === undefined || encode === undefined) return undefined;
    return encode(body).then((bytes) => {
      headers["content-encoding"] = encoding;
      headers["content-length"] = bytes.length;
      if (typeof headers.etag === "string") headers.etag = etagEncoded(headers.etag, encoding);
      return bytes;
    });
  };
}

const isText = (type: Headers[string] | undefined): boolean =>
  typeof type === "string" && /^(text\/|application\/(json|[\w.]+\+json|yaml|javascript)\b)/.test(type);

/** Sent with a visitor's cookies or password, and not by a page of ours or the visitor's own hand. */
function isAskedByOthers({ headers }: IncomingMessage): boolean {
  const isAmbient = headers.cookie !== undefined || /^basic /i.test(headers.authorization ?? "");
  const site = headers["sec-fetch-site"];
  return isAmbient && site !== "same-origin" && site !== "none";
}

function chosen(accepted: string): string | undefined {
  const qualities = qualitiesOf(accepted);
  let best: string | undefined;
  let bestQuality = qualityOf(qualities, "identity");
  for (const encoding of encoders.keys()) {
    const quality = qualityOf(qualities, encoding);
    if (quality > bestQuality) [best, bestQuality] = [encoding, quality];
  }
  return best;
}
