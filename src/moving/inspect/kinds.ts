/**
 * From the type of a column to a kind of field with its options; the types are those that Django and drf-auth write, and common others.
 *
 * Reference: `data_types_reverse` of django.db.backends.*.introspection. Differs: kinds that share a type are told apart by the name of
 * the column: an e-mail address, a URL, a slug.
 */
import type { FieldKind } from "../../model/index.ts";
import type { Rule } from "./checks.ts";
import type { ColumnFacts } from "./tables.ts";

export interface Guess {
  readonly kind: FieldKind;
  readonly options: Readonly<Record<string, unknown>>;
  /** What somebody should look at. */
  readonly note?: string;
}

const plain = (kind: FieldKind, options: Guess["options"] = {}): Guess => ({ kind, options });

const types: Readonly<Record<string, () => Guess>> = {
  bool: () => plain("boolean"),
  boolean: () => plain("boolean"),
  "char(32)": () => plain("uuid"),
  uuid: () => plain("uuid"),
  "char(39)": () => plain("ip"),
  inet: () => plain("ip"),
  smallint: () => plain("integer", { small: true }),
  "smallint unsigned": () => plain("integer", { small: true, min: 0 }),
  int: () => plain("integer"),
  integer: () => plain("integer"),
  "integer unsigned": () => plain("integer", { min: 0 }),
  bigint: () => plain("integer", { big: true }),
  "bigint unsigned": () => plain("integer", { big: true, min: 0 }),
  real: () => plain("float"),
  double: () => plain("float"),
  "double precision": () => plain("float"),
  datetime: () => plain("datetime"),
  "timestamp with time zone": () => plain("datetime"),
  date: () => plain("date"),
  time: () => plain("time"),
  "time without time zone": () => plain("time"),
  interval: () => plain("duration"),
  json: () => plain("json"),
  jsonb: () => plain("json"),
  blob: () => plain("binary"),
  bytea: () => plain("binary"),
};

/** Digits that both databases keep of a decimal whose column names none. */
const DIGITS = 15;

/**
 * The field of a column; undefined where there is no kind for its type.
 * @param places  digits after the point of a decimal whose column does not say
 */
export function guessField({ name, type }: ColumnFacts, rule: Rule = {}, places = 2): Guess | undefined {
  const [, base = "", first, second] = /^([a-z ]+?)\s*(?:\((\d+)(?:,\s*(\d+))?\))?$/.exec(type) ?? [];
  const isText = base === "varchar" || base === "character varying";
  const { choices, min, max } = rule;
  if (choices) {
    const options = isText && first !== undefined ? { choices, maxLength: Number(first) } : { choices };
    if (isText || base === "text" || choices.every((choice) => typeof choice === "number"))
      return plain("choice", options);
  }
  const bounds = { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
  if (base === "decimal" || base === "numeric") {
    if (first !== undefined)
      return plain("decimal", { maxDigits: Number(first), decimalPlaces: Number(second ?? 0), ...bounds });
    return {
      ...plain("decimal", { maxDigits: DIGITS, decimalPlaces: places, ...bounds }),
      note: "the column does not say how many digits; these were read off the rows",
    };
  }
  if (isText || (base === "text" && !rule.isJson))
    return guessText(name, first === undefined ? undefined : Number(first));
  if (rule.isJson && base === "text") return plain("json");
  const guess = types[type]?.() ?? (first === undefined ? undefined : types[`${base}(${first})`]?.());
  const isNumber = guess?.kind === "integer" || guess?.kind === "float";
  return guess && isNumber ? { ...guess, options: { ...guess.options, ...bounds } } : guess;
}

function guessText(name: string, maxLength: number | undefined): Guess {
  const withLength = maxLength === undefined ? {} : { maxLength };
  const unless = (length: number) => (maxLength === length ? {} : withLength);
  // What is shown to nobody in Django's pages would be shown to everybody who may read the row.
  if (/(^|_)(password|passwd|secret|token|api_?key)$/.test(name))
    return { ...plain("text", { ...withLength, writeOnly: true }), note: "never shown, by its name" };
  if (/(^|_)e?mail(_address)?$/.test(name)) return plain("email", unless(254));
  if (/(^|_)slug$/.test(name)) return plain("slug", unless(50));
  if (/(^|_)(url|website|homepage)$/.test(name)) return plain("url", unless(200));
  return plain("text", withLength);
}
