/**
 * How the text of a query parameter is read, by the kind of field it is compared with.
 *
 * `undefined` means "nothing was asked": the filter does not apply. Values come out in the field's own format.
 * Reference: django.forms.fields under the filter classes of django_filters.rest_framework.
 */
import type { Choice, Field, FieldKind } from "../../model/index.ts";
import { field as fields } from "../../model/index.ts";
import { rangeCheck } from "../serializer/column-range.ts";
import { quoted } from "../serializer/messages.ts";
import { strip } from "../serializer/parse/strip.ts";
import { parserOf } from "../serializer/parse.ts";
import { Invalid, invalid, type Parse } from "../serializer/parser.ts";
import { readDate } from "./date.ts";
import {
  type Bounds,
  bits32,
  integerBounds,
  isWithin,
  parseInteger,
  readDecimal,
  readWhole,
  wholeValue,
} from "./number.ts";

/** What a parameter holds, for documents and forms. */
export type ParameterKind =
  | "text"
  | "number"
  | "integer"
  | "boolean"
  | "choice"
  | "date"
  | "datetime"
  | "time"
  | "duration"
  | "uuid"
  | "key";

/** Reads the text of a parameter: a value, undefined where it is blank, or findings. */
export type ReadText = (text: string) => unknown;

export interface ValueReader {
  readonly kind: ParameterKind;
  readonly read: ReadText;
  /** What the column can hold, where it holds whole numbers: those come out as bigint. */
  readonly bounds?: Bounds;
}

/** Blank only where nothing stands at all; what else is there must be right. */
const unlessEmpty =
  (read: ReadText): ReadText =>
  (text) =>
    text === "" ? undefined : read(text);

const stripped =
  (parse: Parse): ReadText =>
  (text) =>
    parse(strip(text));

/** Reference: django.forms.CharField: blanks at both ends do not count. */
export const readText: ReadText = (text) => {
  if (text.includes("\0")) return invalid("null_characters_not_allowed");
  const value = strip(text);
  return value === "" ? undefined : value;
};

const answers: Readonly<Record<string, boolean>> = { true: true, "1": true, false: false, "0": false };

/** Reference: django_filters.widgets.BooleanWidget: what is no answer is no question. */
export const readBoolean: ReadText = (text) => {
  const answer = text.toLowerCase();
  return Object.hasOwn(answers, answer) ? answers[answer] : undefined;
};

const uuid = parserOf(fields.uuid());
const readUuid: ReadText = (text) => {
  const value = strip(text);
  return value === "" ? undefined : uuid(value);
};

const duration = parserOf(fields.duration());
const isNoColumn = rangeCheck(fields.duration());
const readDuration: ReadText = (text) => {
  const value = duration(text);
  const finding = value instanceof Invalid ? undefined : isNoColumn?.(value);
  return finding ? new Invalid([finding]) : value;
};

const text: ValueReader = { kind: "text", read: readText };
const number: ValueReader = { kind: "number", read: unlessEmpty(readDecimal) };

/** The reader of whole numbers of a column. */
export const wholeReader = (bounds: Bounds): ValueReader => ({ kind: "integer", read: unlessEmpty(readWhole), bounds });

export const dateReader: ValueReader = { kind: "date", read: unlessEmpty(readDate) };

const readFloat: ReadText = unlessEmpty((raw) => {
  const decimal = readDecimal(raw);
  return typeof decimal === "string" ? Number(decimal) : decimal;
});

/** Reads values of a kind; undefined where nothing is compared with a text. */
const readers = {
  boolean: () => ({ kind: "boolean", read: readBoolean }),
  text: () => text,
  email: () => text,
  url: () => text,
  slug: () => text,
  ip: () => text,
  choice: (field) => (hasNumbers(field) ? wholeReader(bits32) : text),
  uuid: () => ({ kind: "uuid", read: readUuid }),
  integer: (field) => wholeReader(boundsOf(field)),
  float: () => ({ kind: "number", read: readFloat }),
  decimal: () => number,
  datetime: () => ({ kind: "datetime", read: unlessEmpty(stripped(parserOf(fields.datetime()))) }),
  date: () => dateReader,
  time: () => ({ kind: "time", read: unlessEmpty(stripped(parserOf(fields.time()))) }),
  duration: () => ({ kind: "duration", read: unlessEmpty(readDuration) }),
  foreignKey: () => undefined,
  manyToMany: () => undefined,
  json: () => undefined,
  binary: () => undefined,
  list: () => undefined,
  dict: () => undefined,
  nested: () => undefined,
  computed: () => undefined,
  file: () => undefined,
} satisfies Record<FieldKind, (field: Field) => ValueReader | undefined>;

/** The reader of a field's values. */
export function readerOf(field: Field): ValueReader | undefined {
  const make: (field: Field) => ValueReader | undefined = readers[field.kind];
  return make(field);
}

const boundsOf = ({ options }: Field): Bounds => integerBounds(options);

/** The choices of a field with their labels. */
export function choicesOf(field: Field): readonly (readonly [value: string | number, label: string])[] {
  const choices = "choices" in field.options ? (field.options.choices as readonly Choice[]) : [];
  return choices.map((choice) => (typeof choice === "object" ? choice : [choice, String(choice)]));
}

const hasNumbers = (field: Field): boolean => choicesOf(field).every(([value]) => typeof value === "number");

/** Reads one of a field's choices, to the letter. Reference: django.forms.ChoiceField. */
export function choiceReader(field: Field): ValueReader {
  const values = new Map(choicesOf(field).map(([value]) => [String(value), value]));
  const read = unlessEmpty((raw) => values.get(raw) ?? invalid("invalid_choice", { input: quoted(raw) }));
  return { kind: "choice", read };
}

/**
 * Reads the key of a row, by the key's own field. Whatever cannot be a key is no choice.
 * Reference: django.forms.ModelChoiceField.
 */
export function keyReader(key: Field): ValueReader {
  const noChoice = (raw: string): Invalid => invalid("invalid_choice", { input: quoted(raw) });
  const reader = readerOf(key);
  if (reader?.bounds) {
    const { bounds } = reader;
    return {
      kind: "key",
      read: unlessEmpty((raw) => {
        const whole = parseInteger(raw);
        return whole !== undefined && isWithin(whole, bounds) ? wholeValue(whole) : noChoice(raw);
      }),
    };
  }
  const read: ReadText = reader === undefined || reader.kind === "text" ? (raw) => raw : reader.read;
  return {
    kind: "key",
    read: unlessEmpty((raw) => {
      const value = raw.includes("\0") ? undefined : read(raw);
      return value === undefined || value instanceof Invalid ? noChoice(raw) : value;
    }),
  };
}

/**
 * Reads values separated by commas; undefined where nothing stands. A blank item is "" of a text and undefined of anything else.
 * Reference: django_filters.fields.BaseCSVField.
 */
export function readList(text: string | undefined, { kind, read }: ValueReader): unknown[] | Invalid | undefined {
  if (text === undefined || text === "") return undefined;
  const values: unknown[] = [];
  for (const item of text.split(",")) {
    const value = read(item) ?? (kind === "text" ? "" : undefined);
    if (value instanceof Invalid) return value;
    values.push(value);
  }
  return values;
}
