/**
 * Operations: what a migration does to the models, as frozen plain data.
 *
 * Made by these functions in migration files and by the autodetector; read by `state.ts` (what the models are afterwards),
 * `operation-sql.ts` (how the database gets there, and back) and `writer.ts` (how it stands in a file). Each reader keeps a
 * table by kind that the compiler closes, so a new operation is a new row in each.
 * Reference: django.db.migrations.operations.
 * Differs: fields are named whole (`shop.book`), unique sets are added and removed one at a time.
 */
import { type Field, type FieldMap, type Model, type ModelOptions, model } from "../../model/index.ts";

/** What each kind of operation carries. `model` is the full name of the model it is about. */
interface OperationData {
  createModel: { readonly model: string; readonly declaration: Model };
  deleteModel: { readonly model: string };
  addField: { readonly model: string; readonly name: string; readonly field: Field };
  removeField: { readonly model: string; readonly name: string };
  renameField: { readonly model: string; readonly from: string; readonly to: string } & Stored;
  addUnique: { readonly model: string; readonly fields: readonly string[] };
  removeUnique: { readonly model: string; readonly fields: readonly string[] };
}

/** Where the values of a renamed field are kept, as its declaration says it. */
interface Stored {
  readonly column?: string;
  /** The table of a many-to-many field. */
  readonly through?: string;
}

export type OperationKind = keyof OperationData;

export type Operation<K extends OperationKind = OperationKind> = {
  [P in K]: { readonly kind: P } & OperationData[P];
}[K];

/**
 * Makes the table of a model, with its indexes, unique sets and many-to-many tables.
 *
 * @example
 * createModel("shop.tag", { fields: { id: field.id(), slug: field.slug({ unique: true }) } })
 */
export const createModel = <const Fields extends FieldMap>(
  name: string,
  options: Omit<ModelOptions<Fields>, "order">,
): Operation<"createModel"> =>
  Object.freeze({ kind: "createModel", model: name, declaration: model(name, { ...options }) });

/** Drops the table of a model, and its many-to-many tables. */
export const deleteModel = (name: string): Operation<"deleteModel"> =>
  Object.freeze({ kind: "deleteModel", model: name });

/**
 * Adds a column, or the table of a many-to-many field. Rows that are there get the field's default.
 *
 * @example
 * addField("shop.book", "subtitle", field.text({ maxLength: 200, default: "" }))
 */
export const addField = (model: string, name: string, field: Field): Operation<"addField"> =>
  Object.freeze({ kind: "addField", model, name, field });

/** Removes a column, or the table of a many-to-many field, with what it holds. */
export const removeField = (model: string, name: string): Operation<"removeField"> =>
  Object.freeze({ kind: "removeField", model, name });

/**
 * Gives a field another name, and its column with it; what it holds stays.
 *
 * @param stored  the column (or, many-to-many, the table), where the field's declaration names one
 * @example
 * renameField("shop.book", "title", "name")
 */
export const renameField = (
  model: string,
  from: string,
  to: string,
  { column, through }: Stored = {},
): Operation<"renameField"> => Object.freeze({ kind: "renameField", model, from, to, column, through });

/** Makes some fields unique together. */
export const addUnique = (model: string, fields: readonly string[]): Operation<"addUnique"> =>
  Object.freeze({ kind: "addUnique", model, fields });

/** Lets some fields be no longer unique together. */
export const removeUnique = (model: string, fields: readonly string[]): Operation<"removeUnique"> =>
  Object.freeze({ kind: "removeUnique", model, fields });

type Describe = { readonly [K in OperationKind]: (operation: Operation<K>) => string };

const descriptions: Describe = {
  createModel: ({ model }) => `create model ${model}`,
  deleteModel: ({ model }) => `delete model ${model}`,
  addField: ({ model, name }) => `add field ${name} to ${model}`,
  removeField: ({ model, name }) => `remove field ${name} from ${model}`,
  renameField: ({ model, from, to }) => `rename field ${from} of ${model} to ${to}`,
  addUnique: ({ model, fields }) => `make ${fields.join(", ")} of ${model} unique together`,
  removeUnique: ({ model, fields }) => `let ${fields.join(", ")} of ${model} repeat`,
};

/** An operation in words, for people: `add field subtitle to shop.book`. */
export const describeOperation = <K extends OperationKind>(operation: Operation<K>): string =>
  descriptions[operation.kind](operation);

const kinds: ReadonlySet<unknown> = new Set(Object.keys(descriptions));

/** Tells whether a value is an operation that this version knows. */
export const isOperation = (value: unknown): value is Operation =>
  typeof value === "object" && value !== null && "kind" in value && kinds.has(value.kind);
