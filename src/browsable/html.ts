/**
 * HTML by tagged templates: whatever is put in is escaped, unless it is itself made by `html`.
 *
 * Every page is written with it; no part of a page is ever joined from texts by hand.
 * An attribute must be quoted, since only then escaping keeps a value inside it: an unquoted one is refused.
 */

/** HTML that is right as it stands. Made by `html` alone. */
export class Safe {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

/** What may stand in a template; undefined, null and false are nothing, lists are joined. */
export type Content = Safe | string | number | bigint | false | null | undefined | readonly Content[];

/**
 * HTML with its values escaped.
 *
 * @throws TypeError  a value stands in an attribute without quotes
 * @example
 * html`<a href="${path}">${name}</a>${isNew && html` <em>new</em>`}`
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Safe {
  let text = strings[0] ?? "";
  for (const [i, value] of values.entries()) {
    if (/\s[\w-]+=$/.test(strings[i] ?? ""))
      throw new TypeError(`expected quotes around the value after ${strings[i]?.slice(-20)}`);
    text += toText(value) + (strings[i + 1] ?? "");
  }
  return new Safe(text);
}

function toText(content: Content): string {
  if (content === undefined || content === null || content === false) return "";
  if (content instanceof Safe) return content.text;
  if (Array.isArray(content)) return content.map(toText).join("");
  return escaped(String(content));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
