/**
 * A model: the name of a kind of thing and its fields. Frozen plain data that every other system reads.
 *
 * Reference: django.db.models.Model and its Meta (`unique_together`, `ordering`, `db_table`, app labels).
 */
import { checkNames } from "../config/index.ts";
import { ConfigurationError } from "../errors.ts";
import { aFieldOf, defineField, type Field, type FieldMap } from "./field.ts";
import { id } from "./fields.ts";
import { type Constraint, checkIndexes, type DeclaredConstraint, type Index, type RuleMessage } from "./indexes.ts";
import type { Input, Row } from "./row.ts";

/** Fields with the primary key that a declaration without one is given. */
export type WithPrimaryKey<Fields extends FieldMap> = true extends {
  [N in keyof Fields]: Fields[N] extends { options: { primaryKey: true } } ? true : never;
}[keyof Fields]
  ? Fields
  : { readonly id: ReturnType<typeof id> } & Fields;

export interface Model<Name extends string = string, Fields extends FieldMap = FieldMap> {
  /** As declared: `snack`, or `shop.book` with an app label. */
  readonly name: Name;
  /** The app label, `app` where none is declared; model permissions are `<label>.<action>_<model>`. */
  readonly label: string;
  /** The name without its label. */
  readonly modelName: string;
  readonly table: string;
  readonly fields: Fields;
  /** Name of the primary key field. */
  readonly primaryKey: string;
  /** Sets of fields whose values are unique together. */
  readonly unique: readonly (readonly string[])[];
  /** Indexes beside those of single fields. */
  readonly indexes: readonly Index[];
  /** Rules that the database keeps. */
  readonly constraints: readonly Constraint[];
  /** What a client is told whose values break one of them, by its name. */
  readonly ruleMessages: ReadonlyMap<string, RuleMessage>;
  /** Default order of lists: field names, `-` before a descending one. */
  readonly order: readonly string[];
  /** Whether migrations make and change its table; false where the table is somebody else's. */
  readonly managed: boolean;
}

/** The row of a model as it is read. */
export type RowOf<M extends Model> = Row<M["fields"]>;
/** What a client sends to create a row of a model. */
export type InputOf<M extends Model> = Input<M["fields"]>;

/** The names of fields, that of the automatic primary key among them. */
type FieldNames<Fields extends FieldMap> = keyof WithPrimaryKey<Fields> & string;

export interface ModelOptions<Fields extends FieldMap> {
  readonly fields: Fields;
  readonly unique?: readonly (readonly (keyof Fields & string)[])[];
  /**
   * Indexes beside those of single fields (`index: true`).
   *
   * @example
   * indexes: [{ fields: ["author", "-published_at"], where: { in_print: true } }],
   */
  readonly indexes?: readonly Index<FieldNames<Fields>>[];
  /**
   * Rules that the database keeps: what holds of every row, and what is unique where something holds. Clients whose values break one get a
   * 400 that says so, with the `message` and `code` that are given here.
   *
   * @example
   * constraints: [
   *   { name: "ends_after_start", check: [{ ends: null }, { ends: { gt: { field: "starts" } } }] },
   *   { name: "one_draft_each", unique: ["owner"], where: { published_at: null } },
   * ],
   * @example
   * constraints: [{ name: "costs_something", check: { price: { gt: "0.00" } }, code: "free", message: "Nothing is free." }],
   */
  readonly constraints?: readonly DeclaredConstraint<FieldNames<Fields>>[];
  readonly order?: readonly (FieldNames<Fields> | `-${FieldNames<Fields>}`)[];
  /** False where the table is somebody else's, and migrations must not make, change or delete it (default true). */
  readonly managed?: boolean;
  /** Name of the table (default: the name, with `_` for the dot). */
  readonly table?: string;
}

const optionNames = {
  fields: true,
  unique: true,
  indexes: true,
  constraints: true,
  order: true,
  managed: true,
  table: true,
} satisfies Record<keyof ModelOptions<FieldMap>, true>;

/**
 * Declares a model.
 *
 * @param name  lower-case letters, digits and `_`; `label.name` puts it under a Django app label
 * @throws ConfigurationError  a name is malformed, two primary keys, or an unknown field in `unique`, `indexes`, `constraints` or `order`
 * @example
 * const Snack = model("snack", { fields: { name: field.text({ maxLength: 64, unique: true }) } });
 */
export function model<const Name extends string, const Fields extends FieldMap>(
  name: Name,
  options: ModelOptions<Fields>,
): Model<Name, WithPrimaryKey<Fields>> {
  const place = `model "${name}"`;
  if (!/^([a-z][a-z0-9_]*\.)?[a-z][a-z0-9_]*$/.test(name)) {
    throw new ConfigurationError(
      place,
      "expected a name of lower-case letters, digits and _, such as snack or shop.book",
    );
  }
  if (typeof options?.fields !== "object" || options.fields === null)
    throw new ConfigurationError(place, "expected fields, such as { fields: { name: field.text() } }");
  checkNames(place, options, optionNames, "option");
  for (const [field, one] of Object.entries<Partial<Field> | null>(options.fields))
    if (one?.kind === undefined || one.options === undefined)
      throw new ConfigurationError(`${place}, field "${field}"`, "expected a field, such as field.text()");
  const keys = Object.keys(options.fields).filter((field) => options.fields[field]?.options.primaryKey);
  if (keys.length > 1) throw new ConfigurationError(place, `expected one primary key, got ${keys.join(" and ")}`);
  const own = Object.fromEntries(Object.entries(options.fields).map(([field, one]) => [field, onItself(one, name)]));
  const fields: FieldMap = keys.length ? own : { id: id(), ...own };
  for (const [fieldName, field] of Object.entries(fields)) checkField(place, fieldName, field);
  const known = (field: string, where: string) => {
    if (field in fields) return;
    throw new ConfigurationError(
      `${place}, ${where}`,
      `"${field}" is not a field; fields: ${Object.keys(fields).join(", ")}`,
    );
  };
  const unique = options.unique ?? [];
  for (const [i, set] of unique.entries()) for (const field of set) known(field, `unique[${i}]`);
  const { indexes = [], constraints: declared = [] } = options;
  const constraints = declared.map(({ code, message, ...rule }): Constraint => rule);
  checkIndexes(place, indexes, constraints, known);
  const primaryKey = keys[0] ?? "id";
  const order = options.order ?? [primaryKey];
  for (const [i, field] of order.entries()) known(field.replace(/^-/, ""), `order[${i}]`);
  const [modelName = name, label = "app"] = name.split(".").reverse();
  return Object.freeze({
    name,
    label,
    modelName,
    table: options.table ?? name.replace(".", "_"),
    fields: Object.freeze(fields) as WithPrimaryKey<Fields>,
    primaryKey,
    unique,
    indexes,
    constraints,
    ruleMessages: new Map(declared.map(({ name, code, message }) => [name, { code, message }])),
    order,
    managed: options.managed ?? true,
  });
}

/** A relation to `self` points at the model that it stands in. */
const onItself = (field: Field, name: string): Field =>
  "to" in field.options && field.options.to === "self"
    ? defineField(field.kind, { ...field.options, to: name } as Field["options"])
    : field;

const notColumns = new Set(["list", "dict", "nested", "computed"]);

function checkField(place: string, name: string, field: Field): void {
  const at = `${place}, field "${name}"`;
  if (!/^[a-z][a-z0-9_]*$/.test(name) || name.includes("__")) {
    throw new ConfigurationError(at, "expected a name of lower-case letters, digits and single _");
  }
  if (field.options.aggregate !== undefined)
    throw new ConfigurationError(at, 'is computed of other rows; declare it in the resource\'s "extra"');
  if (notColumns.has(field.kind) || field.options.source !== undefined) {
    throw new ConfigurationError(at, `${aFieldOf(field.kind)} is no column; declare it in the resource's "extra"`);
  }
}

/** The column of a field: its name, with `_id` for a foreign key, unless the declaration says otherwise. */
export function columnOf(name: string, field: Field): string {
  return field.options.column ?? (field.kind === "foreignKey" ? `${name}_id` : name);
}
