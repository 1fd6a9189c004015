/**
 * What a field is in the database: the type and constraints of its column, on both databases.
 *
 * One table, by kind; read by the schema editor when it makes tables, and by the autodetector when it asks whether a
 * declaration still is what the database has.
 * Reference: django.db.backends.{sqlite3,postgresql}.base (`data_types`, `data_type_check_constraints`) of Django 3.2, and
 * `column_sql` of its schema editor; identity columns as Django 4.1 writes them.
 * Differs: no second index of `varchar_pattern_ops` beside an index on PostgreSQL.
 */
import { columnOf, type Field, type FieldKind, type Model, type OptionsOf, type Target } from "../model/index.ts";
import type { Dialect } from "./database.ts";

/** Finds the model that a relation names. */
export type Resolve = (target: Target) => Model;

type ColumnTypes = Readonly<Record<Dialect, string>>;

const same = (type: string): ColumnTypes => ({ sqlite: type, postgres: type });
const varchar = ({ maxLength }: { readonly maxLength?: number }): ColumnTypes =>
  same(maxLength === undefined ? "text" : `varchar(${maxLength})`);
const none = (): undefined => undefined;

/** The column type of each kind; undefined where the kind has no column of its own. */
const columnTypes = {
  boolean: () => ({ sqlite: "bool", postgres: "boolean" }),
  text: varchar,
  email: varchar,
  url: varchar,
  slug: varchar,
  uuid: () => ({ sqlite: "char(32)", postgres: "uuid" }),
  ip: () => ({ sqlite: "char(39)", postgres: "inet" }),
  integer: (options) => {
    const type = options.big ? "bigint" : options.small ? "smallint" : "integer";
    if (options.primaryKey) return { sqlite: "integer", postgres: type };
    return { sqlite: isPositive(options) ? `${type} unsigned` : type, postgres: type };
  },
  float: () => ({ sqlite: "real", postgres: "double precision" }),
  decimal: ({ maxDigits, decimalPlaces }) => ({
    sqlite: "decimal",
    postgres: `numeric(${maxDigits}, ${decimalPlaces})`,
  }),
  datetime: () => ({ sqlite: "datetime", postgres: "timestamp with time zone" }),
  date: () => same("date"),
  time: () => same("time"),
  duration: () => ({ sqlite: "bigint", postgres: "interval" }),
  choice: (options) => (hasNumbers(options) ? same("integer") : varchar(options)),
  json: () => ({ sqlite: "text", postgres: "jsonb" }),
  binary: () => ({ sqlite: "BLOB", postgres: "bytea" }),
  list: none,
  dict: none,
  nested: none,
  foreignKey: (options, resolve) => keyTypes(keyField(resolve(options.to)), resolve),
  manyToMany: none,
  computed: none,
  file: varchar,
} satisfies ColumnTypeTable;

type ColumnTypeTable = {
  readonly [K in FieldKind]: (options: OptionsOf[K], resolve: Resolve) => ColumnTypes | undefined;
};

function typesOf<K extends FieldKind>(field: Field<K>, resolve: Resolve): ColumnTypes | undefined {
  const table: ColumnTypeTable = columnTypes;
  return table[field.kind](field.options, resolve);
}

/** The type of a field's column; undefined for a many-to-many field. */
export const columnType = (field: Field, dialect: Dialect, resolve: Resolve): string | undefined =>
  typesOf(field, resolve)?.[dialect];

/** The type of a column that holds another model's primary key (`rel_db_type`): automatic keys lose their automatism. */
function keyTypes(key: Field, resolve: Resolve): ColumnTypes | undefined {
  if (isKind(key, "integer")) return same(key.options.big ? "bigint" : key.options.small ? "smallint" : "integer");
  return typesOf(key, resolve);
}

/**
 * A whole number declared with `min: 0` is Django's PositiveIntegerField: the database checks it, too. Any other bound is
 * checked by validation alone.
 */
const isPositive = (options: OptionsOf["integer"]): boolean => options.min === 0;

/** Tells whether every choice is a number, so that the column is one. */
export const hasNumbers = ({ choices }: OptionsOf["choice"]): boolean =>
  choices.every((choice) => typeof (typeof choice === "object" ? choice[0] : choice) === "number");

/** Tells whether a field is of a kind, with the options of that kind. */
export const isKind = <K extends FieldKind>(field: Field, kind: K): field is Field<K> & Field => field.kind === kind;

/** The primary key field of a model. */
export function keyField(model: Model): Field {
  const field = model.fields[model.primaryKey];
  if (!field) throw new TypeError(`model "${model.name}" has no field "${model.primaryKey}"`);
  return field;
}

/** A number that the database gives out: a whole-number primary key. */
export const isAutomatic = (field: Field): boolean => field.kind === "integer" && field.options.primaryKey === true;

/** Tells whether the column gets an index of its own. Reference: `_field_should_be_indexed`; slugs are, as in Django. */
export function isIndexed({ kind, options }: Field): boolean {
  if (options.unique || options.primaryKey) return false;
  return options.index ?? (kind === "foreignKey" || kind === "slug");
}

/** What the database checks of a column by itself; undefined where nothing. */
export function checkOf(field: Field, column: string, dialect: Dialect): string | undefined {
  if (isKind(field, "integer") && isPositive(field.options) && !isAutomatic(field)) return `${quote(column)} >= 0`;
  if (field.kind !== "json" || dialect !== "sqlite") return undefined;
  return `(JSON_VALID(${quote(column)}) OR ${quote(column)} IS NULL)`;
}

/**
 * The definition of a field's column as it stands in CREATE TABLE, without its name; undefined for a many-to-many field.
 *
 * @param backfill  an SQL expression for rows that are there already, written as a default
 * @example
 * columnDefinition("isbn", field.text({ maxLength: 13, unique: true }), "sqlite", resolve); // varchar(13) NOT NULL UNIQUE
 */
export function columnDefinition(
  name: string,
  field: Field,
  dialect: Dialect,
  resolve: Resolve,
  backfill?: string,
): string | undefined {
  const type = typesOf(field, resolve)?.[dialect];
  if (type === undefined) return undefined;
  const { primaryKey, unique } = field.options;
  const check = checkOf(field, columnOf(name, field), dialect);
  return [
    type,
    backfill === undefined ? "" : `DEFAULT ${backfill}`,
    field.null ? "NULL" : "NOT NULL",
    primaryKey ? "PRIMARY KEY" : unique ? "UNIQUE" : "",
    check ? `CHECK (${check})` : "",
    isAutomatic(field) ? (dialect === "sqlite" ? "AUTOINCREMENT" : "GENERATED BY DEFAULT AS IDENTITY") : "",
    dialect === "sqlite" && isKind(field, "foreignKey") ? references(resolve(field.options.to)) : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
}

/** `REFERENCES …`, checked when the transaction ends, as Django declares it. */
export function references(target: Model): string {
  const column = columnOf(target.primaryKey, keyField(target));
  return `REFERENCES ${quote(target.table)} (${quote(column)}) DEFERRABLE INITIALLY DEFERRED`;
}

/** An SQL name in quotes. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
