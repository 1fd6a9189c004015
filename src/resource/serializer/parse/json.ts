/**
 * Reading any JSON: it must be possible to write it again.
 *
 * Reference: rest_framework.fields.JSONField. Differs: half of a surrogate pair, a number beyond a double and very deep nesting
 * are refused, where the reference stores what it cannot show; and null characters, which PostgreSQL cannot store.
 */
import { Form } from "../form.ts";
import { type Invalid, invalid, type MakeParser, type Parse } from "../parser.ts";
import { checked } from "./checked.ts";

/** Deeper nesting is refused; every later step would recurse into it. */
const MAX_DEPTH = 200;

const tooDeep = invalid("invalid", { expected: `JSON of at most ${MAX_DEPTH} levels` });
const tooLarge = invalid("invalid", { expected: "numbers that a double can hold" });
const halfCharacter = invalid("surrogate_characters_not_allowed");
const nullCharacter = invalid("null_characters_not_allowed");

export const json: MakeParser<"json"> = (field) => checked(field, anyJson);

/** Any JSON value as it is; of a form, the object of its last texts. */
export const anyJson: Parse = (raw) => {
  const value = raw instanceof Form ? Object.fromEntries([...raw.names()].map((name) => [name, raw.get(name)])) : raw;
  return faultOf(value, 0) ?? value;
};

function faultOf(value: unknown, depth: number): Invalid | undefined {
  if (typeof value === "string") return faultOfText(value);
  if (typeof value === "number") return Number.isFinite(value) ? undefined : tooLarge;
  if (typeof value !== "object" || value === null) return undefined;
  if (depth === MAX_DEPTH) return tooDeep;
  const isList = Array.isArray(value);
  for (const [key, inner] of Object.entries(value)) {
    const fault = (isList ? undefined : faultOfText(key)) ?? faultOf(inner, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}

function faultOfText(text: string): Invalid | undefined {
  if (text.includes("\0")) return nullCharacter;
  return text.isWellFormed() ? undefined : halfCharacter;
}
