/**
 * Reading numbers from query parameters: exact decimals, as long as they are of a sensible size.
 *
 * Reference: django.forms.DecimalField under django_filters.NumberFilter (nothing above 1e50, no NaN, no infinity).
 * Differs: below -1e50 and numbers of hundreds of digits are refused as well; databases would choke on them. `1_000` is none.
 */

import type { OptionsOf } from "../../model/index.ts";
import { asciiDigits } from "../serializer/parse/digits.ts";
import { strip } from "../serializer/parse/strip.ts";
import { type Invalid, invalid } from "../serializer/parser.ts";

const MAX_CHARACTERS = 300;
/** 1e50 has 51 digits. */
const MAX_WHOLE_DIGITS = 51;
const MAX_PLACES = 300;

const decimal = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?$/;

const notANumber = invalid("invalid", { expected: "a number" });

/** A number as plain digits, `"-12.5"`: no exponent, no zero that says nothing. */
export function readDecimal(text: string): string | Invalid {
  const match = text.length > MAX_CHARACTERS ? null : decimal.exec(asciiDigits(strip(text)));
  if (!match) return notANumber;
  const [, sign, mantissa = "", exponent = "0"] = match;
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return "0";
  const places = fraction.length - Number(exponent);
  if (digits.length - places > MAX_WHOLE_DIGITS) {
    return sign === "-" ? invalid("min_value", { limit: "-1e50" }) : invalid("max_value", { limit: "1e50" });
  }
  if (places > MAX_PLACES) return invalid("max_decimal_places", { limit: MAX_PLACES });
  return (sign === "-" ? "-" : "") + plain(digits, places);
}

/** Digits with the point `places` from their end. */
function plain(digits: string, places: number): string {
  if (places <= 0) return digits + "0".repeat(-places);
  const padded = digits.padStart(places + 1, "0");
  const fraction = padded.slice(-places).replace(/0+$/, "");
  return padded.slice(0, -places) + (fraction === "" ? "" : `.${fraction}`);
}

/** A whole number; digits after the point are cut, as the reference does. */
export function readWhole(text: string): bigint | Invalid {
  const number = readDecimal(text);
  return typeof number === "string" ? BigInt(number.split(".")[0] ?? 0) : number;
}

/** A whole number as Python's `int()` reads it, undefined where it is none. */
export function parseInteger(text: string): bigint | undefined {
  const digits = asciiDigits(strip(text));
  return /^[+-]?\d+$/.test(digits) ? BigInt(digits.replace("+", "")) : undefined;
}

/** A whole number as a value: a number, or a bigint where a number would lose digits. */
export const wholeValue = (whole: bigint): number | bigint =>
  whole >= Number.MIN_SAFE_INTEGER && whole <= Number.MAX_SAFE_INTEGER ? Number(whole) : whole;

/** Least and greatest value of a column of whole numbers. */
export interface Bounds {
  readonly least: bigint;
  readonly greatest: bigint;
}
export const bits32: Bounds = { least: -(2n ** 31n), greatest: 2n ** 31n - 1n };
export const bits16: Bounds = { least: -(2n ** 15n), greatest: 2n ** 15n - 1n };
export const bits64: Bounds = { least: -(2n ** 63n), greatest: 2n ** 63n - 1n };

/** What a column of whole numbers holds. */
export const integerBounds = ({ big, small }: Partial<OptionsOf["integer"]>): Bounds =>
  big ? bits64 : small ? bits16 : bits32;
export const isWithin = (whole: bigint, { least, greatest }: Bounds): boolean => whole >= least && whole <= greatest;
