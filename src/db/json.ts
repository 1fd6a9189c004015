/**
 * JSON that keeps whole numbers of any size, and the text that Django stores.
 *
 * A whole number that a double cannot hold exactly becomes a `bigint` and is written back digit for digit (RFC 8259 section 6
 * lets numbers be of any size; Python reads them exactly). Beyond the range of a double it is Infinity, as for JSON.parse:
 * reading a million digits takes seconds.
 */
import type { Json } from "../model/index.ts";

const longNumber = /\d{16}/;

/**
 * Reads JSON text.
 * @throws SyntaxError  the text is not JSON
 */
export function parseJson(text: string): Json {
  return longNumber.test(text) ? (JSON.parse(text, keepWholeNumbers) as Json) : (JSON.parse(text) as Json);
}

function keepWholeNumbers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value) || !Number.isFinite(value)) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
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
