/**
 * From declarations to endpoints: the list and the detail of each resource, its own actions, and the root that links them.
 * Reference: rest_framework.routers.DefaultRouter.
 */
import { ConfigurationError } from "../errors.ts";
import { field } from "../model/index.ts";
import { crudActions, type Parts } from "./actions.ts";
import type { Authenticator } from "./authentication.ts";
import { bulkActions, eitherOf } from "./bulk.ts";
import type { Action, Endpoint } from "./endpoint.ts";
import { findField } from "./filters/named-field.ts";
import { ownAction } from "./own-action.ts";
import { authenticatedOrReadOnly } from "./permissions.ts";
import type { Renderer } from "./renderers.ts";
import type { Resource } from "./resource.ts";
import type { CrudAction } from "./resource-options.ts";
import { compileRows } from "./rows.ts";
import { createModelSerializer } from "./serializer/serializer.ts";
import type { Services } from "./services.ts";
import { transactionsOf } from "./transaction.ts";
import { compileWrites } from "./writes.ts";

/** What all endpoints of an app share. */
export interface Shared {
  readonly authenticators: readonly Authenticator[];
  readonly renderers: readonly [Renderer, ...Renderer[]];
}

/** The same where people are shown no pages. */
const withoutPages = ({ authenticators, renderers: [first, ...others] }: Shared): Shared => ({
  authenticators,
  renderers: [first, ...others.filter(({ isPage }) => !isPage)],
});

const listMethods = { GET: "list", POST: "create" } as const;
const detailMethods = { GET: "retrieve", PUT: "update", PATCH: "partialUpdate", DELETE: "delete" } as const;

/** The endpoints of a resource under a path such as `/api/v1/books/`. */
export function resourceEndpoints(
  path: string,
  name: string,
  resource: Resource,
  shared: Shared,
  services: Services,
): Endpoint[] {
  const place = `resource "${name}"`;
  for (const scoped of resource.scope?.paths ?? [])
    findField(scoped, resource.model, services.models, `${place}, scope`);
  const store = services.store(resource.model);
  const serializer = createModelSerializer(store, resource.fields, services.models, services.store, resource.validate);
  const rows = compileRows(resource, services, place);
  const parts: Parts = {
    ...{ resource, rows, serializer, services },
    transact: transactionsOf(services.database, resource.model),
    writes: compileWrites(resource, services, rows.returning),
  };
  const actions = crudActions(parts);
  const { permissions, model, fields, description, throttleScope } = resource;
  const common = {
    ...(resource.pages ? shared : withoutPages(shared)),
    ...{ permissions, model, fields, resource, description, throttleScope, formatSuffix: true },
  };

  const bulk = resource.bulk && bulkActions(parts, resource.bulk);
  const onList = bulk ? { ...actions, ...bulk, create: eitherOf(actions.create, bulk.create) } : actions;

  // An array names no state of each row, so where a change must, many rows are only created together.
  const bulkMethods = resource.requireIfMatch ? listMethods : { ...detailMethods, ...listMethods };
  const pick = (methods: Record<string, CrudAction>, offered: Record<CrudAction, Action>): Record<string, Action> =>
    Object.fromEntries(
      Object.entries(methods).flatMap(([method, action]) =>
        resource.only.includes(action) ? [[method, offered[action]]] : [],
      ),
    );

  const own = Object.entries(resource.actions).map(([action, declaration]): Endpoint => {
    if (!/^[a-z][a-z0-9_-]*$/.test(action))
      throw new ConfigurationError(
        `${place}, action "${action}"`,
        "expected a name of lower-case letters, digits, - and _",
      );
    return {
      ...common,
      path: `${path}${declaration.on === "detail" ? ":pk/" : ""}${action}/`,
      name: titleOf(action),
      description: declaration.description ?? description,
      actions: { [declaration.method]: ownAction(action, declaration, parts) },
      described: serializer,
      on: declaration.on,
    };
  });
  const list: Endpoint = {
    ...common,
    path,
    name: `${resource.title} List`,
    actions: pick(bulk ? bulkMethods : listMethods, onList),
    on: "list",
    parameters: rows.parameters,
    idempotencyKey: resource.idempotencyKey,
  };
  const detail: Endpoint = {
    ...common,
    path: `${path}:pk/`,
    name: `${resource.title} Instance`,
    actions: pick(detailMethods, actions),
    on: "detail",
    requireIfMatch: resource.requireIfMatch,
  };
  return [list, ...own, detail].filter(({ actions: offered }) => Object.keys(offered).length > 0);
}

/** The root: links to every resource, in the order they were declared. */
export function rootEndpoint(path: string, names: readonly string[], shared: Shared): Endpoint {
  const list: Action = {
    name: "root",
    output: Object.fromEntries(names.map((name) => [name, field.url()])),
    run: async ({ request }) => {
      const suffix = request.params.format === undefined ? "/" : `.${request.params.format}`;
      // Who asked for a format by the query is led on to it, as in the reference.
      const format = request.query.get("format");
      const query = format === undefined ? "" : `?${new URLSearchParams({ format })}`;
      return {
        status: 200,
        data: Object.fromEntries(names.map((name) => [name, request.absolute(`${path}${name}${suffix}${query}`)])),
      };
    },
  };
  return {
    ...shared,
    path,
    name: "Api Root",
    description: "Every resource of this API.",
    actions: { GET: list },
    permissions: [authenticatedOrReadOnly()],
    formatSuffix: true,
    isRoot: true,
  };
}

const titleOf = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
