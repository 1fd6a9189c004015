/**
 * Objects of one known shape, made of a row: what a list does hundreds of times a request.
 *
 * Written once, at start, as the literal `{ "id": r0(row), "title": r1(row) }`. Keys that are set one after the other make
 * JavaScript look up the shape of the object at each of them, which took as long as reading the values.
 * The text holds names of declared fields only, as JSON; nothing of a request ever comes here.
 */
import type { SqlRow } from "../../db/index.ts";

/** Reads one value of a row. */
export type ReadValue = (row: SqlRow) => unknown;

/** Compiles a function that makes an object with these names, in this order, of a row. */
export function objectLiteral(
  names: readonly string[],
  readers: readonly ReadValue[],
): (row: SqlRow) => Record<string, unknown> {
  const parameters = readers.map((_, i) => `r${i}`);
  const members = names.map((name, i) => `${JSON.stringify(name)}: r${i}(row)`);
  return new Function(...parameters, `return (row) => ({ ${members.join(", ")} })`)(...readers);
}
