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
  type ListQuery,
  type PathOf,
  pathsIn,
  type Returning,
  type Sight,
  type SqlRow,
  type Where,
} from "../db/index.ts";
import { NotFound, PermissionDenied } from "../errors.ts";
import type { Field, Model } from "../model/index.ts";
import { computedFields, computingServices, withComputed } from "./computed.ts";
import type { Context } from "./context.ts";
import { pathIn } from "./filters/ordering.ts";
import { keyParser } from "./key.ts";
import { compileListParameters, type OfferedParameters } from "./list-parameters.ts";
import type { Counting } from "./pagination/index.ts";
import type { AnyRow } from "./permissions.ts";
import { permitObject, readsFreely } from "./permit.ts";
import { refusalOfRead } from "./refusal.ts";
import type { Resource } from "./resource.ts";
import { Invalid } from "./serializer/parser.ts";
import { childRowsOf, type Representation } from "./serializer/row-reader.ts";
import type { Services } from "./services.ts";
import { valueReader } from "./value-reader.ts";
import { compileViews, type View } from "./views.ts";
import type { Written } from "./writes.ts";

/** Rows of a resource to fetch: conditions beside those of the request, another order, at most so many. */
export interface RowsQuery<M extends Model = Model> {
  readonly where?: Where<PathOf<M>>;
  /** Paths, `-` before a descending one. */
  readonly order?: readonly (PathOf<M> | `-${PathOf<M>}`)[];
  readonly limit?: number;
}

export interface Rows {
  /** What `page` and `list` may be asked by query parameters. */
  readonly parameters: OfferedParameters;
  /** One page of the list: the body of its answer. */
  page(context: Context): Promise<unknown>;
  /** The rows that the request's filters leave, with more conditions, another order, a limit. */
  list(context: Context, query?: RowsQuery): Promise<Representation[]>;
  /**
   * The row that the URL names, after its permissions were asked.
   * @throws NotFound | PermissionDenied | NotAuthenticated
   */
  find(context: Context): Promise<AnyRow>;
  /** Whether `lock` reads the row again: for a scope, a permission on rows, a hook, or children. */
  readonly asksWhenLocked: boolean;
  /**
   * The same within a transaction that is going to write it: nobody else changes it until then. `found` is what `find` gave, which is
   * enough where nothing looks at the row again.
   * @throws NotFound | PermissionDenied | NotAuthenticated
   */
  lock(context: Context, executor: Executor, found: AnyRow): Awaitable<AnyRow>;
  /** What a client sees of the row that the URL names, after its permissions were asked. */
  show(context: Context): Awaitable<Representation>;
  /**
   * What a client sees of a row by its key, as it stands in a transaction.
   * @throws PermissionDenied  it is not among the rows that this user may see: it must not be left like that
   */
  showKey(context: Context, executor: Executor, key: unknown): Promise<Representation>;
  /** What writes give back of a row, so that it can be shown. */
  readonly returning: Returning;
  /** `showKey` of a row that was just written: as its write gave it back, where that is all there is to it. */
  showWritten(context: Context, executor: Executor, written: Shown): Awaitable<Representation>;
  /**
   * What a client would see of a row by its key now, which nobody else changes until the transaction ends; undefined where it is
   * gone, or out of sight. Call it after `lock`.
   */
  current(context: Context, transaction: Executor, key: unknown): Promise<Representation | undefined>;
  /** The rows that have these keys, of those that the request's filters leave, by key; their permissions are not asked. */
  findAll(context: Context, keys: readonly unknown[]): Promise<ReadonlyMap<unknown, AnyRow>>;
  /** `showWritten` for many rows, in their order and a constant number of statements. */
  showAllWritten(context: Context, executor: Executor, written: readonly Shown[]): Promise<Representation[]>;
}

/** A row that was written, and what its write gave back. */
type Shown = Pick<Written, "key" | "shown">;

export function compileRows(resource: Resource, given: Services, place: string): Rows {
  const { model } = resource;
  const computed = computedFields(resource);
  const isComputed = Object.keys(computed).length > 0;
  const services = computingServices(given, model, computed);
  const { models, database } = services;
  const store = services.store(model);
  const own = createRecordReader(store);
  const { conditions, ordering, paths, names, offered } = compileListParameters(resource, services, place);
  const { pagination } = resource;
  const paginator = pagination.compile(
    withComputed(model, computed),
    models,
    database.dialect,
    place,
    services.scopes.limits,
  );
  const views = compileViews(resource, services, place, {
    paths,
    readPaths: paginator.readsOrder ? ordering.paths : [],
    parameters: [...names, ...pagination.parameters.map(({ name }) => name)],
  });
  const { plain } = views;
  const { list: listShown, sightOf } = plain;
  const keyAt = valueReader(plain.selection, [model.primaryKey]);
  const listOwn = store.lister(own.selection);
  const findOwn = store.finder(own.selection);
  const lockOwn = store.finder(own.selection, model.primaryKey, { lock: true });
  const parseKey = keyParser(models, resource);
  const asksReaders = !resource.permissions.every(readsFreely);

  const countIn = (counting: Counting, where: Where, sight: Sight | undefined): Awaitable<number | undefined> => {
    if (counting === "none") return undefined;
    return counting === "exact" ? store.count(database, where, sight) : store.estimate(database, where, sight);
  };
  const keyIs = (value: unknown): Where => ({ path: model.primaryKey, value });
  const keyAmong = (values: readonly unknown[]): Where => ({ path: model.primaryKey, lookup: "in", value: values });
  const key = (context: Context): unknown => {
    const parsed = parseKey(context.key);
    if (parsed instanceof Invalid) throw new NotFound();
    return parsed;
  };

  // Hooks are told what a row is, and children are replaced as they are: then, not before somebody else changed them.
  const looksAtRows =
    resource.scope !== undefined ||
    resource.permissions.some(({ checkObject }) => checkObject) ||
    Object.values(resource.hooks).some((hook) => hook !== undefined) ||
    Object.values(model.fields).some(removesOld) ||
    Object.values(resource.fields).some((field) => !field.readOnly && childRowsOf(field));
  const lockSeen = async (context: Context, executor: Executor, value: unknown): Promise<AnyRow> => {
    // What it is, and whether it is in sight, is asked when nobody else changes it any more.
    let row = await lockOwn(executor, value);
    const scope = resource.scope?.(context);
    if (scope && row) {
      const sight = { rows: scope, through: new Map<Model, Where>() };
      [row] = await listOwn(executor, { where: keyIs(value), order: [], limit: 1, sight });
    }
    const read = own.readOne(executor, there(row));
    const object = read instanceof Promise ? await read : read;
    const permitted = permitObject(context, object);
    if (permitted) await permitted;
    return object;
  };

  /** The row that the URL names, if it is in sight and the request's filters leave it. */
  const lookUp = (
    context: Context,
    list: View["list"],
    find: View["find"],
    sight: Sight | undefined,
  ): Awaitable<SqlRow> => {
    const sought = key(context);
    const isFree = context.request.query.isEmpty && !sight;
    const row = isFree ? find(database, sought) : findAmong(context, sought, list, sight);
    return after(row, there);
  };
  const findAmong = async (
    context: Context,
    sought: unknown,
    list: View["list"],
    sight: Sight | undefined,
  ): Promise<SqlRow | undefined> => {
    const where = { and: [await conditions(context), keyIs(sought)] };
    return (await searching(() => list(database, { where, order: [], limit: 1, sight })))[0];
  };

  /** What a client sees of the row of a key; undefined where it is gone, or out of sight. */
  const seenAt = async (context: Context, executor: Executor, value: unknown): Promise<Representation | undefined> => {
    const { list, find, sightOf, readOne } = await views.written(context);
    const sight = await sightOf(context);
    const query: ListQuery = { where: keyIs(value), order: [], limit: 1, sight };
    const row = sight ? (await list(executor, query))[0] : await find(executor, value);
    return row && readOne(context, executor, row, sight);
  };

  /** Rows that were read again, in the order of their keys. */
  const showKeys = async (
    context: Context,
    executor: Executor,
    keys: readonly unknown[],
    sight: Sight | undefined,
  ): Promise<Representation[]> => {
    const byKey = new Map<unknown, Representation>();
    for (const batch of batches(keys)) {
      const found = await listShown(executor, { where: keyAmong(batch), order: [], sight });
      const objects = await plain.readAll(context, executor, found, sight);
      for (const [i, row] of found.entries()) byKey.set(keyAt(row, model.primaryKey), objects[i] ?? {});
    }
    return keys.map((value) => {
      const object = byKey.get(value);
      if (!object) throw resource.scope ? outOfSight() : new NotFound();
      return object;
    });
  };

  const rows: Rows = {
    parameters: offered,
    // What is computed of rows that are written after it is read when all is written.
    returning: store.returning(isComputed ? given.store(model).selection() : plain.selection),
    async page(context) {
      const where = await conditions(context);
      const view = await views.asked(context);
      const sight = await view.sightOf(context);
      const plan = paginator.plan(context.request, ordering.read(context.request.query));
      const count = await searching(() => countIn(plan.counting, where, sight));
      const slice = plan.slice(count);
      const query = { ...slice, where: slice.where ? { and: [where, slice.where] } : where, sight };
      const found = await searching(() => view.list(database, query));
      const page = plan.page(found, count, view.valueAt);
      return page.envelope(await view.readAll(context, database, page.rows, sight));
    },
    async list(context, query = {}) {
      const view = await views.written(context);
      const where = await conditions(context);
      const own = [...(query.where ? pathsIn(query.where) : []), ...(query.order ?? []).map(pathIn)];
      const sight = await view.sightOf(context, own);
      const asked: ListQuery = {
        where: query.where ? { and: [where, query.where] } : where,
        order: query.order ?? ordering.read(context.request.query),
        limit: query.limit,
        sight,
      };
      return view.readAll(context, database, await searching(() => view.list(database, asked)), sight);
    },
    find: async (context) =>
      after(sightOf(context), (sight) =>
        after(lookUp(context, listOwn, findOwn, sight), (row) =>
          after(own.readOne(database, row), (object) => after(permitObject(context, object), () => object)),
        ),
      ),
    asksWhenLocked: looksAtRows,
    lock: (context, executor, found) => (looksAtRows ? lockSeen(context, executor, found[model.primaryKey]) : found),
    show(context) {
      const asked = asksReaders ? rows.find(context) : undefined;
      return after(asked, () =>
        after(views.asked(context), ({ readOne, list, find, sightOf }) =>
          after(sightOf(context), (sight) =>
            after(lookUp(context, list, find, sight), (found) => readOne(context, database, found, sight)),
          ),
        ),
      );
    },
    async showKey(context, executor, value) {
      const seen = await seenAt(context, executor, value);
      if (!seen && resource.scope) throw outOfSight();
      if (!seen) throw new NotFound();
      return seen;
    },
    showWritten: (context, executor, { key, shown }) =>
      after(sightOf(context), (sight) =>
        shown && !sight && !isComputed && !context.renderer.isPage
          ? plain.readOne(context, executor, shown)
          : rows.showKey(context, executor, key),
      ),
    async current(context, transaction, value) {
      // Where `lock` looks at the row again it has locked it.
      if (!looksAtRows && !(await lockOwn(transaction, value))) return undefined;
      return seenAt(context, transaction, value);
    },
    async findAll(context, keys) {
      const where = await conditions(context);
      const sight = await sightOf(context);
      const byKey = new Map<unknown, AnyRow>();
      for (const batch of batches(keys)) {
        const query: ListQuery = { where: { and: [where, keyAmong(batch)] }, order: [], sight };
        const found = await searching(() => listOwn(database, query));
        for (const row of await own.readAll(database, found)) byKey.set(row[model.primaryKey], row);
      }
      return byKey;
    },
    async showAllWritten(context, executor, written) {
      const sight = await sightOf(context);
      const shown = sight || isComputed ? [] : written.flatMap(({ shown }) => (shown ? [shown] : []));
      if (shown.length === written.length) return plain.readAll(context, executor, shown);
      const keys = written.map(({ key }) => key);
      return showKeys(context, executor, keys, sight);
    },
  };
  return rows;
}

/** Which file goes is asked when nobody else replaces it. */
const removesOld = ({ options }: Field): boolean => "removeOld" in options && options.removeOld === true;

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
