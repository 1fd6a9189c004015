/**
 * A model over a query instead of a table: read-only, filterable and paged like any other.
 *
 * Reference: a view in SQL; Django has `managed = False` models over database views for it.
 */
import type { Kysely, SelectQueryBuilder } from "kysely";
import { type FieldMap, type Model, type ModelOptions, model, type WithPrimaryKey } from "../model/index.ts";
import type { Tables } from "./statement.ts";

/** Builds the query whose rows the model has; its columns are named as the fields. */
export type QuerySource = (db: Kysely<Tables>) => SelectQueryBuilder<Tables, string, object>;

export interface QueryModel<Name extends string = string, Fields extends FieldMap = FieldMap>
  extends Model<Name, Fields> {
  readonly from: QuerySource;
}

/**
 * Declares a model over a query. One field must be the primary key: it makes rows distinct and orders them.
 *
 * @example
 * const Word = query("word", {
 *   fields: { word: field.text({ primaryKey: true }), antonym: field.text({ null: true }) },
 *   from: (db) => db.selectFrom("synonym as s").leftJoin("antonym as a", "a.word", "s.word").select(["s.word", "a.antonym"]),
 * });
 */
export function query<const Name extends string, const Fields extends FieldMap>(
  name: Name,
  { from, ...options }: ModelOptions<Fields> & { readonly from: QuerySource },
): QueryModel<Name, WithPrimaryKey<Fields>> {
  return Object.freeze({ ...model<Name, Fields>(name, options), from });
}

export const isQuery = (model: Model): model is QueryModel => "from" in model;
