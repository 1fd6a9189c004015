/**
 * The shape of a view: which fields are read for some names and expansions, and what is made of them.
 *
 * Most often these are the fields that are shown. A computed field is made of whatever it likes, keys included: where one is shown
 * everything is read as it is declared, expansions beside it, and what was not asked for is left out at the end.
 */
import { defineField, type Field, type FieldMap } from "../model/index.ts";
import type { Expansions } from "./expansion.ts";
import { isObject } from "./serializer/parse/structure.ts";
import type { Representation } from "./serializer/row-reader.ts";

export interface ViewShape {
  /** What is read. */
  readonly fields: FieldMap;
  /** Makes what is shown of what was read; absent where that is the same. */
  readonly finish?: (object: Representation) => Representation;
}

/** The names of the fields that are shown, in order. */
export const shownNames = (fields: FieldMap): string[] =>
  Object.entries(fields).flatMap(([name, { writeOnly }]) => (writeOnly ? [] : [name]));

/**
 * @param names  those of the fields that are asked for, in order
 * @param paths  the expansions that are asked for
 */
export function viewShape(
  fields: FieldMap,
  names: readonly string[],
  expand: Expansions,
  paths: ReadonlySet<string>,
  prefix = "",
): ViewShape {
  const readsAll = names.some((name) => isComputed(fields[name]));
  const read: Record<string, Field> = readsAll ? { ...fields } : {};
  const steps = names.flatMap((name) => {
    const field = fields[name];
    if (!field) return [];
    const path = prefix + name;
    const expansion = paths.has(path) ? expand[name] : undefined;
    if (!expansion) {
      read[name] = field;
      return { name, from: name, finish: undefined };
    }
    const inner = viewShape(expansion.fields, shownNames(expansion.fields), expansion.expand ?? {}, paths, `${path}.`);
    // No field has such a name.
    const from = readsAll ? `+${name}` : name;
    const source = field.options.source ?? name;
    read[from] =
      field.kind === "manyToMany"
        ? defineField("list", { source, of: defineField("nested", { fields: inner.fields }), linked: true })
        : defineField("nested", { source, fields: inner.fields });
    return { name, from, finish: inner.finish };
  });
  if (!readsAll && steps.every(({ finish }) => !finish)) return { fields: read };
  return {
    fields: read,
    finish(object) {
      const shown: Representation = {};
      for (const { name, from, finish } of steps) shown[name] = finish ? finishAny(object[from], finish) : object[from];
      return shown;
    },
  };
}

const isComputed = (field: Field | undefined): boolean =>
  field !== undefined && "from" in field.options && typeof field.options.from === "function";

/** Finishes a related row, some of them, or none. */
function finishAny(value: unknown, finish: NonNullable<ViewShape["finish"]>): unknown {
  if (Array.isArray(value)) return value.map((item) => finishAny(item, finish));
  return isObject(value) ? finish(value) : value;
}
