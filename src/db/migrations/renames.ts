/**
 * Models and fields that have another name now: told by the user, or certain because the table or the column stays.
 *
 * Asked by the autodetector before it compares anything. A field that is gone while one of the same type is new, or
 * a model while one with the same columns is, may be either a rename or a removal and an addition, and the second loses what is there;
 * so that is not guessed but asked back.
 */
import { ConfigurationError } from "../../errors.ts";
import { columnOf, type Field, type Model } from "../../model/index.ts";
import { columnDefinition, isIndexed, isKind, quote, type Resolve } from "../columns.ts";
import { alterTable, type Operation, renameField, renameModel } from "./operations.ts";
import { changeState, getModel, type ProjectState, relationOf } from "./state.ts";

/** New names by the old ones: of models, `shop.book` to `shop.volume`, and of fields with their models, `shop.book.title` to `name`. */
export type Renames = ReadonlyMap<string, string>;

export const noRenames: Renames = new Map();

/**
 * The renames that lead from a state to the declared models.
 *
 * @param labels  the app labels whose models may be renamed
 * @throws ConfigurationError  a told rename fits nothing, or it cannot be known whether something is a rename
 */
export function renamesBetween(
  old: ProjectState,
  declared: readonly Model[],
  labels: readonly string[],
  told: Renames,
): readonly Operation[] {
  const models = renamedModels(old, declared, labels, told);
  const state = models.reduce<ProjectState>(changeState, old);
  const ofModels = new Set(models.map(({ model }) => model));
  const left = new Map([...told].filter(([from]) => !ofModels.has(from)));
  for (const rename of left) checkTold(rename, state, declared);
  const tables = declared.flatMap(({ name, table, label, managed }) => {
    const before = state.get(name);
    return before?.managed && managed && labels.includes(label) && before.table !== table
      ? [alterTable(name, table)]
      : [];
  });
  const moved = tables.reduce<ProjectState>(changeState, state);
  const known = new Map([...moved, ...declared.map((each): [string, Model] => [each.name, each])]);
  const fields = declared.flatMap((after) => {
    const before = moved.get(after.name);
    return before?.managed && after.managed ? renamesOf(before, after, left, (target) => getModel(known, target)) : [];
  });
  return [...models, ...tables, ...fields];
}

function renamedModels(
  state: ProjectState,
  declared: readonly Model[],
  labels: readonly string[],
  told: Renames,
): Operation<"renameModel">[] {
  const names = new Set(declared.map(({ name }) => name));
  const gone = [...state.values()].filter(
    ({ label, name, managed }) => managed && labels.includes(label) && !names.has(name),
  );
  const fresh = new Map(
    declared
      .filter(({ label, name, managed }) => managed && labels.includes(label) && !state.has(name))
      .map((each) => [each.name, each]),
  );
  const operations: Operation<"renameModel">[] = [];
  const rename = (from: Model, to: Model): void => {
    if (from.label !== to.label) throw moved(from, to);
    const isDefault = to.table === to.name.replace(".", "_");
    operations.push(renameModel(from.name, to.name, isDefault ? {} : { table: to.table }));
    fresh.delete(to.name);
  };
  for (const from of gone) {
    const to = told.get(from.name);
    if (to === undefined) continue;
    const model = fresh.get(to);
    if (!model) throw misfit(from.name, to);
    rename(from, model);
  }
  const renamed = (name: string): boolean => operations.some(({ model }) => model === name);
  for (const from of gone) {
    const same = [...fresh.values()].find(({ table }) => table === from.table);
    if (same && !renamed(from.name)) rename(from, same);
  }
  const all = new Map([...state, ...declared.map((each): [string, Model] => [each.name, each])]);
  const columns = (of: Model): string =>
    Object.entries(of.fields)
      .map(([name, field]) => {
        // Under its other name a model points at itself by that.
        if (relationOf(field) === of.name)
          return `${name} ${field.kind} to itself, ${field.null ? "or null" : "always"}`;
        return `${name} ${typeText(of, name, field, (target) => getModel(all, target))}`;
      })
      .join();
  const fieldsOf = ({ fields }: Model): string => Object.keys(fields).toSorted().join();
  for (const from of gone) {
    if (renamed(from.name)) continue;
    const elsewhere = [...fresh.values()].find(
      (to) => to.label !== from.label && to.modelName === from.modelName && fieldsOf(to) === fieldsOf(from),
    );
    if (elsewhere && Object.keys(from.fields).length > 1) throw moved(from, elsewhere);
    const alike = [...fresh.values()].filter((to) => to.label === from.label && columns(to) === columns(from));
    const [to] = alike;
    // A key alone is no likeness.
    if (!to || Object.keys(from.fields).length < 2) continue;
    throw new ConfigurationError(
      `model "${from.name}"`,
      `is gone, and ${alike.map(({ name }) => `"${name}"`).join(", ")} with the same columns ${alike.length > 1 ? "are" : "is"} new; ` +
        `if it is the same model, say --rename ${from.name}=${to.name}; if its rows may go, make one migration without either and ` +
        "then one with the new model",
    );
  }
  return operations;
}

/** Recorded migrations, rights and tables are kept under a label. */
const moved = (from: Model, to: Model): ConfigurationError =>
  new ConfigurationError(
    `model "${to.name}"`,
    `is "${from.name}", which is no longer declared, and a model cannot move to another label: leave it "${from.name}", for the address of its ` +
      "resource and its name in TypeScript are free; if its rows may go, make one migration without either and then one with the new model",
  );

function checkTold([from, to]: readonly [string, string], state: ProjectState, declared: readonly Model[]): void {
  const dot = from.lastIndexOf(".");
  const [name, field] = [from.slice(0, dot), from.slice(dot + 1)];
  const before = state.get(name)?.fields ?? {};
  const after = declared.find((each) => each.name === name)?.fields ?? {};
  if (before[field] && !after[field] && after[to] && !before[to]) return;
  throw misfit(from, to);
}

const misfit = (from: string, to: string): ConfigurationError =>
  new ConfigurationError(
    `rename ${from}=${to}`,
    "expected MODEL.FIELD=NAME or MODEL=MODEL, what is no longer declared and what is new in its place, each once",
  );

function renamesOf(before: Model, after: Model, told: Renames, resolve: Resolve): Operation<"renameField">[] {
  const gone = new Set(Object.keys(before.fields).filter((name) => !after.fields[name]));
  const fresh = new Map(Object.entries(after.fields).filter(([name]) => !before.fields[name]));
  const operations: Operation<"renameField">[] = [];
  const textOf = (of: Model, name: string, describe = columnText): string =>
    describe(of, name, of.fields[name] as Field, resolve);
  const isStoredAs = (from: string, name: string, field: Field): boolean => {
    const old = before.fields[from];
    if (!old || isKind(old, "manyToMany") || isKind(field, "manyToMany"))
      return textOf(before, from) === textOf(after, name);
    // Of another type it is still what the column holds.
    return columnOf(from, old) === columnOf(name, field);
  };
  const rename = (from: string, to: string, { options }: Field): void => {
    const through = "through" in options ? options.through : undefined;
    operations.push(renameField(after.name, from, to, { column: options.column, through }));
    gone.delete(from);
    fresh.delete(to);
  };
  for (const from of gone) {
    const to = told.get(`${after.name}.${from}`);
    if (to === undefined) continue;
    const field = fresh.get(to);
    if (!field) throw misfit(`${after.name}.${from}`, to);
    rename(from, to, field);
  }
  for (const from of gone) {
    const same = [...fresh].find(([name, field]) => isStoredAs(from, name, field));
    if (same) rename(from, ...same);
  }
  for (const from of gone) {
    const alike = [...fresh.keys()].filter((name) => textOf(before, from, typeText) === textOf(after, name, typeText));
    const [to] = alike;
    if (to === undefined) continue;
    throw new ConfigurationError(`model "${after.name}", field "${from}"`, doubt(after, from, alike));
  }
  return operations;
}

/** The table of a many-to-many field. */
const linksTable = ({ table, fields }: Model, name: string): string => {
  const options = fields[name]?.options;
  return (options && "through" in options ? options.through : undefined) ?? `${table}_${name}`;
};

const doubt = ({ name }: Model, from: string, alike: readonly string[]): string =>
  `is gone, and ${alike.map((to) => `"${to}"`).join(", ")} of the same type ${alike.length > 1 ? "are" : "is"} new; if it is the same field,` +
  ` say --rename ${name}.${from}=${alike[0]}; if what it holds may go, make one migration without either and then one with the new field`;

/** What the database has of a field, on both sides of the house, in one line. */
export function columnText(of: Model, name: string, field: Field, resolve: Resolve): string {
  if (isKind(field, "manyToMany")) return `${typeText(of, name, field, resolve)} in ${linksTable(of, name)}`;
  return `${columnOf(name, field)} ${typeText(of, name, field, resolve)}`;
}

function typeText(_: Model, name: string, field: Field, resolve: Resolve): string {
  if (isKind(field, "manyToMany")) return `many-to-many with ${relationOf(field)}`;
  const [sqlite, postgres] = [
    columnDefinition(name, field, "sqlite", resolve),
    columnDefinition(name, field, "postgres", resolve),
  ];
  const text = `${sqlite} (PostgreSQL: ${postgres})${isIndexed(field) ? " with an index" : ""}`;
  // Its checks name the column.
  return text.replaceAll(quote(columnOf(name, field)), "it");
}
