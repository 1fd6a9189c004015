/** Relations that name their target, with the model itself in place of the name: only then the kind of its key is known. */
import type { Models } from "../../db/index.ts";
import { defineField, type Field, type FieldMap } from "../../model/index.ts";

/** The same fields, those within objects and lists as well. */
export function withTargets(fields: FieldMap, models: Models): FieldMap {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, withTarget(field, models)]));
}

function withTarget(field: Field, models: Models): Field {
  const { options } = field;
  const change = (changes: object): Field => defineField(field.kind, { ...options, ...changes });
  if ("to" in options && typeof options.to === "string") {
    const target = models.all.find(({ name }) => name === options.to);
    return target ? change({ to: target }) : field;
  }
  if ("fields" in options) return change({ fields: withTargets(options.fields as FieldMap, models) });
  return "of" in options && options.of ? change({ of: withTarget(options.of as Field, models) }) : field;
}
