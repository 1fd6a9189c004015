/**
 * The way to a page: a link to every page on the path above it.
 * Reference: rest_framework.utils.breadcrumbs.
 */
import { html, type Safe } from "./html.ts";
import { isPage, type SiteMap } from "./site-map.ts";

/** The breadcrumb of a path; empty where nothing stands above it. */
export function breadcrumb(pages: SiteMap, path: string): Safe {
  const above = [...path.matchAll(/\//g)]
    .map(({ index }) => path.slice(0, index + 1))
    .filter((prefix) => prefix !== path);
  const links = above.flatMap((prefix) => {
    const endpoint = pages.at(prefix);
    return isPage(endpoint) ? [html`<li><a href="${prefix}">${endpoint.name}</a></li>`] : [];
  });
  const here = pages.at(path);
  if (links.length === 0) return html``;
  return html`<nav class="breadcrumb" aria-label="Breadcrumb"><ol>${links}${here && html`<li aria-current="page">${here.name}</li>`}</ol></nav>`;
}
