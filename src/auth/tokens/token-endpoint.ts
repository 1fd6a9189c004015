/**
 * What all token endpoints have in common: what is sent in the body is the credential, no other is looked at, and nobody between keeps
 * the answer (RFC 6749 5.1, RFC 6750 5.3).
 */
import type { Values } from "../../db/index.ts";
import type { FieldMap } from "../../model/index.ts";
import { type Context, createSerializer, type Endpoint, type Renderer } from "../../resource/index.ts";

export interface TokenEndpointOptions {
  readonly fields: FieldMap;
  readonly run: (values: Values, context: Context) => Promise<unknown>;
  /** What OPTIONS says of the body (default: `fields`). */
  readonly described?: FieldMap;
  /** Of its action (default: the route). */
  readonly name?: string;
  readonly throttleScope?: string;
}

export interface TokenEndpointCommons {
  /** Where they stand, e.g. `/api/token/`. */
  readonly path: string;
  readonly renderers: readonly [Renderer, ...Renderer[]];
  readonly authHeaderTypes: readonly string[];
}

/** The challenge of a 401. */
export const challengeOf = ([type]: readonly string[]): string => `${type} realm="api"`;

/** @returns makes an endpoint at a route below the path, without its last slash */
export const tokenEndpoint =
  ({ path, renderers, authHeaderTypes }: TokenEndpointCommons) =>
  (route: string, title: string, description: string, { fields, run, ...more }: TokenEndpointOptions): Endpoint => {
    const input = createSerializer(fields);
    const act = async (context: Context) => {
      const values = await input.read(await context.body(), { executor: context.services.database });
      return { status: 200, data: await run(values, context), headers: { "cache-control": "no-store" } };
    };
    return {
      ...{ path: route === "" ? path : `${path}${route}/`, name: `Token ${title}`, description, renderers },
      ...{ authenticators: [], permissions: [], formatSuffix: false, challenge: challengeOf(authHeaderTypes) },
      throttleScope: more.throttleScope,
      actions: { POST: { name: more.name ?? route, input, run: act } },
      described: more.described ? createSerializer(more.described) : input,
    };
  };
