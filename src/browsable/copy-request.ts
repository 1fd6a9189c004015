/**
 * The request of a page as a command or a script to be copied: curl, HTTPie, fetch.
 *
 * Who is signed in gets a placeholder for the token, `$TOKEN`, and never a token, cookie or password; of a body the values of
 * write-only fields are left out. What came from elsewhere stands in quotes that it cannot leave.
 */
import { type Context, toJson } from "../resource/index.ts";
import { html, type Safe } from "./html.ts";

export interface CopiedRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** JSON text, where there is a body. */
  readonly body?: string | undefined;
  readonly isSignedIn: boolean;
}

const tools = { curl: curl, HTTPie: httpie, fetch: fetchCall } satisfies Record<
  string,
  (request: CopiedRequest) => string
>;

/** The request of the page that is shown. */
export function copySection(context: Context): Safe {
  const { request, method, user } = context;
  const url = request.absolute(request.path) + request.query.with({ format: null });
  const body = method === "GET" || method === "DELETE" || method === "OPTIONS" ? undefined : "{}";
  return copyView({ method, url, body, isSignedIn: user !== undefined });
}

/** A disclosure with the request for each tool; scripts add a button to each. */
export const copyView = (request: CopiedRequest): Safe => html`<details class="copy"><summary>Copy the request</summary>
${Object.entries(tools).map(
  ([tool, write]) =>
    html`<div class="snippet"><p class="tool">${tool}</p><pre role="region" tabindex="0" aria-label="The request for ${tool}"><code>${write(request)}</code></pre></div>`,
)}
</details>`;

/** A text for a shell that reads nothing in it (POSIX 2.2.2). */
export const shellQuoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

export function curl({ method, url, body, isSignedIn }: CopiedRequest): string {
  const parts = [
    `curl${method === "GET" ? "" : ` -X ${method}`} ${shellQuoted(url)}`,
    `-H 'Accept: application/json'`,
    ...(isSignedIn ? [`-H "Authorization: Bearer $TOKEN"`] : []),
    ...(body === undefined ? [] : [`-H 'Content-Type: application/json'`, `-d ${shellQuoted(body)}`]),
  ];
  return parts.join(" \\\n  ");
}

export function httpie({ method, url, body, isSignedIn }: CopiedRequest): string {
  const parts = [
    `${body === undefined ? "" : `printf %s ${shellQuoted(body)} | `}http ${method} ${shellQuoted(url)}`,
    "Accept:application/json",
    ...(isSignedIn ? [`"Authorization:Bearer $TOKEN"`] : []),
  ];
  return parts.join(" \\\n  ");
}

export function fetchCall({ method, url, body, isSignedIn }: CopiedRequest): string {
  const headers = {
    Accept: "application/json",
    ...(isSignedIn && { Authorization: "Bearer $TOKEN" }),
    ...(body !== undefined && { "Content-Type": "application/json" }),
  };
  const options = {
    ...(method !== "GET" && { method }),
    headers,
    ...(body !== undefined && { body }),
  };
  return `await fetch(${toJson(url)}, ${toJson(options, 2)})`;
}
