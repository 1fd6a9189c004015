/**
 * What a form of our pages says, in two ways: as an API client would have sent it, and as what is filled in again where it was refused.
 *
 * Controls within objects and lists are named as the API reads them, `address.street` and `items[0]product`. An item whose controls
 * were all left empty is none: so a page can offer some more without scripts.
 */
import type { Field, FieldMap } from "../model/index.ts";
import { Form, innerForm, listOf } from "../resource/index.ts";
import { innerFields } from "./findings.ts";
import { Unread } from "./unread.ts";

/** Names that are not fields of the form but ours. */
export const isOurs = (name: string): boolean => name.startsWith("_") || name === "csrfmiddlewaretoken";

/** Where a box says which file is to be emptied. */
export const emptyName = "_empty";

/**
 * The form as an API client would have sent it.
 * @param isPartial  what is written and never read was left empty to stay as it is
 */
export function plainForm(form: Form, fields: FieldMap, isPartial = false): Form {
  const blank = blankGroups(form, fields);
  const pairs: [string, string][] = [];
  for (const name of form.names()) {
    if (isOurs(name) || blank.has(groupOf(fields, name))) continue;
    const isUnseen = isPartial && fieldAt(fields, name)?.writeOnly === true;
    for (const value of form.all(name)) {
      if (isUnseen && value === "") continue;
      // Browsers write every line break of a text area as two characters.
      const text = value.replaceAll("\r\n", "\n");
      for (const part of partsOf(text, fieldAt(fields, name)?.kind)) pairs.push([name, part]);
    }
  }
  // A box that is off is not sent at all, whatever the field's default is.
  const off = Object.entries(fields).filter(
    ([name, field]) => field.kind === "boolean" && !field.null && !field.readOnly && !form.has(name),
  );
  const unticked = off.map(([name]): [string, string] => [name, "false"]);
  const sent = new Set(pairs.map(([name]) => itemsOf(name)));
  const emptied = Object.keys(fields).filter(
    (name) => mayBeEmpty(fields[name]) && shows(form, name) && !sent.has(name),
  );
  return new Form([...pairs, ...unticked], form.uploads, form.untaken, [...form.all(emptyName), ...emptied]);
}

/** Lists and links that are left empty are to be empty, where they may be. */
function mayBeEmpty(field: Field | undefined): boolean {
  if (field?.kind === "manyToMany") return true;
  const { minItems = 0, allowEmpty = true } = (field?.options ?? {}) as { minItems?: number; allowEmpty?: boolean };
  return field?.kind === "list" && minItems === 0 && allowEmpty;
}

/** Whether a form has controls for a field. */
const shows = (form: Form, name: string): boolean => [...form.names()].some((one) => itemsOf(one) === name);

/** `items` of `items[0]product`, and of itself. */
const itemsOf = (name: string): string => name.split("[", 1)[0] ?? name;

/** Keys stand in one text, the items of a list on lines; JSON that was left empty was not sent. */
function partsOf(text: string, kind: Field["kind"] | undefined): readonly string[] {
  if (kind === "manyToMany") return text.split(/[\s,]+/).filter((key) => key !== "");
  if (kind === "list") return text.split("\n").filter((item) => item.trim() !== "");
  if (kind === "json" && text.trim() === "") return [];
  return [text];
}

/** The field of a control: `items[0]product` is the field `product` of an item of `items`. */
export function fieldAt(fields: FieldMap, name: string): Field | undefined {
  const [, head = "", rest = ""] = /^([^.[\]]+)(?:\.|\[\d+\])?(.*)$/s.exec(name) ?? [];
  const field = Object.hasOwn(fields, head) ? fields[head] : undefined;
  return rest === "" || !field ? field : fieldAt(innerFields(field) ?? {}, rest);
}

/** `items[0]` of `items[0]product`; "" of what belongs to no item. */
const itemOf = (name: string): string => /^[^[]+\[\d+\]/.exec(name)?.[0] ?? "";

/** What is left out as a whole where nothing of it was filled in: an item, or an object that need not be; "" for all else. */
function groupOf(fields: FieldMap, name: string): string {
  const item = itemOf(name);
  if (item !== "") return item;
  const [head = "", ...rest] = name.split(".");
  const field = Object.hasOwn(fields, head) ? fields[head] : undefined;
  return rest.length > 0 && field?.kind === "nested" && !field.required ? head : "";
}

/** The items and objects of which nothing but a hidden key, or the state of a box, was sent. */
function blankGroups(form: Form, fields: FieldMap): ReadonlySet<string> {
  const filled = new Map<string, boolean>();
  for (const name of form.names()) {
    const item = groupOf(fields, name);
    if (item === "" || name === item) continue;
    const field = fieldAt(fields, name);
    const says = form
      .all(name)
      .some((value) => value.trim() !== "" && !(field?.kind === "boolean" && value === "false"));
    filled.set(item, filled.get(item) === true || (says && field?.options.primaryKey !== true));
  }
  return new Set([...filled].flatMap(([item, isFilled]) => (isFilled ? [] : [item])));
}

/** What a form that was refused said about each field. */
export function valuesOf(form: Form, fields: FieldMap): Record<string, unknown> {
  const blank = blankGroups(form, fields);
  const names = [...form.names()].filter((name) => !blank.has(groupOf(fields, name)));
  const said = new Form(names.flatMap((name) => form.all(name).map((value): [string, string] => [name, value])));
  return valuesIn(said, fields);
}

function valuesIn(form: Form, fields: FieldMap): Record<string, unknown> {
  const value = (name: string, field: Field): unknown => {
    const { kind, null: nullable } = field;
    const inner = innerFields(field);
    if (kind === "nested" && inner) return valuesIn(innerForm(form, `${name}.`), inner);
    if (kind === "list" && inner)
      return (listOf(form, name) ?? []).map((item) => (item instanceof Form ? valuesIn(item, inner) : {}));
    const text = form.get(name);
    if (kind === "boolean") return nullable && !text ? null : text === "true";
    return kind === "json" && text !== undefined ? new Unread(text) : text;
  };
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, value(name, field)]));
}
