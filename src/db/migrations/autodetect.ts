/**
 * What has to be done so that the database has the declared models: declarations against state, operations out.
 *
 * Two fields are the same when their columns are, on both databases; what only validation knows makes no migration. The
 * operations come in an order that works: a model after those it points at, unique sets after their fields, and the result
 * depends on nothing but the models and the state.
 * Reference: django.db.migrations.autodetector.MigrationAutodetector.
 * Differs: renames are told or certain (`renames.ts`), never guessed, and a change that has no operation yet is an error that names it.
 */
import { ConfigurationError } from "../../errors.ts";
import {
  type Constraint,
  type Field,
  fieldsOfCondition,
  type Index,
  indexedField,
  type Model,
} from "../../model/index.ts";
import type { Resolve } from "../columns.ts";
import { backfillOf } from "./backfill.ts";
import { isConvertible, typeChange } from "./convert.ts";
import { foreignTables, refuseOthersTable } from "./foreign-tables.ts";
import { labelOf } from "./migration.ts";
import {
  addConstraint,
  addField,
  addIndex,
  addUnique,
  alterField,
  createModel,
  deleteModel,
  type Operation,
  releaseModel,
  removeConstraint,
  removeField,
  removeIndex,
  removeUnique,
} from "./operations.ts";
import { refuseLongNames, refuseTakenColumns } from "./physical-names.ts";
import { columnText, noRenames, type Renames, renamesBetween } from "./renames.ts";
import { changeState, getModel, type ProjectState, relationOf, relationsOf } from "./state.ts";
import { throughModels } from "./through.ts";

/**
 * The operations that lead from a state to the declared models.
 *
 * @param renames  models and fields of the state that have another name now
 * @param labels  the app labels that are looked at; models of the state under others stay as they are
 * @throws ConfigurationError  a change that has no operation yet, a relation to no model, a field that existing rows would
 *   have no value for; each names the model and the field
 */
export function autodetect(
  old: ProjectState,
  declared: readonly Model[],
  labels: readonly string[] = [...new Set(declared.map(({ label }) => label))],
  renames: Renames = noRenames,
): readonly Operation[] {
  const renamed = renamesBetween(old, declared, labels, renames);
  const state = renamed.reduce<ProjectState>(changeState, old);
  const wanted = new Map(
    declared.filter(({ label, managed }) => managed && labels.includes(label)).map((each) => [each.name, each]),
  );
  const known = new Map([...state, ...declared.map((each): [string, Model] => [each.name, each])]);
  const resolve: Resolve = (target) => getModel(known, target);
  const created = [...wanted.values()].filter(({ name }) => !state.get(name)?.managed);
  const others = foreignTables(state, [...wanted.values()], declared);
  const released = declared.filter(({ name, managed }) => !managed && state.get(name)?.managed);
  const removed = [...state.values()].filter(
    ({ name, managed }) =>
      managed && labels.includes(labelOf(name)) && !wanted.has(name) && !released.some((each) => each.name === name),
  );
  for (const each of removed) refuseOthersTable(each, declared);
  for (const each of wanted.values()) for (const name of relationsOf(each)) resolve(name);
  const kept = [...wanted.values()].flatMap((after) => {
    const before = state.get(after.name);
    return before?.managed ? [{ before, after }] : [];
  });
  const named = [...old.values()];
  const formerly: Resolve = (target) => getModel(old, target);
  refuseLongNames([...wanted.values()], [...named, ...named.flatMap((each) => throughModels(each, formerly))], resolve);
  for (const { before, after } of kept) refuseTakenColumns(before, after);
  return [
    ...renamed,
    ...released.map(({ name }) => releaseModel(name)),
    ...others,
    ...creations(created),
    ...kept.flatMap(({ before, after }) => fieldChanges(before, after, resolve)),
    ...creations(removed).toReversed().map(undone),
  ];
}

type Creation = Operation<"createModel" | "addField" | "addUnique" | "addIndex" | "addConstraint">;

/** New models, each after those it points at; where they point at each other in a circle, a field is added afterwards. */
function creations(models: readonly Model[]): readonly Creation[] {
  const left = new Map(models.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((each) => [each.name, each]));
  const waiting = (each: Model): string[] => relationsOf(each).filter((name) => name !== each.name && left.has(name));
  const first: Creation[] = [];
  const later: Creation[] = [];
  while (left.size) {
    const [any] = left.values();
    const next = [...left.values()].find((each) => waiting(each).length === 0) ?? any;
    if (!next) break;
    const postponed = new Set(waiting(next));
    const isNow = (field: Field | undefined): boolean => !field || !postponed.has(relationOf(field) ?? "");
    const { name, table, fields, unique, indexes, constraints } = next;
    const now = Object.fromEntries(Object.entries(fields).filter(([, field]) => isNow(field)));
    const setIsNow = (set: readonly string[]): boolean => set.every((field) => isNow(fields[field]));
    const indexIsNow = (index: Index): boolean => setIsNow(fieldsOfIndex(index));
    const ruleIsNow = (rule: Constraint): boolean => setIsNow(fieldsOfConstraint(rule));
    first.push(
      createModel(name, {
        fields: now,
        table,
        unique: unique.filter(setIsNow),
        indexes: indexes.filter(indexIsNow),
        constraints: constraints.filter(ruleIsNow),
      }),
    );
    for (const [field, each] of Object.entries(fields)) if (!isNow(each)) later.push(addField(name, field, each));
    for (const set of unique) if (!setIsNow(set)) later.push(addUnique(name, set));
    for (const index of indexes) if (!indexIsNow(index)) later.push(addIndex(name, index));
    for (const rule of constraints) if (!ruleIsNow(rule)) later.push(addConstraint(name, rule));
    left.delete(name);
  }
  return [...first, ...later];
}

/** The operation that takes back what a creation did. */
function undone(operation: Creation): Operation {
  if (operation.kind === "createModel") return deleteModel(operation.model);
  if (operation.kind === "addField") return removeField(operation.model, operation.name);
  if (operation.kind === "addIndex") return removeIndex(operation.model, operation.index);
  if (operation.kind === "addConstraint") return removeConstraint(operation.model, operation.constraint.name);
  return removeUnique(operation.model, operation.fields);
}

/** The names of the fields that an index speaks of. */
const fieldsOfIndex = ({ fields, where }: Index): string[] => [
  ...fields.map(indexedField),
  ...(where === undefined ? [] : fieldsOfCondition("", where)),
];

const fieldsOfConstraint = (rule: Constraint): string[] =>
  "check" in rule ? [...fieldsOfCondition("", rule.check)] : [...rule.unique, ...fieldsOfCondition("", rule.where)];

function fieldChanges(before: Model, after: Model, resolve: Resolve): readonly Operation[] {
  const place = `model "${after.name}"`;
  const gone = before.unique.filter((set) => !hasSet(after, set));
  const fresh = after.unique.filter((set) => !hasSet(before, set));
  const lost = <T>(from: readonly T[], to: readonly T[]): T[] =>
    from.filter((each) => !to.some((other) => sameData(each, other)));
  const operations: Operation[] = [
    ...gone.map((set) => removeUnique(after.name, set)),
    ...lost(before.indexes, after.indexes).map((index) => removeIndex(after.name, index)),
    ...lost(before.constraints, after.constraints).map(({ name }) => removeConstraint(after.name, name)),
  ];
  for (const name of Object.keys(before.fields)) {
    if (!after.fields[name]) operations.push(removeField(after.name, name));
  }
  for (const [name, field] of Object.entries(after.fields)) {
    const at = `${place}, field "${name}"`;
    const old = before.fields[name];
    if (old) operations.push(...alteredField(at, name, old, field, { before, after, resolve }));
    else operations.push(addedField(at, after, name, field, resolve));
  }
  return [
    ...operations,
    ...fresh.map((set) => addUnique(after.name, set)),
    ...lost(after.indexes, before.indexes).map((index) => addIndex(after.name, index)),
    ...lost(after.constraints, before.constraints).map((rule) => addConstraint(after.name, rule)),
  ];
}

/** Tells whether two pieces of plain data say the same. */
const sameData = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const hasSet = ({ unique }: Model, set: readonly string[]): boolean =>
  unique.some((other) => other.join() === set.join());

const notTheKey =
  "another field cannot become the primary key, which other tables hold: declare a new model with that key, fill it with runCode, " +
  "let the others point at it, and remove the old one";

function addedField(place: string, to: Model, name: string, field: Field, resolve: Resolve): Operation {
  if (field.options.primaryKey) throw new ConfigurationError(place, notTheKey);
  const { default: value } = field.options;
  const written = typeof value === "function" ? withoutDefault(to, name) : field;
  if (field.kind !== "manyToMany" && !field.null && backfillOf(written, "sqlite", resolve) === undefined) {
    throw new ConfigurationError(
      place,
      typeof value === "function"
        ? "rows that are there need a value, and a default function has no place in a migration; declare a plain default or null: true"
        : "rows that are there need a value; declare a default or null: true",
    );
  }
  return addField(to.name, name, field);
}

/** The field as a migration file will have it, which holds no functions. */
function withoutDefault(of: Model, name: string): Field {
  const { [name]: field } = of.fields;
  if (!field) throw new TypeError(`"${name}" is not a field of ${of.name}`);
  return { ...field, options: { ...field.options, default: undefined } };
}

interface Sides {
  readonly before: Model;
  readonly after: Model;
  readonly resolve: Resolve;
}

function alteredField(
  place: string,
  name: string,
  old: Field,
  field: Field,
  { before, after, resolve }: Sides,
): readonly Operation[] {
  const was = columnText(before, name, old, resolve);
  const is = columnText(after, name, field, resolve);
  if (was === is) return [];
  const change = `was ${was}, is now ${is}`;
  if (!old.options.primaryKey !== !field.options.primaryKey) throw new ConfigurationError(place, notTheKey);
  const isMany = field.kind === "manyToMany";
  if (isMany !== (old.kind === "manyToMany") || (isMany && relationOf(field) !== relationOf(old)))
    throw new ConfigurationError(
      place,
      `${change}; what it holds cannot be kept: make one migration without the field and then one with it`,
    );
  const conversion = typeChange([old, resolve], [field, resolve]);
  if (conversion && !isConvertible(conversion))
    throw new ConfigurationError(
      place,
      `${change}; what it holds cannot become that by itself: add a field of the new type, fill it with runCode, remove this one, and rename`,
    );
  if (!isMany && old.null && !field.null) {
    const written = typeof field.options.default === "function" ? withoutDefault(after, name) : field;
    if (backfillOf(written, "sqlite", resolve) === undefined)
      throw new ConfigurationError(place, "rows that hold null need a value; declare a plain default or null: true");
  }
  return [alterField(after.name, name, field)];
}
