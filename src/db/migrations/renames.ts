/**
 * Fields that have another name now: told by the user, or certain because the column stays.
 *
 * Asked by the autodetector before it compares anything. A field that is gone while one of the same type is new may be either a
 * rename or a removal and an addition, and the second loses what the column holds; so that is not guessed but asked back.
 */
import { ConfigurationError } from "../../errors.ts";
import { columnOf, type Field, type Model } from "../../model/index.ts";
import { columnDefinition, isIndexed, isKind, quote, type Resolve } from "../columns.ts";
import { type Operation, renameField } from "./operations.ts";
import { getModel, type ProjectState, relationOf } from "./state.ts";

/** New names by the old ones with their models: `shop.book.title` to `name`. */
export type Renames = ReadonlyMap<string, string>;

export const noRenames: Renames = new Map();

/**
 * The renames that lead from a state to the declared models.
 * @throws ConfigurationError  a told rename fits no field, or it cannot be known whether something is a rename
 */
export function renamedFields(
  state: ProjectState,
  declared: readonly Model[],
  told: Renames,
): readonly Operation<"renameField">[] {
  const known = new Map([...state, ...declared.map((each): [string, Model] => [each.name, each])]);
  for (const rename of told) checkTold(rename, state, declared);
  return declared.flatMap((after) => {
    const before = state.get(after.name);
    return before ? renamesOf(before, after, told, (target) => getModel(known, target)) : [];
  });
}

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
    "expected MODEL.FIELD=NAME, a field that is no longer declared and one of the same model that is new, each once",
  );

function renamesOf(before: Model, after: Model, told: Renames, resolve: Resolve): Operation<"renameField">[] {
  const gone = new Set(Object.keys(before.fields).filter((name) => !after.fields[name]));
  const fresh = new Map(Object.entries(after.fields).filter(([name]) => !before.fields[name]));
  const operations: Operation<"renameField">[] = [];
  const textOf = (of: Model, name: string, describe = columnText): string =>
    describe(of, name, of.fields[name] as Field, resolve);
  const rename = (from: string, to: string, { kind, options }: Field): void => {
    if (kind === "manyToMany" && textOf(before, from) !== textOf(after, to)) throw otherTable(before, from, after, to);
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
    const same = [...fresh].find(([name]) => textOf(before, from) === textOf(after, name));
    if (same) rename(from, ...same);
  }
  for (const from of gone) {
    const alike = [...fresh.keys()].filter((name) => textOf(before, from, typeText) === textOf(after, name, typeText));
    const [to] = alike;
    if (to === undefined) continue;
    if (after.fields[to]?.kind === "manyToMany") throw otherTable(before, from, after, to);
    throw new ConfigurationError(`model "${after.name}", field "${from}"`, doubt(after, from, alike));
  }
  return operations;
}

const otherTable = (before: Model, from: string, after: Model, to: string): ConfigurationError =>
  new ConfigurationError(
    `model "${after.name}", field "${to}"`,
    `renaming the table of a many-to-many field is not possible yet; if it is "${from}" under another name, keep its table with` +
      ` through: "${linksTable(before, from)}"; if its links may go, make one migration without either and then one with the new field`,
  );

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
