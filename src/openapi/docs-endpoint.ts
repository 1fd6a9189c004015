/**
 * `/api/docs/`: a page on which people read the document, and try the API out.
 *
 * Swagger UI draws it, from this server alone: no script or style stands in the page, and nothing comes from elsewhere.
 * Reference: drf_spectacular.views.SpectacularSwaggerView; Content Security Policy Level 3.
 */
import {
  type Context,
  type Endpoint,
  isObject,
  type Permission,
  type Renderer,
  type Shared,
} from "../resource/index.ts";

const headers = {
  "cross-origin-opener-policy": "same-origin",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
};

export interface DocsOptions {
  readonly path: string;
  readonly permissions: readonly Permission[];
  readonly authenticators: Shared["authenticators"];
  /** Name of the API. */
  readonly title: string;
  readonly schemaPath: string;
  /** Path of the API's root. */
  readonly root: string;
  /** Undefined where there are no pages to log in on. */
  readonly loginPath: string | undefined;
  /** Name of the cookie that forms of this browser are checked against. */
  readonly csrfCookie: string;
  /** Whether Swagger UI is installed. */
  readonly hasViewer: boolean;
}

export function docsEndpoint(options: DocsOptions): Endpoint {
  const { path, permissions, authenticators, hasViewer } = options;
  let page: string | undefined;
  const make = (): string => frame(options, hasViewer ? viewer(options) : missing(options));
  const renderer: Renderer = {
    ...{ format: "html", mediaType: "text/html", contentType: "text/html; charset=utf-8", headers },
    render({ data }, context) {
      if (data !== shown) return frame(options, refused(options, context, data));
      page ??= make();
      return page;
    },
  };
  return {
    ...{ path, permissions, authenticators, renderers: [renderer], formatSuffix: false },
    name: "Docs",
    description: "The OpenAPI document of this API, for people.",
    actions: { GET: { name: "docs", run: () => ({ status: 200, data: shown }) } },
  };
}

/** Stands for the page; whatever else there is to show is a refusal. */
const shown = {};

const frame = ({ title, root, schemaPath, path, hasViewer }: DocsOptions, main: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Docs · ${escaped(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${hasViewer ? `<link rel="stylesheet" href="${escaped(path)}swagger-ui.css">` : ""}
<link rel="stylesheet" href="${escaped(path)}docs.css">
<link rel="icon" href="data:,">
</head>
<body>
<a class="skip" href="#${hasViewer ? "docs" : "main"}">Skip to content</a>
<header class="site"><strong>${escaped(title)}</strong><a href="${escaped(root)}">API</a><a href="${escaped(schemaPath)}">JSON</a><a href="${escaped(schemaPath)}?format=yaml">YAML</a></header>
${main}
</body>
</html>
`;

const viewer = ({
  schemaPath,
  csrfCookie,
  path,
}: DocsOptions): string => `<noscript><p class="plain">This page needs scripts; the document itself is at <a href="${escaped(schemaPath)}">${escaped(schemaPath)}</a>.</p></noscript>
<!-- What is drawn here has landmarks of its own. -->
<div id="docs" data-schema="${escaped(schemaPath)}" data-csrf-cookie="${escaped(csrfCookie)}"></div>
<script src="${escaped(path)}swagger-ui-bundle.js" defer></script>
<script src="${escaped(path)}docs.js" defer></script>`;

const missing = ({ schemaPath }: DocsOptions): string => `<main class="plain" id="main">
<h1>Docs</h1>
<p>The document of this API is at <a href="${escaped(schemaPath)}">${escaped(schemaPath)}</a>. What shows it here is a package of its own; whoever runs this server installs it so:</p>
<pre>npm install swagger-ui-dist</pre>
</main>`;

const refused = (
  { loginPath, path }: DocsOptions,
  { user }: Context,
  data: unknown,
): string => `<main class="plain" id="main">
<h1>Docs</h1>
<p>${escaped(isObject(data) ? String(data.detail) : "This cannot be shown.")}</p>
${user || loginPath === undefined ? "" : `<p><a href="${escaped(loginPath)}?next=${encodeURIComponent(path)}">Log in</a></p>`}
</main>`;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
