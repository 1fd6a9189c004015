/**
 * Looking up a related row: what an input for its key says of the list where it is found.
 *
 * The input takes the key. Beside it is a link to that list, which is searched and comes in pages; with scripts
 * (`assets/look-up.js`) the input asks that same list while somebody types, so that permissions and scope hold, and nothing is asked
 * before. A list that would come as a whole is not offered.
 */
import type { Field } from "../model/index.ts";
import type { Endpoint } from "../resource/index.ts";
import { type Content, html } from "./html.ts";
import { isPage, type SiteMap } from "./site-map.ts";

export interface LookUp {
  /** Attributes of the input. */
  readonly attributes: Content;
  /** The way to the list, for those without scripts. */
  readonly link: Content;
}

const none: LookUp = { attributes: undefined, link: undefined };

/**
 * What an input for keys of a model needs.
 * @param many  it takes several keys
 */
export function lookUp(pages: SiteMap, model: string | undefined, many = false): LookUp {
  const list = model === undefined ? undefined : pages.lookUpOf(model);
  if (!list?.model) return none;
  const label = labelFieldOf(list);
  return {
    attributes: html` data-look-up="${list.path}" data-key="${list.model.primaryKey}"${label !== undefined && html` data-label="${label}"`}${many && html` data-many`}`,
    link:
      isPage(list) &&
      html`<a class="find-row" href="${list.path}" target="_blank">Look it up<span class="visually-hidden"> (opens a new tab)</span></a>`,
  };
}

/** The field that names a row to people: the first text that is searched, or the first that each row has. */
export function labelFieldOf({ fields = {}, parameters }: Endpoint): string | undefined {
  const searched = (parameters?.search ?? []).map((path) => path.replace(/^[\^=$]/, ""));
  return (
    searched.find((name) => isText(fields[name])) ??
    Object.keys(fields).find((name) => isText(fields[name]) && fields[name]?.required)
  );
}

const isText = (field: Field | undefined): boolean =>
  field !== undefined && !field.writeOnly && ["text", "slug", "email", "choice"].includes(field.kind);
