/** Texts of every sort, as properties want them: what any client could send, and what has a meaning to somebody on the way. */
import fc from "fast-check";

/** What means something to JSON, SQL, LIKE, patterns, URLs, headers or JavaScript. */
const meaningful = [
  ...["", " ", "\0", "\t", "\r\n", "\u2028", "\ufeff", "\ud800", "\udfff", "😀", "ß", "İ", "٣", "\u0301"],
  ...[
    "%",
    "_",
    "\\",
    "'",
    '"',
    "`",
    ";",
    "--",
    "/*",
    "' OR 1=1 --",
    '"; DROP TABLE x',
    "$1",
    "?",
    "%00",
    "%C3",
    "&a=b",
    "#",
  ],
  ...["(", "[", "*", "a{100000}", "(?<a>b)", "(?<!a)b", "\\1", "\\p{L}", "(?i)a", "[[:alpha:]]", "^a$", "(a|a)*$"],
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then", "length"],
  ...[
    "0",
    "-0",
    "01",
    "1e3",
    "1e400",
    "1_000",
    "NaN",
    "Infinity",
    "0x10",
    "9".repeat(30),
    "1".repeat(1001),
    "9223372036854775808",
  ],
  ...[
    "null",
    "true",
    "[]",
    "{}",
    "2024-02-30",
    "0000-00-00",
    "9999-12-31T23:59:59.999999-14:00",
    "24:00",
    "P1D",
    "a,b",
    ",,",
  ],
];

/** Any UTF-16 text: half characters and null characters too. */
const units = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  maxLength: 8,
});

/** Any text, with what is meaningful more often than chance would have it. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...meaningful),
  units,
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.array(fc.oneof(fc.constantFrom(...meaningful), units), { maxLength: 4 }).map((parts) => parts.join("")),
);

/** A text as a URL carries it: half a character becomes the replacement character, for `encodeURIComponent` takes none. */
export const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());

/** The query string of pairs. */
export const searchOf = (pairs: readonly (readonly [name: string, value: string])[]): string =>
  pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join("&");
