/**
 * The five actions of CRUD: what they do, in the words of the resource's rows, serializer and hooks.
 * Reference: rest_framework.mixins.
 */
import { after, type Executor, type Values } from "../db/index.ts";
import { NotAuthenticated } from "../errors.ts";
import type { FieldMap, Model, Row } from "../model/index.ts";
import { createChildWriter } from "./children.ts";
import type { Context } from "./context.ts";
import type { Action } from "./endpoint.ts";
import type { CrudAction, Resource } from "./resource.ts";
import type { Rows } from "./rows.ts";
import type { Reading, Serializer } from "./serializer/serializer.ts";
import type { Services } from "./services.ts";
import type { Transact } from "./transaction.ts";
import { stampOf, workIn } from "./work.ts";

/** What a resource was compiled to: its actions are written in these words. */
export interface Parts {
  readonly resource: Resource;
  readonly rows: Rows;
  readonly serializer: Serializer;
  readonly services: Services;
  readonly transact: Transact;
  /** Changes a row and returns what a client sees of it. */
  change(context: Context, transaction: Executor, key: unknown, values: Values): Promise<Record<string, unknown>>;
}

type AnyRow = Row<FieldMap>;

/** The five actions by name. */
export function crudActions({
  resource,
  rows,
  serializer,
  services,
  transact,
  change,
}: Parts): Record<CrudAction, Action> {
  const { database } = services;
  const { model, hooks } = resource;
  const store = services.store(model);
  const isOwned = needsUser(model);
  const children = createChildWriter(resource.fields, services.store);

  const reading = (context: Context): Reading => ({ executor: database, visible: services.scopes.to(context) });
  const rowAt = (context: Context, executor: Executor, key: unknown): Promise<AnyRow> =>
    services.table(model, executor, stampOf(context)).find(key) as Promise<AnyRow>;
  const committed = async (context: Context, row: AnyRow | undefined, before: AnyRow | undefined): Promise<void> => {
    try {
      await hooks.onCommit?.({ ...workIn(database, context), row, before });
    } catch (error) {
      services.onError(error, context.request);
    }
  };

  const create = async (context: Context) => {
    const values = await serializer.read(await context.body(), reading(context));
    if (isOwned && !context.user) throw new NotAuthenticated();
    let row: AnyRow | undefined;
    const data = await transact(async (transaction) => {
      const work = workIn(transaction, context);
      const more = await hooks.preSave?.({ ...work, values, before: undefined });
      const given = { ...values, ...more };
      const key = await store.create(transaction, given, stampOf(context));
      await children.write(transaction, key, given, stampOf(context), "new");
      if (hooks.postSave || hooks.onCommit) row = await rowAt(context, transaction, key);
      if (row) await hooks.postSave?.({ ...work, row, before: undefined });
      return rows.showKey(context, transaction, key);
    });
    await committed(context, row, undefined);
    return { status: 201, data };
  };
  const update = async (context: Context, partial: boolean) => {
    const found = await rows.find(context);
    const values = await serializer.read(await context.body(), { ...reading(context), partial, before: found });
    const key = found[model.primaryKey];
    let [row, before]: AnyRow[] = [];
    const data = await transact(async (transaction) => {
      before = (await rows.lock(context, transaction, found)) as AnyRow;
      const work = workIn(transaction, context);
      const more = await hooks.preSave?.({ ...work, values, before });
      const given = { ...values, ...more };
      await children.write(transaction, key, given, stampOf(context), services.scopes.to(context));
      if (!hooks.postSave && !hooks.onCommit) return change(context, transaction, key, given);
      await store.change(transaction, key, given, stampOf(context), services.scopes.to(context));
      row = await rowAt(context, transaction, key);
      await hooks.postSave?.({ ...work, row, before });
      return rows.showKey(context, transaction, key);
    });
    await committed(context, row, before);
    return { status: 200, data };
  };
  const remove = async (context: Context) => {
    const found = await rows.find(context);
    let row: AnyRow | undefined;
    await transact(async (transaction) => {
      row = (await rows.lock(context, transaction, found)) as AnyRow;
      const work = workIn(transaction, context);
      await hooks.preDelete?.({ ...work, row });
      await store.delete(transaction, [row[model.primaryKey]]);
      await hooks.postDelete?.({ ...work, row });
    });
    await committed(context, undefined, row);
    return { status: 204 };
  };

  const admit = rows.find;
  return {
    list: { name: "list", run: async (context) => ({ status: 200, data: await rows.page(context) }) },
    retrieve: {
      name: "retrieve",
      admit,
      run: (context) => after(rows.show(context), (data) => ({ status: 200, data })),
    },
    create: { name: "create", input: serializer, run: create },
    update: { name: "update", input: serializer, admit, run: (context) => update(context, false) },
    partialUpdate: { name: "partialUpdate", input: serializer, admit, run: (context) => update(context, true) },
    delete: { name: "delete", admit, run: remove },
  };
}

/** Changes a row as actions do. */
export function changerOf(resource: Resource, rows: Rows, services: Services): Parts["change"] {
  const store = services.store(resource.model);
  return async (context, transaction, key, values) => {
    await store.change(transaction, key, values, stampOf(context), services.scopes.to(context));
    return rows.showKey(context, transaction, key);
  };
}

/** Whether a row cannot be created by nobody: a field must name its user. */
const needsUser = ({ fields }: Model): boolean =>
  Object.values(fields).some(({ options, null: mayBeNull }) => options.auto === "user" && !mayBeNull);
