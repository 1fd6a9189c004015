/**
 * What an API client would have seen: the request line, the status, the headers, the JSON; and the request to be copied.
 */
import { STATUS_CODES } from "node:http";
import { allowedMethods, type Context, etagOf, type Result, toJson } from "../resource/index.ts";
import { copySection } from "./copy-request.ts";
import { html, type Safe } from "./html.ts";
import { jsonView, type RowLinks } from "./json-view.ts";

export async function responsePanel(result: Result, context: Context, links?: RowLinks): Promise<Safe> {
  const { status, data, headers } = result;
  const { request, method, endpoint, action } = context;
  const shown = {
    allow: allowedMethods(endpoint).join(", "),
    ...(data !== undefined && { "content-type": endpoint.renderers[0].contentType }),
    ...(action?.hasEtag && status <= 201 && { etag: etagOf(toJson(data)) }),
    vary: context.varies,
    ...headers,
  };
  return html`<details class="panel response"${!(status === 405 && method === "GET") && html` open data-remember="response"`}>
<summary><h2 id="response">Response</h2> <span class="status status-${Math.floor(status / 100)}"><span class="visually-hidden">HTTP </span>${status} ${STATUS_CODES[status]}</span></summary>
<p class="request"><span class="method ${method.toLowerCase()}">${method}</span> <code>${request.message.url}</code></p>
<details class="headers"><summary>Headers</summary><dl>${Object.entries(shown).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></details>
${await copySection(context)}
${data === undefined ? html`<p class="empty">The answer has no body.</p>` : html`<pre class="json" role="region" tabindex="0" aria-label="Body of the response">${jsonView(data, links)}</pre>`}
</details>`;
}
