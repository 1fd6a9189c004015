/**
 * Reading lists, dictionaries and objects with fields of their own; findings have the shape of what was sent.
 *
 * A list of values has its findings by index (`{"1": […]}`); a list of objects has one entry an item (`[{}, {…}]`), and those
 * about itself under `non_field_errors`.
 * Reference: rest_framework.fields (ListField, DictField), rest_framework.serializers (ListSerializer, Serializer).
 */
import { inOrder } from "../../../db/index.ts";
import { type Issues, IssuesByIndex } from "../../../errors.ts";
import type { OptionsOf } from "../../../model/index.ts";
import { Form } from "../form.ts";
import { dictOf, listOf } from "../form-values.ts";
import { messageOf, typeName } from "../messages.ts";
import { Invalid, invalid, type MakeParser, type Parse } from "../parser.ts";
import { type Check, checked, findings, orNull } from "./checked.ts";
import { anyJson } from "./json.ts";

const halfCharacter = invalid("surrogate_characters_not_allowed");

type Items = readonly unknown[];

export const list: MakeParser<"list"> = (field, parserOf) => {
  const { of, allowEmpty = true } = field.options;
  const ofObjects = of?.kind === "nested";
  const parseItem = of ? orNull(of, parserOf(of)) : anyJson;
  const counts = countChecks(field.options);
  const convert = (raw: unknown): Items | Invalid => {
    const items: unknown = raw instanceof Form ? (listOf(raw) ?? []) : raw;
    if (!Array.isArray(items)) return invalid("not_a_list", { type: typeName(raw) });
    if (!allowEmpty && items.length === 0) return invalid("empty");
    if (ofObjects) {
      const wrong = findings<Items>(items, counts);
      if (wrong.length) return new Invalid(wrong);
    }
    const values = items.map(parseItem);
    if (!values.some((value) => value instanceof Invalid)) return values;
    const issues = values.map((value): Issues => (value instanceof Invalid ? value.issues : {}));
    if (ofObjects) return new Invalid(new IssuesByIndex(issues));
    return new Invalid(
      Object.fromEntries(Object.entries(issues).filter(([i]) => values[Number(i)] instanceof Invalid)),
    );
  };
  return ofObjects ? underNonField(checked(field, convert)) : checked(field, convert, counts);
};

/** The codes are those of texts, as in the reference; the sentences speak of items. */
function countChecks({ minItems, maxItems }: OptionsOf["list"]): Check<Items>[] {
  const checks: Check<Items>[] = [];
  if (maxItems !== undefined) {
    const finding = { code: "max_length", message: messageOf("max_items", { limit: maxItems }) };
    checks.push((items) => (items.length > maxItems ? finding : undefined));
  }
  if (minItems !== undefined) {
    const finding = { code: "min_length", message: messageOf("min_items", { limit: minItems }) };
    checks.push((items) => (items.length < minItems ? finding : undefined));
  }
  return checks;
}

export const dict: MakeParser<"dict"> = (field, parserOf) => {
  const { of } = field.options;
  const parseValue = of ? orNull(of, parserOf(of)) : anyJson;
  return checked(field, (raw) => {
    const object = raw instanceof Form ? dictOf(raw) : raw;
    if (!isObject(object)) return invalid("not_a_dict", { type: typeName(raw) });
    const keys = Object.keys(object);
    if (!keys.every((key) => key.isWellFormed())) return halfCharacter;
    const entries = keys.map((key) => [key, parseValue(object[key])] as const);
    const wrong = entries.flatMap(([key, value]) => (value instanceof Invalid ? [[key, value.issues] as const] : []));
    return wrong.length === 0 ? inOrder(new Map(entries)) : new Invalid(Object.fromEntries(wrong));
  });
};

/** A JSON object. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Puts findings about an object as a whole where those of its fields are. */
export const underNonField =
  (parse: Parse): Parse =>
  (raw) => {
    const value = parse(raw);
    return value instanceof Invalid && Array.isArray(value.issues)
      ? new Invalid({ non_field_errors: value.issues })
      : value;
  };
