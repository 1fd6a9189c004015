/**
 * What the request's headers ask of a static file: which encoding, is it known already, which part.
 *
 * Pure functions for `serve.ts`; header values come in as text.
 * Reference: RFC 9110 (12.5.3 Accept-Encoding, 13.1 preconditions, 14.1 ranges) and whitenoise.responders.StaticFile.
 * Differs from WhiteNoise: quality values count; `If-None-Match` may be a list, `*` or weak; `If-Range` is honoured;
 * a range of one byte is answered (WhiteNoise takes it for empty).
 */
import type { IncomingHttpHeaders } from "node:http";
import { qualitiesOf, qualityOf } from "../resource/index.ts";
import type { Representation, StaticFile } from "./catalogue.ts";
import { parseHttpDate } from "./http-date.ts";

/**
 * The smallest representation among those the client likes best.
 * Where everything is refused, the file itself is sent, as RFC 9110 12.1 allows: it is of more use than a 406.
 */
export function chooseRepresentation(file: StaticFile, acceptEncoding: string | undefined): Representation {
  const [smallest] = file.representations;
  if (smallest && file.representations.length === 1) return smallest;
  const qualities = qualitiesOf(acceptEncoding ?? "");
  let best: Representation | undefined;
  let bestQuality = 0;
  for (const representation of file.representations) {
    const quality = qualityOf(qualities, representation.encoding);
    if (quality > bestQuality) [best, bestQuality] = [representation, quality];
  }
  const chosen = best ?? file.representations.find(({ encoding }) => encoding === "identity") ?? smallest;
  if (chosen === undefined) throw new TypeError(`static file without content: ${file.name}`);
  return chosen;
}

/**
 * What the preconditions of a request come to, in the order of RFC 9110 13.2.2.
 *
 * @returns 412: it is meant for another version; 304: the client has this representation already; undefined: it is to be sent
 */
export function evaluatePreconditions(
  file: StaticFile,
  chosen: Representation,
  headers: IncomingHttpHeaders,
): 412 | 304 | undefined {
  const { "if-match": ifMatch, "if-unmodified-since": ifUnmodifiedSince } = headers;
  if (ifMatch !== undefined) {
    // By the strong comparison: a weak tag is never the same.
    if (!ifMatch.split(",").some((tag) => ["*", chosen.etag].includes(tag.trim()))) return 412;
  } else if (ifUnmodifiedSince !== undefined && parseHttpDate(ifUnmodifiedSince) < file.modifiedSeconds * 1000)
    return 412;
  return isNotModified(file, chosen, headers) ? 304 : undefined;
}

function isNotModified(
  file: StaticFile,
  { etag }: Representation,
  { "if-none-match": ifNoneMatch, "if-modified-since": ifModifiedSince }: IncomingHttpHeaders,
): boolean {
  if (ifNoneMatch !== undefined) {
    return (
      ifNoneMatch === etag || ifNoneMatch.split(",").some((tag) => ["*", etag].includes(tag.trim().replace(/^W\//, "")))
    );
  }
  // An unreadable date is NaN, and no comparison with it holds.
  return ifModifiedSince !== undefined && parseHttpDate(ifModifiedSince) >= file.modifiedSeconds * 1000;
}

/** First and last byte, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The part of a representation that is asked for.
 *
 * @returns undefined: all of it (no range, several ranges, another unit, or `If-Range` names another version);
 *   "unsatisfiable": no byte of it
 */
export function rangeOf(
  file: StaticFile,
  { etag, file: { sizeBytes } }: Representation,
  range: string | undefined,
  ifRange: string | undefined,
): ByteRange | "unsatisfiable" | undefined {
  if (range === undefined) return undefined;
  if (ifRange !== undefined && ifRange !== etag && parseHttpDate(ifRange) !== file.modifiedSeconds * 1000)
    return undefined;
  const [, first, last] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(range) ?? [];
  if (first === undefined || last === undefined || first + last === "") return undefined;
  const start = first === "" ? Math.max(sizeBytes - Number(last), 0) : Number(first);
  const end = first === "" || last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  return start > end ? "unsatisfiable" : { start, end };
}
