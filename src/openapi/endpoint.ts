/**
 * `/api/schema/`: the document, as JSON or, for `?format=yaml` or `Accept: application/yaml`, as YAML.
 *
 * An action like any other, whose answer is a text that is ready.
 * Reference: RFC 9512 (application/yaml), OpenAPI 3.1.1 section 5 (its media types); drf_spectacular.views.SpectacularAPIView.
 */
import {
  type Context,
  type Endpoint,
  etagKnownBy,
  matchesWeakly,
  type Permission,
  permission,
  type Renderer,
  type Result,
  type Shared,
  toJson,
} from "../resource/index.ts";
import type { Form, ServedDocument } from "./served.ts";
import type { SchemaSettings } from "./settings.ts";

/** A text as it is; what is refused, as JSON, which is YAML as well. */
const renderer = (format: Form, mediaType: string): Renderer => ({
  ...{ format, mediaType, contentType: mediaType },
  render: ({ data }) => (typeof data === "string" ? data : toJson(data)),
});

const renderers = [
  renderer("json", "application/json"),
  renderer("json", "application/vnd.oai.openapi+json"),
  renderer("yaml", "application/yaml"),
  renderer("yaml", "application/vnd.oai.openapi"),
] as const;

const permissions: Readonly<Record<Exclude<SchemaSettings["schema"], "off">, readonly Permission[]>> = {
  everyone: [],
  authenticated: [permission.authenticated()],
  staff: [permission.admin()],
};

/** Who may read the document; undefined where nobody may. */
export const readersOf = ({ schema }: Pick<SchemaSettings, "schema">): readonly Permission[] | undefined =>
  schema === "off" ? undefined : permissions[schema];

export interface SchemaEndpointOptions {
  readonly path: string;
  readonly permissions: readonly Permission[];
  readonly authenticators: Shared["authenticators"];
  readonly served: ServedDocument;
}

export function schemaEndpoint({ served, ...common }: SchemaEndpointOptions): Endpoint {
  const run = async ({ renderer, ifNoneMatch }: Context): Promise<Result> => {
    const { text, etag } = await served.in(renderer.format === "yaml" ? "yaml" : "json");
    const headers = { etag, "cache-control": "no-cache" };
    if (ifNoneMatch === undefined || !matchesWeakly(ifNoneMatch, etag)) return { status: 200, data: text, headers };
    return { status: 304, headers: { ...headers, etag: etagKnownBy(ifNoneMatch, etag) } };
  };
  return {
    ...{ ...common, renderers, formatSuffix: false },
    name: "Schema",
    description: "The OpenAPI document of this API.",
    actions: { GET: { name: "schema", run } },
  };
}
