/**
 * What was wrong with an input, taken from the body of the 400: by the name of the control, and about the whole.
 */
import type { Field, FieldMap } from "../model/index.ts";
import { isObject } from "../resource/index.ts";

export interface Findings {
  /** Sentences by the name of the control, such as `title` or `items[0]product`. */
  readonly byField: ReadonlyMap<string, readonly string[]>;
  /** Sentences about the whole, or about what has no control. */
  readonly whole: readonly string[];
}

export const nothingFound: Findings = { byField: new Map(), whole: [] };

/**
 * The findings in a body such as `{"name": ["This field is required."], "items": [{}, {"product": ["…"]}]}`.
 * @param fields  what has controls
 */
export function findingsOf(data: unknown, fields: Readonly<Record<string, Field | undefined>>): Findings {
  if (!isObject(data)) return { byField: new Map(), whole: sentences(data) };
  const byField = new Map<string, readonly string[]>();
  const whole: string[] = [];
  for (const [name, found] of Object.entries(data)) {
    if (name in fields) collect(found, name, fields[name], byField);
    else if (name === "non_field_errors" || name === "detail") whole.push(...sentences(found));
    else whole.push(...sentences(found, name));
  }
  return { byField, whole };
}

/** Findings within objects and lists of objects are told at their own controls. */
function collect(found: unknown, name: string, field: Field | undefined, into: Map<string, readonly string[]>): void {
  const inner = field && innerFields(field);
  const objects = field?.kind === "list" && inner ? itemsIn(found) : undefined;
  if (objects) {
    for (const [index, item] of objects) collectObject(item, `${name}[${index}]`, inner ?? {}, into);
  } else if (field?.kind === "nested" && inner && isObject(found)) collectObject(found, `${name}.`, inner, into);
  else into.set(name, sentences(found));
}

function collectObject(found: unknown, prefix: string, fields: FieldMap, into: Map<string, readonly string[]>): void {
  if (!isObject(found)) return;
  const about = prefix.replace(/(\.|\[\d+\])$/, "");
  for (const [name, inner] of Object.entries(found)) {
    if (name in fields) collect(inner, prefix + name, fields[name], into);
    else into.set(about, [...(into.get(about) ?? []), ...sentences(inner)]);
  }
}

/** Findings by the place of their item: a list with gaps, or an object of numbers. */
function itemsIn(found: unknown): readonly (readonly [index: string, item: unknown])[] | undefined {
  if (!Array.isArray(found) && !isObject(found)) return undefined;
  const items = Object.entries(found);
  return items.every(([index, item]) => /^\d+$/.test(index) && isObject(item)) ? items : undefined;
}

/** The fields within an object, or within each item of a list of objects. */
export function innerFields({ options }: Field): FieldMap | undefined {
  const holder = "of" in options && options.of ? (options.of as Field).options : options;
  return "fields" in holder ? (holder.fields as FieldMap) : undefined;
}

/** Every sentence in a tree, with the path to it inside the field. */
function sentences(found: unknown, path = ""): string[] {
  if (Array.isArray(found)) {
    return found.flatMap((inner, i) => sentences(inner, typeof inner === "string" ? path : join(path, String(i + 1))));
  }
  if (isObject(found)) return Object.entries(found).flatMap(([name, inner]) => sentences(inner, join(path, name)));
  return found === undefined || found === null ? [] : [path === "" ? String(found) : `${path}: ${String(found)}`];
}

const join = (path: string, name: string): string => (path === "" ? name : `${path}, ${name}`);
