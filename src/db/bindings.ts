/**
 * The slots of a statement in the order of its text, and what fills each of them when the statement runs.
 *
 * A statement is made once for many trees of conditions of one shape. A slot therefore remembers which condition of the tree it is for,
 * by its place in the tree, and how that condition's value becomes the column's.
 */
import { type RawBuilder, sql } from "kysely";
import type { SqlValue } from "./database.ts";
import { slot } from "./statement.ts";
import type { Condition } from "./where.ts";

/** From the value of a condition to what is bound, one entry a slot. */
export type Bind = (value: unknown) => readonly SqlValue[];

export class Bindings {
  readonly #filled: { readonly at: number; readonly read: Bind }[] = [];

  /** Slots for the condition at a place. */
  slots(at: number, count: number, read: Bind): RawBuilder<unknown>[] {
    this.#filled.push({ at, read });
    return Array.from({ length: count }, () => sql`${slot()}`);
  }

  /** What to bind, for conditions of the shape that the statement was made for. */
  values(conditions: readonly Condition[]): SqlValue[] {
    return this.#filled.flatMap(({ at, read }) => read(conditions[at]?.value));
  }
}

/** What fills the slots of a statement, part by part as they stand in its text. */
export const inTextOrder =
  (...parts: readonly Bindings[]) =>
  (conditions: readonly Condition[]): SqlValue[] =>
    parts.length === 1 ? (parts[0]?.values(conditions) ?? []) : parts.flatMap((part) => part.values(conditions));
