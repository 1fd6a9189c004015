/**
 * What a column can hold, where its kind alone would allow more: whole numbers of 16, 32 or 64 bits, spans of time whose
 * microseconds have 64 bits.
 *
 * Reference: `integer_field_range` of the PostgreSQL backend, from which Django makes validators.
 * Differs: it holds on SQLite as well, so that what was accepted there can move to PostgreSQL.
 */
import { microsecondsOf } from "../../db/index.ts";
import type { Issue } from "../../errors.ts";
import type { Field } from "../../model/index.ts";
import { type Bounds, bits64, integerBounds, isWithin } from "../filters/number.ts";
import { issue } from "./parser.ts";

/** The check of a stored field's values; undefined where the column holds whatever the kind allows. */
export function rangeCheck({ kind, options }: Field): ((value: unknown) => Issue | undefined) | undefined {
  if (kind === "integer") {
    const bounds = integerBounds(options);
    return (value) =>
      typeof value === "number" || typeof value === "bigint" ? outside(BigInt(value), bounds) : undefined;
  }
  if (kind === "duration")
    return (value) =>
      isWithin(microsecondsOf(value), bits64) ? undefined : issue("overflow", { expected: "less than 292,000 years" });
  return undefined;
}

function outside(whole: bigint, { least, greatest }: Bounds): Issue | undefined {
  if (whole > greatest) return issue("max_value", { limit: String(greatest) });
  return whole < least ? issue("min_value", { limit: String(least) }) : undefined;
}
