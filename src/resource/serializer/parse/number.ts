/**
 * Reading numbers and truth values.
 *
 * A whole number that a double cannot hold stays a `bigint`; a decimal becomes its text with the declared places.
 * Reference: rest_framework.fields (IntegerField, FloatField, DecimalField, BooleanField).
 * Differs: `1_000` is no number; "nan", "inf" and what a double cannot hold are refused.
 */
import type { Field, OptionsOf } from "../../../model/index.ts";
import { compareDecimals, type Decimal, readDecimal, writeDecimal } from "../decimal.ts";
import { type Invalid, invalid, issue, type MakeParser } from "../parser.ts";
import { type Check, checked } from "./checked.ts";
import { asciiDigits } from "./digits.ts";
import { strip } from "./strip.ts";

type DecimalOptions = OptionsOf["decimal"];

/** Longer texts are refused before any work is done on them. */
const MAX_CHARACTERS = 1000;

const tooLong = invalid("max_string_length");
const notWhole = invalid("invalid", { expected: "a whole number" });
const notANumber = invalid("invalid", { expected: "a number" });
const notADecimal = invalid("invalid", { expected: "a decimal number such as 12.50" });
const notABoolean = invalid("invalid", { expected: "true or false" });

export const integer: MakeParser<"integer"> = (field) => checked(field, toInteger, limits(field));
export const float: MakeParser<"float"> = (field) => checked(field, toFloat, limits(field));

function limits({ options: { min, max } }: Field<"integer" | "float">): Check<number | bigint>[] {
  const checks: Check<number | bigint>[] = [];
  if (max !== undefined) checks.push((value) => (value > max ? issue("max_value", { limit: max }) : undefined));
  if (min !== undefined) checks.push((value) => (value < min ? issue("min_value", { limit: min }) : undefined));
  return checks;
}

function toInteger(raw: unknown): number | bigint | Invalid {
  if (typeof raw === "number") return Number.isSafeInteger(raw) ? raw + 0 : notWhole;
  if (typeof raw === "bigint") return raw;
  if (typeof raw !== "string") return notWhole;
  if (raw.length > MAX_CHARACTERS) return tooLong;
  const whole = /^([+-]?\d+)(?:\.0*)?$/.exec(asciiDigits(strip(raw)))?.[1];
  if (whole === undefined) return notWhole;
  const value = Number(whole);
  return Number.isSafeInteger(value) ? value + 0 : BigInt(whole);
}

function toFloat(raw: unknown): number | Invalid {
  if (typeof raw === "string" && raw.length > MAX_CHARACTERS) return tooLong;
  const value = numberOf(raw);
  return Number.isFinite(value) ? value : notANumber;
}

/** Booleans count as 1 and 0, as in Python. */
function numberOf(raw: unknown): number {
  if (typeof raw === "number" || typeof raw === "bigint" || typeof raw === "boolean") return Number(raw);
  const text = typeof raw === "string" ? asciiDigits(strip(raw)) : "";
  return readDecimal(text) ? Number(text) : Number.NaN;
}

export const decimal: MakeParser<"decimal"> = (field) => {
  const { options } = field;
  const toDecimal = (raw: unknown): string | null | Invalid => {
    if (typeof raw !== "string" && typeof raw !== "number" && typeof raw !== "bigint") return notADecimal;
    const text = asciiDigits(strip(String(raw)));
    if (text === "" && field.null) return null;
    if (text.length > MAX_CHARACTERS) return tooLong;
    const number = readDecimal(text);
    return number ? (precision(number, options) ?? writeDecimal(number, options.decimalPlaces)) : notADecimal;
  };
  return checked(field, toDecimal, decimalLimits(options));
};

/** Reference: DecimalField.validate_precision; the first of its three findings. */
function precision({ digits, exponent }: Decimal, { maxDigits, decimalPlaces }: DecimalOptions): Invalid | undefined {
  const places = Math.max(0, -exponent);
  const total = exponent >= 0 ? digits.length + exponent : Math.max(digits.length, places);
  const maxWhole = maxDigits - decimalPlaces;
  if (total > maxDigits) return invalid("max_digits", { limit: maxDigits });
  if (places > decimalPlaces) return invalid("max_decimal_places", { limit: decimalPlaces });
  if (total - places > maxWhole) return invalid("max_whole_digits", { limit: maxWhole });
  return undefined;
}

function decimalLimits({ min, max }: DecimalOptions): Check<string>[] {
  const checks: Check<string>[] = [];
  const most = max === undefined ? undefined : readDecimal(String(max));
  const least = min === undefined ? undefined : readDecimal(String(min));
  const against = (limit: Decimal, text: string) => compareDecimals(readDecimal(text) ?? limit, limit);
  if (most) checks.push((text) => (against(most, text) > 0 ? issue("max_value", { limit: String(max) }) : undefined));
  if (least) checks.push((text) => (against(least, text) < 0 ? issue("min_value", { limit: String(min) }) : undefined));
  return checks;
}

const yes = new Set<unknown>([true, 1, "1", ..."t T y Y yes Yes YES true True TRUE on On ON".split(" ")]);
const no = new Set<unknown>([false, 0, "0", ..."f F n N no No NO false False FALSE off Off OFF".split(" ")]);
const nothing = new Set<unknown>(["", "null", "Null", "NULL"]);

/** The spellings of rest_framework.fields.BooleanField; "null" and "" are null where that is allowed. */
export const boolean: MakeParser<"boolean"> = (field) =>
  checked(field, (raw) => {
    if (yes.has(raw)) return true;
    if (no.has(raw)) return false;
    return field.null && nothing.has(raw) ? null : notABoolean;
  });
