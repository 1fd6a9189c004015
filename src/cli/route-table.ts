/**
 * Every route of an app as a row: what people read in `routes`, in the README, and in reviews.
 *
 * Whether a token is needed is not written anywhere: the permissions are asked, for somebody unknown.
 */
import type { Project } from "../project/index.ts";
import { admitsAnybody, allowedMethods } from "../resource/index.ts";
import { withDeclared } from "./declared-app.ts";

export interface Route {
  readonly method: string;
  /** With `:name` for a placeholder. */
  readonly path: string;
  /** Somebody unknown is refused. */
  readonly isTokenRequired: boolean;
  /** Name of the action. */
  readonly action: string;
  /** Names of the permissions that must agree. */
  readonly permissions: readonly string[];
}

/** The routes of a project's app, in the order of their declaration. Touches neither its database nor its secret key. */
export const routesOf = (project: Project): Promise<readonly Route[]> =>
  withDeclared(project, async ({ endpoints, services }) => {
    const routes: Route[] = [];
    for (const endpoint of endpoints) {
      for (const method of allowedMethods(endpoint)) {
        const action = endpoint.actions[method];
        if (!action) continue;
        const isTokenRequired = !(await admitsAnybody(endpoint, method, services));
        const permissions = endpoint.permissions.map(({ name }) => name);
        routes.push({ method, path: endpoint.path, isTokenRequired, action: action.name, permissions });
      }
    }
    return routes;
  });
