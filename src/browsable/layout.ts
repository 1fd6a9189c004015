/**
 * The frame of every page: head, site title, who is signed in.
 */
import type { Context } from "../resource/index.ts";
import { account } from "./account.ts";
import { html, type Safe } from "./html.ts";
import type { Site } from "./site.ts";

export interface Frame {
  /** The page's own title. */
  readonly title: string;
  /** The CSRF token of its forms. */
  readonly token: string;
  /** The methods that this user may use on the page. */
  readonly may?: readonly string[];
  /** For pages that are one small form. */
  readonly narrow?: boolean;
}

/** Scripts by what they make better; data cannot pretend to be it, since it is escaped. */
const needed: Readonly<Record<string, RegExp>> = {
  "look-up.js": / data-look-up="/,
  "tokens.js": / data-(obtain|exp)="/,
};

/** A whole document. */
export function layout(site: Site, context: Context, { title, token, narrow, may = [] }: Frame, main: Safe): Safe {
  const scripts = narrow ? [] : ["pages.js", ...Object.keys(needed).filter((name) => needed[name]?.test(main.text))];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title} · ${site.title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="stylesheet" href="${site.asset("pages.css")}">
<link rel="icon" href="data:,">
${scripts.map((name) => html`<script type="module" src="${site.asset(name)}"></script>\n`)}</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="site"><div>
<a class="brand" href="${site.root}">${site.title}</a>
${!narrow && account(site, context, token, may)}
</div></header>
<main id="main"${narrow && html` class="narrow"`}>
${main}
</main>
</body>
</html>
`;
}
