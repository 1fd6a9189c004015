/**
 * Exact decimal numbers as text: read, compared, written with a fixed number of places.
 * Reference: decimal.Decimal of Python (`as_tuple`, `quantize`, rounding half to even).
 */

/** A number `±digits × 10^exponent`; `digits` has no zeros in front. */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

const pattern = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/;

/** The number that a text such as `-12.50` or `1e3` stands for; undefined if it is none. */
export function readDecimal(text: string): Decimal | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, sign, whole = "", places = "", bare = "", exponent = "0"] = match;
  const fraction = places || bare;
  return {
    negative: sign === "-",
    digits: (whole + fraction).replace(/^0+(?=\d)/, ""),
    exponent: Number(exponent) - fraction.length,
  };
}

/** The text of a number with so many places after the point, rounded half to even: `12.5`, 2 -> `"12.50"`. */
export function writeDecimal({ negative, digits, exponent }: Decimal, places: number): string {
  const shift = exponent + places;
  const scaled = shift >= 0 ? digits + "0".repeat(shift) : rounded(digits, -shift);
  const padded = scaled.padStart(places + 1, "0");
  const point = padded.length - places;
  return `${negative ? "-" : ""}${padded.slice(0, point)}${places > 0 ? `.${padded.slice(point)}` : ""}`;
}

function rounded(digits: string, dropped: number): string {
  if (dropped > digits.length) return "0";
  const unit = 10n ** BigInt(dropped);
  const quotient = BigInt(digits) / unit;
  const twice = (BigInt(digits) % unit) * 2n;
  const up = twice > unit || (twice === unit && quotient % 2n === 1n);
  return String(up ? quotient + 1n : quotient);
}

/** Negative, zero or positive, as `a` is below, at or above `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const unit = Math.min(a.exponent, b.exponent);
  const difference = scaledTo(unit, a) - scaledTo(unit, b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function scaledTo(unit: number, { negative, digits, exponent }: Decimal): bigint {
  const value = BigInt(digits) * 10n ** BigInt(exponent - unit);
  return negative ? -value : value;
}
