/**
 * From a row of the database to an object of a model's own values, and nothing else: what hooks, actions and permissions get.
 *
 * What a client gets of a row is another matter (`resource/serializer/row-reader.ts`): other fields, other spellings.
 */
import { type Awaitable, after, type Executor, type SqlRow } from "./database.ts";
import { leftJoin } from "./left-join.ts";
import type { ReadStore } from "./read-store.ts";
import type { Selection } from "./selection.ts";

export interface RecordReader {
  /** What the rows must be selected with. */
  readonly selection: Selection;
  /** Every row's values by field name, in order; many-to-many fields hold lists of keys. */
  readAll(executor: Executor, rows: readonly SqlRow[]): Awaitable<Record<string, unknown>[]>;
  /** One row's. */
  readOne(executor: Executor, row: SqlRow): Awaitable<Record<string, unknown>>;
}

/**
 * Compiles a reader of every field of a store's model. A list takes one statement a many-to-many field, however long it is.
 * @param computed  names of what the store computes, to be read as well
 */
export function createRecordReader(store: ReadStore, computed: readonly string[] = []): RecordReader {
  const { model } = store;
  const selection = store.selection();
  const names = [...Object.keys(model.fields), ...computed];
  const many = names.filter((name) => model.fields[name]?.kind === "manyToMany");
  const readers = names.map((name): ((row: SqlRow) => unknown) => {
    if (many.includes(name)) return () => [];
    const { index, resolved } = selection.add(name);
    const { fromColumn } = resolved.format;
    return (row) => (row[index] === null || row[index] === undefined ? null : fromColumn(row[index]));
  });
  const read = (row: SqlRow): Record<string, unknown> => {
    const values: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) values[names[i] as string] = readers[i]?.(row);
    return values;
  };
  const reader: RecordReader = {
    selection,
    readOne: (executor, row) => after(reader.readAll(executor, [row]), ([record = {}]) => record),
    readAll(executor, rows) {
      const records = rows.map(read);
      if (many.length === 0 || rows.length === 0) return records;
      let done: Awaitable<unknown>;
      const byKey = new Map(records.map((record) => [record[model.primaryKey], record]));
      for (const name of many) {
        const attach = (keys: ReadonlyMap<unknown, unknown>) => {
          for (const [, record, linked] of leftJoin(byKey, keys)) if (linked !== null) record[name] = linked;
        };
        done = after(done, () => after(store.related(name).keysOf(executor, [...byKey.keys()]), attach));
      }
      return after(done, () => records);
    },
  };
  return reader;
}
