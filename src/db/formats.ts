/**
 * How a field's value stands in a column: Django's formats, for both databases.
 *
 * A value is what JSON carries (`model/field.ts`); a column holds what Django's backends write, so that Django and drf-auth
 * can work on one database. Null never comes here.
 * Reference: django.db.backends.{sqlite3,postgresql}.operations, `get_db_converters` and `adapt_*`.
 */
import { customOf, type Field, type FieldKind, type Json } from "../model/index.ts";
import type { Dialect, SqlValue } from "./database.ts";
import { durationOf, durationOfInterval, microsecondsOf } from "./durations.ts";
import { parseJson, stringifyJson } from "./json.ts";

export interface Format {
  /** From the value to what the driver takes. */
  readonly toColumn: (value: unknown) => SqlValue;
  /** From what the driver gives to the value. */
  readonly fromColumn: (raw: unknown) => unknown;
}

const asIs: Format = { toColumn: (value) => value as SqlValue, fromColumn: (raw) => raw };
const asText: Format = { toColumn: (value) => String(value), fromColumn: (raw) => String(raw) };
const asNumber: Format = { toColumn: (value) => value as number, fromColumn: Number };

/** The least whole number of 64 bits: the one that node:sqlite does not find too large for a number, and rounds. */
const LEAST = -(2n ** 63n);
const wide: Format = { ...asIs, fromColumn: (raw) => (raw === Number(LEAST) ? LEAST : raw) };

const datetimeText: Format["toColumn"] = (value) => String(value).replace("T", " ").replace("Z", "");

/** PostgreSQL drops zeros at the end of a fraction; the wire has none or six digits. */
const padFraction = (text: string): string =>
  text.replace(/\.(\d+)/, (_, digits: string) => `.${digits.padEnd(6, "0")}`);

const decimalPlaces = (field: Field): number =>
  "decimalPlaces" in field.options ? Number(field.options.decimalPlaces) : 0;

/** Sliced, not replaced by a pattern: this runs for every row. */
const hyphenated = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;

/** A decimal from the double that SQLite made of it. Of more than fifteen digits the rest is noise, as for Django. */
function fixed(value: number, places: number): string {
  if (Math.abs(value) < 10 ** (15 - places)) return value.toFixed(places);
  const rounded = Number(value.toPrecision(15));
  if (Math.abs(rounded) < 1e15) return rounded.toFixed(places);
  // JavaScript would write every digit of the double, or 1e+21.
  const [mantissa = "", exponent] = Math.abs(rounded).toExponential(14).split("e+");
  const whole = mantissa.replace(".", "").padEnd(Number(exponent) + 1, "0");
  return `${rounded < 0 ? "-" : ""}${whole}${places > 0 ? `.${"0".repeat(places)}` : ""}`;
}

type FormatOf = (field: Field) => Format;
const always =
  (format: Format): FormatOf =>
  () =>
    format;

const notAColumn: FormatOf = (field) => {
  throw new TypeError(`a ${field.kind} field is no column`);
};

const common = {
  text: always(asIs),
  email: always(asIs),
  url: always(asIs),
  slug: always(asIs),
  ip: always(asText),
  integer: always(asIs),
  float: always(asNumber),
  choice: always(asIs),
  file: always(asIs),
  date: always(asText),
  binary: always({
    toColumn: (value) => Buffer.from(String(value), "base64"),
    fromColumn: (raw) => Buffer.from(raw as Uint8Array).toString("base64"),
  }),
  foreignKey: always(asIs),
  manyToMany: notAColumn,
  list: notAColumn,
  dict: notAColumn,
  nested: notAColumn,
  computed: notAColumn,
} satisfies Partial<Record<FieldKind, FormatOf>>;

const formats: Record<Dialect, Record<FieldKind, FormatOf>> = {
  sqlite: {
    ...common,
    boolean: always({ toColumn: (value) => (value ? 1 : 0), fromColumn: (raw) => raw === 1 }),
    uuid: always({
      toColumn: (value) => String(value).replaceAll("-", ""),
      fromColumn: (raw) => hyphenated(String(raw)),
    }),
    // A key has not that value, and is read most often.
    integer: ({ options }) => ("big" in options && options.big && !options.primaryKey ? wide : asIs),
    decimal: (field) => {
      const places = decimalPlaces(field);
      return { toColumn: String, fromColumn: (raw) => fixed(Number(raw), places) };
    },
    datetime: always({ toColumn: datetimeText, fromColumn: (raw) => `${String(raw).replace(" ", "T")}Z` }),
    time: always(asText),
    duration: always({ toColumn: microsecondsOf, fromColumn: (raw) => durationOf(BigInt(raw as number | bigint)) }),
    json: always({ toColumn: (value) => stringifyJson(value as Json), fromColumn: (raw) => parseJson(String(raw)) }),
  },
  postgres: {
    ...common,
    boolean: always(asIs),
    uuid: always(asText),
    decimal: always(asText),
    datetime: always({
      toColumn: asText.toColumn,
      fromColumn: (raw) =>
        padFraction(
          String(raw)
            .replace(" ", "T")
            .replace(/\+00(:00)?$/, "Z"),
        ),
    }),
    time: always({ toColumn: asText.toColumn, fromColumn: (raw) => padFraction(String(raw)) }),
    duration: always({
      toColumn: (value) => `${microsecondsOf(value)} microseconds`,
      fromColumn: (raw) => durationOfInterval(String(raw)),
    }),
    json: always({ toColumn: (value) => stringifyJson(value as Json), fromColumn: (raw) => parseJson(String(raw)) }),
  },
};

/** The format of a field's column. A foreign key has the format of the key it points at: pass that field. */
export function formatOf(field: Field, dialect: Dialect): Format {
  const format = formats[dialect][field.kind](field);
  const { toColumn, fromColumn } = customOf(field) ?? {};
  if (!toColumn || !fromColumn) return format;
  return {
    toColumn: (value) => format.toColumn(toColumn(value)),
    fromColumn: (raw) => fromColumn(format.fromColumn(raw)),
  };
}
