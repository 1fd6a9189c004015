/**
 * The rows of a model as typed objects: what a user's actions, hooks and scripts work with.
 *
 * A table is a store (`store.ts`: SQL) and a record reader (`record.ts`: objects) bound to a database or one transaction of it.
 * Reference: django.db.models.Manager. Differs: nothing is lazy, each call is one statement (and one a many-to-many field).
 */
import type { FieldMap, Input, Model, Row, RowOf } from "../model/index.ts";
import type { AggregateQuery, Aggregates, AggregatesOf, Fitting, GroupOf, GroupQuery } from "./aggregate.ts";
import type { Stamp } from "./automatic.ts";
import { type Awaitable, after, type Executor, type SqlRow } from "./database.ts";
import type { ListQuery } from "./read-store.ts";
import { createRecordReader } from "./record.ts";
import type { Store } from "./store.ts";
import { type Asked, createAggregator } from "./table-aggregates.ts";
import { everything, type PathOf, type Where } from "./where.ts";

/** What a new row must have: every field that nobody else gives a value. Others may be given. */
export type NewRow<M extends Model> = Input<M["fields"]> & Partial<RowOf<M>>;

/** Which rows, in which order, how many. */
export interface TableQuery<M extends Model = Model, Computed extends FieldMap = Record<never, never>> {
  /**
   * What the database computes of related rows, to be had of each row and to be named in `where` and `order`. Where it is the same object
   * each time it is compiled once.
   * @example
   * const reviews = { reviews: field.count(Review, "book") };
   * const best = await table(Book).list({ compute: reviews, order: ["-reviews"], limit: 10 });
   */
  readonly compute?: Computed;
  readonly where?: Where<PathOf<M> | NoInfer<keyof Computed & string>>;
  /** Paths, `-` before a descending one (default: the model's own order). */
  readonly order?: readonly (
    | PathOf<M>
    | `-${PathOf<M>}`
    | NoInfer<keyof Computed & string>
    | `-${NoInfer<keyof Computed & string>}`
  )[];
  readonly limit?: number;
  readonly offset?: number;
}

/** The rows of a model. Values have the form that JSON carries; nothing is validated but by the database. */
export interface Table<M extends Model = Model> {
  /** The row with a key, or undefined. */
  find(key: unknown): Promise<RowOf<M> | undefined>;
  /** The same, and nobody else changes or deletes it until the transaction ends: for what is written after it was looked at. */
  lock(key: unknown): Promise<RowOf<M> | undefined>;
  list<const Computed extends FieldMap = Record<never, never>>(
    query?: TableQuery<M, Computed>,
  ): Promise<(RowOf<M> & Row<Computed>)[]>;
  count(where?: Where<PathOf<M>>): Promise<number>;
  /**
   * Computes of all rows, or of each group of them, in one statement.
   * @throws TypeError  a field that a function takes no values of, or a path to many rows
   * @example
   * const { n, total } = await table(Book).aggregate({ n: aggregate.count(), total: aggregate.sum("price") });
   * @example
   * const rows = await table(Book).aggregate({ n: aggregate.count() }, { groupBy: ["author"], order: ["-n"], limit: 3 });
   */
  aggregate<const A extends Aggregates<M>>(
    what: A & Fitting<M, A>,
    query?: AggregateQuery<M>,
  ): Promise<AggregatesOf<M, A>>;
  aggregate<const A extends Aggregates<M>, const Group extends PathOf<M>>(
    what: A & Fitting<M, A>,
    query: GroupQuery<M, Group, keyof A & string>,
  ): Promise<GroupOf<M, Group, A>[]>;
  /**
   * Inserts a row with its links and returns it; what the server sets (times, the user, defaults) need not be given.
   * @throws UniqueViolation | ForeignKeyViolation | NotNullViolation | CheckViolation
   */
  insert(values: NewRow<M>): Promise<RowOf<M>>;
  /** Writes fields of a row and returns it; undefined where it is not there. */
  update(key: unknown, changes: Partial<RowOf<M>>): Promise<RowOf<M> | undefined>;
  /** Deletes a row and what hangs on it. @throws ForeignKeyViolation  another row protects it */
  delete(key: unknown): Promise<void>;
}

/** Opens the table of a model in a database or a transaction; what it writes carries the stamp. */
export type OpenTable = <M extends Model>(model: M, executor: Executor, stamp: Stamp) => Table<M>;

/** Makes the opener of tables; each model's reader is compiled at its first use. */
export function tablesOf(storeOf: (model: Model) => Store): OpenTable {
  const compiled = new Map<Model, ReturnType<typeof compile>>();
  return <M extends Model>(model: M, executor: Executor, stamp: Stamp) => {
    const known = compiled.get(model) ?? compile(storeOf(model));
    compiled.set(model, known);
    // What the records hold is known by the model's own declaration, which its type was read off.
    return bound(known, executor, stamp) as unknown as Table<M>;
  };
}

function compile(store: Store) {
  const reader = createRecordReader(store, Object.keys(store.computed));
  const find = store.finder(reader.selection);
  const lock = store.finder(reader.selection, store.model.primaryKey, { lock: true });
  const computing = new WeakMap<FieldMap, ReturnType<typeof compileList>>();
  /** Lists with more to a row. */
  const listing = (computed: FieldMap) => {
    const known = computing.get(computed) ?? compileList(store.computing(computed));
    computing.set(computed, known);
    return known;
  };
  return {
    store,
    reader,
    find,
    lock,
    list: store.lister(reader.selection),
    listing,
    aggregate: createAggregator(store),
  };
}

function compileList(store: Store) {
  const reader = createRecordReader(store, Object.keys(store.computed));
  return { reader, list: store.lister(reader.selection) };
}

/** @throws TypeError  a name that is no field: it would be left out in silence */
function checkNames({ name: model, fields }: Model, values: object): void {
  for (const name of Object.keys(values))
    if (!Object.hasOwn(fields, name))
      throw new TypeError(`"${name}" is not a field of ${model}; fields: ${Object.keys(fields).join(", ")}`);
}

function bound(compiled: ReturnType<typeof compile>, executor: Executor, stamp: Stamp) {
  const { store, reader, find, lock, aggregate } = compiled;
  const record = async (row: Awaitable<SqlRow | undefined>): Promise<Row<Model["fields"]> | undefined> =>
    after(row, (found) => found && reader.readOne(executor, found)) as Promise<Row<Model["fields"]> | undefined>;
  return {
    find: (key: unknown) => record(find(executor, key)),
    lock: (key: unknown) => record(lock(executor, key)),
    async list({ compute, where = everything, order = store.model.order, limit, offset }: TableQuery = {}) {
      const query: ListQuery = { where, order, limit, offset };
      const { reader, list } = compute ? compiled.listing(compute) : compiled;
      return reader.readAll(executor, await list(executor, query));
    },
    async aggregate(what: Asked["what"], query: Omit<Asked, "what"> = {}) {
      const groups = await aggregate(executor, { what, ...query });
      return query.groupBy ? groups : groups[0];
    },
    count: async (where = everything) => store.count(executor, where),
    insert: (values: Readonly<Record<string, unknown>>) =>
      executor.transaction(async (transaction) => {
        checkNames(store.model, values);
        const key = await store.create(transaction, values, stamp);
        return after(find(transaction, key), (row) => row && reader.readOne(transaction, row));
      }),
    update: (key: unknown, changes: Readonly<Record<string, unknown>>) =>
      executor.transaction(async (transaction) => {
        checkNames(store.model, changes);
        if (!(await store.change(transaction, key, changes, stamp))) return undefined;
        return after(find(transaction, key), (row) => row && reader.readOne(transaction, row));
      }),
    delete: (key: unknown) => executor.transaction((transaction) => store.delete(transaction, [key])),
  };
}
