/** The children that rows have, as they are: which of them a body names, and what they hold until it is written. */
import { batches, createRecordReader, type Store, type Values, type Where } from "../../db/index.ts";
import type { Reading } from "./serializer.ts";

/** By the key of the row that they belong to, then by their own; those that the request does not see are left out. */
export type Children = ReadonlyMap<unknown, ReadonlyMap<unknown, Values>>;

/** Compiles the reader of children that belong to rows by a foreign key. */
export function createChildReader(
  store: Store,
  by: string,
): (reading: Pick<Reading, "executor" | "visible">, owners: readonly unknown[]) => Promise<Children> {
  const records = createRecordReader(store);
  const list = store.lister(records.selection);
  return async ({ executor, visible }, owners) => {
    const found = new Map<unknown, Map<unknown, Values>>();
    for (const batch of batches(owners)) {
      const theirs: Where = { path: by, lookup: "in", value: batch };
      const seen = await visible?.(store.model);
      const rows = await list(executor, { where: seen ? { and: [theirs, seen] } : theirs, order: [] });
      for (const record of await records.readAll(executor, rows)) {
        const of = found.get(record[by]) ?? new Map<unknown, Values>();
        found.set(record[by], of.set(record[store.model.primaryKey], record));
      }
    }
    return found;
  };
}
