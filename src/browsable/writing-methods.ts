/** What this user may do on the page that is shown. */
import { type Context, mayUse, type Result } from "../resource/index.ts";

/** The writing methods that this user may use here, and that a form or a button can send. */
export async function writingMethods({ status }: Result, context: Context): Promise<ReadonlySet<string>> {
  const { endpoint } = context;
  const allowed = new Set<string>();
  // Where no permission looks at rows, the row that is shown need not be found again for each method.
  const asksRows = status !== 200 || endpoint.permissions.some(({ checkObject }) => checkObject);
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    if (!endpoint.actions[method]?.takesArray && (await mayUse(context, method, asksRows))) allowed.add(method);
  }
  return allowed;
}
