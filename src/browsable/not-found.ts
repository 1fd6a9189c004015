/**
 * The page for a path where there is nothing. It is one text, made at the start, so that it can be sent for any path at no cost; with
 * pages it has their look and the way home, without them it needs no other file.
 */
import { html, type Safe } from "./html.ts";
import type { Site } from "./site.ts";

/** @param site  where there are pages */
export function notFoundPage(site?: Site): string {
  const styles = site && stylesOf(site);
  const content = html`<h1>Not found</h1>
<p>There is nothing at this address.</p>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Not found${site && html` · ${site.title}`}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${styles?.map((url) => html`<link rel="stylesheet" href="${url}">\n`)}</head>
<body>
${site && styles ? framed(site, content) : html`<main>\n${content}\n</main>`}
</body>
</html>
`.text;
}

const framed = (site: Site, content: Safe): Safe => html`<header class="site"><div>
<a class="brand" href="${site.root}">${site.title}</a>
</div></header>
<main id="main" class="narrow">
<section class="panel form">${content}
<p><a href="${site.root}">To the start of the API</a></p></section>
</main>`;

/** Undefined where the static files are not collected: that is no reason not to start. */
function stylesOf({ asset, declared: { styles = [] } }: Site): string[] | undefined {
  try {
    return ["pages.css", ...styles].map(asset);
  } catch {
    return undefined;
  }
}
