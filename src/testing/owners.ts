/**
 * Whose a row is: the account that its `field.owner()` names, or that of a row which it needs; a task is its list's owner's.
 *
 * A required foreign key to the accounts counts as well: somebody's the row is. One that may be null does not: it may name anybody.
 */
import { User } from "../auth/index.ts";
import type { Models } from "../db/index.ts";
import type { Field, FieldMap, Model, Target } from "../model/index.ts";

export interface Owners {
  /** The model that a relation points at; undefined where the field is none. */
  target(field: Field): Model | undefined;
  /** Whether rows of a model are somebody's. */
  hasOwner(model: Model): boolean;
  /** Whether a field names an owner, or a row that has one, or has such a field within. */
  leadsToOwner(field: Field): boolean;
}

export function createOwners(models: Models): Owners {
  const target = ({ options }: Field): Model | undefined => {
    const to = "to" in options ? (options.to as Target) : undefined;
    if (typeof to === "string") return models.all.find(({ name }) => name === to);
    return typeof to === "function" ? to() : to;
  };
  const leads = (field: Field, seen: ReadonlySet<Model>): boolean => {
    if (field.options.auto === "user") return true;
    return [field, ...fieldsWithin(field)].some((inner) => {
      const to = inner.kind === "foreignKey" || inner.kind === "manyToMany" ? target(inner) : undefined;
      if (to === User) return inner.kind === "foreignKey" && !inner.null;
      return to !== undefined && !seen.has(to) && owned(to, seen);
    });
  };
  const owned = (model: Model, seen: ReadonlySet<Model>): boolean =>
    Object.values(model.fields).some((field) => field.kind !== "manyToMany" && leads(field, new Set([...seen, model])));
  return { target, hasOwner: (model) => owned(model, new Set()), leadsToOwner: (field) => leads(field, new Set()) };
}

/** The fields of the objects that a field's value is made of, at any depth. */
function fieldsWithin({ options }: Field): readonly Field[] {
  const of = "of" in options ? (options.of as Field | undefined) : undefined;
  const fields = "fields" in options ? Object.values(options.fields as FieldMap).filter((one) => !one.readOnly) : [];
  return [...(of ? [of] : []), ...fields].flatMap((field) => [field, ...fieldsWithin(field)]);
}
