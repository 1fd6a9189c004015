/**
 * From the JSON of a fixture to a column: a table by kind, closed by the compiler.
 *
 * Takes what Django writes as well: fractions of three digits, offsets, decimals as numbers. A value that would not arrive as it was, on
 * either database, is refused; nothing else is validated, as in Django.
 * Reference: `to_python` of django.db.models.fields.
 */
import { isIP } from "node:net";
import { type Dialect, type Format, formatOf, isKind, type SqlValue } from "../db/index.ts";
import { customOf, type Field, type FieldKind } from "../model/index.ts";
import { decimalOf, float, LARGEST, LARGEST_SMALL, numberText, wholeNumber } from "./fixture-numbers.ts";
import { wholeJson, wholeText } from "./fixture-texts.ts";
import { date, datetime, duration, time } from "./fixture-times.ts";
import { Unfit } from "./unfit.ts";

const base64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

type ToColumn = (value: unknown) => SqlValue;
type Make = (field: Field, format: Format, dialect: Dialect) => ToColumn;

/** A field as Django would have it, and a fixture does: its column, without what a kind of one's own makes of that. */
export function plainField(field: Field): Field {
  if (!customOf(field)) return field;
  const { custom: _, ...options } = field.options as Field["options"] & { readonly custom?: unknown };
  return { ...field, options } as Field;
}

/** Compiles the conversion of a field's values. @throws TypeError  the field is no column */
export const columnValueOf = (field: Field, dialect: Dialect): ToColumn => {
  const plain = plainField(field);
  const make: Make = makers[field.kind];
  const convert = make(plain, formatOf(plain, dialect), dialect);
  // A fixture has one null. Where the column cannot be NULL, it is that of JSON.
  const none = field.kind === "json" && !field.null ? "null" : null;
  return (value) => (value === null ? none : convert(value));
};

const text: Make = (_field, _format, dialect) => (value) => {
  const characters = typeof value === "string" ? value : numberText(value);
  if (characters === undefined) throw new Unfit("expected a text");
  return wholeText(characters, dialect);
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
  choice: (_field, _format, dialect) => (value) =>
    typeof value === "string" ? wholeText(value, dialect) : wholeNumber(value, LARGEST_SMALL),
  uuid: viaFormat((value) => {
    const digits = typeof value === "string" ? value.replaceAll("-", "").toLowerCase() : "";
    if (!/^[0-9a-f]{32}$/.test(digits)) throw new Unfit("expected a UUID");
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }),
  ip: () => (value) => {
    if (typeof value === "string" && isIP(value) > 0) return value;
    throw new Unfit("expected an IP address");
  },
  integer:
    ({ options }) =>
    (value) =>
      wholeNumber(value, "big" in options && options.big ? LARGEST : LARGEST_SMALL),
  float: () => float,
  decimal: (field, format, dialect) =>
    isKind(field, "decimal") ? decimalOf(field.options, format, dialect) : notAColumn(field, format, dialect),
  datetime: viaFormat(datetime),
  date: viaFormat(date),
  time: viaFormat(time),
  duration: viaFormat(duration),
  json: (_field, _format, dialect) => (value) => wholeJson(value, dialect),
  binary: viaFormat((value) => {
    if (typeof value === "string" && base64.test(value)) return value;
    throw new Unfit("expected bytes in base64");
  }),
  foreignKey: notAColumn,
  manyToMany: notAColumn,
  list: notAColumn,
  dict: notAColumn,
  nested: notAColumn,
  computed: notAColumn,
};
