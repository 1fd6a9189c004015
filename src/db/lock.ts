/**
 * Locking rows in the order of their keys: two transactions that lock the same rows in different orders wait for each other.
 */
import { columnOf, type Model } from "../model/index.ts";
import { batches } from "./batches.ts";
import { byKeys } from "./by-keys.ts";
import { keyField } from "./columns.ts";
import type { Executor } from "./database.ts";
import { formatOf } from "./formats.ts";
import type { Models } from "./models.ts";
import { storedField } from "./selection.ts";
import { builder } from "./statement.ts";

/** Locks the rows that have these keys until the transaction ends. */
export async function lockRows(
  executor: Executor,
  models: Models,
  model: Model,
  keys: readonly unknown[],
): Promise<void> {
  if (executor.dialect === "sqlite") return; // has one writer
  const format = formatOf(storedField(models, model, model.primaryKey), executor.dialect);
  const column = columnOf(model.primaryKey, keyField(model));
  for (const batch of batches(keys.toSorted(compareKeys))) {
    const [lock, values] = byKeys(
      executor.dialect,
      `lock ${model.table} ${column}`,
      batch.map(format.toColumn),
      (slots) =>
        builder(executor.dialect)
          .selectFrom(model.table)
          .select(column)
          .where(column, "in", slots)
          .orderBy(column)
          .forUpdate(),
    );
    await executor.all(lock, values);
  }
}

/** Numbers by size, texts by their characters: any order does that is always the same. */
const compareKeys = (a: unknown, b: unknown): number => {
  const [x, y] = typeof a === "string" ? [a, String(b)] : [Number(a), Number(b)];
  return x < y ? -1 : x > y ? 1 : 0;
};
