/**
 * Numbers of a fixture: as they are spelled, and no larger than their column.
 *
 * SQLite keeps in a column of four bytes what has eight, and of a decimal fifteen digits, so neither is left to it.
 */
import type { Dialect, Format, SqlValue } from "../db/index.ts";
import type { OptionsOf } from "../model/index.ts";
import { Unfit } from "./unfit.ts";

/** A number whose spelling was kept (`parseVerbatim`). */
interface RawNumber {
  readonly rawJSON: string;
}
export const isRaw = (value: unknown): value is RawNumber => JSON.isRawJSON(value);

/** The digits of a number, as they stand in the fixture; undefined where it is none. */
export function numberText(value: unknown): string | undefined {
  if (isRaw(value)) return value.rawJSON;
  return typeof value === "number" ? String(value) : undefined;
}

/** The largest whole numbers of four and of eight bytes. */
export const [LARGEST_SMALL, LARGEST] = [2n ** 31n - 1n, 2n ** 63n - 1n] as const;

export function wholeNumber(value: unknown, largest: bigint): SqlValue {
  if (typeof value === "number" && (value | 0) === value) return value; // most are; no digits are looked at
  const digits = typeof value === "string" ? value : numberText(value);
  if (digits === undefined || !/^-?\d+$/.test(digits)) throw new Unfit("expected a whole number");
  const number = BigInt(digits);
  if (number > largest || number < -largest - 1n) throw new Unfit(`expected a whole number up to ${largest}`);
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : number;
}

export function float(value: unknown): SqlValue {
  const number = Number(numberText(value) ?? Number.NaN);
  if (!Number.isFinite(number)) throw new Unfit("expected a number");
  return number;
}

const KEPT_DIGITS = 15;

/** The conversion of a decimal, which Django spells as text, small ones with an exponent: `0E-8`. */
export const decimalOf =
  ({ maxDigits, decimalPlaces }: OptionsOf["decimal"], { toColumn }: Format, dialect: Dialect) =>
  (value: unknown): SqlValue => {
    const given = typeof value === "string" ? value : numberText(value);
    if (given === undefined || !/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(given))
      throw new Unfit("expected a decimal such as 12.50");
    const digits = withoutExponent(given);
    const [before = "", after = ""] = digits.replace(/^-?0*/, "").split(".");
    const most = maxDigits - decimalPlaces;
    if (before.length > most) throw new Unfit(`expected at most ${most} digits before the point`);
    const significant = `${before}${after.replace(/0+$/, "")}`.replace(/^0+/, "");
    if (dialect === "sqlite" && after !== "" && significant.length > KEPT_DIGITS)
      throw new Unfit(`SQLite keeps ${KEPT_DIGITS} digits of a decimal, and this one has ${significant.length}`);
    return toColumn(digits);
  };

/** `1.5E-3` as `0.0015`. */
function withoutExponent(given: string): string {
  const [, sign = "", whole = "", fraction = "", exponent] = /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(given) ?? [];
  if (exponent === undefined) return given;
  const point = whole.length + Number(exponent);
  const digits = `${"0".repeat(Math.max(0, 1 - point))}${whole}${fraction}`.padEnd(point, "0");
  const at = Math.max(1, point);
  return `${sign}${digits.slice(0, at)}${at < digits.length ? `.${digits.slice(at)}` : ""}`;
}
