/**
 * Endpoints of the user's own, beside resources: `me`, `echo`, whatever has no model.
 * Reference: rest_framework.views.APIView.
 */
import { checkNames } from "../config/index.ts";
import type { Issues } from "../errors.ts";
import type { FieldMap, Row } from "../model/index.ts";
import type { Action, Endpoint } from "./endpoint.ts";
import type { Shared } from "./endpoints.ts";
import { type Answering, compileAnswer, type Output } from "./output.ts";
import type { InputOfAction } from "./own-action.ts";
import { checkArePermissions } from "./permission-checks.ts";
import { authenticatedOrReadOnly, type Permission } from "./permissions.ts";
import type { Request } from "./request.ts";
import { checkBodiless } from "./resource-checks.ts";
import { createSerializer } from "./serializer/serializer.ts";
import { transactionsOf } from "./transaction.ts";
import { type Work, workIn } from "./work.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What an action without a model is given. */
export interface OwnContext<In = unknown> extends Work {
  readonly request: Request;
  /** The validated body. */
  readonly input: InputOfAction<In>;
}

/** What one method does. */
export interface OwnAction<In = FieldMap> {
  /** Fields of the body. */
  readonly input?: In;
  /** Fields of the answer; what is returned has their types, and is shown as they say. Without them it is shown as it is. */
  readonly output?: Output;
  /** A check of the whole input; returns findings, or undefined. */
  readonly validate?: (
    input: In extends FieldMap ? Partial<Row<In>> : never,
  ) => Issues | undefined | Promise<Issues | undefined>;
  /** Status of the answer (default 200, and 204 where `run` returns nothing). */
  readonly status?: number;
  /** Returns the body of the answer; nothing, where there is none. */
  run(context: OwnContext<In>): unknown;
}

export interface OwnEndpointOptions<Inputs, Outputs = Record<never, never>> {
  readonly methods: { readonly [M in keyof Inputs]: OwnAction<Inputs[M]> } & {
    readonly [M in keyof Outputs]: Answering<Outputs[M]>;
  };
  /** All must agree (default: anyone reads, signed-in users write). */
  readonly permissions?: readonly Permission[];
  /** Name of its throttle rate. */
  readonly throttleScope?: string;
  readonly title?: string;
  readonly description?: string;
}

/** What the type of an endpoint keeps of its declaration, for clients whose types are read off it. */
export interface EndpointDeclaration {
  readonly methods: { readonly [M in Method]?: object };
}

/** A declared endpoint, to be mounted under its name by `defineApp`. */
export interface OwnEndpoint<Declaration = unknown> {
  /** Never there: only the type knows how the endpoint was declared. */
  readonly declaration?: Declaration;
  mount(path: string, shared: Shared): Endpoint;
}

/**
 * Declares an endpoint that is no resource.
 *
 * @throws ConfigurationError  an unknown option or method
 * @example
 * endpoint({ methods: { POST: { input: { text: field.text() }, run: ({ input }) => ({ length: input.text.length }) } } });
 * @example
 * const report = endpoint({
 *   permissions: [permission.authenticated()],
 *   throttleScope: "report",
 *   methods: {
 *     GET: {
 *       output: { open: field.integer(), at: field.datetime() },
 *       run: async ({ table, now }) => ({ open: await table(Task).count({ path: "done", value: false }), at: now }),
 *     },
 *   },
 * });
 */
export function endpoint<
  const Inputs extends { readonly [M in Method]?: unknown },
  const Outputs extends { readonly [M in Method]?: unknown } = Record<never, never>,
  const Declaration extends EndpointDeclaration = EndpointDeclaration,
>(options: OwnEndpointOptions<Inputs, Outputs> & Declaration): OwnEndpoint<Declaration> {
  const { permissions = [authenticatedOrReadOnly()], title, description = "", throttleScope } = options;
  checkNames("endpoint", options, optionNames, "option");
  checkArePermissions("endpoint, permissions", permissions);
  checkNames("endpoint, methods", options.methods, methodNames, "method");
  const methods = Object.entries(options.methods as Readonly<Record<string, OwnAction>>);
  for (const [method, action] of methods) {
    checkNames(`endpoint, method ${method}`, action, actionNames, "option");
    if (method === "GET") checkBodiless("endpoint, method GET", action);
  }
  return {
    mount: (path, shared) => ({
      ...shared,
      ...{ path, name: title ?? titleOf(path), description, permissions, throttleScope, formatSuffix: false },
      actions: Object.fromEntries(methods.map(([method, action]) => [method, compile(method, action)])),
    }),
  };
}

const optionNames = {
  methods: true,
  permissions: true,
  throttleScope: true,
  title: true,
  description: true,
} satisfies Record<keyof OwnEndpointOptions<unknown>, true>;

const methodNames = { GET: true, POST: true, PUT: true, PATCH: true, DELETE: true } satisfies Record<Method, true>;

const actionNames = {
  input: true,
  output: true,
  validate: true,
  status: true,
  run: true,
} satisfies Record<keyof OwnAction, true>;

function compile(method: string, { input, output, validate, status, run }: OwnAction): Action {
  const reads = input && createSerializer(input, validate as Parameters<typeof createSerializer>[1]);
  const answer = compileAnswer({ output, status });
  return {
    ...{ name: method.toLowerCase(), input: reads, output, status, isOwn: true },
    async run(context) {
      const { database } = context.services;
      const transact = transactionsOf(database);
      const values = reads
        ? await context.placeFiles(await reads.read(await context.body(), { executor: database }))
        : {};
      const data = await run({
        ...workIn(database, context),
        request: context.request,
        input: values,
        transaction: async (work, options) => {
          const done = await transact((transaction) => work(workIn(transaction, context)), options);
          context.keepFiles();
          return done;
        },
      });
      context.keepFiles();
      return answer(data);
    },
  };
}

/** `/api/v1/me/` -> `Me`. */
function titleOf(path: string): string {
  const name = path.split("/").at(-2) ?? "";
  return name.charAt(0).toUpperCase() + name.slice(1).replaceAll("-", " ");
}
