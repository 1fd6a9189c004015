/** Where the rows of a statement come from: tables, queries of models, the tables between two models. */
import { type AliasedExpression, sql } from "kysely";
import type { Field, Model } from "../model/index.ts";
import type { Bindings } from "./bindings.ts";
import type { Dialect } from "./database.ts";
import type { Models } from "./models.ts";
import { isQuery } from "./query.ts";
import { builder } from "./statement.ts";

/** What stands in a statement for a table, under an alias. */
export type RowSource = AliasedExpression<object, string>;

/** Where the rows of a statement come from: all of them, or those that somebody may see (`sight.ts`). */
export interface Sources {
  /** The rows that are asked for. */
  root(model: Model, bindings: Bindings): RowSource;
  /** The rows that a relation leads to. */
  target(model: Model, alias: string, bindings: Bindings): RowSource;
  /** Whether a relation may lead to a row that is not there. */
  isPartial(target: Model): boolean;
}

/** Every row there is. A model over a query has its rows from there, wherever it is met. */
export function everyRow(dialect: Dialect): Sources {
  const rowsOf = (model: Model, alias: string): RowSource =>
    isQuery(model) ? model.from(builder(dialect)).as(alias) : sql<object>`${sql.table(model.table)}`.as(alias);
  return { root: (model) => rowsOf(model, model.table), target: rowsOf, isPartial: () => false };
}

/** A many-to-many step: the table between and the key columns on its two sides. */
export interface ManyStep {
  readonly through: string;
  readonly from: string;
  readonly to: string;
  readonly target: Model;
}

/** The field of the key that a foreign key points at, or the field itself. */
export function storedField(models: Models, model: Model, name: string): Field {
  const field = model.fields[name];
  if (!field) throw new TypeError(`"${name}" is not a field of ${model.name}`);
  if (field.kind !== "foreignKey" && field.kind !== "manyToMany") return field;
  const target = models.target(model, name);
  return storedField(models, target, target.primaryKey);
}

/** The table between two models. Reference: django.db.models.fields.related.create_many_to_many_intermediary_model. */
export function manyStep(models: Models, model: Model, name: string): ManyStep {
  const target = models.target(model, name);
  const field = model.fields[name];
  const through = field && "through" in field.options ? field.options.through : undefined;
  const [from, to] =
    target.modelName === model.modelName
      ? [`from_${model.modelName}_id`, `to_${model.modelName}_id`]
      : [`${model.modelName}_id`, `${target.modelName}_id`];
  return { through: typeof through === "string" ? through : `${model.table}_${name}`, from, to, target };
}
