/**
 * The frame of every page: head, site title, who is signed in.
 */
import type { Context } from "../resource/index.ts";
import { csrfField } from "./csrf-token.ts";
import { type Content, html, type Safe } from "./html.ts";
import { loginUrl, type Site } from "./site.ts";

export interface Frame {
  /** The page's own title. */
  readonly title: string;
  /** The CSRF token of its forms. */
  readonly token: string;
  /** For pages that are one small form. */
  readonly narrow?: boolean;
}

/** A whole document. */
export function layout(site: Site, context: Context, { title, token, narrow }: Frame, main: Content): Safe {
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
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="site">
<a class="brand" href="${site.root}">${site.title}</a>
${!narrow && account(site, context, token)}
</header>
<main id="main"${narrow && html` class="narrow"`}>
${main}
</main>
</body>
</html>
`;
}

function account(site: Site, { user, authenticator, request }: Context, token: string): Content {
  if (!user)
    return html`<nav class="account" aria-label="Account"><a class="button" href="${loginUrl(site, request)}">Log in</a></nav>`;
  return html`<nav class="account" aria-label="Account">
<span class="user" title="Signed in">${user.username}</span>
${
  authenticator?.name === "session" &&
  html`<form method="post" action="${site.logoutPath}">${csrfField(token)}<button class="button" type="submit">Log out</button></form>`
}
</nav>`;
}
