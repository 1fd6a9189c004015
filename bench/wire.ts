/**
 * Requests as they are sent, with what differs from one to the next put in its place.
 *
 * Written by `contest.ts` as text with marks in it; `load.ts` makes a `Template` of it, once a connection, and fills it for each request.
 * What is filled in is as long as its mark stands for, so that `Content-Length` holds.
 */
import type { Row } from "./rows.ts";

/** Digits of a number that no other request has. */
const numberDigits = 12;

/** Tokens of a row's headers. */
export interface Tokens {
  readonly good: string;
  /** Of the same claims, signed with another secret. */
  readonly forged: string;
}

/** The request of a row, with tokens in it and marks left for what differs. */
export function requestText(row: Row, host: string, tokens: Tokens): string {
  const head: [string, string][] = [["Host", host], ...headersOf(row, tokens)];
  const { body } = row;
  if (body !== undefined) {
    const bytes = Buffer.byteLength(body.replaceAll("{n}", "0".repeat(numberDigits)));
    head.push(["Content-Length", String(bytes)]);
  }
  const lines = head.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `${row.method} ${row.path} HTTP/1.1\r\n${lines}\r\n${body ?? ""}`;
}

/** The GET that a client makes before, to know the ETag. */
export function readingOf(row: Row): Row {
  const { Accept = "*/*", Authorization } = row.headers;
  const headers: Row["headers"] = { Accept, ...(Authorization !== undefined && { Authorization }) };
  return { ...row, method: "GET", headers, body: undefined };
}

/** Whether a request of this row needs to know an ETag. */
export const asksForEtag = ({ headers }: Row): boolean => Object.values(headers).includes("{etag}");

/** The headers of a row, with tokens in them. */
export const headersOf = (row: Row, { good, forged }: Tokens): [string, string][] =>
  Object.entries(row.headers).map(([name, value]) => [
    name,
    value.replace("{token}", good).replace("{forged token}", forged),
  ]);

/** Numbers for requests, from one on, each given out once. */
export interface Numbers {
  next: number;
}

/** A request to be filled in. */
export interface Template {
  /** @param etag  of the connection's last answer; kept until another one is given */
  fill(numbers: Numbers, etag?: string): Buffer;
}

/**
 * Prepares a request for one connection.
 *
 * @example
 * const template = prepare("GET /{connection}/ HTTP/1.1\r\n\r\n", 7); // asks for /0007/
 * template.fill({ next: 1 });
 */
export function prepare(text: string, connection: number): Template {
  const own = text.replaceAll("{connection}", String(connection).padStart(4, "0"));
  const [before = "", after] = own.split("{etag}");
  let etagNow = "";
  let { bytes, places } = numbered(before + (after ?? ""));
  return {
    fill(numbers, etag = etagNow) {
      if (after !== undefined && etag !== etagNow) {
        etagNow = etag;
        ({ bytes, places } = numbered(before + etag + after));
      }
      for (const place of places) {
        let number = numbers.next++;
        // Digit by digit, for a text of a thousand numbers would take longer than the server has for it.
        for (let i = place + numberDigits - 1; i >= place; i--) {
          bytes[i] = 48 + (number % 10);
          number = Math.floor(number / 10);
        }
      }
      return bytes;
    },
  };
}

/** Bytes with room for numbers, and where it is. */
function numbered(text: string): { readonly bytes: Buffer; readonly places: readonly number[] } {
  const pieces = text.split("{n}").map((piece) => Buffer.from(piece));
  const room = Buffer.alloc(numberDigits, "0");
  const bytes = Buffer.concat(pieces.flatMap((piece, i) => (i === 0 ? [piece] : [room, piece])));
  let at = 0;
  const places = pieces.slice(0, -1).map((piece) => {
    const place = at + piece.length;
    at = place + numberDigits;
    return place;
  });
  return { bytes, places };
}
