/**
 * Operations: what a migration does to the models, as frozen plain data.
 *
 * Made by these functions in migration files and by the autodetector; read by `state.ts` (what the models are afterwards),
 * `operation-sql.ts` (how the database gets there, and back), `hints.ts` (what it costs a live service) and `writer.ts` (how it
 * stands in a file). Each reader keeps a table by kind that the compiler closes, so a new operation is a new row in each.
 * Reference: django.db.migrations.operations.
 * Differs: fields are named whole (`shop.book`), unique sets are added and removed one at a time.
 */
import {
  type Constraint,
  type Field,
  type FieldMap,
  type Index,
  type Model,
  type ModelOptions,
  model,
} from "../../model/index.ts";
import type { Code } from "./code.ts";

/** What each kind of operation carries. `model` is the full name of the model it is about; code and SQL are about none. */
interface OperationData {
  createModel: { readonly model: string; readonly declaration: Model };
  deleteModel: { readonly model: string };
  releaseModel: { readonly model: string };
  renameModel: { readonly model: string; readonly to: string; readonly table?: string };
  alterTable: { readonly model: string; readonly table: string };
  addField: { readonly model: string; readonly name: string; readonly field: Field };
  alterField: { readonly model: string; readonly name: string; readonly field: Field };
  removeField: { readonly model: string; readonly name: string };
  renameField: { readonly model: string; readonly from: string; readonly to: string } & Stored;
  addUnique: { readonly model: string; readonly fields: readonly string[] } & Building;
  removeUnique: { readonly model: string; readonly fields: readonly string[] };
  addIndex: { readonly model: string; readonly index: Index } & Building;
  removeIndex: { readonly model: string; readonly index: Index } & Building;
  addConstraint: { readonly model: string; readonly constraint: Constraint } & Building;
  removeConstraint: { readonly model: string; readonly name: string };
  runSql: SqlTexts;
  runCode: Code;
}

/** Where the values of a renamed field are kept, as its declaration says it. */
interface Stored {
  readonly column?: string;
  /** The table of a many-to-many field. */
  readonly through?: string;
}

interface Building {
  /** PostgreSQL: without stopping those who write, and outside a transaction (default false). */
  readonly concurrently?: boolean;
}

/** SQL of one's own, per database; a statement, or several in a list. */
export interface SqlTexts {
  readonly sqlite?: string | readonly string[];
  readonly postgres?: string | readonly string[];
  /** What undoes it, for both databases or for each; without it the migration cannot be undone. */
  readonly reverse?: string | readonly string[] | Pick<SqlTexts, "sqlite" | "postgres">;
  /** A new database need not run it, so `squashmigrations` may leave it out (default false). */
  readonly elidable?: boolean;
  /** False where PostgreSQL has to run it outside a transaction, as VACUUM (default true); it may be run twice. */
  readonly atomic?: boolean;
}

export type OperationKind = keyof OperationData;

export type Operation<K extends OperationKind = OperationKind> = {
  [P in K]: { readonly kind: P } & OperationData[P];
}[K];

/**
 * Makes the table of a model, with its indexes, unique sets and many-to-many tables; with `managed: false` it says where the table is that
 * others point at.
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

/** Leaves the table of a model to somebody else, with what it holds: it is `managed: false` from then on. */
export const releaseModel = (name: string): Operation<"releaseModel"> =>
  Object.freeze({ kind: "releaseModel", model: name });

/**
 * Gives a model another name, and its table and many-to-many tables with it; what they hold stays, and so does what points at it.
 *
 * @param options  the table, where the declaration names one
 * @example
 * renameModel("shop.book", "shop.volume")
 */
export const renameModel = (
  from: string,
  to: string,
  { table }: { readonly table?: string } = {},
): Operation<"renameModel"> => Object.freeze({ kind: "renameModel", model: from, to, table });

/** Gives the table of a model another name, and its many-to-many tables with it. */
export const alterTable = (model: string, table: string): Operation<"alterTable"> =>
  Object.freeze({ kind: "alterTable", model, table });

/**
 * Adds a column, or the table of a many-to-many field. Rows that are there get the field's default.
 *
 * @example
 * addField("shop.book", "subtitle", field.text({ maxLength: 200, default: "" }))
 */
export const addField = (model: string, name: string, field: Field): Operation<"addField"> =>
  Object.freeze({ kind: "addField", model, name, field });

/**
 * Changes the column of a field: its type, whether it may be null, its index, where it points at. Rows that hold null get the
 * field's default where it may be null no longer.
 *
 * @example
 * alterField("shop.book", "title", field.text({ maxLength: 300 }))
 */
export const alterField = (model: string, name: string, field: Field): Operation<"alterField"> =>
  Object.freeze({ kind: "alterField", model, name, field });

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

/**
 * Makes some fields unique together.
 *
 * @param building  as that of an index
 */
export const addUnique = (
  model: string,
  fields: readonly string[],
  { concurrently }: Building = {},
): Operation<"addUnique"> => Object.freeze({ kind: "addUnique", model, fields, concurrently });

/** Lets some fields be no longer unique together. */
export const removeUnique = (model: string, fields: readonly string[]): Operation<"removeUnique"> =>
  Object.freeze({ kind: "removeUnique", model, fields });

/**
 * Makes an index.
 *
 * @param building  `concurrently` on PostgreSQL stops nobody who writes; its migration is then no transaction and holds
 *   operations of this kind alone
 * @example
 * addIndex("shop.book", { fields: ["author", "-published_at"] }, { concurrently: true })
 */
export const addIndex = (model: string, index: Index, { concurrently }: Building = {}): Operation<"addIndex"> =>
  Object.freeze({ kind: "addIndex", model, index, concurrently });

/** Drops an index, which is told by its declaration. */
export const removeIndex = (model: string, index: Index, { concurrently }: Building = {}): Operation<"removeIndex"> =>
  Object.freeze({ kind: "removeIndex", model, index, concurrently });

/**
 * Lets the database keep a rule; rows that break it end the migration.
 *
 * @param building  `concurrently` on PostgreSQL: rows that are there are looked at while others write, outside a transaction
 * @example
 * addConstraint("shop.book", { name: "price_positive", check: { price: { gt: 0 } } })
 */
export const addConstraint = (
  model: string,
  constraint: Constraint,
  { concurrently }: Building = {},
): Operation<"addConstraint"> => Object.freeze({ kind: "addConstraint", model, constraint, concurrently });

/** Lets the database forget a rule. */
export const removeConstraint = (model: string, name: string): Operation<"removeConstraint"> =>
  Object.freeze({ kind: "removeConstraint", model, name });

/**
 * Runs SQL of one's own; a database that is not named has nothing to do.
 *
 * @example
 * runSql({ postgres: "CREATE EXTENSION IF NOT EXISTS pg_trgm", reverse: { postgres: "DROP EXTENSION pg_trgm" } })
 */
export const runSql = (texts: SqlTexts): Operation<"runSql"> => Object.freeze({ kind: "runSql", ...texts });

/**
 * Runs TypeScript with the models as they are at this point, in the transaction of the migration.
 *
 * @example
 * runCode({
 *   async forward({ table }) {
 *     for (const book of await table("shop.book").list()) await table("shop.book").update(book.id, { slug: slugOf(book.title) });
 *   },
 *   backward: () => undefined,
 * })
 */
export const runCode = (code: Code): Operation<"runCode"> => Object.freeze({ kind: "runCode", ...code });

/** Tells whether PostgreSQL runs an operation outside a transaction. */
export const isOutside = (operation: Operation): boolean =>
  ("concurrently" in operation && operation.concurrently === true) ||
  ("atomic" in operation && operation.atomic === false);

/** The model that an operation is about; undefined for code and SQL. */
export const modelOf = (operation: { readonly kind: OperationKind; readonly model?: string }): string | undefined =>
  operation.model;

type Describe = { readonly [K in OperationKind]: (operation: Operation<K>) => string };

/** An index in words. */
const wordsOf = ({ name, fields }: Index): string => name ?? `on ${fields.join(", ")}`;

const descriptions: Describe = {
  createModel: ({ model, declaration }) => (declaration.managed ? `create model ${model}` : `point at ${model}`),
  deleteModel: ({ model }) => `delete model ${model}`,
  releaseModel: ({ model }) => `leave the table of ${model} to others`,
  renameModel: ({ model, to }) => `rename model ${model} to ${to}`,
  alterTable: ({ model, table }) => `rename the table of ${model} to ${table}`,
  addField: ({ model, name }) => `add field ${name} to ${model}`,
  alterField: ({ model, name }) => `alter field ${name} of ${model}`,
  removeField: ({ model, name }) => `remove field ${name} from ${model}`,
  renameField: ({ model, from, to }) => `rename field ${from} of ${model} to ${to}`,
  addUnique: ({ model, fields }) => `make ${fields.join(", ")} of ${model} unique together`,
  removeUnique: ({ model, fields }) => `let ${fields.join(", ")} of ${model} repeat`,
  addIndex: ({ model, index }) => `add index ${wordsOf(index)} to ${model}`,
  removeIndex: ({ model, index }) => `remove index ${wordsOf(index)} from ${model}`,
  addConstraint: ({ model, constraint }) => `add constraint ${constraint.name} to ${model}`,
  removeConstraint: ({ model, name }) => `remove constraint ${name} from ${model}`,
  runSql: () => "run SQL",
  runCode: () => "run code",
};

/** An operation in words, for people: `add field subtitle to shop.book`. */
export const describeOperation = <K extends OperationKind>(operation: Operation<K>): string =>
  descriptions[operation.kind](operation);

const kinds: ReadonlySet<unknown> = new Set(Object.keys(descriptions));

/** Tells whether a value is an operation that this version knows. */
export const isOperation = (value: unknown): value is Operation =>
  typeof value === "object" && value !== null && "kind" in value && kinds.has(value.kind);
