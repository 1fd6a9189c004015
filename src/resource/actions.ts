/**
 * The five actions of CRUD: what they do, in the words of the resource's rows, serializer and writes.
 * Reference: rest_framework.mixins.
 */
import { after, type Executor } from "../db/index.ts";
import { ValidationError } from "../errors.ts";
import { checkListState, preconditionsOf } from "./conditional.ts";
import type { Context } from "./context.ts";
import type { Action, Result } from "./endpoint.ts";
import { type Attempt, onceFor } from "./idempotency.ts";
import { repeatNegativeZeros } from "./negative-zero.ts";
import type { Resource } from "./resource.ts";
import type { CrudAction } from "./resource-options.ts";
import type { Rows } from "./rows.ts";
import type { Serializer } from "./serializer/serializer.ts";
import type { Services } from "./services.ts";
import type { Transact } from "./transaction.ts";
import type { Writes } from "./writes.ts";

/** What a resource was compiled to: its actions are written in these words. */
export interface Parts {
  readonly resource: Resource;
  readonly rows: Rows;
  readonly serializer: Serializer;
  readonly services: Services;
  readonly transact: Transact;
  readonly writes: Writes;
}

/** The five actions by name. */
export function crudActions({
  resource,
  rows,
  serializer,
  services,
  transact,
  writes,
}: Parts): Record<CrudAction, Action> {
  const { primaryKey } = resource.model;
  const preconditions = preconditionsOf(resource, rows);
  const once = onceFor(resource.idempotencyKey, services.idempotency);

  const { leavesUnique } = writes;
  const repeatZeros = repeatNegativeZeros(resource.fields);
  /** Writes what was read of an input; a refusal of the database is told with everything else that is taken. */
  const write = async <T>(work: Parameters<typeof transact<T>>[0], again: () => Promise<unknown>): Promise<T> => {
    try {
      return await transact(work);
    } catch (error) {
      if (leavesUnique && error instanceof ValidationError) await again();
      throw error;
    }
  };

  const create = async (context: Context, attempt?: Attempt): Promise<Result> => {
    checkListState(context);
    const input = await context.body();
    const reading = writes.reading(context);
    const read = await serializer.read(input, { ...reading, leavesUnique });
    writes.checkUser(context);
    const values = await context.placeFiles(read);
    const insert = async (transaction: Executor) => {
      if (attempt) await attempt.claim(transaction);
      const written = await writes.create(context, transaction, values);
      const shown = { status: 201, data: await rows.showWritten(context, transaction, written) };
      const result = repeatZeros(shown, values);
      if (attempt) await attempt.keep(transaction, result);
      return { written, result };
    };
    const { written, result } = await write(insert, () => serializer.read(input, reading));
    context.keepFiles();
    const done = writes.committed(context, written);
    if (done) await done;
    return result;
  };
  const update = async (context: Context, partial: boolean) => {
    const found = await rows.find(context);
    preconditions.demand(context);
    const input = await context.body();
    const reading = { ...writes.reading(context), partial };
    const read = await serializer.read(input, { ...reading, leavesUnique }, found);
    const values = await context.placeFiles(read);
    const change = async (transaction: Executor) => {
      const before = await rows.lock(context, transaction, found);
      const held = preconditions.hold(context, transaction, before[primaryKey]);
      if (held) await held;
      const written = await writes.update(context, transaction, before, values);
      const shown = { status: 200, data: await rows.showWritten(context, transaction, written) };
      return { written, result: repeatZeros(shown, values) };
    };
    const { written, result } = await write(change, () => serializer.read(input, reading, found));
    context.keepFiles();
    const done = writes.committed(context, written);
    if (done) await done;
    return result;
  };
  const remove = async (context: Context) => {
    const found = await rows.find(context);
    preconditions.demand(context);
    const written = await transact(async (transaction) => {
      const row = await rows.lock(context, transaction, found);
      const held = preconditions.hold(context, transaction, row[primaryKey]);
      if (held) await held;
      return writes.remove(context, transaction, row);
    });
    await writes.committed(context, written);
    return { status: 204 };
  };

  const admit = rows.find;
  return {
    list: { name: "list", hasEtag: true, run: async (context) => ({ status: 200, data: await rows.page(context) }) },
    retrieve: {
      name: "retrieve",
      hasEtag: true,
      admit,
      run: (context) => after(rows.show(context), (data) => ({ status: 200, data })),
    },
    create: {
      ...{ name: "create", hasEtag: true, input: serializer },
      run: (context) => once(context, (attempt) => create(context, attempt)),
    },
    update: { name: "update", hasEtag: true, input: serializer, admit, run: (context) => update(context, false) },
    partialUpdate: {
      ...{ name: "partialUpdate", hasEtag: true, input: serializer, admit },
      run: (context) => update(context, true),
    },
    delete: { name: "delete", admit, run: remove },
  };
}
