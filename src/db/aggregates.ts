/** How the results of SQL's aggregate functions are read, the same for both databases. */
import type { FieldKind } from "../model/index.ts";
import type { Format } from "./formats.ts";

/** A number as it comes: text where PostgreSQL has a type without bounds (`sum` of a `bigint`). */
const whole = (raw: unknown): number | bigint => {
  const number = Number(raw);
  return Number.isSafeInteger(number) || typeof raw === "number" ? number : BigInt(String(raw));
};
const reading = (fromColumn: Format["fromColumn"]): Format => ({ toColumn: (value) => value as number, fromColumn });

/**
 * The format of `count`, `sum` and `avg` over values of a field; undefined where it is as the driver gives it.
 * Counts and averages are numbers, a sum is what its field is.
 */
export function formatOfAggregate(
  name: string,
  of: { readonly format?: Format; readonly kind?: FieldKind } | undefined,
): Format | undefined {
  if (name === "count") return reading(whole);
  if (name === "avg") return reading(Number);
  if (name !== "sum") return undefined;
  return of?.kind === "integer" || of?.kind === "foreignKey" ? reading(whole) : of?.format;
}
