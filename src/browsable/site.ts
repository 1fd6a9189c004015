/**
 * What all pages share: the site's name and paths, and which page stands at a path.
 */
import type { Browser } from "../auth/index.ts";
import { allowedMethods, type Endpoint, type Request } from "../resource/index.ts";

export interface Site {
  /** Name of the API, for people. */
  readonly title: string;
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

/** The endpoints as places that people visit. */
export interface SiteMap {
  /** The endpoint that answers a path. */
  at(path: string): Endpoint | undefined;
  /** The path that the keys of a list's rows follow, where rows have pages. */
  rowsBelow(list: Endpoint): string | undefined;
  /** The actions right below the page at a path: `recent/` of a list, `publish/` of a row. */
  actionsOf(endpoint: Endpoint, path: string): readonly { readonly name: string; readonly path: string }[];
}

/** @param endpoints  called when the first page is made, since endpoints need their renderer before */
export function createSiteMap(endpoints: () => readonly Endpoint[]): SiteMap {
  let compiled: readonly { readonly endpoint: Endpoint; matches(path: string): boolean }[] | undefined;
  const all = () => {
    // A literal path such as `books/recent/` comes before `books/:pk/`.
    compiled ??= [...endpoints()]
      .sort((a, b) => Number(a.path.includes("/:")) - Number(b.path.includes("/:")))
      .map((endpoint) => ({ endpoint, matches: matcherOf(endpoint.path) }));
    return compiled;
  };
  return {
    at: (path) => all().find(({ matches }) => matches(path))?.endpoint,
    rowsBelow(list) {
      const detail = all().find(
        ({ endpoint }) =>
          endpoint.on === "detail" &&
          endpoint.path.endsWith("/:pk/") &&
          endpoint.model === list.model &&
          list.path.startsWith(endpoint.path.slice(0, -4)),
      );
      return list.on === "list" && isPage(detail?.endpoint) ? detail.endpoint.path.slice(0, -4) : undefined;
    },
    actionsOf: (endpoint, path) =>
      all()
        .map((page) => page.endpoint)
        .filter(
          (other) =>
            other !== endpoint &&
            other.on === endpoint.on &&
            other.model === endpoint.model &&
            isChild(other.path, endpoint.path),
        )
        .map((other) => ({ name: other.name, path: path + other.path.slice(endpoint.path.length) })),
  };
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

/** Whether people can look at it. */
export const isPage = (endpoint: Endpoint | undefined): endpoint is Endpoint =>
  endpoint !== undefined && allowedMethods(endpoint).includes("GET");

const isChild = (path: string, parent: string): boolean =>
  path.startsWith(parent) && /^[^/:]+\/$/.test(path.slice(parent.length));

/** Whether a path has the shape of an endpoint's, where `:name` stands for anything but nothing. */
function matcherOf(shape: string): (path: string) => boolean {
  const expected = shape.split("/");
  return (path) => {
    const parts = path.split("/");
    return (
      parts.length === expected.length &&
      expected.every((part, i) => (part.startsWith(":") ? parts[i] !== "" : parts[i] === part))
    );
  };
}
