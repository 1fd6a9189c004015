/** The home page: what this API is, its resources, its documents, its version, and whether its database answers. */
import { defineStatement } from "../db/index.ts";
import type { Context, Endpoint } from "../resource/index.ts";
import { type Content, html, type Safe } from "./html.ts";
import type { Site } from "./site.ts";
import { isPage } from "./site-map.ts";

const ping = defineStatement("SELECT 1", true);

/** Documents that may stand beside an API. */
const documents = [
  ["/api/docs/", "Documentation"],
  ["/api/schema/", "OpenAPI document"],
] as const;

export async function homeSection(site: Site, context: Context): Promise<Safe> {
  const { pages, root } = site;
  const all = pages.all();
  const lists = all.filter(({ on, path }) => on === "list" && isChildOf(root, path));
  const own = all.filter(({ on, model, path, isRoot }) => !on && !model && !isRoot && isChildOf(root, path));
  const others = all.filter(
    (one) => !one.path.startsWith(root) && !one.path.includes(":") && one.renderers.some(({ isPage }) => isPage),
  );
  const found = documents.filter(([path]) => pages.at(path));
  const isUp = await answers(context);
  return html`<dl class="facts">
${site.version !== undefined && html`<div class="fact"><dt>Version</dt><dd>${site.version}</dd></div>`}
<div class="fact"><dt>Status</dt><dd>${isUp ? html`<span class="up">Up, the database answers</span>` : "The database does not answer"}</dd></div>
${found.length > 0 && html`<div class="fact"><dt>Documents</dt><dd>${found.map(([path, name], i) => html`${i > 0 && ", "}<a href="${path}">${name}</a>`)}</dd></div>`}
</dl>
${cards("Resources", lists)}
${cards("Further endpoints", own)}
${others.length > 0 && html`<details class="panel" data-remember="others"><summary><h2>Accounts and tokens</h2></summary><ul class="plain">${others.map(({ path, name }) => html`<li><a href="${path}">${name}</a> <code>${path}</code></li>`)}</ul></details>`}`;
}

function cards(heading: string, endpoints: readonly Endpoint[]): Content {
  if (endpoints.length === 0) return undefined;
  return html`<h2>${heading}</h2>
<ul class="cards">${endpoints.map(
    (endpoint) => html`<li class="card">
<h3>${isPage(endpoint) ? html`<a class="card-link" href="${endpoint.path}">${nameOf(endpoint)}</a>` : nameOf(endpoint)}</h3>
${endpoint.description !== "" && html`<p>${endpoint.description}</p>`}
<code>${endpoint.path}</code>
</li>\n`,
  )}</ul>`;
}

/** The last step of the path, as people write it: `on-loan` is `On loan`. */
function nameOf({ path, on, name }: Endpoint): string {
  if (on !== "list") return name;
  const step = (path.split("/").at(-2) ?? name).replaceAll(/[-_]/g, " ");
  return step.charAt(0).toUpperCase() + step.slice(1);
}

const isChildOf = (root: string, path: string): boolean =>
  path.startsWith(root) && /^[^/:]+\/$/.test(path.slice(root.length));

async function answers({ services }: Context): Promise<boolean> {
  try {
    await services.database.get(ping);
    return true;
  } catch {
    return false;
  }
}
