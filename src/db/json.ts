/**
 * JSON that keeps whole numbers of any size, and the text that Django stores.
 *
 * A whole number that a double cannot hold exactly becomes a `bigint` and is written back digit for digit (RFC 8259 section 6
 * lets numbers be of any size; Python reads them exactly). Beyond the range of a double it is Infinity, as for JSON.parse:
 * reading a million digits takes seconds.
 */
import type { Json } from "../model/index.ts";
import { parseExactly } from "./exact-json.ts";

/** A long number, or a key that looks like one: what JavaScript would not keep as it is. */
const special = /\d{16}|"\d+"\s*:/;

/**
 * Reads JSON text.
 * @throws SyntaxError  the text is not JSON
 */
export function parseJson(text: string): Json {
  const value = JSON.parse(text) as Json;
  return special.test(text) ? parseExactly(text) : value;
}

/** JSON text with `", "` and `": "` and everything outside ASCII escaped, as `json.dumps` of Python writes it. */
export function stringifyJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(stringifyJson).join(", ")}]`;
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return ascii(JSON.stringify(value));
  const entries = Object.entries(value).map(([key, inner]) => `${ascii(JSON.stringify(key))}: ${stringifyJson(inner)}`);
  return `{${entries.join(", ")}}`;
}

const ascii = (text: string): string =>
  text.replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
