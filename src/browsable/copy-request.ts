/**
 * The request of a page as a command or a script to be copied: curl, HTTPie, fetch.
 *
 * Who is signed in gets a placeholder for the token, `$TOKEN`, and never a token, cookie or password; of a body the values of
 * write-only fields are left out. What came from elsewhere stands in quotes that it cannot leave.
 */
import type { FieldMap } from "../model/index.ts";
import { type Context, Form, isObject, toJson } from "../resource/index.ts";
import { valuesOf } from "./form-values.ts";
import { html, type Safe } from "./html.ts";
import { pageFormOf } from "./page-form.ts";
import { Unread } from "./unread.ts";

export interface CopiedRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  /** By name; a value that begins with `$` is a placeholder. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, where there is a body. */
  readonly body?: string | undefined;
}

/** A disclosure with the request of the page that is shown, for each tool; scripts add a button to each. */
export async function copySection(context: Context): Promise<Safe> {
  const { request, method, user, endpoint } = context;
  const isChange = method === "PUT" || method === "PATCH" || method === "DELETE";
  const body = await bodyOf(context);
  const copied: CopiedRequest = {
    method,
    url: request.absolute(request.path) + request.query.with({ format: null }),
    headers: {
      Accept: "application/json",
      ...(user && { Authorization: "Bearer $TOKEN" }),
      ...(method === "POST" && endpoint.idempotencyKey && { "Idempotency-Key": "$KEY" }),
      ...(isChange && endpoint.requireIfMatch && { "If-Match": "$ETAG" }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
    },
    body,
  };
  return html`<details class="copy"><summary>Copy the request</summary>
${Object.entries({ curl, HTTPie: httpie, fetch: fetchCall }).map(
  ([tool, write]) =>
    html`<div class="snippet"><p class="tool">${tool}</p><pre role="region" tabindex="0" aria-label="The request for ${tool}"><code>${write(copied)}</code></pre></div>`,
)}
</details>`;
}

/** What was sent, as JSON; of what nobody is shown again, a placeholder. */
async function bodyOf(context: Context): Promise<string | undefined> {
  const fields = context.action?.input?.fields;
  if (context.isSafe || context.method === "DELETE" || !fields) return undefined;
  // What cannot be read at all is the very thing that was refused.
  const body = await context.body().catch(() => undefined);
  const sent = body instanceof Form ? valuesOf(pageFormOf(context)?.form ?? body, fields) : isObject(body) ? body : {};
  return toJson(shownOf(sent, fields));
}

const shownOf = (sent: Readonly<Record<string, unknown>>, fields: FieldMap): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(sent).flatMap(([name, value]) => {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (!field || field.readOnly || field.kind === "file" || value === undefined) return [];
      return [
        [
          name,
          field.writeOnly || /password|secret|token/i.test(name) ? "…" : value instanceof Unread ? value.text : value,
        ],
      ];
    }),
  );

/** A text for a shell that reads nothing in it (POSIX 2.2.2). */
export const shellQuoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** A header for a shell that fills in a placeholder of ours. */
const headerQuoted = (text: string): string => (/ ?\$[A-Z]+$/.test(text) ? `"${text}"` : shellQuoted(text));

const lines = (parts: readonly string[]): string => parts.join(" \\\n  ");

/** Brackets and braces are patterns to curl, which would ask for many URLs. */
const globless = (url: string): string => url.replaceAll(/[[\]{}]/g, encodeURIComponent);

export const curl = ({ method, url, headers, body }: CopiedRequest): string =>
  lines([
    `curl${method === "GET" ? "" : ` -X ${method}`} ${shellQuoted(globless(url))}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${headerQuoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data-raw ${shellQuoted(body)}`]),
  ]);

export const httpie = ({ method, url, headers, body }: CopiedRequest): string =>
  lines([
    `http ${method} ${shellQuoted(url)}`,
    ...Object.entries(headers).map(([name, value]) => headerQuoted(`${name}:${value}`)),
    ...(body === undefined ? [] : [`--raw ${shellQuoted(body)}`]),
  ]);

export function fetchCall({ method, url, headers, body }: CopiedRequest): string {
  const options = { ...(method !== "GET" && { method }), headers, ...(body !== undefined && { body }) };
  return `await fetch(${toJson(url)}, ${toJson(options, 2)})`;
}
