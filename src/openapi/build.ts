/**
 * The document of an app, derived from what it was declared with.
 *
 * Endpoints say what stands where and who is asked; the resources behind them say what is shown, taken, filtered and sorted by. Names
 * follow from the declaration of what they name alone (`names.ts`).
 * Reference: OpenAPI 3.1.1; drf-spectacular for what clients of the reference expect of such a document.
 */
import { admitsAnybody, allowedMethods, type Endpoint, type Resource, type Services } from "../resource/index.ts";
import { withExamples } from "./body-examples.ts";
import { createComponents } from "./components.ts";
import type { Document, Operation, Tag } from "./document.ts";
import { componentNames, freeName, namingParts, operationName } from "./names.ts";
import { createObjectSchemas } from "./object-schema.ts";
import { describeOperation, type OperationParts } from "./operation.ts";
import { pathOf } from "./parameters.ts";
import { type ResourceShapes, resourceShapes } from "./resource-shapes.ts";
import { createErrorSchemas } from "./responses.ts";
import { securitySchemes } from "./security.ts";
import { withUsedComponents } from "./used.ts";

/** What a document is made of. */
export interface Api {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Where resources stand, e.g. `/api/v1/`. */
  readonly prefix: string;
  readonly endpoints: readonly Endpoint[];
  readonly services: Services;
  /** Throttle scopes that have a rate. */
  readonly limited: ReadonlySet<string>;
}

/** Builds the document; permissions are asked who may, for somebody unknown. */
export async function buildDocument(api: Api): Promise<Document> {
  const { prefix, services, limited } = api;
  const endpoints = api.endpoints.filter(({ renderers }) => renderers[0].mediaType !== "text/html");
  const names = componentNames(
    new Set(endpoints.flatMap(({ resource, path }) => (resource ? namingParts(path, prefix).slice(0, 1) : []))),
  );
  const components = createComponents();
  const schemas = createObjectSchemas(services.models, services.scopes.limits, components, names);
  const errors = createErrorSchemas(components);
  const parts: OperationParts = { models: services.models, components, schemas, errors, prefix, limited, names };

  const shapes = new Map<string, ResourceShapes>();
  const shapesOf = (resource: Resource, path: string): ResourceShapes => {
    const [name = ""] = namingParts(path, prefix);
    const known = shapes.get(name) ?? resourceShapes(resource, names.row(name), parts);
    shapes.set(name, known);
    return known;
  };

  const paths: Record<string, Record<string, Operation>> = {};
  const tags = new Map<string, Tag>();
  const operationIds = operationIdsOf(endpoints, prefix);
  for (const endpoint of endpoints) {
    const { path, parameters: keys } = pathOf(endpoint, parts);
    const methods: Record<string, Operation> = {};
    for (const method of allowedMethods(endpoint)) {
      const action = endpoint.actions[method];
      if (!action) continue;
      const isOpen = await admitsAnybody(endpoint, method, services);
      const ofResource = endpoint.resource && shapesOf(endpoint.resource, endpoint.path);
      const operationId = operationIds.get(`${method} ${endpoint.path}`) ?? "";
      const route = { endpoint, method, action, operationId, shapes: ofResource, isOpen, keys };
      const operation = describeOperation(route, parts);
      methods[method.toLowerCase()] = operation;
      for (const name of operation.tags) if (!tags.has(name)) tags.set(name, tagOf(name, endpoint));
    }
    paths[path] = methods;
  }
  const document: Document = {
    openapi: "3.1.1",
    info: { title: api.title, version: api.version, ...(api.description !== "" && { description: api.description }) },
    servers: [{ url: "/" }],
    tags: [...tags.values()],
    paths,
    components: {
      schemas: components.all("schemas"),
      responses: components.all("responses"),
      parameters: components.all("parameters"),
      headers: components.all("headers"),
      securitySchemes: securitySchemes(endpoints),
    },
  };
  return withExamples(withUsedComponents(document));
}

/** Names of operations by method and path; those that would be the same get numbers in the order of their paths. */
function operationIdsOf(endpoints: readonly Endpoint[], prefix: string): Map<string, string> {
  const wanted = endpoints.flatMap((endpoint) =>
    Object.entries(endpoint.actions).map(([method, action]): [string, string] => [
      `${method} ${endpoint.path}`,
      operationName(endpoint, method, action, prefix),
    ]),
  );
  const taken = new Set<string>();
  return new Map(
    wanted
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([route, name]) => {
        const free = freeName(name, (one) => taken.has(one));
        taken.add(free);
        return [route, free];
      }),
  );
}

/** A resource's routes are described by what it says of itself. */
const tagOf = (name: string, { resource }: Endpoint): Tag =>
  resource && resource.description !== "" ? { name, description: resource.description } : { name };
