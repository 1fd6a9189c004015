/** Rows of plain kinds, with ties and nulls, for properties of lists: each run has rows of its own, told apart by the field `run`. */
import fc from "fast-check";
import { field, model } from "../../src/model/index.ts";

export const Entry = model("properties.entry", {
  fields: {
    run: field.integer({ index: true }),
    text: field.text({ null: true, blank: true }),
    whole: field.integer({ null: true, index: true }),
    decimal: field.decimal({ null: true, maxDigits: 6, decimalPlaces: 2 }),
    float: field.float({ null: true }),
    date: field.date({ null: true }),
    datetime: field.datetime({ null: true }),
    time: field.time({ null: true }),
    duration: field.duration({ null: true }),
    flag: field.boolean({ null: true }),
  },
});

export type EntryRow = Readonly<Record<string, string | number | boolean | null>>;

/** Fields that rows are sorted and filtered by. */
export const columns = ["text", "whole", "decimal", "float", "date", "datetime", "time", "duration", "flag"] as const;

/** Spans of time, from the least to the greatest. */
const spans = ["-106751992 19:59:05.224192", "-1 23:59:59", "00:00:00", "00:00:01.500000", "2 00:00:00", "10 00:00:00"];

const few = {
  text: fc.string({ unit: fc.constantFrom("a", "b", "B", "é", "😀", "%", " ", "+"), maxLength: 3 }),
  whole: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom(2147483647, -2147483648)),
  decimal: fc
    .integer({ min: -150, max: 150 })
    .map((hundredths) => (Math.trunc(hundredths / 25) / 4).toFixed(2).replace("-0.00", "0.00")),
  float: fc
    .oneof(fc.constantFrom(0, 0.1, -0.3, 1e-7, 1e300, 5e-324), fc.double({ noNaN: true, noDefaultInfinity: true }))
    .map((number) => number + 0),
  date: fc.constantFrom("0001-01-01", "2024-01-31", "2024-02-01", "2024-02-29", "9999-12-31"),
  datetime: fc.constantFrom(
    "2024-01-31T00:00:00Z",
    "2024-01-31T00:00:00.000001Z",
    "2024-01-31T23:59:59.999999Z",
    "2024-02-01T00:00:00Z",
  ),
  time: fc.constantFrom("00:00:00", "08:30:00", "08:30:00.000001", "23:59:59.999999"),
  duration: fc.constantFrom(...spans),
  flag: fc.boolean(),
};

/** A row without its run: few values of each kind, so that many are the same. */
export const entry: fc.Arbitrary<EntryRow> = fc.record({
  text: fc.option(few.text),
  whole: fc.option(few.whole),
  decimal: fc.option(few.decimal),
  float: fc.option(few.float),
  date: fc.option(few.date),
  datetime: fc.option(few.datetime),
  time: fc.option(few.time),
  duration: fc.option(few.duration),
  flag: fc.option(few.flag),
});

/** A value that some row may well have, by field. */
export const values: Readonly<Record<(typeof columns)[number], fc.Arbitrary<string | number | boolean>>> = few;

/** Below, equal or above: of two values of one field, neither of them null. */
export function compare(column: string, a: unknown, b: unknown): number {
  const [x, y] = [comparable(column, a), comparable(column, b)];
  if (x === y) return 0;
  return (x as string | number) < (y as string | number) ? -1 : 1;
}

/** Texts of ASCII sort by code points, as SQLite and the locale C have it; so do dates, and times without their Z. */
function comparable(column: string, value: unknown): unknown {
  if (column === "duration") return spans.indexOf(String(value));
  if (column === "decimal") return Number(value);
  return column === "datetime" ? String(value).replace("Z", "") : value;
}
