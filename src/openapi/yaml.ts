/**
 * JSON values as YAML in block style, as people read such documents.
 *
 * JSON's own texts are YAML's double-quoted ones, so whatever is not plainly a word is written as JSON writes it.
 * Reference: YAML 1.2.2 sections 7.3 and 8.2; section 10.3.2 for what a plain word may be taken for.
 */

/** The text of a value. */
export const toYaml = (value: unknown): string => `${block(value, "")}\n`.replace(/^\n/, "");

/** A value behind `key:` or `-`, on the same line where it fits there. */
function block(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    return value.map((item) => `\n${indent}- ${inItem(item, `${indent}  `)}`).join("");
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    if (entries.length === 0) return "{}";
    return entries.map(([key, inner]) => `\n${indent}${scalar(key)}:${behind(block(inner, `${indent}  `))}`).join("");
  }
  return scalar(value);
}

/** The first line of an item stands behind its dash. */
const inItem = (item: unknown, indent: string): string => block(item, indent).replace(/^\n\s*/, "");

const behind = (text: string): string => (text.startsWith("\n") ? text : ` ${text}`);

const scalar = (value: unknown): string =>
  typeof value === "string" && isPlain(value) ? value : (JSON.stringify(value) ?? "null");

/** Words that mean something else, to readers of YAML 1.1 as well. */
const meaning = /^(true|false|null|yes|no|on|off|y|n|~|\.nan|\.inf)$/i;

const isPlain = (text: string): boolean =>
  /^[A-Za-z/_$][\w./(){}<>;+=^$'" ,-]*$/.test(text) && !text.endsWith(" ") && !meaning.test(text);
