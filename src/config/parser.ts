/**
 * The forms a setting can have: each parser reads a text (environment, flag) or a value written in the app file.
 *
 * Used in rows of `defineSettings`; `read.ts` turns a refusal into one error that names the setting and its source.
 * Reference: the validators of gunicorn.config and starlette.config; refusals are values here, so all are reported at once.
 */

/** Reads one value; the type of the setting is the type it returns. */
export interface Parser<T> {
  /** The accepted form, as it follows the word "expected": `a whole number from 0 to 65535`. */
  readonly expected: string;
  /** The value, or undefined where it is not of the accepted form. */
  readonly read: (given: unknown) => T | undefined;
}

/** Bounds of a number, both included. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["off", false],
]);

/** True or false, as `true`, `1`, `yes`, `on` or `false`, `0`, `no`, `off` in any case. */
export const boolean = (): Parser<boolean> => ({
  expected: "true or false (also 1, yes, on, 0, no, off)",
  read: (given) => (typeof given === "boolean" ? given : booleans.get(textOf(given)?.toLowerCase() ?? "")),
});

/** A whole number, e.g. `integer({ min: 0, max: 65535 })`. */
export const integer = (range: Range = {}): Parser<number> => ({
  expected: `a whole number${inWords(range)}`,
  read: (given) => {
    const value = typeof given === "number" ? given : numberOf(given, /^[+-]?\d+$/);
    return Number.isSafeInteger(value) ? within(range, value) : undefined;
  },
});

/** A number with or without a fraction. */
export const number = (range: Range = {}): Parser<number> => ({
  expected: `a number${inWords(range)}`,
  read: (given) => within(range, typeof given === "number" ? given : numberOf(given, /^[+-]?(\d+\.?\d*|\.\d+)$/)),
});

/** Text of at least `minLength` characters (default 0), taken as it is. */
export const text = ({ minLength = 0 }: { readonly minLength?: number } = {}): Parser<string> => ({
  expected:
    minLength === 0
      ? "a text"
      : minLength === 1
        ? "a text that is not empty"
        : `a text of at least ${minLength} characters`,
  read: (given) => (typeof given === "string" && given.length >= minLength ? given : undefined),
});

/** One of some words, e.g. `oneOf("json", "readable", "off")`. */
export const oneOf = <const Words extends readonly string[]>(...words: Words): Parser<Words[number]> => ({
  expected: words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`,
  read: (given) => words.find((word) => word === textOf(given)),
});

/** Values with commas between them; an empty text is an empty list. */
export const list = <T = string>(of: Parser<T>): Parser<readonly T[]> => ({
  expected: `${of.expected}, or several with commas between them`,
  read: (given) => {
    const items = Array.isArray(given)
      ? given
      : textOf(given)
          ?.split(",")
          .map((item) => item.trim());
    if (items === undefined) return undefined;
    const values: T[] = [];
    for (const item of items.length === 1 && items[0] === "" ? [] : items) {
      const value = item === "" ? undefined : of.read(item);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return Object.freeze(values);
  },
});

/** An absolute URL, kept as it was written, e.g. `url({ protocols: ["postgres", "sqlite"] })`. */
export const url = ({
  protocols = ["http", "https"],
}: {
  readonly protocols?: readonly string[];
} = {}): Parser<string> => ({
  expected: `a URL that starts with ${protocols.map((protocol) => `${protocol}:`).join(" or ")}`,
  read: (given) => {
    const value = textOf(given);
    const protocol = value === undefined ? undefined : URL.parse(value)?.protocol;
    return protocol !== undefined && protocols.includes(protocol.slice(0, -1)) ? value : undefined;
  },
});

const secondsIn = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
const isUnit = (unit: string): unit is keyof typeof secondsIn => unit in secondsIn;

/** A span of time in seconds, written as `300`, `90s`, `5m`, `12h`, `1d` or `2w`. */
export const secondsOrDuration = (range: Range = {}): Parser<number> => ({
  expected: `seconds${inWords(range)}, or a time such as 90s, 5m, 12h or 1d`,
  read: (given) => {
    if (typeof given === "number") return within(range, given);
    const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)\s*([a-z]+)?$/.exec(textOf(given) ?? "") ?? [];
    if (amount === undefined || !isUnit(unit)) return undefined;
    return within(range, Number(amount) * secondsIn[unit]);
  },
});

/** The same form, for a setting whose default is undefined. */
export const optional = <T>(parser: Parser<T>): Parser<T | undefined> => parser;

const textOf = (given: unknown): string | undefined => (typeof given === "string" ? given.trim() : undefined);

function numberOf(given: unknown, form: RegExp): number | undefined {
  const text = textOf(given);
  return text !== undefined && form.test(text) ? Number(text) : undefined;
}

function within({ min = -Infinity, max = Infinity }: Range, value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) && value >= min && value <= max ? value : undefined;
}

function inWords({ min, max }: Range): string {
  if (min === undefined) return max === undefined ? "" : ` of at most ${max}`;
  return max === undefined ? ` of at least ${min}` : ` from ${min} to ${max}`;
}
