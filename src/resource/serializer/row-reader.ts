/**
 * From a row of the database to the object that a client gets, compiled once from the fields.
 *
 * Columns, and columns of rows that foreign keys point at, come with the row. What lies behind a many-to-many field is fetched
 * for all rows together, one statement a field, and attached; so are the rows that point at these (`children`). The number of
 * statements does not grow with the rows.
 */
import {
  type Awaitable,
  after,
  batches,
  type Executor,
  isPromised,
  leftJoin,
  type Models,
  type Selection,
  type Sight,
  type SqlRow,
  type Store,
  sightOf,
  type Where,
} from "../../db/index.ts";
import { ConfigurationError } from "../../errors.ts";
import {
  aggregateOf,
  type ChildRows,
  type Field,
  type FieldKind,
  type FieldMap,
  type Model,
} from "../../model/index.ts";
import { objectLiteral, type ReadValue } from "./object-literal.ts";

export type Representation = Record<string, unknown>;

export interface RowReader {
  /** What the rows must be selected with. */
  readonly selection: Selection;
  /** The models whose rows it shows, but for its own. */
  readonly targets: ReadonlySet<Model>;
  /** Every row's object, in order; what is attached to them are rows in sight. */
  readAll(executor: Executor, rows: readonly SqlRow[], sight?: Sight): Promise<Representation[]>;
  /** One row's object. */
  readOne(executor: Executor, row: SqlRow, sight?: Sight): Awaitable<Representation>;
}

/**
 * Compiles a reader for the fields of a serializer.
 * @param place    where the fields were declared, for the message
 * @param storeOf  the store of a model whose rows are attached
 * @param limits   whether rows of a model may be out of sight
 * @throws ConfigurationError  a field or a path that the model does not have
 */
export function createRowReader(
  store: Store,
  fields: FieldMap,
  place: string,
  storeOf: (model: Model) => Store,
  limits: (model: Model) => boolean,
): RowReader {
  const selection = store.selection();
  const read = compileObject(fields, { selection, models: store.models, limits, place }, "");
  const key = compileValue(selection, store.model.primaryKey);
  const attached = Object.entries(fields).flatMap(([name, field]) => {
    if (field.writeOnly) return [];
    if (field.kind === "manyToMany") return [{ name, ...linksOf(store, field.options.source ?? name) }];
    if (isLinked(field)) return [{ name, ...linkedOf(store, field, `${place}, field "${name}"`, storeOf, limits) }];
    const rows = childRowsOf(field);
    return rows ? [{ name, ...childrenOf(field, rows, `${place}, field "${name}"`, storeOf, limits) }] : [];
  });
  const compute = computeOf(fields);
  const finish: Compute = compute ?? ((object) => object);

  const attach = (
    executor: Executor,
    byKey: ReadonlyMap<unknown, Representation>,
    sight: Sight | undefined,
  ): Awaitable<unknown> => {
    const keys = [...byKey.keys()];
    let done: Awaitable<unknown>;
    for (const { name, fetch } of attached) {
      const add = (found: ReadonlyMap<unknown, readonly unknown[]>) => {
        for (const [, object, values] of leftJoin(byKey, found)) object[name] = values ?? [];
      };
      done = after(done, () => after(fetch(executor, keys, sight), add));
    }
    return done;
  };
  return {
    selection,
    targets: new Set([...selection.targets, ...attached.flatMap(({ targets }) => [...targets])]),
    async readAll(executor, rows, sight) {
      const objects = rows.map(read);
      if (attached.length > 0)
        await attach(executor, new Map(rows.map((row, i) => [key(row), objects[i] ?? {}])), sight);
      return compute ? objects.map(compute) : objects;
    },
    readOne(executor, row, sight) {
      const object = read(row);
      if (attached.length === 0) return finish(object);
      return after(attach(executor, new Map([[key(row), object]]), sight), () => finish(object));
    },
  };
}

/** What belongs to each of some rows, by their keys; rows without any may be left out. */
interface Attached {
  readonly targets: Iterable<Model>;
  fetch(
    executor: Executor,
    keys: readonly unknown[],
    sight: Sight | undefined,
  ): Awaitable<ReadonlyMap<unknown, readonly unknown[]>>;
}

function linksOf(store: Store, field: string): Attached {
  const target = store.models.target(store.model, field);
  return {
    targets: [target],
    fetch: (executor, keys, sight) => store.related(field).keysOf(executor, keys, sight?.through.get(target)),
  };
}

/** Whether a field shows the rows that a many-to-many field links. */
const isLinked = ({ options }: Field): boolean => "linked" in options && options.linked === true;

/** The same links with the rows in place of their keys: one statement more. */
function linkedOf(
  store: Store,
  field: Field,
  place: string,
  storeOf: (model: Model) => Store,
  limits: (model: Model) => boolean,
): Attached {
  const { source = "" } = field.options;
  const links = linksOf(store, source);
  const target = store.models.target(store.model, source);
  const reader = createRowReader(storeOf(target), childFieldsOf(field), place, storeOf, limits);
  const key = compileValue(reader.selection, target.primaryKey);
  const list = storeOf(target).lister(reader.selection);
  return {
    targets: [target, ...reader.targets],
    async fetch(executor, keys, sight) {
      const linked = await links.fetch(executor, keys, sight);
      const objects = new Map<unknown, Representation>();
      const seen = sight && sightOf(target, sight);
      for (const batch of batches([...new Set([...linked.values()].flat())])) {
        const where: Where = { path: target.primaryKey, lookup: "in", value: batch };
        const rows = await list(executor, { where, order: [], sight: seen });
        const shown = await reader.readAll(executor, rows, seen);
        for (const [i, row] of rows.entries()) objects.set(key(row), shown[i] ?? {});
      }
      // One that went between the two statements is left out.
      const rowsOf = (keys: readonly unknown[]) => keys.flatMap((key) => objects.get(key) ?? []);
      return new Map(Array.from(linked, ([owner, keys]) => [owner, rowsOf(keys)]));
    },
  };
}

/** Which rows a field shows, if it is one of `children`. */
export const childRowsOf = (field: Field): ChildRows | undefined =>
  "rows" in field.options ? (field.options.rows as ChildRows | undefined) : undefined;

/** The fields of each child. */
export const childFieldsOf = ({ options }: Field): FieldMap => {
  const item = "of" in options ? (options.of as Field | undefined) : undefined;
  return item && "fields" in item.options ? (item.options.fields as FieldMap) : {};
};

function childrenOf(
  field: Field,
  { of, by }: ChildRows,
  place: string,
  storeOf: (model: Model) => Store,
  limits: (model: Model) => boolean,
): Attached {
  const store = storeOf(of);
  const fields = childFieldsOf(field);
  const inner = Object.entries(fields).find(([, child]) => !child.readOnly && childRowsOf(child));
  if (inner)
    throw new ConfigurationError(
      `${place}, field "${inner[0]}"`,
      "rows of a row within a row are shown, not written; expected it to be read-only",
    );
  const reader = createRowReader(store, fields, place, storeOf, limits);
  const { index, resolved } = reader.selection.add(by);
  const list = store.lister(reader.selection);
  // Equal ones must not change places from one answer to the next.
  const order = [...of.order, of.primaryKey];
  return {
    targets: [of, ...reader.targets],
    async fetch(executor, keys, sight) {
      const found = new Map<unknown, unknown[]>(keys.map((key) => [key, []]));
      const seen = sight && sightOf(of, sight);
      for (const batch of batches(keys)) {
        const where: Where = { path: by, lookup: "in", value: batch };
        const rows = await list(executor, { where, order, sight: seen });
        const objects = await reader.readAll(executor, rows, seen);
        for (const [i, row] of rows.entries()) found.get(resolved.format.fromColumn(row[index]))?.push(objects[i]);
      }
      return found;
    },
  };
}

/** Fills in what own code makes of an object; undefined where it makes nothing. */
type Compute = (object: Representation) => Representation;

function computeOf(fields: FieldMap): Compute | undefined {
  const computed = Object.entries(fields).flatMap(([name, { options }]) =>
    "from" in options && typeof options.from === "function"
      ? [{ name, from: options.from as (object: Representation) => unknown }]
      : [],
  );
  if (computed.length === 0) return undefined;
  const needsNumbers = hasFloats(fields);
  return (object) => {
    const seen = needsNumbers ? (numbersIn(object) as Representation) : object;
    for (const { name, from } of computed) {
      const value = from(seen);
      seen[name] = value;
      object[name] = value;
    }
    return object;
  };
}

const hasFloats = (fields: FieldMap): boolean =>
  Object.values(fields).some((field) => {
    const inner = "fields" in field.options ? (field.options.fields as FieldMap) : childFieldsOf(field);
    return field.kind === "float" || hasFloats(inner);
  });

/** Own code computes with numbers: a float that is spelled for JSON (`4.0`) is one again. */
function numbersIn(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (JSON.isRawJSON(value)) return Number(JSON.stringify(value));
  if (Array.isArray(value)) return value.map(numbersIn);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, numbersIn(inner)]));
}

/** What the readers of all fields are compiled with. */
interface Compiling {
  readonly selection: Selection;
  readonly models: Models;
  readonly limits: (model: Model) => boolean;
  readonly place: string;
}

function compileObject(fields: FieldMap, compiling: Compiling, prefix: string): (row: SqlRow) => Representation {
  const shown = Object.entries(fields).filter(([, { writeOnly }]) => !writeOnly);
  const names = shown.map(([name]) => name);
  // Those of the row itself may be made of what is attached later; objects within it have nothing attached.
  const compute = prefix === "" ? undefined : computeOf(fields);
  const readers = shown.map(([name, field]) => compileField(name, field, compiling, prefix));
  const make = objectLiteral(names, readers);
  return compute ? (row) => compute(make(row)) : make;
}

function compileField(name: string, field: Field, compiling: Compiling, prefix: string): ReadValue {
  const { selection, place } = compiling;
  const { options } = field;
  const path = prefix + (options.source ?? name);
  if (field.kind === "manyToMany" || isLinked(field) || childRowsOf(field)) {
    if (prefix === "") return () => undefined;
    throw new ConfigurationError(`${place}, field "${name}"`, "many rows cannot be shown within a nested object");
  }
  if ("from" in options && typeof options.from === "function") return () => undefined;
  try {
    if (aggregateOf(field)) selection.compute(path, field);
    if (field.kind !== "nested" || !("fields" in options)) return compileValue(selection, path, field);
    const key = compileValue(selection, keyPathOf(path, compiling));
    const inner = compileObject(options.fields as FieldMap, compiling, `${path}.`);
    return (row) => (key(row) === null ? null : inner(row));
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new ConfigurationError(`${place}, field "${name}"`, cause.message, { cause });
  }
}

/** The path to what tells whether there is a row: the key that points at it, or, where it may be out of sight or gone, its own. */
function keyPathOf(path: string, { selection, models, limits }: Compiling): string {
  const { model, name, field } = selection.resolve(path);
  const target = field.kind === "foreignKey" ? models.target(model, name) : undefined;
  return target && (limits(target) || !isPromised(model, target)) ? `${path}.${target.primaryKey}` : path;
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
