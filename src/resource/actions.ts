/**
 * The five actions of CRUD, and the user's own: what they do, in the words of the resource's rows and serializer.
 * Reference: rest_framework.mixins, rest_framework.decorators.action.
 */
import { after, type Executor, TransactionConflict } from "../db/index.ts";
import { NotAuthenticated } from "../errors.ts";
import type { Model } from "../model/index.ts";
import type { Context } from "./context.ts";
import type { Action } from "./endpoint.ts";
import { refusalOfWrite } from "./refusal.ts";
import type { ActionDeclaration, CrudAction, Resource } from "./resource.ts";
import type { Rows } from "./rows.ts";
import { createSerializer, type Serializer } from "./serializer/serializer.ts";
import type { Services } from "./services.ts";
import { isoTime } from "./time.ts";

export interface Parts {
  readonly resource: Resource;
  readonly rows: Rows;
  readonly serializer: Serializer;
  readonly services: Services;
}

/** The five actions by name. */
export function crudActions({ resource, rows, serializer, services }: Parts): Record<CrudAction, Action> {
  const { database } = services;
  const store = services.store(resource.model);
  const automatic = automaticValues(resource.model);
  const write = writerOf({ resource, services });

  const update = async (context: Context, partial: boolean) => {
    const before = await rows.find(context);
    const values = await serializer.read(await context.body(), { executor: database, partial, before });
    const key = before[resource.model.primaryKey];
    const data = await write(async (transaction) => {
      await store.update(transaction, key, { ...values, ...automatic.update(context) });
      await store.link(transaction, key, values);
      return rows.showKey(transaction, key);
    });
    return { status: 200, data };
  };
  const admit = rows.find;

  return {
    list: { name: "list", run: async (context) => ({ status: 200, data: await rows.page(context) }) },
    retrieve: {
      name: "retrieve",
      admit,
      run: (context) => after(rows.show(context), (data) => ({ status: 200, data })),
    },
    create: {
      name: "create",
      input: serializer,
      async run(context) {
        const values = await serializer.read(await context.body(), { executor: database });
        const data = await write(async (transaction) => {
          const key = await store.insert(transaction, { ...automatic.create(context), ...values });
          await store.link(transaction, key, values);
          return rows.showKey(transaction, key);
        });
        return { status: 201, data };
      },
    },
    update: { name: "update", input: serializer, admit, run: (context) => update(context, false) },
    partialUpdate: { name: "partialUpdate", input: serializer, admit, run: (context) => update(context, true) },
    delete: {
      name: "delete",
      admit,
      async run(context) {
        const row = await rows.find(context);
        await write((transaction) => store.delete(transaction, row[resource.model.primaryKey]));
        return { status: 204 };
      },
    },
  };
}

/** Attempts at a transaction that others keep from ending. */
const ATTEMPTS = 3;

/** Runs work in a transaction, again where it met another one; what the database refuses is told as a client is told. */
function writerOf({ resource, services: { database } }: Pick<Parts, "resource" | "services">) {
  return async <T>(work: (transaction: Executor) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await database.transaction(work);
      } catch (error) {
        if (!(error instanceof TransactionConflict) || attempt === ATTEMPTS)
          throw refusalOfWrite(error, resource.model);
      }
    }
  };
}

/** A user's own action. */
export function ownAction(name: string, declaration: ActionDeclaration, { resource, rows, services }: Parts): Action {
  const input = declaration.input && createSerializer(declaration.input);
  const { database } = services;
  const store = services.store(resource.model);
  const automatic = automaticValues(resource.model);
  const write = writerOf({ resource, services });
  return {
    name,
    input,
    admit: declaration.on === "detail" ? rows.find : undefined,
    async run(context) {
      const object = declaration.on === "detail" ? await rows.find(context) : {};
      const key = object[resource.model.primaryKey];
      const data = await declaration.run({
        request: context.request,
        user: context.user,
        now: isoTime(context.now),
        input: input ? await input.read(await context.body(), { executor: database }) : {},
        object,
        list: (query) => rows.list(context, query),
        update: (changes) =>
          write(async (transaction) => {
            await store.update(transaction, key, { ...changes, ...automatic.update(context) });
            await store.link(transaction, key, changes);
            return rows.showKey(transaction, key);
          }),
      });
      return { status: declaration.status ?? 200, data };
    },
  };
}

/** What the server itself sets: times, the user, random keys, and the defaults of fields that were not sent. */
function automaticValues(model: Model) {
  const created: [string, (context: Context) => unknown][] = [];
  const updated: typeof created = [];
  const now = (context: Context): string => isoTime(context.now);
  for (const [name, { options, kind, null: nullable }] of Object.entries(model.fields)) {
    if (kind === "manyToMany" || options.primaryKey) continue;
    if (options.auto === "created") created.push([name, now]);
    else if (options.auto === "updated") {
      created.push([name, now]);
      updated.push([name, now]);
    } else if (options.auto === "user") created.push([name, (context) => userKey(context, nullable)]);
    else if (options.auto === "uuid") created.push([name, () => crypto.randomUUID()]);
    else if ("default" in options)
      created.push([name, () => (typeof options.default === "function" ? options.default() : options.default)]);
    else if (nullable) created.push([name, () => null]);
    else if (options.blank) created.push([name, () => ""]);
  }
  const collect = (entries: typeof created) => (context: Context) => {
    const values: Record<string, unknown> = {};
    for (const [name, value] of entries) values[name] = value(context);
    return values;
  };
  return { create: collect(created), update: collect(updated) };
}

function userKey({ user }: Context, nullable: boolean): number | null {
  if (!user && !nullable) throw new NotAuthenticated();
  return user?.id ?? null;
}
