/**
 * What the request's headers ask of a static file: which encoding, is it known already, which part.
 *
 * Pure functions for `serve.ts`; header values come in as text.
 * Reference: RFC 9110 (12.5.3 Accept-Encoding, 13.1 preconditions, 14.1 ranges) and whitenoise.responders.StaticFile.
 * Differs from WhiteNoise: quality values count; `If-None-Match` may be a list, `*` or weak; `If-Range` is honoured;
 * a range of one byte is answered (WhiteNoise takes it for empty).
 */
import { qualitiesOf } from "../resource/index.ts";
import type { Representation, StaticFile } from "./catalogue.ts";

/**
 * The smallest representation among those the client likes best.
 * `*` never selects a compressed one (as in WhiteNoise); where everything is refused, the file itself is sent.
 */
export function chooseRepresentation(file: StaticFile, acceptEncoding: string | undefined): Representation {
  const [smallest] = file.representations;
  if (smallest && file.representations.length === 1) return smallest;
  const qualities = qualitiesOf(acceptEncoding ?? "");
  let best: Representation | undefined;
  let bestQuality = 0;
  for (const representation of file.representations) {
    const quality = qualities.get(representation.encoding) ?? (representation.encoding === "identity" ? 0.0001 : 0);
    if (quality > bestQuality) [best, bestQuality] = [representation, quality];
  }
  const chosen = best ?? file.representations.find(({ encoding }) => encoding === "identity") ?? smallest;
  if (chosen === undefined) throw new TypeError(`static file without content: ${file.name}`);
  return chosen;
}

/** Whether the client has this representation already (304). */
export function isNotModified(
  file: StaticFile,
  { etag }: Representation,
  ifNoneMatch: string | undefined,
  ifModifiedSince: string | undefined,
): boolean {
  if (ifNoneMatch !== undefined) {
    return (
      ifNoneMatch === etag || ifNoneMatch.split(",").some((tag) => ["*", etag].includes(tag.trim().replace(/^W\//, "")))
    );
  }
  // An unreadable date is NaN, and no comparison with it holds.
  return ifModifiedSince !== undefined && parseHttpDate(ifModifiedSince) >= file.modifiedSeconds * 1000;
}

/** Milliseconds since 1970 of the form that is sent (RFC 9110, 5.6.7); NaN for any other, so that everything is sent. */
const parseHttpDate = (text: string): number =>
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text) ? Date.parse(text) : Number.NaN;

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
