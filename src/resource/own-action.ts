/**
 * A user's own action on a resource: `POST books/7/publish/`, `GET books/recent/`.
 *
 * Reference: rest_framework.decorators.action.
 */
import type { FieldMap, Input, Model, RowOf } from "../model/index.ts";
import type { Parts } from "./actions.ts";
import type { Context } from "./context.ts";
import type { Action } from "./endpoint.ts";
import { compileAnswer, type Output } from "./output.ts";
import type { Request } from "./request.ts";
import type { RowsQuery } from "./rows.ts";
import { createSerializer } from "./serializer/serializer.ts";
import { type Work, workIn } from "./work.ts";

/** The values of an action's input: what is required is there. */
export type InputOfAction<In> = In extends FieldMap ? Input<In> : Record<never, never>;

/** What every action of a user's own is given. */
export interface OwnActionContext<In = unknown> extends Work {
  readonly request: Request;
  /** The validated body. */
  readonly input: InputOfAction<In>;
}

/** What an action on the list is given. */
export interface ListActionContext<M extends Model = Model, In = unknown> extends OwnActionContext<In> {
  /** The rows that scope, filters and search leave, as a client sees them. */
  list(query?: RowsQuery<M>): Promise<Record<string, unknown>[]>;
}

/** What an action on a row is given. */
export interface DetailActionContext<M extends Model = Model, In = unknown> extends OwnActionContext<In> {
  /** The row that the URL names; its permissions were asked. */
  readonly object: RowOf<M>;
  /** Writes fields of that row, hooks around it, and returns what a client sees of it. */
  update(changes: Partial<RowOf<M>>): Promise<Record<string, unknown>>;
  /** What a client sees of that row, as it is now. */
  show(): Promise<Record<string, unknown>>;
}

interface DeclarationOf<In, Context> {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Fields of the body. */
  readonly input?: In;
  /**
   * Fields of the answer; what is returned has their types, and is shown as they say. Without them it is shown as it is.
   * @example
   * total: {
   *   method: "GET",
   *   on: "list",
   *   output: { open: field.integer() },
   *   run: async ({ table }) => ({ open: await table(Task).count() }),
   * },
   */
  readonly output?: Output;
  readonly description?: string;
  /** Status of the answer (default 200, and 204 where `run` returns nothing). */
  readonly status?: number;
  /** Returns the body of the answer; nothing, where there is none. */
  run(context: Context): unknown;
}

/** An action on the list, `GET books/recent/`. */
export interface ListAction<M extends Model = Model, In = FieldMap>
  extends DeclarationOf<In, ListActionContext<M, In>> {
  readonly on: "list";
}

/** An action on one row, `POST books/7/publish/`. */
export interface DetailAction<M extends Model = Model, In = FieldMap>
  extends DeclarationOf<In, DetailActionContext<M, In>> {
  readonly on: "detail";
}

export type ActionDeclaration<M extends Model = Model, In = FieldMap> = ListAction<M, In> | DetailAction<M, In>;

/** The options of an action. */
export const actionNames = {
  method: true,
  on: true,
  input: true,
  output: true,
  description: true,
  status: true,
  run: true,
} satisfies Record<keyof ActionDeclaration, true>;

/** Compiles a declared action. */
export function ownAction(name: string, declaration: ActionDeclaration, parts: Parts): Action {
  const { resource, rows, services, transact, writes } = parts;
  const input = declaration.input && createSerializer(declaration.input);
  const { database } = services;
  const { on, status, output } = declaration;
  const answer = compileAnswer({ output, status });
  return {
    ...{ name, input, output, status, isOwn: true },
    admit: on === "detail" ? rows.find : undefined,
    async run(context) {
      const object = on === "detail" ? await rows.find(context) : undefined;
      const common: OwnActionContext = {
        ...workIn(database, context),
        request: context.request,
        input: input ? await context.placeFiles(await input.read(await context.body(), { executor: database })) : {},
        transaction: (work, options) =>
          committed(context, () => transact((transaction) => work(workIn(transaction, context)), options)),
      };
      if (object === undefined) {
        if (declaration.on !== "list") throw new TypeError("expected an action on the list");
        const data = await declaration.run({ ...common, list: (query) => rows.list(context, query) });
        context.keepFiles();
        return answer(data);
      }
      if (declaration.on !== "detail") throw new TypeError("expected an action on a row");
      const key = object[resource.model.primaryKey];
      const data = await declaration.run({
        ...common,
        object,
        show: async () => rows.showKey(context, database, key),
        async update(changes) {
          const { written, shown } = await committed(context, () =>
            transact(async (transaction) => {
              const before = await rows.lock(context, transaction, object);
              const written = await writes.update(context, transaction, before, changes);
              return { written, shown: await rows.showWritten(context, transaction, written) };
            }),
          );
          await writes.committed(context, written);
          return shown;
        },
      });
      context.keepFiles();
      return answer(data);
    },
  };
}

/** Does work in a transaction; the files that it may name stay once it is committed, whatever the action throws later. */
async function committed<T>(context: Context, work: () => Promise<T>): Promise<T> {
  const done = await work();
  context.keepFiles();
  return done;
}
