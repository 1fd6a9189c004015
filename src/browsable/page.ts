/**
 * The pages of the API: every endpoint, looked at with a browser.
 *
 * A renderer like any other: the lifecycle hands it the result that a client of the API would have got, and it shows that result
 * with what can be done next by this user (`render.ts`). It works without scripts. What makes pages is loaded with the first one.
 * Reference: rest_framework.renderers.BrowsableAPIRenderer.
 * Differs: it lets nothing in from elsewhere (Content-Security-Policy), and a form's method is read by the server.
 */
import type { Browser } from "../auth/index.ts";
import type { Endpoint, Renderer } from "../resource/index.ts";
import { pageHeaders } from "./page-headers.ts";
import type { Site } from "./site.ts";
import { createSiteMap } from "./site-map.ts";

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
    isPage: true,
    format: "api",
    mediaType: "text/html",
    contentType: "text/html; charset=utf-8",
    alwaysHasBody: true,
    headers: pageHeaders,
    async prepare(context) {
      if (context.request.method === "POST") await (await import("./page-form.ts")).readPageForm(context, site.browser);
    },
    render: async (result, context) => (await import("./render.ts")).renderPage(site, result, context),
  };
}
