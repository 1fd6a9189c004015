/**
 * From the JSON of a fixture to a column: a table by kind, closed by the compiler.
 *
 * Takes what Django writes as well: fractions of three digits, offsets, decimals as numbers. A value that would not arrive as it was
 * is refused; nothing else is validated, as in Django.
 * Reference: `to_python` of django.db.models.fields.
 */
import { type Dialect, durationOf, type Format, microsecondsOf, type SqlValue } from "../db/index.ts";
import type { Field, FieldKind } from "../model/index.ts";

/** A value that its column cannot take. */
export class Unfit extends Error {}

const base64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

/** A number whose spelling was kept (`parseVerbatim`). */
interface RawNumber {
  readonly rawJSON: string;
}
const isRaw = (value: unknown): value is RawNumber => JSON.isRawJSON(value);

type ToColumn = (value: unknown) => SqlValue;
type Make = (field: Field, format: Format, dialect: Dialect) => ToColumn;

/** Compiles the conversion of a field's values. @throws TypeError  the field is no column */
export const columnValueOf = (field: Field, format: Format, dialect: Dialect): ToColumn => {
  const make: Make = makers[field.kind];
  const convert = make(field, format, dialect);
  return (value) => (value === null ? null : convert(value));
};

const text: Make = () => (value) => {
  if (typeof value === "string") return value;
  const number = numberText(value);
  if (number === undefined) throw new Unfit("expected a text");
  return number;
};
const viaFormat =
  (read: (value: unknown) => unknown): Make =>
  (_field, { toColumn }) =>
  (value) =>
    toColumn(read(value));
const notAColumn: Make = (field) => {
  throw new TypeError(`a ${field.kind} field is no column`);
};

const makers: Readonly<Record<FieldKind, Make>> = {
  boolean: viaFormat((value) => {
    if (typeof value === "boolean") return value;
    throw new Unfit("expected true or false");
  }),
  text,
  email: text,
  url: text,
  slug: text,
  file: text,
  choice: () => (value) => (typeof value === "string" ? value : wholeNumber(value)),
  uuid: viaFormat((value) => {
    const digits = typeof value === "string" ? value.replaceAll("-", "").toLowerCase() : "";
    if (!/^[0-9a-f]{32}$/.test(digits)) throw new Unfit("expected a UUID");
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }),
  ip: text,
  integer: () => wholeNumber,
  float: () => (value) => {
    const number = Number(numberText(value) ?? Number.NaN);
    if (!Number.isFinite(number)) throw new Unfit("expected a number");
    return number;
  },
  decimal: decimal(),
  datetime: viaFormat(datetime),
  date: viaFormat((value) => matching(value, /^\d{4}-\d\d-\d\d$/, "a date such as 2024-01-31")),
  time: viaFormat((value) =>
    sixDigits(matching(value, /^\d\d:\d\d(:\d\d(\.\d{1,6})?)?$/, "a time of day such as 08:30:00")),
  ),
  duration: viaFormat(duration),
  json: () => jsonText,
  binary: viaFormat((value) => matching(value, base64, "bytes in base64")),
  foreignKey: notAColumn,
  manyToMany: notAColumn,
  list: notAColumn,
  dict: notAColumn,
  nested: notAColumn,
  computed: notAColumn,
};

/** The digits of a number, as they stand in the fixture; undefined where it is none. */
function numberText(value: unknown): string | undefined {
  if (isRaw(value)) return value.rawJSON;
  return typeof value === "number" ? String(value) : undefined;
}

function wholeNumber(value: unknown): SqlValue {
  const digits = typeof value === "string" ? value : numberText(value);
  if (digits === undefined || !/^-?\d+$/.test(digits)) throw new Unfit("expected a whole number");
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}

/** SQLite keeps a decimal as a double, and fifteen digits of it. */
const KEPT_DIGITS = 15;

function decimal(): Make {
  return (_field, { toColumn }, dialect) =>
    (value) => {
      const digits = typeof value === "string" ? value : numberText(value);
      if (digits === undefined || !/^-?\d*\.?\d+$/.test(digits)) throw new Unfit("expected a decimal such as 12.50");
      const significant = digits
        .replace(/\.?0*$/, "")
        .replace(/^[-0.]+/, "")
        .replace(".", "");
      if (dialect === "sqlite" && digits.includes(".") && significant.length > KEPT_DIGITS)
        throw new Unfit(`SQLite keeps ${KEPT_DIGITS} digits of a decimal, and this one has ${significant.length}`);
      return toColumn(digits);
    };
}

function matching(value: unknown, pattern: RegExp, expected: string): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw new Unfit(`expected ${expected}`);
}

/** A fraction has six digits in a column, or there is none. */
const sixDigits = (value: string): string =>
  value.replace(/\.(\d+)/, (_whole, digits: string) => (Number(digits) === 0 ? "" : `.${digits.padEnd(6, "0")}`));

function datetime(value: unknown): string {
  const whole = matching(
    value,
    /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?$/,
    "a time such as 2024-01-31T08:00:00Z",
  );
  const [, day = "", clock = "", fraction = "", offset = "Z"] =
    /^(.{10}).(\d\d:\d\d(?::\d\d)?)(\.\d+)?(.*)$/.exec(whole) ?? [];
  const seconds = clock.length === 5 ? `${clock}:00` : clock;
  const rest = sixDigits(fraction);
  if (/^(Z?|[+-]00:?00)$/.test(offset)) return `${day}T${seconds}${rest}Z`;
  return `${new Date(`${day}T${seconds}${offset.replace(/(\d\d):?(\d\d)$/, "$1:$2")}`).toISOString().slice(0, 19)}${rest}Z`;
}

/** Django writes days, hours, minutes and seconds; its fraction has six digits. */
function duration(value: unknown): string {
  const whole = matching(value, /^(-?\d+ )?\d+:\d\d:\d\d(\.\d{1,6})?$/, "a duration such as 1 02:03:04.500000");
  return durationOf(microsecondsOf(sixDigits(whole)));
}

/** JSON text as Django stores it, numbers spelled as they came. */
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
