/**
 * The pages of the API: every endpoint, looked at with a browser.
 *
 * A renderer like any other: the lifecycle hands it the result that a client of the API would have got, and it shows that result
 * with what can be done next by this user (`render.ts`). It works without scripts. What makes pages is loaded with the first one.
 * Reference: rest_framework.renderers.BrowsableAPIRenderer.
 * Differs: it lets nothing in from elsewhere (Content-Security-Policy), and a form's method is read by the server.
 */
import type { Browser } from "../auth/index.ts";
import { ConfigurationError } from "../errors.ts";
import type { Endpoint, Renderer } from "../resource/index.ts";
import { pageHeaders } from "./page-headers.ts";
import type { Site } from "./site.ts";
import { createSiteMap } from "./site-map.ts";
import type { PagesDeclaration } from "./theme.ts";

export interface PagesOptions {
  /** Name of the API, for people. */
  readonly title: string;
  /** Version of the API. */
  readonly version?: string;
  /** What the API is for. */
  readonly description?: string;
  /** How the pages look. */
  readonly declared?: PagesDeclaration;
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
  const { title, version, description, asset, root, declared = {} } = options;
  checkFiles(declared, asset);
  const site: Site = {
    ...{ title, version, description, asset, root, declared },
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

/** @throws ConfigurationError  a stylesheet or a script is no static file */
function checkFiles({ styles = [], scripts = [] }: PagesDeclaration, asset: (name: string) => string): void {
  for (const [option, names] of Object.entries({ styles, scripts }))
    for (const name of names) {
      try {
        asset(name);
      } catch (cause) {
        throw new ConfigurationError(`app, pages, ${option}`, `expected static files; there is no "${name}"`, {
          cause,
        });
      }
    }
}
