/**
 * A decimal that was sent as negative zero, in the answer of the write that stores it.
 *
 * No database keeps the sign, so whoever reads the row sees `0.00`; the write repeats what was sent, as the reference does, and its
 * ETag is that of the row as it is read.
 * Reference: rest_framework.fields.DecimalField (the answer of a write shows the instance in memory, not the row).
 */
import type { Values } from "../db/index.ts";
import { customOf, type FieldMap } from "../model/index.ts";
import type { Result } from "./endpoint.ts";
import { isObject } from "./serializer/parse/structure.ts";

/** Compiled for the fields of a resource: the answer of a write, from that of a read and the values that were sent. */
export function repeatNegativeZeros(fields: FieldMap): (result: Result, values: Values) => Result {
  const names = Object.entries(fields).flatMap(([name, field]) =>
    field.kind === "decimal" && !field.readOnly && !customOf(field) ? [name] : [],
  );
  if (names.length === 0) return (result) => result;
  return (result, values) => {
    const { data } = result;
    if (!isObject(data)) return result;
    const sent = names.filter((name) => isNegativeZero(values[name]) && data[name] === String(values[name]).slice(1));
    if (sent.length === 0) return result;
    const zeros = Object.fromEntries(sent.map((name) => [name, values[name]]));
    return { ...result, data: { ...data, ...zeros }, stored: data };
  };
}

const isNegativeZero = (value: unknown): boolean => typeof value === "string" && /^-0(\.0*)?$/.test(value);
