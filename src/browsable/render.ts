/**
 * A page: the way to it, its title and methods, the rows or the row, the forms, and what an API client would have seen.
 * What there is to do comes first: correct a form, or send one where there is nothing to look at.
 */
import { type Context, etagOf, isObject, labelFieldOf, type Result, toJson } from "../resource/index.ts";
import { breadcrumb } from "./breadcrumb.ts";
import { bulkForm } from "./bulk-form.ts";
import { csrfToken } from "./csrf-token.ts";
import { formSections } from "./form-sections.ts";
import { homeSection } from "./home.ts";
import { type Content, html, type Safe } from "./html.ts";
import { ifMatchOf, rowNow } from "./if-match.ts";
import type { RowLinks } from "./json-view.ts";
import { blocksOf, layout } from "./layout.ts";
import { actionLinks, methodButtons } from "./navigation.ts";
import { pageFormOf, readRefusedForm } from "./page-form.ts";
import { recordSection } from "./record.ts";
import { responsePanel } from "./response-panel.ts";
import { loginUrl, pagePath, type Site } from "./site.ts";
import { isPage } from "./site-map.ts";
import { listSection } from "./table.ts";
import { decodedTokens, tokenPanel } from "./token-panel.ts";
import { cut } from "./values.ts";
import { writingMethods } from "./writing-methods.ts";

/** The document of a result. */
export async function renderPage(site: Site, result: Result, context: Context): Promise<string> {
  const { endpoint, request } = context;
  const { status } = result;
  const token = csrfToken(context, site.browser);
  if (status >= 400) await readRefusedForm(context);
  const isDeleted = context.action?.name === "delete" && status < 300;
  const allowed = isDeleted ? new Set<string>() : await writingMethods(result, context);
  const etag = ifMatchOf(result, context);
  const now = await rowNow(result, context);
  const state = { etag: now ? etagOf(toJson(now.data)) : etag, isChanged: now !== undefined };
  const bulk = await bulkForm(result, context, token);
  const isInBulk = bulk !== undefined && context.action?.takesArray === true;
  const forms = await formSections(site, result, context, { allowed, token, ...state, isInBulk });
  const links = rowLinks(site, context);
  const list = listSection({ pages: site.pages, links, mayCreate: allowed.has("POST") }, result, context);
  const record = isDeleted ? undefined : recordSection(site.pages, now ?? result, context);
  const response = await responsePanel(result, context, links);
  const decoded = decodedTokens(result, context);
  const views = [...forms.map(({ view }) => view), bulk];
  const isHome = endpoint.isRoot && context.method === "GET" && status === 200;
  const name = isHome ? site.title : endpoint.name;
  const frame = { title: name, token, status, data: result.data };
  const description = isHome && site.description ? site.description : endpoint.description;
  const home = isHome && blocksOf(site, context, frame)("home", await homeSection(site, context));
  const actions = status < 400 && !isDeleted && (await actionLinks(site, context));
  const sides =
    record && status < 400
      ? [[record, response], views]
      : [
          [decoded, views],
          [record, response],
        ];
  const main = html`${breadcrumb(site.pages, pagePath(request))}
<div class="title">
<h1>${rowTitle(result, context) ?? name}</h1>
${methodButtons(context, { allowed, forms: forms.map(({ method }) => method), token, etag: state.etag })}
</div>
${description !== "" && html`<p class="description">${description}</p>`}
${isDeleted ? deletedNotice(site, context) : writtenNotice(result, context, links)}
${(status === 401 || status === 403) && !context.user && loginNotice(site, context)}
${actions}
${home}
${list}
<div class="sides">${sides.map((side) => html`<div class="side">${side}</div>`)}</div>
${tokenPanel(site.pages, context)}`;
  const may = [...("GET" in endpoint.actions && status < 400 ? ["GET"] : []), ...allowed];
  return layout(site, context, { ...frame, may }, main).text;
}

/** What the row of a page is called. */
function rowTitle({ status, data }: Result, { endpoint, method }: Context): string | undefined {
  if (endpoint.on !== "detail" || status !== 200 || method === "OPTIONS" || !isObject(data)) return undefined;
  const name = data[labelFieldOf(endpoint.fields ?? {}, endpoint.resource?.search) ?? ""];
  return typeof name === "string" && name !== "" ? cut(name, { size: "cell" }, 80) : undefined;
}

const loginNotice = (site: Site, context: Context): Safe => {
  const url = loginUrl(site, context.request);
  const link = pageFormOf(context)
    ? html`<a href="${url}" target="_blank">Log in in another tab</a>, then send what you typed again.`
    : html`<a href="${url}">Log in</a>`;
  return html`<p class="notice">This needs somebody who is signed in. ${link}</p>`;
};

/** Where the keys in a list lead: to the page of the row, if there is one. */
function rowLinks({ pages }: Site, { endpoint }: Context): RowLinks | undefined {
  const path = pages.rowsBelow(endpoint);
  return endpoint.model && path !== undefined ? { key: endpoint.model.primaryKey, path } : undefined;
}

/** What was written, where something was. */
function writtenNotice({ status, data }: Result, { action }: Context, links: RowLinks | undefined): Content {
  if (action?.name === "create" && status === 201) {
    const key = links && isObject(data) ? data[links.key] : undefined;
    return html`<p class="notice good" role="status">Created.${links && key !== undefined && html` <a href="${links.path}${encodeURIComponent(String(key))}/">Open it</a>`}</p>`;
  }
  const isChange = action?.name === "update" || action?.name === "partialUpdate";
  return isChange && status === 200 && html`<p class="notice good" role="status">Saved.</p>`;
}

/** What was deleted, and the way to the page above it. */
function deletedNotice({ pages }: Site, { request }: Context): Safe {
  const above = pagePath(request).replace(/[^/]+\/$/, "");
  return html`<p class="notice good" role="status">Deleted.${isPage(pages.at(above)) && html` <a href="${above}">Back to the list</a>`}</p>`;
}
