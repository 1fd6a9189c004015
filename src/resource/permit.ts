/**
 * The step of the lifecycle that asks the permissions, about the request and about a row.
 * Reference: rest_framework.views.APIView.check_permissions and .check_object_permissions.
 */
import { ApiError, NotAuthenticated, PermissionDenied } from "../errors.ts";
import type { Context } from "./context.ts";
import type { AnyRow, Permission } from "./permissions.ts";

/** Compiles the permissions of an endpoint to a function that asks each of them about a request. */
export function compilePermit(permissions: readonly Permission[]): (context: Context) => Promise<void> | undefined {
  const asked = permissions.filter(({ check }) => check);
  return (context) => {
    for (let i = 0; i < asked.length; i++) {
      const answer = asked[i]?.check?.(context);
      if (answer instanceof Promise) return rest(context, answer, asked.slice(i));
      if (!answer) refuse(context, asked[i]);
    }
    return undefined;
  };
}

/** @param permissions  the one that was asked, and those after it; each has a `check` */
async function rest(context: Context, first: Promise<boolean>, permissions: readonly Permission[]): Promise<void> {
  const [asked, ...others] = permissions;
  if (!(await first)) refuse(context, asked);
  for (const permission of others) if (!(await permission.check?.(context))) refuse(context, permission);
}

/** Asks every permission about a row, from one of them on; waits only for one that waits. */
export function permitObject(context: Context, row: AnyRow, from = 0): Promise<void> | undefined {
  const { permissions } = context.endpoint;
  for (let i = from; i < permissions.length; i++) {
    const permission = permissions[i];
    if (!permission?.checkObject) continue;
    const answer = permission.checkObject(context, row);
    if (answer instanceof Promise)
      return answer.then((agreed) => (agreed ? permitObject(context, row, i + 1) : refuse(context)));
    if (!answer) refuse(context);
  }
  return undefined;
}

/** Whether a permission never keeps anyone from reading a row who may make the request. */
export const readsFreely = ({ checkObject, readsFreely: isFree }: Permission): boolean =>
  !checkObject || isFree === true;

/** Whether this user may use a method here, on this row where the URL names one. */
export const mayUse = async (context: Context, method: string): Promise<boolean> =>
  (await usableMethods(context, [method])).has(method);

/** Whether this user may use a method here, whatever the row. */
export const mayAsk = async (context: Context, method: string): Promise<boolean> =>
  (await usableMethods(context, [method], false)).has(method);

/**
 * Those of some methods that this user may use here, on this row where the URL names one; it is found once for all of them.
 * @param asksRow  false: whatever the row, or it was found for this user already and no permission looks at it
 */
export async function usableMethods(
  context: Context,
  methods: readonly string[],
  asksRow = true,
): Promise<ReadonlySet<string>> {
  const usable = new Set<string>();
  let row: AnyRow | undefined;
  for (const method of methods) {
    const asked = context.as(method);
    if (!asked.action) continue;
    try {
      await compilePermit(asked.endpoint.permissions)(asked);
      if (row) await permitObject(asked, row);
      else if (asksRow) row = await asked.action.admit?.(asked);
      usable.add(method);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
  return usable;
}

function refuse(context: Context, permission?: Permission): never {
  throw context.identity || context.endpoint.authenticators.length === 0
    ? (permission?.refusal?.(context) ?? new PermissionDenied())
    : new NotAuthenticated();
}
