/**
 * The frame of every page: head, site title, who is signed in; and the blocks that the project put in place of ours.
 */
import type { Context } from "../resource/index.ts";
import { account } from "./account.ts";
import { html, Safe } from "./html.ts";
import type { Site } from "./site.ts";
import type { Blocks, PageFacts } from "./theme.ts";

export interface Frame {
  /** The page's own title. */
  readonly title: string;
  /** The CSRF token of its forms. */
  readonly token: string;
  /** HTTP status of the answer (default 200). */
  readonly status?: number;
  /** What the answer holds. */
  readonly data?: unknown;
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
export function layout(site: Site, context: Context, frame: Frame, main: Safe): Safe {
  const { title, token, narrow, may = [] } = frame;
  const { styles = [], scripts: added = [] } = site.declared;
  const block = blocksOf(site, context, frame);
  const content = block("main", main);
  const brand = html`<a class="brand" href="${site.root}">${site.title}</a>`;
  const footer = block("footer", html``);
  const ours = narrow ? [] : ["pages.js", ...Object.keys(needed).filter((name) => needed[name]?.test(content.text))];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title} · ${site.title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${["pages.css", ...styles].map((name) => html`<link rel="stylesheet" href="${site.asset(name)}">\n`)}<link rel="icon" href="data:,">
${[...ours, ...added].map((name) => html`<script type="module" src="${site.asset(name)}"></script>\n`)}</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="site"><div>
${block("brand", brand)}
${block("header", narrow ? html`` : account(site, context, token, may))}
</div></header>
<main id="main"${narrow && html` class="narrow"`}>
${content}
</main>
${footer.text !== "" && html`<footer class="foot">${footer}</footer>`}
</body>
</html>
`;
}

/** Puts the project's blocks in the places of ours. */
export function blocksOf(
  site: Site,
  { request, method, user }: Context,
  { title, status = 200, data }: Pick<Frame, "title" | "status" | "data">,
): (name: keyof Blocks, standard: Safe) => Safe {
  const { blocks = {} } = site.declared;
  const { path } = request;
  const page: PageFacts = { title: site.title, name: title, path, method, status, data, user };
  return (name, standard) => {
    const made = blocks[name]?.(standard, page);
    return made === undefined && !blocks[name] ? standard : made instanceof Safe ? made : html`${made}`;
  };
}
