/**
 * From a row of the database to the object that a client gets, compiled once from the fields.
 *
 * Columns, and columns of rows that foreign keys point at, come with the row. What lies behind a many-to-many field is fetched
 * for all rows together, one statement a field, and attached: the number of statements does not grow with the rows.
 */
import {
  type Awaitable,
  after,
  type Executor,
  leftJoin,
  type Selection,
  type SqlRow,
  type Store,
} from "../../db/index.ts";
import { ConfigurationError } from "../../errors.ts";
import type { Field, FieldKind, FieldMap } from "../../model/index.ts";

export type Representation = Record<string, unknown>;

/** Reads one value of a row. */
type ReadValue = (row: SqlRow) => unknown;

export interface RowReader {
  /** What the rows must be selected with. */
  readonly selection: Selection;
  /** Every row's object, in order. */
  readAll(executor: Executor, rows: readonly SqlRow[]): Promise<Representation[]>;
  /** One row's object. */
  readOne(executor: Executor, row: SqlRow): Awaitable<Representation>;
}

/**
 * Compiles a reader for the fields of a serializer.
 * @param place  where the fields were declared, for the message
 * @throws ConfigurationError  a field or a path that the model does not have
 */
export function createRowReader(store: Store, fields: FieldMap, place: string): RowReader {
  const selection = store.selection();
  const read = compileObject(fields, selection, "", place);
  const key = compileValue(selection, store.model.primaryKey);
  const many = Object.entries(fields).filter(([, { kind, writeOnly }]) => kind === "manyToMany" && !writeOnly);
  const computed = Object.entries(fields).flatMap(([name, { options }]) =>
    "from" in options && typeof options.from === "function"
      ? [{ name, from: options.from as (object: Representation) => unknown }]
      : [],
  );

  const finish = (object: Representation): Representation => {
    for (const { name, from } of computed) object[name] = from(object);
    return object;
  };

  const readAll: RowReader["readAll"] = async (executor, rows) => {
    const objects = rows.map(read);
    for (const [name, { options }] of many) {
      const byKey = new Map(rows.map((row, i) => [key(row), objects[i] ?? {}]));
      const keys = await store.related(options.source ?? name).keysOf(executor, [...byKey.keys()]);
      for (const [, object, linked] of leftJoin(byKey, keys)) object[name] = linked ?? [];
    }
    return computed.length ? objects.map(finish) : objects;
  };

  return {
    selection,
    readAll,
    readOne(executor, row) {
      const object = read(row);
      const own = key(row);
      let done: Awaitable<unknown>;
      for (const [name, { options }] of many) {
        const keys = () => store.related(options.source ?? name).keysOf(executor, [own]);
        const attach = (linked: ReadonlyMap<unknown, unknown>) => {
          object[name] = linked.get(own) ?? [];
        };
        done = after(done, () => after(keys(), attach));
      }
      return after(done, () => finish(object));
    },
  };
}

function compileObject(
  fields: FieldMap,
  selection: Selection,
  prefix: string,
  place: string,
): (row: SqlRow) => Representation {
  const shown = Object.entries(fields).filter(([, { writeOnly }]) => !writeOnly);
  const names = shown.map(([name]) => name);
  const readers = shown.map(([name, field]) => compileField(name, field, selection, prefix, place));
  return (row) => {
    const object: Representation = {};
    for (let i = 0; i < names.length; i++) object[names[i] as string] = (readers[i] as ReadValue)(row);
    return object;
  };
}

function compileField(name: string, field: Field, selection: Selection, prefix: string, place: string): ReadValue {
  const { options } = field;
  const path = prefix + (options.source ?? name);
  if (field.kind === "manyToMany") return () => undefined;
  if ("from" in options && typeof options.from === "function") return () => undefined;
  try {
    if (field.kind !== "nested" || !("fields" in options)) return compileValue(selection, path, field);
    const key = compileValue(selection, path);
    const inner = compileObject(options.fields as FieldMap, selection, `${path}.`, place);
    return (row) => (key(row) === null ? null : inner(row));
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new ConfigurationError(`${place}, field "${name}"`, cause.message, { cause });
  }
}

function compileValue(selection: Selection, path: string, field?: Field): ReadValue {
  const { index, resolved } = selection.add(path);
  const { fromColumn } = resolved.format;
  const show =
    field && "asNumber" in field.options && field.options.asNumber === true ? Number : shownAs[resolved.field.kind];
  return (row) => {
    const raw = row[index];
    if (raw === null || raw === undefined) return null;
    return show ? show(fromColumn(raw)) : fromColumn(raw);
  };
}

/** Kinds whose JSON is spelled in another way than JavaScript would: a float keeps its point, 1.0. */
const shownAs: Partial<Record<FieldKind, (value: unknown) => unknown>> = {
  float: (value) => (Number.isInteger(value) && Math.abs(Number(value)) < 1e16 ? JSON.rawJSON(`${value}.0`) : value),
};
