/**
 * A list as a table: sorted by the declared orders, with the columns that this person chose, in pages.
 * The JSON stands beside it (`response-panel.ts`).
 */
import { type Context, isObject, type Result, toJson } from "../resource/index.ts";
import { type Column, type Columns, columnsOf, columnsParameter } from "./columns.ts";
import { askedChips, filterForm, nothingAsked, positionOf } from "./filter-form.ts";
import { html, type Safe } from "./html.ts";
import { type RowLinks, rowsIn } from "./json-view.ts";
import { paginationLinks } from "./navigation.ts";
import type { SiteMap } from "./site-map.ts";
import { cut, isNumeric, type Showing, showingIn, valueView } from "./values.ts";

export interface TableParts {
  readonly pages: SiteMap;
  readonly links: RowLinks | undefined;
  /** Whether this user may create rows here. */
  readonly mayCreate: boolean;
}

/** The table of a list with all that belongs to it; undefined where a page shows none. */
export function listSection(
  { pages, links, mayCreate }: TableParts,
  result: Result,
  context: Context,
): Safe | undefined {
  const { endpoint, method } = context;
  if (endpoint.on !== "list" || method !== "GET") return undefined;
  const isRefused = result.status === 400 && endpoint.parameters !== undefined;
  const found = result.status === 200 ? rowsIn(result.data) : isRefused ? [] : undefined;
  const rows = found?.filter(isObject);
  // A list of anything but objects is no table.
  if (!rows || rows.length !== found?.length) return undefined;
  const columns = columnsOf(context, rows);
  const showing = showingIn(pages, context, "cell");
  const find = filterForm(showing, result, context);
  const chooser = rows.length > 0 && columns.all.length > 1 && columnChooser(context, columns);
  return html`<section class="panel list">
<h2 id="rows" class="visually-hidden">Rows</h2>
${(find || chooser) && html`<div class="tools">\n${find}\n${chooser}\n</div>`}
${askedChips(showing, context)}
${
  rows.length === 0
    ? !isRefused && emptyState(context, mayCreate)
    : html`<div class="scroll" role="region" tabindex="0" aria-labelledby="rows"><table class="rows">
<thead><tr>${columns.shown.map((column) => heading(column, context))}</tr></thead>
<tbody>${rows.map((row) => rowView(row, columns, links, showing))}</tbody>
</table></div>`
}
${paginationLinks(result.data)}
</section>`;
}

function rowView(
  row: Readonly<Record<string, unknown>>,
  { shown }: Columns,
  links: RowLinks | undefined,
  showing: Showing,
): Safe {
  const key = links && row[links.key];
  const path = key === undefined || key === null ? undefined : `${links?.path}${encodeURIComponent(String(key))}/`;
  // The key leads to the row; where it is not shown, the first column does.
  const leading = shown.some(({ name }) => name === links?.key) ? links?.key : shown[0]?.name;
  return html`<tr>${shown.map(({ name, field }) => {
    const cell =
      path !== undefined && name === leading
        ? html`<a class="open" href="${path}">${leadingText(row[name])}</a>`
        : valueView(row[name], field, showing);
    return html`<td${isNumeric(field) && name !== links?.key && html` class="numeric"`}>${cell}</td>`;
  })}</tr>\n`;
}

const leadingText = (value: unknown): string =>
  value === null || value === undefined || value === ""
    ? "Open"
    : cut(typeof value === "string" ? value : toJson(value), { size: "cell" });

function heading({ name, label, field, order }: Column, { request, endpoint }: Context): Safe {
  const numeric = isNumeric(field) && name !== endpoint.model?.primaryKey && html` class="numeric"`;
  const { parameters } = endpoint;
  if (order === undefined || !parameters) return html`<th scope="col"${numeric}>${label}</th>`;
  const { query, path } = request;
  const now = query.get("ordering");
  const isUp = now === order;
  const isDown = now === `-${order}`;
  const next = isUp ? `-${order}` : isDown ? null : order;
  const sort = isUp ? "ascending" : isDown ? "descending" : undefined;
  const href = path + query.with({ ordering: next, [positionOf(parameters)]: null });
  return html`<th scope="col"${numeric}${sort !== undefined && html` aria-sort="${sort}"`}><a href="${href}">${label}<span class="arrow" aria-hidden="true">${isUp ? "↑" : isDown ? "↓" : "↕"}</span></a></th>`;
}

/** The columns to choose from; what is asked of the list stays. */
function columnChooser({ request }: Context, { all, shown }: Columns): Safe {
  const { query, path } = request;
  const kept = [...query.names()].filter((name) => name !== columnsParameter);
  return html`<details class="columns popover">
<summary class="button">Columns</summary>
<form method="get" action="${path}">
${kept.flatMap((name) => query.all(name).map((value) => html`<input type="hidden" name="${name}" value="${value}">`))}
<input type="hidden" name="${columnsParameter}" value="">
<fieldset><legend class="visually-hidden">Columns</legend>
${all.map(
  (column) =>
    html`<label><input type="checkbox" name="${columnsParameter}" value="${column.name}"${shown.includes(column) && html` checked`}> ${column.label}</label>\n`,
)}
</fieldset>
<p class="submit"><button class="button" type="submit">Show these</button></p>
</form>
</details>`;
}

function emptyState({ endpoint: { parameters }, request: { query, path } }: Context, mayCreate: boolean): Safe {
  const isAsked = parameters && [...query.names()].some((name) => name in nothingAsked(parameters) && query.get(name));
  return html`<div class="empty-state">
<p class="big">${isAsked ? "Nothing is like that." : "Nothing here yet."}</p>
${isAsked && html`<p><a href="${path}${query.with(nothingAsked(parameters))}">Show everything</a></p>`}
${!isAsked && mayCreate && html`<p><a href="#form-post">Create the first one</a></p>`}
</div>`;
}
