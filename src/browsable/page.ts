/**
 * The pages of the API: every endpoint, looked at with a browser.
 *
 * A renderer like any other: the lifecycle hands it the result that a client of the API would have got, and it shows that result
 * with what can be done next by this user. It works without scripts.
 * Reference: rest_framework.renderers.BrowsableAPIRenderer.
 * Differs: it lets nothing in from elsewhere (Content-Security-Policy), and a form's method is read by the server.
 */
import { type Context, type Endpoint, Form, labelOf, mayUse, type Renderer, type Result } from "../resource/index.ts";
import { breadcrumb } from "./breadcrumb.ts";
import { csrfToken } from "./csrf-token.ts";
import { findingsOf } from "./findings.ts";
import { defaultsOf, formSection, valuesOf, writable } from "./forms.ts";
import { type Content, html, type Safe } from "./html.ts";
import { isObject, type RowLinks } from "./json-view.ts";
import { layout, pageHeaders } from "./layout.ts";
import { actionLinks, methodButtons, paginationLinks } from "./navigation.ts";
import { pageFormOf, readPageForm } from "./page-form.ts";
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
  /** Other origins whose pages may send forms. */
  readonly trustedOrigins?: readonly string[];
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
    trustedOrigins: options.trustedOrigins ?? [],
    pages: createSiteMap(options.endpoints ?? (() => [])),
  };
  return {
    site,
    format: "api",
    mediaType: "text/html",
    contentType: "text/html; charset=utf-8",
    alwaysHasBody: true,
    headers: pageHeaders,
    prepare: (context) => readPageForm(context, site.trustedOrigins),
    render: (result, context) => renderPage(site, result, context),
  };
}

async function renderPage(site: Site, result: Result, context: Context): Promise<string> {
  const { endpoint, request } = context;
  const { status, data } = result;
  const token = csrfToken(context);
  const isGone = context.method === "DELETE" && status < 300;
  const allowed = status < 500 && !isGone ? await writingMethods(context) : new Set<string>();
  const forms = await formSections(result, context, allowed, token);
  const links = rowLinks(site, context);
  // What there is to do comes first: correct a form, or send one where there is nothing to look at.
  const formsFirst = status === 400 || status === 405;
  const response = responsePanel(result, context, links);
  const main = html`${breadcrumb(site.pages, pagePath(request))}
<div class="title">
<h1>${endpoint.name}</h1>
${methodButtons(context, allowed, token)}
</div>
${endpoint.description !== "" && html`<p class="description">${endpoint.description}</p>`}
${notice(result, context, links)}
${(status === 401 || status === 403) && !context.user && loginNotice(site, context)}
${status < 400 && !isGone && actionLinks(site, context)}
${paginationLinks(data)}
${formsFirst ? [forms, response] : [response, forms]}`;
  return layout(site, context, { title: endpoint.name, token }, main).text;
}

const loginNotice = (site: Site, { request }: Context): Safe =>
  html`<p class="notice">This needs somebody who is signed in. <a href="${loginUrl(site, request)}">Log in</a></p>`;

/** The writing methods that this user may use here. */
async function writingMethods(context: Context): Promise<ReadonlySet<string>> {
  const allowed = new Set<string>();
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    if (await mayUse(context, method)) allowed.add(method);
  }
  return allowed;
}

/** Where the keys in a list lead: to the page of the row, if there is one. */
function rowLinks({ pages }: Site, { endpoint }: Context): RowLinks | undefined {
  const path = pages.rowsBelow(endpoint);
  return endpoint.model && path !== undefined ? { key: endpoint.model.primaryKey, path } : undefined;
}

/** What was done, where something was. */
function notice(
  { status, data }: Result,
  { method, endpoint, request }: Context,
  links: RowLinks | undefined,
): Content {
  if (status === 201 && links && isObject(data)) {
    const key = data[links.key];
    return html`<p class="notice good" role="status">Created.${key !== undefined && html` <a href="${links.path}${encodeURIComponent(String(key))}/">Open it</a>`}</p>`;
  }
  if (method === "DELETE" && status < 300) {
    return html`<p class="notice good" role="status">Deleted. <a href="${pagePath(request).replace(/[^/]+\/$/, "")}">Back to the list</a></p>`;
  }
  const isChange = method === "PUT" || method === "PATCH";
  return isChange && status < 300 && endpoint.on === "detail" && html`<p class="notice good" role="status">Saved.</p>`;
}

/** The forms of the methods that read something. */
async function formSections(
  result: Result,
  context: Context,
  allowed: ReadonlySet<string>,
  token: string,
): Promise<Safe[]> {
  const { endpoint, method: used, request } = context;
  const sections: Safe[] = [];
  for (const method of ["POST", "PUT", "PATCH"] as const) {
    const action = endpoint.actions[method];
    // PUT stands for PATCH as well: the raw editor beside it offers both.
    if (!action || !allowed.has(method) || (method === "PATCH" && allowed.has("PUT"))) continue;
    const fields = writable(action.input?.fields ?? {});
    const isUsed = used === method || (method === "PUT" && used === "PATCH");
    const sent = isUsed && result.status === 400 ? await sentValues(context, fields) : undefined;
    const known = method === "POST" ? defaultsOf(fields) : knownValues(result, context);
    const values = sent?.values ?? known;
    if (!values) continue;
    const [heading, button] = words[action.name] ?? [labelOf(action.name), labelOf(action.name)];
    sections.push(
      formSection({
        method: lowerCase[method],
        heading,
        button,
        path: request.path,
        token,
        fields,
        values,
        findings: sent && findingsOf(result.data, Object.keys(fields)),
        raw: sent?.raw,
        rawMethods: method === "PUT" && allowed.has("PATCH") ? ["PUT", "PATCH"] : [method],
      }),
    );
  }
  return sections;
}

const lowerCase = { POST: "post", PUT: "put", PATCH: "patch" } as const;
/** What people read of an action: above its form, and on its button. */
const words: Readonly<Record<string, readonly [heading: string, button: string]>> = {
  create: ["Create", "Create"],
  update: ["Edit", "Save"],
  partialUpdate: ["Edit", "Save"],
  post: ["Send", "Send"],
  put: ["Edit", "Save"],
  patch: ["Edit", "Save"],
};

/** What was sent and refused. */
async function sentValues(
  context: Context,
  fields: ReturnType<typeof writable>,
): Promise<{ values: Readonly<Record<string, unknown>>; raw?: string }> {
  const page = pageFormOf(context);
  if (page && page.raw === undefined) return { values: valuesOf(page.form, fields) };
  // What cannot be read at all is the very thing that was refused.
  const body = await context.body().catch(() => undefined);
  const values = body instanceof Form ? valuesOf(body, fields) : isObject(body) ? body : {};
  return { values, raw: page?.raw };
}

/** The row that the page shows, to be edited. */
function knownValues({ status, data }: Result, { method }: Context): Readonly<Record<string, unknown>> | undefined {
  return status === 200 && method !== "OPTIONS" && isObject(data) ? data : undefined;
}
