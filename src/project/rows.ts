/** Rows put into the tables of an app by its own scripts: example data, imports. */
import { randomUUID } from "node:crypto";
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
  const given = (): Record<string, unknown> => automatic(model, isoTime(now));
  await database.transaction(async (transaction) => {
    for (const row of rows) {
      const key = await store.insert(transaction, { ...given(), ...row });
      await store.link(transaction, key, row);
    }
  });
}

function automatic({ fields }: Model, time: string): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, { kind, options, null: nullable }] of Object.entries(fields)) {
    if (kind === "manyToMany") continue;
    const { auto, default: value } = options;
    if (auto === "created" || auto === "updated") values[name] = time;
    else if (auto === "uuid") values[name] = randomUUID();
    else if (value !== undefined) values[name] = typeof value === "function" ? value() : value;
    else if (nullable) values[name] = null;
    else if (options.blank) values[name] = "";
  }
  return values;
}
