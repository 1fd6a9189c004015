/**
 * The token panel of every page: a form that obtains a pair of tokens; and what tokens say, on the page that answers it.
 *
 * Without scripts the form leads to that page. With them (`assets/tokens.js`) the pair is shown in the panel, and requests of the page
 * are sent with it.
 */
import { allowedMethods, type Context, type Endpoint, isObject, type Result } from "../resource/index.ts";
import { type Content, html, type Safe } from "./html.ts";
import { jsonView } from "./json-view.ts";
import type { SiteMap } from "./site-map.ts";

/** The endpoint of an action that takes no other credentials than its body. */
const find = (pages: SiteMap, action: string): Endpoint | undefined =>
  pages.all().find(({ actions, authenticators }) => actions.POST?.name === action && authenticators.length === 0);

/** The panel; nothing where no tokens are obtained, or on the page that obtains them. */
export function tokenPanel(pages: SiteMap, { endpoint }: Context): Content {
  const obtain = find(pages, "obtain");
  if (!obtain || isOfTokens(endpoint)) return undefined;
  const refresh = find(pages, "refresh");
  const methods = allowedMethods(endpoint).filter((method) => method !== "HEAD");
  const scheme = obtain.challenge?.split(" ", 1)[0] ?? "Bearer";
  return html`<details class="panel tokens" data-remember="tokens" data-obtain="${obtain.path}" data-scheme="${scheme}"${refresh && html` data-refresh="${refresh.path}"`}>
<summary><h2>Tokens</h2> <span class="count">as programs sign in</span></summary>
<form class="obtain" method="post" action="${obtain.path}">
<div class="field"><label for="token-username">Username</label><input type="text" id="token-username" name="username" maxlength="150" autocomplete="username" autocapitalize="none" required></div>
<div class="field"><label for="token-password">Password</label><input type="password" id="token-password" name="password" autocomplete="current-password" required></div>
<p class="submit"><button class="button" type="submit">Obtain a pair</button></p>
</form>
<p class="hint" role="status"></p>
<div data-pair hidden>
<p><label class="use"><input type="checkbox" data-use> Use it for the requests of this page</label></p>
<p class="submit"><button class="button" type="button" data-refresh-now>Refresh it</button><button class="button" type="button" data-forget>Forget it</button></p>
<div class="claims"></div>
<h3>Send a request with it</h3>
<div class="runner"><div class="field"><label for="token-method">Method</label><select id="token-method" data-method>${methods.map((method) => html`<option>${method}</option>`)}</select></div>
<div class="field"><label for="token-body">Body, in JSON</label><textarea id="token-body" class="code" rows="3" spellcheck="false" data-body></textarea></div></div>
<p class="submit"><button class="button solid" type="button" data-send>Send</button></p>
</div>
<div class="answer" data-answer hidden><h3 data-status>Answer</h3><pre class="json" role="region" tabindex="0" aria-label="Answer to the request with the token"></pre></div>
</details>`;
}

const isOfTokens = ({ actions, authenticators }: Endpoint): boolean =>
  authenticators.length === 0 && actions.POST !== undefined && ["obtain", "refresh"].includes(actions.POST.name);

/** What the tokens in an answer say, and how long they are valid. */
export function decodedTokens({ status, data }: Result, { endpoint, now }: Context): Content {
  if (status !== 200 || !isOfTokens(endpoint) || !isObject(data)) return undefined;
  const tokens = Object.entries(data).flatMap(([name, token]) => {
    const claims = claimsOf(token);
    return claims ? [{ name, claims }] : [];
  });
  if (tokens.length === 0) return undefined;
  return html`<section class="panel" aria-labelledby="decoded"><h2 id="decoded">What the tokens say</h2>
<div class="claims">${tokens.map(({ name, claims }) => tokenView(name, claims, now))}</div>
</section>`;
}

function tokenView(name: string, claims: Readonly<Record<string, unknown>>, now: number): Safe {
  const { exp } = claims;
  return html`<section><h3>${name}${typeof exp === "number" && html` · <span class="left" data-exp="${exp}">${leftOf(exp - now / 1000)}</span>`}</h3>
<pre class="json" role="region" tabindex="0" aria-label="What the ${name} token says">${jsonView(claims)}</pre></section>`;
}

/** Minutes, or hours, or days. */
function leftOf(seconds: number): string {
  if (seconds <= 0) return "expired";
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min left`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h left` : `${Math.floor(seconds / 86_400)} d left`;
}

/** The payload of a token that was just made here; it is not checked. */
function claimsOf(token: unknown): Readonly<Record<string, unknown>> | undefined {
  const [, payload] = typeof token === "string" ? (/^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token) ?? []) : [];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return isObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}
