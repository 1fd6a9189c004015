/**
 * Reading any JSON: it must be possible to write it again.
 *
 * Reference: rest_framework.fields.JSONField. Differs: half of a surrogate pair, a number beyond a double and very deep nesting
 * are refused; the reference stores what it cannot show.
 */
import { Form } from "../form.ts";
import { Invalid, invalid, issue, type MakeParser, type Parse } from "../parser.ts";
import { checked } from "./checked.ts";

/** Deeper nesting is refused; every later step would recurse into it. */
const MAX_DEPTH = 200;

const tooDeep = invalid("invalid", { expected: `JSON of at most ${MAX_DEPTH} levels` });
const tooLarge = invalid("invalid", { expected: "numbers that a double can hold" });
const halfCharacter = new Invalid([issue("surrogate_characters_not_allowed")]);

export const json: MakeParser<"json"> = (field) => checked(field, anyJson);

/** Any JSON value as it is; of a form, the object of its last texts. */
export const anyJson: Parse = (raw) => {
  const value = raw instanceof Form ? Object.fromEntries([...raw.names()].map((name) => [name, raw.get(name)])) : raw;
  return faultOf(value, 0) ?? value;
};

function faultOf(value: unknown, depth: number): Invalid | undefined {
  if (typeof value === "string") return value.isWellFormed() ? undefined : halfCharacter;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : tooLarge;
  if (typeof value !== "object" || value === null) return undefined;
  if (depth === MAX_DEPTH) return tooDeep;
  for (const key in value) if (!key.isWellFormed()) return halfCharacter;
  for (const inner of Object.values(value)) {
    const fault = faultOf(inner, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}
