/**
 * `/api/schema/`: the document, as JSON or, for `?format=yaml` or `Accept: application/yaml`, as YAML.
 *
 * An action like any other, whose answer is a text that is ready.
 * Reference: RFC 9512 (application/yaml), OpenAPI 3.1.1 section 5 (its media types); drf_spectacular.views.SpectacularAPIView.
 */
import { type Context, type Endpoint, type Permission, permission, type Shared } from "../resource/index.ts";
import type { ServedDocument } from "./served.ts";
import type { SchemaSettings } from "./settings.ts";
import { textRenderer, textResult } from "./text-answer.ts";

const renderers = [
  textRenderer("json", "application/json"),
  textRenderer("json", "application/vnd.oai.openapi+json"),
  textRenderer("yaml", "application/yaml"),
  textRenderer("yaml", "application/vnd.oai.openapi"),
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
  const run = async (context: Context) =>
    textResult(await served.in(context.renderer.format === "yaml" ? "yaml" : "json"), context);
  return {
    ...{ ...common, renderers, formatSuffix: false },
    name: "Schema",
    description: "The OpenAPI document of this API.",
    actions: { GET: { name: "schema", run } },
  };
}
