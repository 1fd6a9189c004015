/** A row as a readable record: each field with its label, its value whole, and links to the rows that it points at. */
import { type Context, isObject, type Result } from "../resource/index.ts";
import { html, type Safe } from "./html.ts";
import type { SiteMap } from "./site-map.ts";
import { labelIn, showingIn, valueView } from "./values.ts";

/** The record of a row's page, also after it was written; undefined where a page shows no row. */
export function recordSection(pages: SiteMap, { status, data }: Result, context: Context): Safe | undefined {
  const { endpoint, method } = context;
  const fields = endpoint.fields;
  const isRow = endpoint.on === "detail" || method === "POST";
  if (!fields || !isRow || status >= 300 || method === "OPTIONS" || !isObject(data)) return undefined;
  // What an action made up is no row.
  const names = Object.keys(data);
  if (names.length === 0 || !names.every((name) => name in fields)) return undefined;
  const showing = showingIn(pages, context, "whole");
  return html`<section class="panel" aria-labelledby="record">
<h2 id="record" class="visually-hidden">Record</h2>
<dl class="record">${names.map(
    (name) =>
      html`<div><dt>${labelIn(fields, name)}</dt><dd>${valueView(data[name], fields[name], showing)}</dd></div>\n`,
  )}</dl>
</section>`;
}
