/**
 * The token in `?cursor=`: base64 of a query string, `o=3&r=1&p=2024-01-01+22%3A00%3A00Z&p=53`.
 *
 * `p` is the position: the values of a row in the fields of the order, one each, as many as are known; `o` counts rows to skip
 * after it; `r=1` means backwards. Positions that are null are listed by number in `n`.
 * Reference: `decode_cursor` and `encode_cursor` of rest_framework.pagination.CursorPagination, whose tokens have one `p`.
 */
import { NotFound } from "../../errors.ts";
import { parseInteger } from "../filters/number.ts";

export interface CursorToken {
  readonly isReverse: boolean;
  readonly offset: number;
  readonly position: readonly (string | null)[];
}

/** From the first row on. */
export const start: CursorToken = { isReverse: false, offset: 0, position: [] };

/** From the last row back. */
export const end: CursorToken = { isReverse: true, offset: 0, position: [] };

/** Skipping costs the database work, so nobody makes it skip more. Reference: CursorPagination.offset_cutoff. */
const MAX_OFFSET = 1000n;

export function encodeCursor({ isReverse, offset, position }: CursorToken): string {
  const parts = new URLSearchParams();
  if (offset > 0 || (!isReverse && position.length === 0)) parts.set("o", String(offset));
  if (isReverse) parts.set("r", "1");
  for (const [i, value] of position.entries()) {
    parts.append("p", value ?? "");
    if (value === null) parts.append("n", String(i));
  }
  return Buffer.from(parts.toString()).toString("base64");
}

/** @throws NotFound  this is no cursor */
export function decodeCursor(text: string): CursorToken {
  const parts = new URLSearchParams(decodeBase64(text));
  const offset = parseInteger(parts.get("o") ?? "0");
  const direction = parseInteger(parts.get("r") ?? "0");
  if (offset === undefined || offset < 0n || direction === undefined) throw invalidCursor();
  const nulls = new Set(parts.getAll("n"));
  return {
    isReverse: direction !== 0n,
    offset: Number(offset > MAX_OFFSET ? MAX_OFFSET : offset),
    position: parts.getAll("p").map((value, i) => (nulls.has(String(i)) ? null : value)),
  };
}

export const invalidCursor = (): NotFound => new NotFound("Invalid cursor");

/** ASCII in base64, whole; characters that are not of its alphabet do not count (RFC 2045 section 6.8, as Python reads it). */
function decodeBase64(text: string): string {
  if (Buffer.byteLength(text) !== text.length) throw invalidCursor();
  const digits = text.replace(/[^A-Za-z0-9+/=]/g, "");
  if (digits.length % 4 !== 0 || !/^[^=]*={0,2}$/.test(digits)) throw invalidCursor();
  const bytes = Buffer.from(digits, "base64");
  if (bytes.some((byte) => byte > 0x7f)) throw invalidCursor();
  return bytes.toString("latin1");
}
