/**
 * Values that a field accepts, made up from its declaration: each comes from a short list of candidates, of which the first is taken
 * that the field's own parser, its pattern and its validators included, accepts.
 *
 * Candidates are one table by field kind, closed by the compiler. `n` makes each value another one, so that unique columns hold
 * them; times lie after the test's clock.
 */
import type { Executor } from "../db/index.ts";
import { ValidationError } from "../errors.ts";
import { defineField, type Field, type FieldKind } from "../model/index.ts";
import { createSerializer, isoTime } from "../resource/index.ts";

/** Values by field name; a function is given a number that is another one each time, for what must be unique. */
export type SampleValues = Readonly<Record<string, unknown>>;

/**
 * What cannot be made up: values by the name of a model (`shop.product`), or by the name of an own action or endpoint that reads
 * them (`orders.cancel`, `echo.post`).
 */
export type Samples = Readonly<Record<string, SampleValues>>;

/** Kinds whose values are made of other values, or of rows. */
type MadeOfOthers = "list" | "dict" | "nested" | "foreignKey" | "manyToMany" | "computed" | "file";
export type PlainKind = Exclude<FieldKind, MadeOfOthers>;

type Candidates<K extends PlainKind> = (field: Field<K>, n: number, now: number) => readonly unknown[];

const day = 86_400_000;

/** A whole number between two bounds, another one each time. */
const between = (min: number, max: number, n: number): number => min + (n % (max - min + 1));

const boundsOf = ({ min, max }: { readonly min?: number; readonly max?: number }, width: number): [number, number] => {
  const lowest = Math.ceil(min ?? Math.min(0, max ?? 0));
  return [lowest, Math.floor(max ?? lowest + width)];
};

const wordsOf: Candidates<"text" | "slug"> = ({ options: { minLength = 1, maxLength = 30 } }, n) => {
  const length = Math.max(minLength, Math.min(maxLength, 30));
  const letters = n.toString(36).replace(/\d/g, (digit) => String.fromCharCode(97 + Number(digit)));
  const all = [`sample ${n}`, `sample-${n}`, `sample${n}`, n.toString(36), `s${letters}`, `S${letters.toUpperCase()}`];
  return [
    ...all.map((word) => word.padEnd(minLength, "x")),
    ...["a", "A", "0"].map((pad) =>
      (pad === "A" ? letters.toUpperCase() : pad === "0" ? String(n) : letters).padStart(length, pad),
    ),
    ...[String(n), letters, letters.toUpperCase()],
  ];
};

const candidates: { readonly [K in PlainKind]: Candidates<K> } = {
  boolean: (_, n) => [n % 2 === 0, true, false],
  text: wordsOf,
  email: (_, n) => [`sample${n}@example.com`],
  url: (_, n) => [`https://example.com/${n}`],
  slug: wordsOf,
  uuid: (_, n) => [`00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`],
  ip: (_, n) => [`192.0.2.${n % 256}`],
  integer: ({ options }, n) => [between(...boundsOf(options, 10_000), n)],
  float: ({ options }, n) => [between(...boundsOf(options, 10_000), n), options.min, options.max],
  decimal({ options: { min, max, maxDigits, decimalPlaces } }, n) {
    const unit = 10 ** decimalPlaces;
    const largest = 10 ** Math.min(maxDigits, 9) - 1;
    const lowest = Math.ceil((min ?? 0) * unit);
    const value = between(lowest, Math.min(largest, Math.floor((max ?? largest) * unit)), n * unit);
    return [(value / unit).toFixed(decimalPlaces)];
  },
  datetime: (_, n, now) => [isoTime(now + n * day)],
  date: (_, n, now) => [isoTime(now + n * day).slice(0, 10)],
  time: (_, n) => [new Date(n * 60_000).toISOString().slice(11, 19)],
  duration: (_, n) => [`${n} 00:00:00`, "00:01:00"],
  choice({ options: { choices } }, n) {
    const values = choices.map((entry) => (typeof entry === "object" ? entry[0] : entry));
    return [values[n % values.length], ...values];
  },
  json: (_, n) => [{ sample: n }],
  binary: (_, n) => [Buffer.from(String(n)).toString("base64")],
};

const candidatesOf = <K extends PlainKind>(field: Field<K>, n: number, now: number): readonly unknown[] =>
  candidates[field.kind](field, n, now);

export const isPlain = (field: Field): field is Field<PlainKind> => field.kind in candidates;

/** The first candidate that the field accepts; undefined where it accepts none. */
export async function sampleOf(field: Field<PlainKind>, n: number, now: number, executor: Executor): Promise<unknown> {
  const sent = defineField(field.kind, { ...field.options, readOnly: false, required: true });
  const reader = createSerializer({ value: sent });
  for (const value of candidatesOf(field, n, now)) {
    try {
      await reader.read({ value }, { executor });
      return value;
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
    }
  }
  return undefined;
}
