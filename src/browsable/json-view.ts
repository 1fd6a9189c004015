/**
 * JSON as people read it: indented, coloured by kind, with its URLs and the keys of rows as links, and pictures as pictures.
 */
import { isObject, toJson } from "../resource/index.ts";
import { html, type Safe } from "./html.ts";

export interface RowLinks {
  /** Name of the primary key. */
  readonly key: string;
  /** Path of the list, which a row's key follows. */
  readonly path: string;
}

/**
 * JSON as HTML.
 * @param links  where the value is a list of rows, or a page of one: what their keys link to
 */
export function jsonView(value: unknown, links?: RowLinks): Safe {
  const rows = links && rowsIn(value);

  const view = (inner: unknown, indent: string, isRow = false): Safe => {
    const deeper = `${indent}  `;
    if (Array.isArray(inner))
      return block(
        "[]",
        indent,
        inner.map((item) => view(item, deeper, inner === rows)),
      );
    if (isObject(inner) && !JSON.isRawJSON(inner)) {
      const entries = Object.entries(inner).filter(([, member]) => member !== undefined);
      return block(
        "{}",
        indent,
        entries.map(
          ([name, member]) =>
            html`<span class="key">${toJson(name)}</span>: ${isRow && name === links?.key && isKey(member) ? rowLink(member, links) : view(member, deeper)}`,
        ),
      );
    }
    if (typeof inner === "string") return textView(inner);
    const kind = inner === null ? "null" : JSON.isRawJSON(inner) ? "number" : typeof inner;
    return html`<span class="${kind}">${toJson(inner)}</span>`;
  };
  return view(value, "");
}

/** The rows of a list: the list itself, or what the envelope of a page holds. */
export function rowsIn(data: unknown): readonly unknown[] | undefined {
  if (Array.isArray(data)) return data;
  return isObject(data) && Array.isArray(data.results) ? data.results : undefined;
}

function block(brackets: string, indent: string, lines: readonly Safe[]): Safe {
  const [open, close] = brackets;
  if (lines.length === 0) return html`${brackets}`;
  return html`${open}\n${lines.map((line, i) => html`${indent}  ${line}${i < lines.length - 1 ? "," : ""}\n`)}${indent}${close}`;
}

/** Not the findings about a key, which stand at its place. */
const isKey = (value: unknown): boolean =>
  ["string", "number", "bigint"].includes(typeof value) || JSON.isRawJSON(value);

const rowLink = (key: unknown, links: RowLinks): Safe =>
  html`<a href="${links.path}${encodeURIComponent(String(key))}/">${toJson(key)}</a>`;

/** A picture that is its own URL, as that of an authenticator's secret is; as an image it runs no script. */
const picture = /^data:image\/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/]+=*$/;
const maxPictureCharacters = 100_000;

function textView(text: string): Safe {
  if (text.length <= maxPictureCharacters && picture.test(text))
    return html`<img class="picture" src="${text}" alt="${text.slice(0, text.indexOf(","))}">`;
  const shown = html`<span class="string">${toJson(text)}</span>`;
  // Only these schemes: a stored `javascript:` must stay text.
  return /^https?:\/\/\S+$/.test(text) && URL.canParse(text)
    ? html`<a href="${text}" rel="nofollow noreferrer">${shown}</a>`
    : shown;
}
