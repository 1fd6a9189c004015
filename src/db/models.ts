/**
 * The models of one app, by name: what a relation's target resolves to, and who points at whom.
 *
 * Built once at start by `app.ts`; everything that follows a relation asks here.
 */
import { ConfigurationError } from "../errors.ts";
import type { Field, Model, OnDelete, Target } from "../model/index.ts";
import { isQuery } from "./query.ts";

/** A foreign key of another model, seen from the row it points at. */
export interface Reference {
  readonly model: Model;
  readonly field: string;
  readonly onDelete: OnDelete;
}

export interface Models {
  /** Every model, in the order they were declared. */
  readonly all: readonly Model[];
  /** @throws ConfigurationError  there is no such model, or the field is no relation */
  target(of: Model, field: string): Model;
  /** The foreign keys in tables that point at a model; a query's rows go of themselves. */
  references(to: Model): readonly Reference[];
}

/**
 * Collects models, with everything that their relations name.
 * @throws ConfigurationError  two models of one name or table, or a relation to a model that is not there
 */
export function defineModels(declared: readonly Model[]): Models {
  const byName = new Map<string, Model>();
  const add = (model: Model): void => {
    const known = byName.get(model.name);
    if (known === model) return;
    if (known) throw new ConfigurationError(`model "${model.name}"`, "declared twice; a name stands for one model");
    byName.set(model.name, model);
    for (const field of Object.values(model.fields)) {
      const to = targetOf(field);
      if (to !== undefined && typeof to !== "string") add(typeof to === "function" ? to() : to);
    }
  };
  declared.forEach(add);

  const target = (of: Model, name: string): Model => {
    const field = of.fields[name];
    const to = field && targetOf(field);
    const place = `model "${of.name}", field "${name}"`;
    if (to === undefined) throw new ConfigurationError(place, "expected a relation to another model");
    const model = typeof to === "string" ? byName.get(to) : typeof to === "function" ? to() : to;
    if (!model)
      throw new ConfigurationError(
        place,
        `there is no model "${String(to)}"; models: ${[...byName.keys()].join(", ")}`,
      );
    return model;
  };

  const tables = new Map<string, Model>();
  const references = new Map<Model, Reference[]>();
  for (const model of byName.values()) {
    const other = tables.get(model.table);
    if (other)
      throw new ConfigurationError(`model "${model.name}"`, `its table "${model.table}" is that of "${other.name}"`);
    tables.set(model.table, model);
    for (const [name, field] of Object.entries(model.fields)) {
      if (targetOf(field) === undefined) continue;
      const to = target(model, name);
      if (field.kind !== "foreignKey" || isQuery(model)) continue;
      const onDelete = "onDelete" in field.options ? (field.options.onDelete as OnDelete) : "cascade";
      references.set(to, [...(references.get(to) ?? []), { model, field: name, onDelete }]);
    }
  }
  return { all: [...byName.values()], target, references: (to) => references.get(to) ?? [] };
}

/**
 * Whether the database promises that the row is there which a foreign key without null points at: a constraint does, and that is
 * only known of tables that we made. Else the row itself is still to be seen, with nothing behind it.
 */
export const isPromised = (from: Model, to: Model): boolean => [from, to].every((one) => one.managed && !isQuery(one));

function targetOf(field: Field): Target | undefined {
  return "to" in field.options ? (field.options.to as Target) : undefined;
}

/** Finds the model that a relation names, wherever the relation is. */
export const resolverOf =
  (models: Models) =>
  (target: Target): Model => {
    const model = typeof target === "string" ? models.all.find(({ name }) => name === target) : undefined;
    if (model) return model;
    if (typeof target === "string") throw new TypeError(`there is no model "${target}"`);
    return typeof target === "function" ? target() : target;
  };
