/**
 * Digits of every script as those of ASCII: `"١٢"` -> `"12"`. Python's `int`, `float` and `Decimal` read them, so clients of the
 * reference may send them, in bodies, filters and URLs.
 * Reference: Unicode, general category Nd: its characters come in runs of ten, from zero to nine.
 */
const foreign = /[^\0-\x7f]/;
const digit = /\p{Nd}/u;

/** A text with its decimal digits in ASCII; one that is ASCII already costs one look. */
export const asciiDigits = (text: string): string => (foreign.test(text) ? text.replace(/\p{Nd}/gu, toAscii) : text);

function toAscii(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  let first = code;
  while (digit.test(String.fromCodePoint(first - 1))) first--;
  return String((code - first) % 10);
}
