/**
 * The pages of the API: every endpoint, looked at with a browser.
 *
 * A renderer like any other: the lifecycle hands it the result that a client of the API would have got, and it shows that result
 * with what can be done next by this user. It works without scripts.
 * Reference: rest_framework.renderers.BrowsableAPIRenderer.
 * Differs: it lets nothing in from elsewhere (Content-Security-Policy), and a form's method is read by the server.
 */
import type { Browser } from "../auth/index.ts";
import { type Context, type Endpoint, isObject, mayUse, type Renderer, type Result } from "../resource/index.ts";
import { breadcrumb } from "./breadcrumb.ts";
import { csrfToken } from "./csrf-token.ts";
import { formSections } from "./form-sections.ts";
import { type Content, html, type Safe } from "./html.ts";
import { ifMatchOf } from "./if-match.ts";
import type { RowLinks } from "./json-view.ts";
import { layout, pageHeaders } from "./layout.ts";
import { actionLinks, methodButtons, paginationLinks } from "./navigation.ts";
import { readPageForm } from "./page-form.ts";
import { responsePanel } from "./response-panel.ts";
import { createSiteMap, loginUrl, pagePath, type Site } from "./site.ts";

export interface PagesOptions {
  /** Name of the API, for people. */
  readonly title: string;
  /** URL of one of our assets, e.g. `pages.css`. */
  asset(name: string): string;
  /** Path of the API's root, e.g. `/api/v1/`. */
  readonly root: string;
  /** Default `/api-auth/login/`. */
  readonly loginPath?: string;
  /** Default `/api-auth/logout/`. */
  readonly logoutPath?: string;
  /** The cookies of browsers, and who may send forms. */
  readonly browser: Browser;
  /** Every endpoint, for links between pages; called when the first page is made. */
  endpoints?(): readonly Endpoint[];
}

/** The renderer of pages, and what the login page shares with it. */
export interface Pages extends Renderer {
  readonly site: Site;
}

/**
 * Makes the renderer of pages.
 *
 * @example
 * const pages = createPages({ title: "Snacks", asset: (name) => `/static/${name}`, root: "/api/v1/", endpoints: () => endpoints });
 */
export function createPages(options: PagesOptions): Pages {
  const site: Site = {
    title: options.title,
    asset: options.asset,
    root: options.root,
    loginPath: options.loginPath ?? "/api-auth/login/",
    logoutPath: options.logoutPath ?? "/api-auth/logout/",
    browser: options.browser,
    pages: createSiteMap(options.endpoints ?? (() => [])),
  };
  return {
    site,
    format: "api",
    mediaType: "text/html",
    contentType: "text/html; charset=utf-8",
    alwaysHasBody: true,
    headers: pageHeaders,
    prepare: (context) => readPageForm(context, site.browser),
    render: (result, context) => renderPage(site, result, context),
  };
}

async function renderPage(site: Site, result: Result, context: Context): Promise<string> {
  const { endpoint, request } = context;
  const { status, data } = result;
  const token = csrfToken(context, site.browser);
  const isDeleted = context.action?.name === "delete" && status < 300;
  const allowed = status < 500 && !isDeleted ? await writingMethods(context) : new Set<string>();
  const forms = await formSections(result, context, allowed, token);
  const links = rowLinks(site, context);
  // What there is to do comes first: correct a form, or send one where there is nothing to look at.
  const formsFirst = status === 400 || status === 405;
  const response = responsePanel(result, context, links);
  const main = html`${breadcrumb(site.pages, pagePath(request))}
<div class="title">
<h1>${endpoint.name}</h1>
${methodButtons(context, allowed, token, ifMatchOf(result, context))}
</div>
${endpoint.description !== "" && html`<p class="description">${endpoint.description}</p>`}
${isDeleted ? deletedNotice(context) : writtenNotice(result, context, links)}
${(status === 401 || status === 403) && !context.user && loginNotice(site, context)}
${status < 400 && !isDeleted && actionLinks(site, context)}
${paginationLinks(data)}
${formsFirst ? [forms, response] : [response, forms]}`;
  return layout(site, context, { title: endpoint.name, token }, main).text;
}

const loginNotice = (site: Site, { request }: Context): Safe =>
  html`<p class="notice">This needs somebody who is signed in. <a href="${loginUrl(site, request)}">Log in</a></p>`;

/** The writing methods that this user may use here, and that a form or a button can send. */
async function writingMethods(context: Context): Promise<ReadonlySet<string>> {
  const allowed = new Set<string>();
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    if (!context.endpoint.actions[method]?.takesArray && (await mayUse(context, method))) allowed.add(method);
  }
  return allowed;
}

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

const deletedNotice = ({ request }: Context): Safe =>
  html`<p class="notice good" role="status">Deleted. <a href="${pagePath(request).replace(/[^/]+\/$/, "")}">Back to the list</a></p>`;
