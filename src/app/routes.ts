/** The routes of an app: an endpoint for each of its resources and own endpoints, and what may not be wrong with them. */
import { accountRates } from "../auth/index.ts";
import { ConfigurationError } from "../errors.ts";
import { type Endpoint, resourceEndpoints, rootEndpoint, type Services, type Shared } from "../resource/index.ts";
import type { App } from "./declaration.ts";

/** Endpoints of the resources, of the app's own, and of the page that lists them. */
export function endpointsOf({ prefix, resources, endpoints }: App, shared: Shared, services: Services): Endpoint[] {
  const pathOf = (name: string): string => `${prefix}${name}/`;
  const ofResources = Object.entries(resources).flatMap(([name, resource]) =>
    resourceEndpoints(pathOf(name), name, resource, shared, services),
  );
  // A resource may have rows only, and no list that could be linked.
  const listed = Object.keys(resources).filter((name) => ofResources.some(({ path }) => path === pathOf(name)));
  return [
    rootEndpoint(prefix, listed, shared),
    ...ofResources,
    ...Object.entries(endpoints).map(([name, endpoint]) => endpoint.mount(`${prefix}${name}/`, shared)),
  ];
}

/** @throws ConfigurationError  a rate that counts nothing, or a scope of the app's own that has no rate */
export function checkScopes({ rates, accounts }: App, endpoints: readonly Endpoint[], own: readonly Endpoint[]): void {
  const scopes = new Set([
    ...endpoints.flatMap(({ throttleScope }) => throttleScope ?? []),
    ...(accounts ? Object.keys(accountRates) : []),
  ]);
  for (const scope of rates.keys()) {
    if (!scopes.has(scope))
      throw new ConfigurationError(
        `app, throttle "${scope}"`,
        `no endpoint has that scope; scopes: ${[...scopes].join(", ")}`,
      );
  }
  for (const { path, throttleScope } of own) {
    if (throttleScope !== undefined && !rates.has(throttleScope))
      throw new ConfigurationError(
        `${path}, throttleScope`,
        `"${throttleScope}" has no rate; expected one in the app's throttle: { "${throttleScope}": "100/hour" }, or null for no limit`,
      );
  }
}

/** @throws ConfigurationError  such as a resource "token" under the prefix `/api/` */
export function checkPaths(endpoints: readonly Endpoint[]): void {
  const paths = new Set<string>();
  for (const { path } of endpoints) {
    if (paths.has(path))
      throw new ConfigurationError("app", `two endpoints stand at ${path}; expected another prefix or another name`);
    paths.add(path);
  }
}
