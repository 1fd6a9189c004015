/**
 * What the writing of one row is, inside a transaction: hooks, the row itself, its children; and what follows the commit.
 *
 * The actions on one row (`actions.ts`) and on many (`bulk.ts`) are written in these words.
 * Reference: `perform_create`, `perform_update` and `perform_destroy` of rest_framework.mixins.
 */
import type { Awaitable, Executor, Returning, SqlRow, Values } from "../db/index.ts";
import { NotAuthenticated } from "../errors.ts";
import type { Model } from "../model/index.ts";
import { createChildWriter } from "./children.ts";
import type { Context } from "./context.ts";
import type { AnyRow } from "./permissions.ts";
import type { Resource } from "./resource.ts";
import type { Reading } from "./serializer/serializer.ts";
import type { Services } from "./services.ts";
import { stampOf, workIn } from "./work.ts";

/** What was written, as `committed` needs it. */
export interface Written {
  readonly key: unknown;
  /** The row as it is now; undefined where it was deleted, or no hook asks for it. */
  readonly row: AnyRow | undefined;
  /** The row as it was; undefined where it was created. */
  readonly before: AnyRow | undefined;
  /** The row as its write gave it back, for whom sees every row; undefined where own code may have written to it since. */
  readonly shown?: SqlRow;
  /** What was written, where somebody is told of it; undefined also where the row was deleted. */
  readonly given?: Values;
  /** Paths of files that it named and names no more. */
  readonly oldFiles?: readonly string[];
}

export interface Writes {
  /** What a serializer is told that reads for this request. */
  reading(context: Context): Reading;
  /** Unique values may be left to their index (`Reading`): there is one, and no own code is told of what it may refuse. */
  readonly leavesUnique: boolean;
  /** @throws NotAuthenticated  a row must name its user, and there is none */
  checkUser(context: Context): void;
  create(context: Context, transaction: Executor, values: Values): Promise<Written>;
  update(context: Context, transaction: Executor, before: AnyRow, values: Values): Promise<Written>;
  remove(context: Context, transaction: Executor, row: AnyRow): Promise<Written>;
  /** Many rows in a few statements; absent where a hook or children need them one by one. */
  readonly createAll?: (context: Context, transaction: Executor, values: readonly Values[]) => Promise<Written[]>;
  readonly removeAll?: (context: Context, transaction: Executor, rows: readonly AnyRow[]) => Promise<Written[]>;
  /** Call it after the commit. Never rejects: what the hook throws is logged. Nothing to wait for where there is nothing to do. */
  committed(context: Context, written: Written): Promise<void> | undefined;
}

/**
 * Compiles what a resource does with a row that is written.
 * @param returning  what is shown of it
 */
export function compileWrites(
  { model, fields, hooks, validate }: Resource,
  services: Services,
  returning: Returning,
): Writes {
  const { database } = services;
  const store = services.store(model);
  const isOwned = needsUser(model);
  const children = createChildWriter(fields, services.store);
  const watcher = services.watcherOf?.(model);
  const { preSave, postSave, preDelete, postDelete, onCommit } = hooks;

  const replaced = Object.entries(model.fields).flatMap(([name, { options }]) =>
    "removeOld" in options && options.removeOld ? [{ name, shared: options.default }] : [],
  );
  /** The files of a row that are not those of its new values. */
  const oldFiles = (before: AnyRow, values: Values | undefined): string[] =>
    replaced.flatMap(({ name, shared }) => {
      const path = before[name];
      const isLeft = values === undefined || (name in values && values[name] !== path);
      return isLeft && typeof path === "string" && path !== "" && path !== shared ? [path] : [];
    });

  const rowAt = (context: Context, executor: Executor, key: unknown): Promise<AnyRow> =>
    services.table(model, executor, stampOf(context)).find(key) as Promise<AnyRow>;
  /** The row as it was written, where a hook asks for it; `postSave` has seen it. */
  const saved = (context: Context, transaction: Executor, written: Omit<Written, "row">): Awaitable<Written> =>
    postSave || onCommit ? told(context, transaction, written) : { ...written, row: undefined };
  const told = async (context: Context, transaction: Executor, written: Omit<Written, "row">): Promise<Written> => {
    const { key, before, given, oldFiles } = written;
    const row = await rowAt(context, transaction, key);
    if (!postSave) return { ...written, row };
    await postSave({ ...workIn(transaction, context), row, before });
    return { key, row, before, given, oldFiles };
  };
  const afterCommit = async (context: Context, { key, row, before, given, oldFiles = [] }: Written): Promise<void> => {
    const left = oldFiles.map(async (path) => services.media?.remove(path));
    for (const result of await Promise.allSettled(left))
      if (result.status === "rejected") services.onError(result.reason, context.request);
    try {
      await watcher?.(context, { key, before, values: given });
      await onCommit?.({ ...workIn(database, context), row, before });
    } catch (error) {
      services.onError(error, context.request);
    }
  };

  return {
    // PostgreSQL would leave a gap in the keys and a line in its log for each value that is taken: there it is asked beforehand.
    leavesUnique:
      database.dialect === "sqlite" && model.managed && !preSave && !postSave && !validate && children.isEmpty,
    reading: (context) => ({
      executor: database,
      visible: services.scopes.to(context),
      ...(preSave && { fillsIn: true }),
    }),
    checkUser(context) {
      if (isOwned && !context.user) throw new NotAuthenticated();
    },
    async create(context, transaction, values) {
      const more = preSave && (await preSave({ ...workIn(transaction, context), values, before: undefined }));
      const given = more ? { ...values, ...more } : values;
      const stamp = stampOf(context);
      const shown = await store.createRow(transaction, given, stamp, returning);
      const key = returning.keyOf(shown);
      if (!children.isEmpty) await children.write(transaction, key, given, stamp, "new");
      return saved(context, transaction, { key, before: undefined, given, shown });
    },
    async update(context, transaction, before, values) {
      const key = before[model.primaryKey];
      const more = preSave && (await preSave({ ...workIn(transaction, context), values, before }));
      const given = more ? { ...values, ...more } : values;
      const stamp = stampOf(context);
      const seen = services.scopes.to(context);
      if (!children.isEmpty) await children.write(transaction, key, given, stamp, seen);
      const shown = await store.changeRow(transaction, key, given, stamp, seen, returning);
      return saved(context, transaction, { key, before, given, shown, oldFiles: oldFiles(before, given) });
    },
    async remove(context, transaction, row) {
      const key = row[model.primaryKey];
      await preDelete?.({ ...workIn(transaction, context), row });
      await store.delete(transaction, [key]);
      await postDelete?.({ ...workIn(transaction, context), row });
      return { key, row: undefined, before: row, oldFiles: oldFiles(row, undefined) };
    },
    ...(!preSave && !postSave && !onCommit && children.isEmpty
      ? {
          createAll: async (context, transaction, values) => {
            const rows = await store.createRows(transaction, values, stampOf(context), returning);
            return rows.map((shown, i) => ({
              ...{ key: returning.keyOf(shown), row: undefined, before: undefined },
              ...{ given: values[i], shown },
            }));
          },
        }
      : {}),
    ...(!preDelete && !postDelete
      ? {
          removeAll: async (_context, transaction, rows) => {
            const written = rows.map((before) => ({
              ...{ key: before[model.primaryKey], row: undefined, before },
              oldFiles: oldFiles(before, undefined),
            }));
            await store.delete(
              transaction,
              written.map(({ key }) => key),
            );
            return written;
          },
        }
      : {}),
    committed: (context, written) =>
      onCommit || watcher || written.oldFiles?.length ? afterCommit(context, written) : undefined,
  };
}

/** Whether a row cannot be created by nobody: a field must name its user. */
const needsUser = ({ fields }: Model): boolean =>
  Object.values(fields).some(({ options, null: mayBeNull }) => options.auto === "user" && !mayBeNull);
