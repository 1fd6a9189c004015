/** What this user may do on the page that is shown. */
import { type Context, type Result, usableMethods } from "../resource/index.ts";

/** The writing methods that this user may use here, and that a form or a button can send. */
export function writingMethods({ status }: Result, context: Context): Promise<ReadonlySet<string>> {
  const { endpoint } = context;
  // Where no permission looks at rows, the row that is shown need not be found again.
  const asksRow = status !== 200 || endpoint.permissions.some(({ checkObject }) => checkObject);
  const methods = ["POST", "PUT", "PATCH", "DELETE"].filter((method) => !endpoint.actions[method]?.takesArray);
  return usableMethods(context, methods, asksRow);
}
