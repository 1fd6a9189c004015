/**
 * What the models are after some operations, without asking a database.
 *
 * The executor replays migrations into a state to know the tables on both sides of an operation; the autodetector compares
 * the state after all migrations with the declarations.
 * Reference: django.db.migrations.state.ProjectState, and `state_forwards` of its operations.
 */
import { ConfigurationError } from "../../errors.ts";
import {
  alternativesOf,
  type Field,
  type FieldTest,
  type Index,
  indexedField,
  type Model,
  model,
  type RowCondition,
  type Target,
} from "../../model/index.ts";
import { isKind } from "../columns.ts";
import { describeOperation, modelOf, type Operation, type OperationKind } from "./operations.ts";

/** Models by full name, in the order they were created. */
export type ProjectState = ReadonlyMap<string, Model>;

export const emptyState: ProjectState = new Map();

/** The full name of the model that a relation names. */
export function targetName(target: Target): string {
  if (typeof target === "string") return target;
  return typeof target === "function" ? target().name : target.name;
}

/**
 * The model that a relation names, as it is in a state.
 * @throws ConfigurationError  there is none
 */
export function getModel(state: ProjectState, target: Target): Model {
  const name = targetName(target);
  const found = state.get(name);
  if (found) return found;
  const known = state.size ? [...state.keys()].join(", ") : "none yet";
  throw new ConfigurationError(`model "${name}"`, `expected one of the models so far: ${known}`);
}

/** The full name of the model that a field points at; undefined where it is no relation. */
export function relationOf(field: Field): string | undefined {
  return isKind(field, "foreignKey") || isKind(field, "manyToMany") ? targetName(field.options.to) : undefined;
}

/** The full names of the models that a model points at, itself included where it does. */
export const relationsOf = (of: Model): readonly string[] =>
  Object.values(of.fields).flatMap((field) => relationOf(field) ?? []);

/** What of a model changes; the rest stays. */
type Changed = Partial<Pick<Model, "name" | "table" | "fields" | "unique" | "indexes" | "constraints" | "managed">>;

/** The same model but for some parts; declares it anew, so its rules hold here, too. */
const changed = (from: Model, { name = from.name, ...parts }: Changed): Model => {
  const { table, fields, unique, indexes, constraints, managed } = { ...from, ...parts };
  return model(name, { table, fields, unique, indexes, constraints, managed });
};

const sameSet = (a: readonly string[], b: readonly string[]): boolean => a.join() === b.join();

/** Tells whether two declarations of an index are of one index. */
export const sameIndex = (a: Index, b: Index): boolean => indexText(a) === indexText(b);
const indexText = ({ fields, where, name }: Index): string => JSON.stringify([fields, where, name]);

/** A condition in which a field has another name. */
function renamedIn(condition: RowCondition, from: string, to: string): RowCondition {
  const named = (name: string): string => (name === from ? to : name);
  const value = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(value);
    if (typeof part !== "object" || part === null) return part;
    const entries = Object.entries(part);
    return Object.fromEntries(
      entries.map(([key, each]) => [key, key === "field" && typeof each === "string" ? named(each) : value(each)]),
    );
  };
  const tests = alternativesOf(condition).map((all) =>
    Object.fromEntries(all.map(([name, test]) => [named(name), value(test) as FieldTest])),
  );
  const [only] = tests;
  return tests.length === 1 && only ? only : tests;
}

function renamedField(before: Model, from: string, to: string, renamed: Field): Model {
  const named = (name: string): string => (name === from ? to : name);
  return changed(before, {
    fields: Object.fromEntries(
      Object.entries(before.fields).map(([name, each]) => (name === from ? [to, renamed] : [name, each])),
    ),
    unique: before.unique.map((set) => set.map(named)),
    indexes: before.indexes.map(({ fields, where, name }) => ({
      fields: fields.map((entry) => (indexedField(entry) === from ? entry.replace(from, to) : entry)),
      ...(where && { where: renamedIn(where, from, to) }),
      ...(name !== undefined && { name }),
    })),
    constraints: before.constraints.map((constraint) =>
      "check" in constraint
        ? { name: constraint.name, check: renamedIn(constraint.check, from, to) }
        : {
            name: constraint.name,
            unique: constraint.unique.map(named),
            where: renamedIn(constraint.where, from, to),
          },
    ),
  });
}

/** A field that points at a model under its other name. */
function redirected(field: Field, from: string, to: string): Field {
  if (relationOf(field) !== from) return field;
  return { ...field, options: { ...field.options, to } } as Field;
}

function existing(before: Model, name: string, toBe: string): Field {
  const field = before.fields[name];
  if (field) return field;
  throw new ConfigurationError(`model "${before.name}", field "${name}"`, `is not there to be ${toBe}`);
}

type Changes = {
  readonly [K in OperationKind]: (operation: Operation<K>, state: ProjectState) => ProjectState;
};

const put = (state: ProjectState, model: Model): ProjectState => new Map(state).set(model.name, model);

/** The state after each kind of operation. */
const changes: Changes = {
  createModel({ model, declaration }, state) {
    if (state.get(model)?.managed) throw new ConfigurationError(`model "${model}"`, "exists already");
    return put(state, declaration);
  },
  releaseModel({ model }, state) {
    return put(state, changed(getModel(state, model), { managed: false }));
  },
  deleteModel({ model }, state) {
    getModel(state, model);
    for (const other of state.values()) {
      if (other.name === model || !relationsOf(other).includes(model)) continue;
      throw new ConfigurationError(`model "${model}"`, `cannot be deleted while "${other.name}" points at it`);
    }
    const after = new Map(state);
    after.delete(model);
    return after;
  },
  renameModel({ model: from, to, table = to.replace(".", "_") }, state) {
    getModel(state, from);
    if (state.has(to)) throw new ConfigurationError(`model "${to}"`, "exists already");
    return new Map(
      [...state.values()].map((each): [string, Model] => {
        const fields = Object.fromEntries(
          Object.entries(each.fields).map(([name, field]) => [name, redirected(field, from, to)]),
        );
        const renamed = each.name === from ? changed(each, { name: to, table, fields }) : changed(each, { fields });
        return [renamed.name, relationsOf(each).includes(from) || each.name === from ? renamed : each];
      }),
    );
  },
  alterTable({ model, table }, state) {
    return put(state, changed(getModel(state, model), { table }));
  },
  addField({ model, name, field }, state) {
    const before = getModel(state, model);
    if (before.fields[name]) throw new ConfigurationError(`model "${model}", field "${name}"`, "exists already");
    return put(state, changed(before, { fields: { ...before.fields, [name]: field } }));
  },
  alterField({ model, name, field }, state) {
    const before = getModel(state, model);
    const old = existing(before, name, "altered");
    if (
      (old.kind === "manyToMany") !== (field.kind === "manyToMany") ||
      old.options.primaryKey !== field.options.primaryKey
    )
      throw new ConfigurationError(
        `model "${model}", field "${name}"`,
        "a primary key, and a column or a many-to-many field, cannot become the other",
      );
    return put(state, changed(before, { fields: { ...before.fields, [name]: field } }));
  },
  removeField({ model, name }, state) {
    const before = getModel(state, model);
    existing(before, name, "removed");
    const { [name]: _, ...fields } = before.fields;
    if (name === before.primaryKey) {
      throw new ConfigurationError(
        `model "${model}", field "${name}"`,
        "is the primary key, which a model cannot lose",
      );
    }
    return put(state, changed(before, { fields }));
  },
  renameField({ model, from, to, column, through }, state) {
    const before = getModel(state, model);
    const field = existing(before, from, "renamed");
    if (before.fields[to]) throw new ConfigurationError(`model "${model}", field "${to}"`, "exists already");
    const stored = field.kind === "manyToMany" ? { through } : { column };
    return put(state, renamedField(before, from, to, { ...field, options: { ...field.options, ...stored } } as Field));
  },
  addUnique({ model, fields }, state) {
    const before = getModel(state, model);
    return put(state, changed(before, { unique: [...before.unique, fields] }));
  },
  removeUnique({ model, fields }, state) {
    const before = getModel(state, model);
    const unique = before.unique.filter((set) => !sameSet(set, fields));
    if (unique.length < before.unique.length) return put(state, changed(before, { unique }));
    throw new ConfigurationError(`model "${model}", unique set ${fields.join(", ")}`, "is not there to be removed");
  },
  addIndex({ model, index }, state) {
    const before = getModel(state, model);
    return put(state, changed(before, { indexes: [...before.indexes, index] }));
  },
  removeIndex({ model, index }, state) {
    const before = getModel(state, model);
    const indexes = before.indexes.filter((each) => !sameIndex(each, index));
    if (indexes.length < before.indexes.length) return put(state, changed(before, { indexes }));
    throw new ConfigurationError(`model "${model}", index on ${index.fields.join(", ")}`, "is not there to be removed");
  },
  addConstraint({ model, constraint }, state) {
    const before = getModel(state, model);
    return put(state, changed(before, { constraints: [...before.constraints, constraint] }));
  },
  removeConstraint({ model, name }, state) {
    const before = getModel(state, model);
    const constraints = before.constraints.filter((each) => each.name !== name);
    if (constraints.length < before.constraints.length) return put(state, changed(before, { constraints }));
    throw new ConfigurationError(`model "${model}", constraint "${name}"`, "is not there to be removed");
  },
  runSql: (_, state) => state,
  runCode: (_, state) => state,
};

/**
 * The state after an operation.
 * @throws ConfigurationError  the operation does not fit the state: no such model, a field that exists already
 */
export function changeState<K extends OperationKind>(state: ProjectState, operation: Operation<K>): ProjectState {
  const after = changes[operation.kind](operation, state);
  const model = modelOf(operation);
  const changedModel = model === undefined ? undefined : after.get(model);
  for (const name of changedModel ? relationsOf(changedModel) : []) getModel(after, name);
  return after;
}

/** One operation with the states on its two sides. */
export interface Step {
  readonly operation: Operation;
  readonly before: ProjectState;
  readonly after: ProjectState;
}

/**
 * The steps of some operations, one after the other.
 *
 * @param place  named in errors, e.g. `migration shop.0002_price`
 */
export function stepsOf(place: string, operations: readonly Operation[], from: ProjectState): readonly Step[] {
  let before = from;
  return operations.map((operation, i) => {
    try {
      const after = changeState(before, operation);
      const step = { operation, before, after };
      before = after;
      return step;
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      const at = `${place}, operation ${i + 1} (${describeOperation(operation)})`;
      throw new ConfigurationError(at, error.message, { cause: error });
    }
  });
}
