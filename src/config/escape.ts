/**
 * Text from outside, made safe for a line of a log: no line break, no terminal sequence, no reversed writing.
 *
 * Reference: OWASP "log injection" (CWE-117). JSON.stringify leaves DEL, C1 controls and bidirectional marks as they are.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const everyUnsafe = new RegExp(unsafe, "g");

const toEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** The text with unsafe characters as `\u001b`. */
export const escapeControls = (text: string): string =>
  unsafe.test(text) ? text.replace(everyUnsafe, toEscape) : text;

/** The text as a JSON string without unsafe characters; it still means the same. */
export const toJsonString = (text: string): string => escapeControls(JSON.stringify(text));
