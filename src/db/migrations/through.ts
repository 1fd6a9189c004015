/** The tables between two models, of many-to-many fields. */
import { type Field, field, type Model, model } from "../../model/index.ts";
import { isKind, type Resolve } from "../columns.ts";

/** The table between two models of a many-to-many field, as a model of its own: `id` and two foreign keys. */
export function throughModel(from: Model, name: string, many: Field<"manyToMany">, resolve: Resolve): Model {
  const to = resolve(many.options.to);
  // Django compares names without labels, so a shop's book and a library's are told apart as two of one table are.
  const self = to.modelName === from.modelName;
  const left = self ? `from_${from.modelName}` : from.modelName;
  const right = self ? `to_${to.modelName}` : to.modelName;
  const label = from.name.slice(0, -from.modelName.length);
  return model(`${label}${from.modelName}_${name}`, {
    table: many.options.through ?? `${from.table}_${name}`,
    fields: {
      id: field.id(),
      [left]: field.foreignKey(from.name),
      [right]: field.foreignKey(to.name),
    },
    unique: [[left, right]],
  });
}

/** The tables of a model's many-to-many fields, in the order of the fields. */
export const throughModels = (of: Model, resolve: Resolve): Model[] =>
  Object.entries(of.fields).flatMap(([name, many]) =>
    isKind(many, "manyToMany") ? [throughModel(of, name, many, resolve)] : [],
  );
