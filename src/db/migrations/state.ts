/**
 * What the models are after some operations, without asking a database.
 *
 * The executor replays migrations into a state to know the tables on both sides of an operation; the autodetector compares
 * the state after all migrations with the declarations.
 * Reference: django.db.migrations.state.ProjectState, and `state_forwards` of its operations.
 */
import { ConfigurationError } from "../../errors.ts";
import { type Field, type FieldMap, type Model, model, type Target } from "../../model/index.ts";
import { isKind } from "../columns.ts";
import { describeOperation, type Operation, type OperationKind } from "./operations.ts";

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

/** The same model with other fields or unique sets; declares it anew, so its rules hold here, too. */
const changed = (from: Model, fields: FieldMap, unique = from.unique): Model =>
  model(from.name, { fields, unique, table: from.table });

const sameSet = (a: readonly string[], b: readonly string[]): boolean => a.join() === b.join();

type Changes = {
  readonly [K in OperationKind]: (operation: Operation<K>, state: ProjectState) => Model | undefined;
};

/** What the operation's model is afterwards; undefined where it is gone. */
const changes: Changes = {
  createModel({ model, declaration }, state) {
    if (state.has(model)) throw new ConfigurationError(`model "${model}"`, "exists already");
    return declaration;
  },
  deleteModel({ model }, state) {
    getModel(state, model);
    for (const other of state.values()) {
      if (other.name === model || !relationsOf(other).includes(model)) continue;
      throw new ConfigurationError(`model "${model}"`, `cannot be deleted while "${other.name}" points at it`);
    }
    return undefined;
  },
  addField({ model, name, field }, state) {
    const before = getModel(state, model);
    if (before.fields[name]) throw new ConfigurationError(`model "${model}", field "${name}"`, "exists already");
    return changed(before, { ...before.fields, [name]: field });
  },
  removeField({ model, name }, state) {
    const before = getModel(state, model);
    const { [name]: removed, ...fields } = before.fields;
    if (!removed) throw new ConfigurationError(`model "${model}", field "${name}"`, "is not there to be removed");
    if (name === before.primaryKey) {
      throw new ConfigurationError(
        `model "${model}", field "${name}"`,
        "is the primary key, which a model cannot lose",
      );
    }
    return changed(before, fields);
  },
  renameField({ model, from, to, column, through }, state) {
    const before = getModel(state, model);
    const field = before.fields[from];
    if (!field) throw new ConfigurationError(`model "${model}", field "${from}"`, "is not there to be renamed");
    if (before.fields[to]) throw new ConfigurationError(`model "${model}", field "${to}"`, "exists already");
    const stored = field.kind === "manyToMany" ? { through } : { column };
    const renamed = { ...field, options: { ...field.options, ...stored } };
    const fields = Object.entries(before.fields).map(([name, each]) => (name === from ? [to, renamed] : [name, each]));
    const unique = before.unique.map((set) => set.map((name) => (name === from ? to : name)));
    return changed(before, Object.fromEntries(fields), unique);
  },
  addUnique({ model, fields }, state) {
    const before = getModel(state, model);
    return changed(before, before.fields, [...before.unique, fields]);
  },
  removeUnique({ model, fields }, state) {
    const before = getModel(state, model);
    const unique = before.unique.filter((set) => !sameSet(set, fields));
    if (unique.length < before.unique.length) return changed(before, before.fields, unique);
    throw new ConfigurationError(`model "${model}", unique set ${fields.join(", ")}`, "is not there to be removed");
  },
};

/**
 * The state after an operation.
 * @throws ConfigurationError  the operation does not fit the state: no such model, a field that exists already
 */
export function changeState<K extends OperationKind>(state: ProjectState, operation: Operation<K>): ProjectState {
  const after = new Map(state);
  const model = changes[operation.kind](operation, state);
  if (model) after.set(operation.model, model);
  else after.delete(operation.model);
  for (const name of model ? relationsOf(model) : []) getModel(after, name);
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
