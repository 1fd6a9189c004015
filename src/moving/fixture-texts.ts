/** Texts and JSON of a fixture: every character as it was, or none. */
import type { Dialect } from "../db/index.ts";
import { isRaw } from "./fixture-numbers.ts";
import { Unfit } from "./unfit.ts";

const noZero = "PostgreSQL keeps no character zero (U+0000)";
const noHalves = "expected whole characters, got half of a surrogate pair";

/** A text that arrives as it was. */
export function wholeText(characters: string, dialect: Dialect): string {
  if (dialect === "postgres" && characters.includes("\0")) throw new Unfit(noZero);
  if (!characters.isWellFormed()) throw new Unfit(noHalves);
  return characters;
}

/** JSON text as Django stores it, numbers spelled as they came. */
export function wholeJson(value: unknown, dialect: Dialect): string {
  const json = jsonText(value);
  if (dialect === "sqlite") return json;
  // What is left without backslashes that stand for themselves, and pairs, is what `jsonb` refuses.
  const escapes = json.replaceAll(/\\\\|\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}/g, "");
  if (escapes.includes("\\u0000")) throw new Unfit(noZero);
  if (/\\ud[89a-f]/.test(escapes)) throw new Unfit(noHalves);
  return json;
}

function jsonText(value: unknown): string {
  if (isRaw(value)) return value.rawJSON;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(", ")}]`;
  if (value === null || typeof value !== "object") return ascii(JSON.stringify(value));
  return `{${Object.entries(value)
    .map(([key, inner]) => `${ascii(JSON.stringify(key))}: ${jsonText(inner)}`)
    .join(", ")}}`;
}

const ascii = (json: string): string =>
  json.replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
