/** Rows put into the tables of an app by its own scripts: example data, imports. */
import { type Database, type Models, Store } from "../db/index.ts";
import type { Model, RowOf } from "../model/index.ts";
import { isoTime } from "../resource/index.ts";

/**
 * Inserts rows, all of them or none. What the server sets by itself it sets here, too, unless a row says otherwise; nothing is
 * validated but by the database.
 *
 * @param now  milliseconds since 1970
 * @returns their keys, in the order of the rows
 * @throws UniqueViolation | ForeignKeyViolation | NotNullViolation | CheckViolation
 */
export async function insertRows<M extends Model>(
  models: Models,
  database: Database,
  model: M,
  rows: readonly Partial<RowOf<M>>[],
  now: number,
): Promise<readonly unknown[]> {
  const store = new Store(model, models, database.dialect);
  const stamp = { now: isoTime(now), userId: null };
  return database.transaction(async (transaction) => {
    const keys: unknown[] = [];
    for (const row of rows) keys.push(await store.create(transaction, row, stamp));
    return keys;
  });
}
