/**
 * What can be done and visited from a page: reload, other formats, the forms, OPTIONS, delete, own actions, the pages of a list.
 */
import { type Context, isObject, usableMethods } from "../resource/index.ts";
import { csrfField } from "./csrf-token.ts";
import { type Content, html, type Safe } from "./html.ts";
import { ifMatchField } from "./if-match.ts";
import { rowsIn } from "./json-view.ts";
import { pagePath, type Site } from "./site.ts";

export interface MethodParts {
  /** What this user may use here. */
  readonly allowed: ReadonlySet<string>;
  /** Methods that have a form on this page: their button leads there. */
  readonly forms: readonly string[];
  readonly token: string;
  /** The state of the row that the page shows, where it must be told. */
  readonly etag: string | undefined;
}

/** A button for each method that this user may use, and links to other formats. */
export function methodButtons(context: Context, { allowed, forms, token, etag }: MethodParts): Safe {
  const { request, endpoint } = context;
  const { path } = request;
  const formats = endpoint.renderers.filter(({ format }) => format !== context.renderer.format);
  const isReadable = "GET" in endpoint.actions;
  return html`<div class="toolbar">
${isReadable && html`<a class="button method get" href="${path}${request.query.with({ format: null })}">GET</a>`}
${forms.map((method) => html`<a class="button method ${method.toLowerCase()}" href="#form-${method.toLowerCase()}">${method}</a>`)}
${allowed.has("DELETE") && (!endpoint.requireIfMatch || etag !== undefined) && deleteButton(path, token, etag)}
<form method="post" action="${path}">${csrfField(token)}<button class="button method" type="submit" name="_method" value="OPTIONS">OPTIONS</button></form>
${
  isReadable &&
  formats.map(
    ({ format }) => html`<a class="button" href="${path}${request.query.with({ format })}">${format.toUpperCase()}</a>`,
  )
}
</div>`;
}

/** The confirmation is a disclosure, so it needs no script. */
const deleteButton = (
  path: string,
  token: string,
  etag: string | undefined,
): Safe => html`<details class="delete popover">
<summary class="button method delete">DELETE</summary>
<form method="post" action="${path}">
${csrfField(token)}${ifMatchField(etag)}
<p><strong>Delete this?</strong> It cannot be undone.</p>
<button class="button danger solid" type="submit" name="_method" value="DELETE">Yes, delete</button>
</form>
</details>`;

/** Links to the project's own actions below this page, as far as this user may use them; which row it is costs a statement and is not asked. */
export async function actionLinks({ pages }: Site, context: Context): Promise<Content> {
  const links: Safe[] = [];
  for (const { endpoint, path } of pages.actionsOf(context.endpoint, pagePath(context.request))) {
    const usable = await usableMethods(context.as(context.method, endpoint), Object.keys(endpoint.actions), false);
    if (usable.size > 0) links.push(html`<li><a class="button" href="${path}">${endpoint.name}</a></li>`);
  }
  return links.length > 0 && html`<nav class="actions" aria-label="Actions"><ul>${links}</ul></nav>`;
}

/** How many rows there are, and links to the page before and after, if the body is one page of a list. */
export function paginationLinks(data: unknown): Content {
  const rows = rowsIn(data);
  if (!isObject(data) || !rows || !("next" in data || "previous" in data)) return undefined;
  const { next, previous, count } = data;
  if (rows.length === 0 && !next && !previous) return undefined;
  const shown = typeof count === "number" ? `${rows.length} of ${count}` : `${rows.length} shown`;
  const link = (url: unknown, rel: string, label: string): Safe =>
    typeof url === "string"
      ? html`<a class="button" rel="${rel}" href="${url}">${label}</a>`
      : html`<span class="button" aria-disabled="true">${label}</span>`;
  return html`<nav class="pagination" aria-label="Pages">${link(previous, "prev", "← Previous")}<span class="count">${shown}</span>${link(next, "next", "Next →")}</nav>`;
}
