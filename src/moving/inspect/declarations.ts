/**
 * From tables to declarations of models: names as Django would have them, relations in place of numbers.
 *
 * Reference: `manage.py inspectdb`. Differs: many-to-many tables become fields, the app label of a table is looked up among Django's content
 * types, tables that drf-auth has models of are pointed at.
 */
import { authModels } from "../../auth/index.ts";
import type { Model } from "../../model/index.ts";
import { rulesIn } from "./checks.ts";
import { type Guess, guessField } from "./kinds.ts";
import type { ColumnFacts, KeyFacts, TableFacts } from "./tables.ts";

/** A field as it is to be written. */
export interface DeclaredField {
  readonly name: string;
  /** The function of `field`; absent where a column has no kind, and `note` says so. */
  readonly make?: string;
  /** Of a relation: the full name of a model. */
  readonly to?: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly note?: string;
}

export interface DeclaredModel {
  /** With its label: `shop.book`. */
  readonly name: string;
  readonly table: string;
  readonly fields: readonly DeclaredField[];
  readonly unique: readonly (readonly string[])[];
}

export interface Inspected {
  readonly models: readonly DeclaredModel[];
  /** Tables that can be no model, and why. */
  readonly skipped: Readonly<Record<string, string>>;
}

/** Digits after the point that the rows of a column need. */
export type PlacesOf = ReadonlyMap<string, number>;
export const placeKey = (table: string, column: string): string => `${table}.${column}`;

const known: ReadonlyMap<string, Model> = new Map(authModels.map((model) => [model.table, model]));
/** Tables between them, and what Django and drf-auth keep for themselves. */
const internal =
  /^(auth_group_permissions|auth_user_groups|auth_user_user_permissions|django_migrations|django_admin_log|django_site|authtoken_token|drf_auth_.*)$/;
export const isOurs = (table: string): boolean => known.has(table) || internal.test(table);

/**
 * Makes declarations of tables.
 * @param contentTypes  Django's, as label and model
 * @param wanted        names of tables (default: all)
 */
export function declareModels(
  tables: readonly TableFacts[],
  contentTypes: readonly (readonly [label: string, model: string])[],
  placesOf: PlacesOf,
  wanted: readonly string[] = [],
): Inspected {
  const names = new Map([...known.values()].map((model) => [model.table, model.name]));
  const byTable = new Map(contentTypes.map(([label, model]) => [`${label}_${model}`, `${label}.${model}`]));
  const skipped: Record<string, string> = {};
  const taken = new Set(names.values());
  /** Of two tables whose names differ in what a name cannot have, the second gets a number. */
  const freeName = (wish: string): string => {
    let name = wish;
    for (let i = 2; taken.has(name); i++) name = `${wish}_${i}`;
    taken.add(name);
    return name;
  };
  const own = tables.filter(({ name }) => !isOurs(name) && (wanted.length === 0 || wanted.includes(name)));
  const links = new Map<string, Link>();
  for (const table of own) {
    const link = linkOf(table, byTable, names);
    const [key, ...more] = table.primaryKey;
    const column = table.columns.find(({ name }) => name === key);
    if (link && own.some(({ name }) => name === link.owner)) links.set(table.name, link);
    else if (!column || more.length > 0)
      skipped[table.name] = `its primary key has ${table.primaryKey.length || "no"} columns; a model has one`;
    else if (!table.isAutomatic && !mayBeKey(guessField(column)))
      skipped[table.name] =
        `no field holds its primary key ${column.name}${column.type === "" ? "" : `, a ${column.type}`}`;
    else names.set(table.name, freeName(byTable.get(table.name) ?? plainName(table.name)));
  }
  const models = own
    .filter(({ name }) => !links.has(name) && !(name in skipped))
    .map((table) => declareModel(table, [...links.values()], names, placesOf, tables));
  return { models: inOrder(models), skipped };
}

interface Link {
  readonly table: string;
  /** Table of the model that gets the field. */
  readonly owner: string;
  readonly target: string;
  readonly field: string;
}

/** A table of Django's between two models: two foreign keys, unique together, and nothing else. */
function linkOf(
  { name, columns, references, unique, primaryKey }: TableFacts,
  byTable: ReadonlyMap<string, string>,
  names: ReadonlyMap<string, string>,
): Link | undefined {
  const [first, second, ...more] = references;
  if (!first || !second || more.length > 0 || columns.length > 3) return undefined;
  const pair = [first.column, second.column].toSorted().join();
  const rest = columns.filter(({ name: column }) => column !== first.column && column !== second.column);
  if (rest.some((column) => !primaryKey.includes(column.name))) return undefined;
  if (![...unique, primaryKey].some((set) => set.toSorted().join() === pair)) return undefined;
  const modelOf = (table: string) =>
    (byTable.get(table) ?? names.get(table) ?? plainName(table)).split(".").at(-1) ?? "";
  const [left, right] = modelOf(first.table) === modelOf(second.table) ? ["from_", "to_"] : ["", ""];
  // The names of its columns are not written down in a declaration, so they must be Django's.
  for (const [from, to] of [
    [first, second],
    [second, first],
  ] as const) {
    if (!name.startsWith(`${from.table}_`)) continue;
    if (from.column !== `${left}${modelOf(from.table)}_id` || to.column !== `${right}${modelOf(to.table)}_id`) continue;
    return { table: name, owner: from.table, target: to.table, field: nameOf(name.slice(from.table.length + 1)) };
  }
  return undefined;
}

function declareModel(
  table: TableFacts,
  links: readonly Link[],
  names: ReadonlyMap<string, string>,
  placesOf: PlacesOf,
  tables: readonly TableFacts[],
): DeclaredModel {
  const rules = rulesIn(table.checks);
  const fieldOf = new Map<string, string>();
  const taken = new Set<string>();
  const fields: DeclaredField[] = [];
  for (const column of table.columns) {
    const reference = table.references.find((each) => each.column === column.name);
    const to = reference && isToKey(reference, tables) ? names.get(reference.table) : undefined;
    const wish = nameOf(to === undefined ? column.name : column.name.replace(/_id$/, ""));
    let name = wish;
    for (let i = 2; taken.has(name); i++) name = `${wish}_${i}`;
    taken.add(name);
    fieldOf.set(column.name, name);
    const usual = to === undefined ? name : `${name}_id`;
    const common = {
      ...(usual !== column.name && { column: column.name }),
      ...commonOptions(table, column, to !== undefined),
    };
    if (to !== undefined) {
      fields.push({ name, make: "foreignKey", to, options: common });
      continue;
    }
    const isKey = table.primaryKey.includes(column.name);
    const places = placesOf.get(placeKey(table.name, column.name));
    const guess = isKey && table.isAutomatic ? undefined : guessField(column, rules.get(column.name), places);
    if (column.isGenerated)
      fields.push({ name, options: {}, note: "the database computes it; the API leaves it alone" });
    else if (isKey && table.isAutomatic) fields.push(automaticKey(name, column, table, tables));
    else if (guess) {
      const note = reference ? `points at ${whereTo(reference, names)}` : guess.note;
      fields.push({ name, make: guess.kind, options: { ...guess.options, ...common }, note });
    } else fields.push({ name, options: {}, note: `${column.type}: no field holds it; the API leaves it alone` });
  }
  for (const { table: through, owner, target, field } of links) {
    const to = names.get(target);
    if (owner !== table.name || to === undefined) continue;
    const options = through === `${table.name}_${field}` ? { blank: true } : { blank: true, through };
    fields.push({ name: taken.has(field) ? `${field}_links` : field, make: "manyToMany", to, options });
  }
  const made = new Set(fields.filter(({ make }) => make !== undefined).map(({ name }) => name));
  const sets = table.unique
    .filter((set) => set.length > 1)
    .map((set) => set.map((column) => fieldOf.get(column) ?? column));
  return {
    name: names.get(table.name) ?? plainName(table.name),
    table: table.name,
    fields,
    unique: sets.filter((set) => set.every((name) => made.has(name))),
  };
}

/** A foreign key of a model holds the key of another one, and nothing else that is unique there. */
const isToKey = ({ table, to }: KeyFacts, tables: readonly TableFacts[]): boolean =>
  to === undefined || tables.some(({ name, primaryKey }) => name === table && primaryKey.join() === to);

const whereTo = ({ table, to }: KeyFacts, names: ReadonlyMap<string, string>): string =>
  names.has(table) ? `${to} of ${table}, which is not its key` : `${table}, of which there is no model`;

/** The key that the database gives; on SQLite it has one type, and what points at it has two. */
function automaticKey(
  name: string,
  column: ColumnFacts,
  table: TableFacts,
  tables: readonly TableFacts[],
): DeclaredField {
  const pointing = tables.flatMap(({ columns, references }) =>
    references
      .filter((each) => each.table === table.name)
      .map((each) => columns.find((other) => other.name === each.column)?.type ?? ""),
  );
  const isSmall =
    column.type === "integer" && pointing.length > 0 && !pointing.some((type) => type.startsWith("bigint"));
  const options = { primaryKey: true, ...(name !== column.name && { column: column.name }) };
  if (isSmall) return { name, make: "integer", options };
  return name === "id" && name === column.name
    ? { name, make: "id", options: {} }
    : { name, make: "integer", options: { big: true, ...options } };
}

function commonOptions(table: TableFacts, column: ColumnFacts, isRelation: boolean): Readonly<Record<string, unknown>> {
  const isKey = table.primaryKey.includes(column.name);
  const isUnique = table.unique.some((set) => set.length === 1 && set[0] === column.name);
  const isIndexed = table.indexed.includes(column.name);
  return {
    // Nobody but the client knows such a key.
    ...(isKey && { primaryKey: true, readOnly: false }),
    ...(column.null && { null: true }),
    ...(isUnique && !isKey && { unique: true }),
    ...(isIndexed && !isUnique && !isKey && !isRelation && !/(^|_)slug$/.test(column.name) && { index: true }),
    ...(column.default !== undefined && !isKey && defaultOf(column.default)),
  };
}

/** A default that is a plain value; any other is the database's to fill in. */
function defaultOf(sql: string): Readonly<Record<string, unknown>> {
  const value = sql.replace(/::[\w ]+(\(\d+\))?$/, "");
  if (/^NULL$/i.test(value)) return {};
  if (/^(true|false)$/i.test(value)) return { default: value.toLowerCase() === "true" };
  const text = /^'((?:[^']|'')*)'$/.exec(value)?.[1];
  if (text !== undefined) return { default: text.replaceAll("''", "'") };
  return /^-?\d{1,15}(\.\d+)?$/.test(value) ? { default: Number(value) } : { required: false };
}

/** A name that a field or model may have. */
function nameOf(column: string): string {
  const name = column
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  return /^[a-z]/.test(name) ? name : `field_${name}`.replace(/_$/, "");
}

const plainName = (table: string): string => nameOf(table);

/** What others point at comes first; of a circle it stays as it was. */
function inOrder(models: readonly DeclaredModel[]): readonly DeclaredModel[] {
  const ordered = new Set<DeclaredModel>();
  const begun = new Set<DeclaredModel>();
  const visit = (model: DeclaredModel): void => {
    if (begun.has(model)) return;
    begun.add(model);
    for (const { to } of model.fields) {
      const target = models.find(({ name }) => name === to);
      if (target) visit(target);
    }
    ordered.add(model);
  };
  models.forEach(visit);
  return [...ordered];
}

/** Whether rows can be named and sorted by a field; bytes stand in no URL. */
const mayBeKey = (guess: Guess | undefined): boolean => guess !== undefined && guess.kind !== "binary";
