/**
 * Statements about rows by a list of keys, made once for each length and kept: a database that meets a new text each time prepares
 * it each time, and forgets those that it needs.
 */
import type { Compilable } from "kysely";
import type { Dialect, SqlValue } from "./database.ts";
import { keep } from "./keep.ts";
import { type Slot, type Statement, slot, statement } from "./statement.ts";
import { slotsFor } from "./where.ts";

/** By what they do; the text depends on nothing else, so it may serve every database of a process. */
const kept = new Map<string, Statement>();

/**
 * A statement and the keys for its slots: as many as a power of two, the last key repeated, which changes nothing in an IN list.
 * @param purpose  what it does, with the names of table and columns
 */
export function byKeys(
  dialect: Dialect,
  purpose: string,
  keys: readonly SqlValue[],
  make: (slots: Slot[]) => Compilable,
): readonly [Statement, SqlValue[]] {
  const count = slotsFor(keys);
  const made = keep(kept, `${dialect} ${count} ${purpose}`, () => statement(make(Array.from({ length: count }, slot))));
  return [made, Array.from({ length: count }, (_, i) => keys[Math.min(i, keys.length - 1)] ?? null)];
}
