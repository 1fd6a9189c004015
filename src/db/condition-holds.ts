/**
 * Whether a condition of an index or constraint holds of values that are not written yet.
 *
 * Values compare as their columns do; where only the database can tell (the order of texts is its collation's, an unset value may get a
 * default) nothing is said, and it decides when the row is written.
 */
import {
  alternativesOf,
  type Field,
  type FieldTest,
  type Model,
  type Operand,
  type RowCondition,
} from "../model/index.ts";
import { microsecondsOf } from "./durations.ts";

/** True, false, or undefined: unknown, as a comparison with null is. */
type Truth = boolean | undefined;

/** @param row  values by field; undefined is not known yet */
export function conditionHolds(
  { fields }: Model,
  condition: RowCondition,
  row: Readonly<Record<string, unknown>>,
): Truth {
  return anyOf(
    alternativesOf(condition).map((tests) =>
      allOf(
        tests.map(([name, test]) => {
          const field = fields[name];
          return field ? testHolds(field, row[name], test, row) : undefined;
        }),
      ),
    ),
  );
}

function testHolds(field: Field, value: unknown, test: FieldTest, row: Readonly<Record<string, unknown>>): Truth {
  if (test === null) return value === undefined ? undefined : value === null;
  const compared = (operand: Operand | null): unknown =>
    typeof operand === "object" && operand !== null ? row[operand.field] : operand;
  const equals = (operand: Operand): Truth => asTruth(compare(field, value, compared(operand)), (order) => order === 0);
  if (typeof test !== "object" || "field" in test) return equals(test);
  const { not, in: several } = test;
  const bound = (operand: Operand | undefined, holds: (order: number) => boolean): Truth =>
    operand === undefined ? true : asTruth(compare(field, value, compared(operand)), holds, true);
  return allOf([
    not === undefined ? true : not === null ? (value === undefined ? undefined : value !== null) : negated(equals(not)),
    bound(test.gt, (order) => order > 0),
    bound(test.gte, (order) => order >= 0),
    bound(test.lt, (order) => order < 0),
    bound(test.lte, (order) => order <= 0),
    several === undefined ? true : anyOf(several.map(equals)),
  ]);
}

/** Less, equal or more than 0; "other" where two values differ and their order is not known. */
type Order = number | "other" | undefined;

const asTruth = (order: Order, holds: (order: number) => boolean, needsOrder = false): Truth =>
  order === undefined ? undefined : order === "other" ? (needsOrder ? undefined : false) : holds(order);
const negated = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);
const allOf = (truths: readonly Truth[]): Truth =>
  truths.includes(false) ? false : truths.includes(undefined) ? undefined : true;
const anyOf = (truths: readonly Truth[]): Truth =>
  truths.includes(true) ? true : truths.includes(undefined) ? undefined : false;

function compare({ kind }: Field, left: unknown, right: unknown): Order {
  const [a, b] = [sortable(kind, left), sortable(kind, right)];
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return 0;
  if (typeof a === "string" && typeof b === "string" && !sortedText.has(kind)) return "other";
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Kinds whose text sorts as their values do. */
const sortedText: ReadonlySet<string> = new Set(["datetime", "date", "time"]);

/** A value that compares with `<` as its column does; undefined where there is none. */
function sortable(kind: Field["kind"], value: unknown): string | number | bigint | undefined {
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "bigint") return value;
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  if (kind === "decimal") return scaled(String(value));
  if (typeof value === "number") return value;
  if (kind === "datetime")
    return value.replace(/(?:\.(\d+))?Z$/, (_, digits = "") => `.${String(digits).padEnd(6, "0")}`);
  if (kind === "duration") return microsecondsOf(value);
  return kind === "uuid" ? value.toLowerCase() : value;
}

/** A decimal as a whole number of its thirtieth place. */
function scaled(text: string): bigint | undefined {
  const [, sign = "", whole = "0", fraction = ""] = /^(-?)(\d+)(?:\.(\d{1,30}))?$/.exec(text) ?? [];
  return text === "" ? undefined : BigInt(`${sign}${whole}${fraction.padEnd(30, "0")}`);
}
