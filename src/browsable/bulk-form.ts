/** The form for many rows at once, where a list takes arrays: raw JSON and a button for each method that this user may use. */
import { type Context, type Result, usableMethods } from "../resource/index.ts";
import { csrfField } from "./csrf-token.ts";
import { findingsOf } from "./findings.ts";
import { html, type Safe } from "./html.ts";
import { pageFormOf } from "./page-form.ts";

const hints = {
  PUT: "PUT takes whole objects, each with its key.",
  PATCH: "PATCH takes the key of each and what changes.",
  DELETE: "DELETE takes keys.",
} as const;
type BulkMethod = keyof typeof hints;
const methods = Object.keys(hints) as readonly BulkMethod[];

/** The form of a list's page; undefined where there is nothing of the kind for this user. What was refused stays to be corrected. */
export async function bulkForm(result: Result, context: Context, token: string): Promise<Safe | undefined> {
  const { endpoint, method, request } = context;
  const offered = methods.filter((name) => endpoint.actions[name]?.takesArray);
  const asked = offered.find((name) => name === method);
  // What else is allowed is not found out from a database that may be gone.
  const isFault = result.status >= 500;
  if (offered.length === 0 || (isFault && !asked)) return undefined;
  const allowed = isFault ? new Set([asked]) : await usableMethods(context, offered, false);
  const usable = offered.filter((name) => allowed.has(name));
  if (usable.length === 0) return undefined;
  const isRefused = asked !== undefined && result.status >= 400;
  const content = (isRefused && pageFormOf(context)?.raw) || "[\n]";
  const rows = Math.min(24, Math.max(4, content.split("\n").length + 1));
  return html`<details class="panel form bulk"${isRefused && html` open`}>
<summary><h2 id="form-bulk">Many rows at once</h2></summary>
${isRefused && html`<div class="alert" role="alert"><p><strong>Nothing was saved.</strong></p>${findingsOf(result.data, {}).whole.map((sentence) => html`<p>${sentence}</p>`)}</div>`}
<form method="post" action="${request.path}">
${csrfField(token)}
<input type="hidden" name="_content_type" value="application/json">
<div class="field"><label for="bulk-raw">An array, as JSON</label>
<div class="control"><textarea id="bulk-raw" class="code" name="_content" rows="${rows}" spellcheck="false" aria-describedby="bulk-hint">${"\n"}${content}</textarea>
<p class="hint" id="bulk-hint">${usable.map((name) => hints[name]).join(" ")} All of it is done, or nothing.</p></div></div>
<p class="submit">${usable.map((name) => html`<button class="button${name === "DELETE" && " danger"}" type="submit" name="_method" value="${name}">${name}</button> `)}</p>
</form>
</details>`;
}
