/** What all pages share: the site's name and paths. */
import type { Browser } from "../auth/index.ts";
import type { Request } from "../resource/index.ts";
import type { SiteMap } from "./site-map.ts";
import type { PagesDeclaration } from "./theme.ts";

export interface Site {
  /** Name of the API, for people. */
  readonly title: string;
  readonly version: string | undefined;
  readonly description: string | undefined;
  /** What the project changed of its pages. */
  readonly declared: PagesDeclaration;
  /** URL of one of our assets, e.g. `pages.css`. */
  asset(name: string): string;
  /** Path of the API's root, e.g. `/api/v1/`. */
  readonly root: string;
  readonly loginPath: string;
  readonly logoutPath: string;
  /** The cookies of browsers, and who may send forms. */
  readonly browser: Browser;
  readonly pages: SiteMap;
}

/** The login page that comes back to this page. */
export const loginUrl = ({ loginPath }: Site, { message, path }: Request): string =>
  `${loginPath}?next=${encodeURIComponent(message.url ?? path)}`;

/** The path of a page without a format suffix: `/api/v1/books.api` is `/api/v1/books/`. */
export function pagePath({ path, params }: Request): string {
  const { format } = params;
  if (format === undefined) return path;
  const bare = path.replace(/\/$/, "").slice(0, -format.length - 1);
  return bare.endsWith("/") ? bare : `${bare}/`;
}
