/** Rows put into the tables of an app by its own scripts: example data, imports. */
import { type Database, type Models, Store } from "../db/index.ts";
import type { Model, RowOf } from "../model/index.ts";
import { isoTime } from "../resource/index.ts";

/**
 * Inserts rows, all of them or none. What the server sets by itself it sets here, too, unless a row says otherwise; nothing is
 * validated but by the database.
 *
 * @param now  milliseconds since 1970
 * @throws UniqueViolation | ForeignKeyViolation | NotNullViolation | CheckViolation
 */
export async function insertRows<M extends Model>(
  models: Models,
  database: Database,
  model: M,
  rows: readonly Partial<RowOf<M>>[],
  now: number,
): Promise<void> {
  const store = new Store(model, models, database.dialect);
  const stamp = { now: isoTime(now), userId: null };
  await database.transaction(async (transaction) => {
    for (const row of rows) await store.create(transaction, row, stamp);
  });
}
