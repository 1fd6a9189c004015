/**
 * What an API client would have seen: the request line, the status, the headers, the JSON.
 */
import { STATUS_CODES } from "node:http";
import { allowedMethods, type Context, etagOf, type Result, toJson } from "../resource/index.ts";
import { html, type Safe } from "./html.ts";
import { jsonView, type RowLinks } from "./json-view.ts";

export function responsePanel({ status, data, headers }: Result, context: Context, links?: RowLinks): Safe {
  const { request, method, endpoint, action } = context;
  const shown = {
    allow: allowedMethods(endpoint).join(", "),
    ...(data !== undefined && { "content-type": endpoint.renderers[0].contentType }),
    ...(action?.hasEtag && status <= 201 && { etag: etagOf(toJson(data)) }),
    vary: context.varies,
    ...headers,
  };
  return html`<section class="panel" aria-labelledby="response">
<h2 id="response" class="visually-hidden">Response</h2>
<p class="request"><span class="method">${method}</span> <code>${request.message.url}</code></p>
<p class="status status-${Math.floor(status / 100)}"><span class="visually-hidden">HTTP </span>${status} ${STATUS_CODES[status]}</p>
<details class="headers"><summary>Headers</summary><dl>${Object.entries(shown).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></details>
${data === undefined ? html`<p class="empty">The answer has no body.</p>` : html`<pre class="json" role="region" tabindex="0" aria-label="Body of the response">${jsonView(data, links)}</pre>`}
</section>`;
}
