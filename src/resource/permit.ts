/**
 * The step of the lifecycle that asks the permissions, about the request and about a row.
 * Reference: rest_framework.views.APIView.check_permissions and .check_object_permissions.
 */
import { ApiError, NotAuthenticated, PermissionDenied } from "../errors.ts";
import type { Context } from "./context.ts";
import type { AnyRow } from "./permissions.ts";

/** Asks every permission about the request. */
export async function permit(context: Context): Promise<void> {
  for (const permission of context.endpoint.permissions) {
    const answer = permission.check?.(context) ?? true;
    if (!(answer instanceof Promise ? await answer : answer)) refuse(context);
  }
}

/** Asks every permission about a row. */
export async function permitObject(context: Context, row: AnyRow): Promise<void> {
  for (const permission of context.endpoint.permissions) {
    const answer = permission.checkObject?.(context, row) ?? true;
    if (!(answer instanceof Promise ? await answer : answer)) refuse(context);
  }
}

/** Whether this user may use a method here, on this row where the URL names one. Reads the database at most once. */
export async function mayUse(context: Context, method: string): Promise<boolean> {
  const asked = context.as(method);
  if (!asked.action) return false;
  try {
    await permit(asked);
    await asked.action.admit?.(asked);
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}

function refuse(context: Context): never {
  throw context.identity || context.endpoint.authenticators.length === 0
    ? new PermissionDenied()
    : new NotAuthenticated();
}
