/**
 * Looking up a related row: what an input for its key says of the list where it is found.
 *
 * The input takes the key. Beside it is a link to that list, which is searched and comes in pages; with scripts
 * (`assets/look-up.js`) the input asks that same list while somebody types, so that permissions and scope hold, and nothing is asked
 * before. A list that would come as a whole is not offered.
 */
import { labelFieldOf } from "../resource/index.ts";
import { type Content, html } from "./html.ts";
import { isPage } from "./site-map.ts";
import type { Showing } from "./values.ts";

export interface LookUp {
  /** Attributes of the input. */
  readonly attributes: Content;
  /** What the keys that are there stand for, and the way to the list, for those without scripts. */
  readonly beside: Content;
}

const none: LookUp = { attributes: undefined, beside: undefined };

/**
 * What an input for keys of a model needs.
 * @param keys  those that it has
 * @param many  it takes several keys
 */
export function lookUp(
  { pages, nameOf }: Pick<Showing, "pages" | "nameOf">,
  model: string | undefined,
  keys: readonly unknown[],
  many = false,
): LookUp {
  const list = model === undefined ? undefined : pages.lookUpOf(model);
  if (model === undefined || !list?.model) return none;
  const names = keys.flatMap((key) => {
    const name = nameOf(model, key);
    return name === undefined ? [] : [[String(key), name] as const];
  });
  const label = labelFieldOf(list.fields ?? {}, list.parameters?.search);
  return {
    attributes: html` data-look-up="${list.path}" data-key="${list.model.primaryKey}"${label !== undefined && html` data-label="${label}"`}${many && html` data-many`}${names.length > 0 && html` data-names="${JSON.stringify(Object.fromEntries(names))}"`}`,
    beside: html`${names.length > 0 && html`<span class="named">${names.map(([, name]) => name).join(", ")}</span> `}${
      isPage(list) &&
      html`<a class="find-row" href="${list.path}" target="_blank">Look it up<span class="visually-hidden"> (opens a new tab)</span></a>`
    }`,
  };
}
