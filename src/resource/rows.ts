/**
 * The rows of a resource as one request may see them: found by key, listed, filtered, shown.
 *
 * Compiled once from the declaration; the actions (`actions.ts`) are written in its words.
 */
import {
  type Awaitable,
  after,
  batches,
  createRecordReader,
  type Executor,
  everything,
  type ListQuery,
  type Models,
  type PathOf,
  type Selection,
  type SqlRow,
  storedField,
  type Where,
} from "../db/index.ts";
import { NotFound, PermissionDenied } from "../errors.ts";
import type { Model } from "../model/index.ts";
import type { Context } from "./context.ts";
import { compileFilters, compileOrdering, compileSearch, type RowCheck } from "./filters/index.ts";
import type { AnyRow } from "./permissions.ts";
import { permitObject, readsFreely } from "./permit.ts";
import { refusalOfRead } from "./refusal.ts";
import type { Resource } from "./resource.ts";
import { rangeCheck } from "./serializer/column-range.ts";
import { parserOf } from "./serializer/parse.ts";
import { Invalid } from "./serializer/parser.ts";
import { createRowReader, type Representation } from "./serializer/row-reader.ts";
import type { Services } from "./services.ts";

/** Rows of a resource to fetch: conditions beside those of the request, another order, at most so many. */
export interface RowsQuery<M extends Model = Model> {
  readonly where?: Where<PathOf<M>>;
  /** Paths, `-` before a descending one. */
  readonly order?: readonly (PathOf<M> | `-${PathOf<M>}`)[];
  readonly limit?: number;
}

export interface Rows {
  /** One page of the list: the body of its answer. */
  page(context: Context): Promise<unknown>;
  /** The rows that the request's filters leave, with more conditions, another order, a limit. */
  list(context: Context, query?: RowsQuery): Promise<Representation[]>;
  /**
   * The row that the URL names, after its permissions were asked.
   * @throws NotFound | PermissionDenied | NotAuthenticated
   */
  find(context: Context): Promise<AnyRow>;
  /** What a client sees of the row that the URL names, after its permissions were asked. */
  show(context: Context): Awaitable<Representation>;
  /**
   * What a client sees of a row by its key, as it stands in a transaction.
   * @throws PermissionDenied  it is not among the rows that this user may see: it must not be left like that
   */
  showKey(context: Context, executor: Executor, key: unknown): Promise<Representation>;
  /**
   * What a client would see of a row by its key now, which nobody else changes until the transaction ends; undefined where it is
   * gone, or out of sight.
   */
  current(context: Context, transaction: Executor, key: unknown): Promise<Representation | undefined>;
  /** The rows that have these keys, of those that the request's filters leave, by key; their permissions are not asked. */
  findAll(context: Context, keys: readonly unknown[]): Promise<ReadonlyMap<unknown, AnyRow>>;
  /** `showKey` for many keys, in their order and a constant number of statements. */
  showKeys(context: Context, executor: Executor, keys: readonly unknown[]): Promise<Representation[]>;
}

export function compileRows(resource: Resource, services: Services, place: string): Rows {
  const { model } = resource;
  const { models, database } = services;
  const store = services.store(model);
  const shown = createRowReader(store, resource.fields, place, services.store);
  const own = createRecordReader(store);
  const filters = compileFilters(resource.filter, model, models, place);
  const search = compileSearch(resource.search, model, models, place);
  const ordering = compileOrdering(
    resource.order,
    resource.pagination.order ?? resource.defaultOrder,
    model,
    models,
    place,
  );
  const paginator = resource.pagination.compile(model, models, database.dialect, place);
  const keyAt = valueReader(shown.selection, [model.primaryKey]);
  const valueAt = paginator.readsOrder ? valueReader(shown.selection, ordering.paths) : () => null;
  const listShown = store.lister(shown.selection);
  const listOwn = store.lister(own.selection);
  const findShown = store.finder(shown.selection);
  const findOwn = store.finder(own.selection);
  const lockOwn = store.finder(own.selection, model.primaryKey, { lock: true });
  const parseKey = keyParser(models, resource);
  const asksReaders = !resource.permissions.every(readsFreely);

  const scopeOf = (context: Context): Where => resource.scope?.(context) ?? everything;
  /** The conditions of a request: its scope, its filters and its search. */
  const conditions = (context: Context): Awaitable<Where> => {
    const { query } = context.request;
    const scope = scopeOf(context);
    if (query.isEmpty) return scope;
    const asked = filters.read(query);
    return after(asked.checks.length > 0 ? missingOf(asked.checks, context) : [], (missing) => {
      const and = [scope, ...asked.where(missing)];
      const words = search.read(query);
      if (words) and.push(words);
      return { and };
    });
  };
  const missingOf = async (checks: readonly RowCheck[], context: Context): Promise<RowCheck[]> => {
    const missing: RowCheck[] = [];
    for (const check of checks) if (!(await exist(check, context))) missing.push(check);
    return missing;
  };
  const exist = async ({ target, keys }: RowCheck, context: Context): Promise<boolean> => {
    const found = await services.store(target).existing(database, keys, await services.scopes.of(target, context));
    return keys.every((key) => found.has(key));
  };

  const keyIs = (value: unknown): Where => ({ path: model.primaryKey, value });
  const keyAmong = (values: readonly unknown[]): Where => ({ path: model.primaryKey, lookup: "in", value: values });
  const key = (context: Context): unknown => {
    const parsed = parseKey(context.key);
    if (parsed instanceof Invalid) throw new NotFound();
    return parsed;
  };

  /** The row that the URL names, if the request's filters leave it. */
  const lookUp = (context: Context, list: typeof listShown, find: typeof findShown): Awaitable<SqlRow> => {
    const sought = key(context);
    const isFree = context.request.query.isEmpty && !resource.scope;
    const row = isFree ? find(database, sought) : findAmong(context, sought, list);
    return after(row, there);
  };
  const findAmong = async (context: Context, sought: unknown, list: typeof listShown): Promise<SqlRow | undefined> => {
    const where = { and: [await conditions(context), keyIs(sought)] };
    return (await searching(() => list(database, { where, order: [], limit: 1 })))[0];
  };

  const inSight = async (context: Context, executor: Executor, value: unknown): Promise<SqlRow | undefined> => {
    const where = { and: [scopeOf(context), keyIs(value)] };
    return (await listShown(executor, { where, order: [], limit: 1 }))[0];
  };

  const rows: Rows = {
    async page(context) {
      const where = await conditions(context);
      const plan = paginator.plan(context.request, ordering.read(context.request.query));
      const count = plan.needsCount ? await searching(() => store.count(database, where)) : undefined;
      const slice = plan.slice(count);
      const query = { ...slice, where: slice.where ? { and: [where, slice.where] } : where };
      const found = await searching(() => listShown(database, query));
      const page = plan.page(found, count, valueAt);
      return page.envelope(await shown.readAll(database, page.rows));
    },
    async list(context, query = {}) {
      const where = await conditions(context);
      const list: ListQuery = {
        where: query.where ? { and: [where, query.where] } : where,
        order: query.order ?? ordering.read(context.request.query),
        limit: query.limit,
      };
      return shown.readAll(database, await searching(() => listShown(database, list)));
    },
    async find(context) {
      const object = await own.readOne(database, await lookUp(context, listOwn, findOwn));
      await permitObject(context, object);
      return object;
    },
    show(context) {
      const asked = asksReaders ? rows.find(context) : undefined;
      const row = after(asked, () => lookUp(context, listShown, findShown));
      return after(row, (found) => shown.readOne(database, found));
    },
    async showKey(context, executor, value) {
      if (!resource.scope) return shown.readOne(executor, there(await findShown(executor, value)));
      const row = await inSight(context, executor, value);
      if (!row) throw outOfSight();
      return shown.readOne(executor, row);
    },
    async current(context, transaction, value) {
      if (!(await lockOwn(transaction, value))) return undefined;
      const row = await (resource.scope ? inSight(context, transaction, value) : findShown(transaction, value));
      return row && shown.readOne(transaction, row);
    },
    async findAll(context, keys) {
      const where = await conditions(context);
      const byKey = new Map<unknown, AnyRow>();
      for (const batch of batches(keys)) {
        const query: ListQuery = { where: { and: [where, keyAmong(batch)] }, order: [] };
        const found = await searching(() => listOwn(database, query));
        for (const row of await own.readAll(database, found)) byKey.set(row[model.primaryKey], row);
      }
      return byKey;
    },
    async showKeys(context, executor, keys) {
      const byKey = new Map<unknown, Representation>();
      for (const batch of batches(keys)) {
        const query: ListQuery = { where: { and: [scopeOf(context), keyAmong(batch)] }, order: [] };
        const found = await listShown(executor, query);
        const objects = await shown.readAll(executor, found);
        for (const [i, row] of found.entries()) byKey.set(keyAt(row, model.primaryKey), objects[i] ?? {});
      }
      return keys.map((value) => {
        const object = byKey.get(value);
        if (!object) throw resource.scope ? outOfSight() : new NotFound();
        return object;
      });
    },
  };
  return rows;
}

const outOfSight = (): PermissionDenied =>
  new PermissionDenied("With these values the row would be out of your sight.");

/** @throws NotFound */
function there(row: SqlRow | undefined): SqlRow {
  if (!row) throw new NotFound();
  return row;
}

/** Asks the database with conditions of the request. @throws ValidationError  a pattern that it does not take */
function searching<T>(ask: () => Awaitable<T>): Awaitable<T> {
  const refuse = (error: unknown): never => {
    throw refusalOfRead(error);
  };
  try {
    const found = ask();
    return found instanceof Promise ? found.catch(refuse) : found;
  } catch (error) {
    return refuse(error);
  }
}

/** Selects the columns at some paths as well, and reads them: what a cursor is made of. */
function valueReader(selection: Selection, paths: readonly string[]): (row: SqlRow, path: string) => unknown {
  const columns = new Map(paths.map((path) => [path, selection.add(path)]));
  return (row, path) => {
    const column = columns.get(path);
    const raw = column && row[column.index];
    return raw === null || raw === undefined ? null : column?.resolved.format.fromColumn(raw);
  };
}

/** Reads a key that a client sent; one that the column cannot hold is none. */
export function keyParser(models: Models, { model }: Resource): (raw: unknown) => unknown {
  const field = storedField(models, model, model.primaryKey);
  const parse = parserOf(field);
  const isOutside = rangeCheck(field);
  return (raw) => {
    const value = parse(raw);
    return value instanceof Invalid || !isOutside?.(value) ? value : new Invalid([]);
  };
}
