/** What this user may do on the page that is shown. */
import { type Context, type Result, usableMethods } from "../resource/index.ts";
import { pageFormOf } from "./page-form.ts";

/** The writing methods that this user may use here, and that a form or a button can send. */
export async function writingMethods({ status }: Result, context: Context): Promise<ReadonlySet<string>> {
  const { endpoint, method } = context;
  if (status >= 500) {
    // What was asked for may be asked for again; what else is allowed is not found out from a database that may be gone.
    const asked = !pageFormOf(context) || context.isSafe || endpoint.actions[method]?.takesArray ? [] : [method];
    return usableMethods(context, asked, false).catch(() => new Set<string>());
  }
  // Where no permission looks at rows, the row that is shown need not be found again.
  const asksRow = status !== 200 || endpoint.permissions.some(({ checkObject }) => checkObject);
  const methods = ["POST", "PUT", "PATCH", "DELETE"].filter((method) => !endpoint.actions[method]?.takesArray);
  return usableMethods(context, methods, asksRow);
}
