/**
 * The value of a field as people read it, by kind: in a cell of a table, where long ones are cut, or whole.
 *
 * Relations are links to the rows they point at, by what these are called where the rows came with their names.
 */
import type { Choice, Field, FieldKind, FieldMap } from "../model/index.ts";
import { type Context, isObject, labelOf, nameOfRow, toJson } from "../resource/index.ts";
import { html, type Safe } from "./html.ts";
import { jsonView } from "./json-view.ts";
import type { SiteMap } from "./site-map.ts";

/** Where a value is shown. */
export interface Showing {
  readonly pages: SiteMap;
  /** Scheme and host of this API: pictures are only shown from here. */
  readonly origin: string;
  /** `cell`: one of many rows; `whole`: the one row of a page. */
  readonly size: "cell" | "whole";
  /** What a row of a model is called, if that is known. */
  nameOf(model: string, key: unknown): string | undefined;
}

/** What a page of a request shows values with. */
export const showingIn = (pages: SiteMap, context: Context, size: Showing["size"]): Showing => ({
  ...{ pages, size, origin: context.request.absolute("") },
  nameOf: (model, key) => nameOfRow(context, model, key) ?? ownName(context, model, key),
});

/** Whoever looks at a page knows their own name. */
const ownName = ({ user }: Context, model: string, key: unknown): string | undefined =>
  user && model === "auth.user" && String(user.id) === String(key) ? user.username : undefined;

type View = (value: unknown, field: Field, showing: Showing) => Safe;

/** Characters of a text in a cell. */
const CELL = 120;
/** Characters of a related row's name in a cell. */
const NAME = 48;
/** Items of a list in a cell. */
const ITEMS = 5;

/** A value; what does not fit its field is shown as what it is. */
export function valueView(value: unknown, field: Field | undefined, showing: Showing): Safe {
  if (value === null || value === undefined || value === "") return nothing;
  const view: View = field ? views[field.kind] : plain;
  return field ? view(value, field, showing) : anyView(value, showing);
}

/** How its label is written: own words, or the name. */
export const labelIn = (fields: FieldMap, name: string): string => fields[name]?.options.label ?? labelOf(name);

/** Kinds whose values stand at the right of a column, digit under digit. */
export const isNumeric = (field: Field | undefined): boolean =>
  field !== undefined && ["integer", "float", "decimal"].includes(field.kind);

const nothing = html`<span class="none" aria-hidden="true">–</span><span class="visually-hidden">empty</span>`;

/** A text, cut where it is one of many. */
export function cut(text: string, { size }: Pick<Showing, "size">, characters = CELL): string {
  if (size === "whole" || text.length <= characters) return text;
  return `${Array.from(text.slice(0, 2 * characters))
    .slice(0, characters)
    .join("")
    .trimEnd()}…`;
}

const textView = (text: string, showing: Showing): Safe => html`<span class="text">${cut(text, showing)}</span>`;

const plain: View = (value, _field, showing) => anyView(value, showing);

function anyView(value: unknown, showing: Showing): Safe {
  if (typeof value === "string") return /^https?:\/\//.test(value) ? url(value, showing) : textView(value, showing);
  if (typeof value === "boolean") return yesNo(value);
  return typeof value === "object" ? structure(value, showing) : html`<span class="number">${toJson(value)}</span>`;
}

const yesNo = (value: unknown): Safe =>
  value === true ? html`<span class="yes">Yes</span>` : html`<span class="no">No</span>`;

const number: View = (value) => html`<span class="number">${typeof value === "string" ? value : toJson(value)}</span>`;

const code: View = (value, _field, showing) => html`<code>${cut(String(value), showing)}</code>`;

/** The scheme was looked at: a stored `javascript:` stays text. */
function url(text: string, showing: Showing): Safe {
  if (!/^https?:\/\/\S+$/.test(text) || !URL.canParse(text)) return textView(text, showing);
  const label = cut(text.replace(/^https?:\/\//, ""), showing, 48);
  return html`<a href="${text}" rel="nofollow noreferrer">${label}</a>`;
}

const email: View = (value, _field, showing) =>
  /^[^\s@?&]+@[^\s@?&]+$/.test(String(value))
    ? html`<a href="mailto:${value as string}">${cut(String(value), showing)}</a>`
    : textView(String(value), showing);

/** `2024-06-01T12:00:00.5Z` as `2024-06-01 12:00:00`; the exact time is in the title. */
const time: View = (value, _field, showing) => {
  const [, date, clock] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)/.exec(String(value)) ?? [];
  return date === undefined || clock === undefined
    ? textView(String(value), showing)
    : html`<time datetime="${String(value)}" title="${String(value)}">${date} ${clock}</time>`;
};

const choice: View = (value, { options }, showing) => {
  const choices = "choices" in options ? (options.choices as readonly Choice[]) : [];
  const known = choices.find((one) => typeof one === "object" && one[0] === value);
  return html`<span class="choice">${cut(typeof known === "object" ? known[1] : String(value), showing)}</span>`;
};

/** Full name of the model that a relation leads to. */
export function targetOf({ options }: Field): string | undefined {
  const to = "to" in options ? options.to : undefined;
  const target: unknown = typeof to === "function" ? to() : to;
  if (typeof target === "string") return target;
  return isObject(target) && typeof target.name === "string" ? target.name : undefined;
}

/** A related row by its name, or by its key where nobody knows how it is called. */
function rowLink(key: unknown, target: string | undefined, showing: Showing): Safe {
  const name = target && showing.nameOf(target, key);
  const path = target && showing.pages.rowsOf(target);
  const shown = name === undefined ? html`class="key"` : html`title="${String(key)}"`;
  const text = name === undefined ? String(key) : cut(name, showing, NAME);
  return path === undefined
    ? html`<span ${shown}>${text}</span>`
    : html`<a ${shown} href="${path}${encodeURIComponent(String(key))}/">${text}</a>`;
}

const related: View = (value, field, showing) =>
  typeof value === "object" ? structure(value, showing) : rowLink(value, targetOf(field), showing);

const relatedMany: View = (value, field, showing) => {
  if (!Array.isArray(value)) return structure(value, showing);
  const target = targetOf(field);
  return several(
    value.map((key) => rowLink(key, target, showing)),
    showing,
  );
};

/** Items beside each other; of many, in a cell, the first and how many follow. */
function several(items: readonly Safe[], { size }: Showing): Safe {
  if (items.length === 0) return nothing;
  const shown = size === "cell" ? items.slice(0, ITEMS) : items;
  const more = items.length - shown.length;
  return html`<ul class="items">${shown.map((item) => html`<li>${item}</li>`)}${more > 0 && html`<li class="more">+${more}</li>`}</ul>`;
}

const list: View = (value, { options }, showing) => {
  if (!Array.isArray(value)) return structure(value, showing);
  const item = "of" in options ? (options.of as Field | undefined) : undefined;
  if (item && "fields" in item.options) {
    if (showing.size === "cell") return html`${value.length} ${value.length === 1 ? "item" : "items"}`;
    return value.length === 0 ? nothing : innerTable(value, item.options.fields as FieldMap, showing);
  }
  return value.some((one) => typeof one === "object" && one !== null)
    ? structure(value, showing)
    : several(
        value.map((one) => valueView(one, item, showing)),
        showing,
      );
};

const nested: View = (value, { options }, showing) => {
  const fields = "fields" in options ? (options.fields as FieldMap) : {};
  if (!isObject(value)) return structure(value, showing);
  if (showing.size === "cell") {
    const name = Object.values(value).find((inner) => typeof inner === "string" && inner !== "");
    return name === undefined ? structure(value, showing) : textView(String(name), showing);
  }
  return html`<dl class="record inner">${Object.entries(value).map(
    ([name, inner]) =>
      html`<div><dt>${labelIn(fields, name)}</dt><dd>${valueView(inner, fields[name], showing)}</dd></div>`,
  )}</dl>`;
};

/** The rows within a row. */
function innerTable(rows: readonly unknown[], fields: FieldMap, showing: Showing): Safe {
  const names = Object.keys(fields).filter((name) => !fields[name]?.writeOnly);
  const cells = { ...showing, size: "cell" } as const;
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Rows within this row"><table class="rows inner">
<thead><tr>${names.map((name) => html`<th scope="col"${isNumeric(fields[name]) && html` class="numeric"`}>${labelIn(fields, name)}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr>${names.map((name) => html`<td${isNumeric(fields[name]) && html` class="numeric"`}>${valueView(isObject(row) ? row[name] : undefined, fields[name], cells)}</td>`)}</tr>\n`,
  )}</tbody>
</table></div>`;
}

const structure = (value: unknown, showing: Showing): Safe =>
  showing.size === "cell"
    ? html`<code>${cut(toJson(value), showing, 60)}</code>`
    : html`<pre class="json">${jsonView(value)}</pre>`;

const file: View = (value, { options }, { origin, size }) => {
  const address = String(value);
  const name = address.split("?", 1)[0]?.split("/").at(-1) ?? address;
  const isPicture =
    "image" in options && options.image === true && size === "whole" && address.startsWith(`${origin}/`);
  if (!/^(https?:\/|\/)/.test(address)) return html`<span class="text">${name}</span>`;
  return html`<a class="file" href="${address}">${isPicture && html`<img src="${address}" alt="" loading="lazy">`}${decoded(name)}</a>`;
};

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

const text: View = (value, _field, showing) => anyText(value, showing);
const anyText = (value: unknown, showing: Showing): Safe =>
  typeof value === "string" ? textView(value, showing) : anyView(value, showing);

const views = {
  boolean: yesNo,
  text,
  email,
  url: (value, _field, showing) => url(String(value), showing),
  slug: text,
  uuid: code,
  ip: code,
  integer: number,
  float: number,
  decimal: number,
  datetime: time,
  date: text,
  time: text,
  duration: text,
  choice,
  json: (value, _field, showing) => structure(value, showing),
  list,
  dict: (value, _field, showing) => structure(value, showing),
  nested,
  foreignKey: related,
  manyToMany: relatedMany,
  computed: plain,
  file,
  // Base64, which nobody reads: how it begins is enough.
  binary: (value) => html`<code>${cut(String(value), { size: "cell" }, 60)}</code>`,
} satisfies Record<FieldKind, View>;
