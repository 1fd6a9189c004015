/**
 * Operations divided into migrations: one a label, as few as the order of the operations allows, named and numbered.
 *
 * This is `makemigrations` without its files. Two labels that point at each other get a second migration where one is
 * needed; nothing has to be declared for that.
 * Reference: `_build_migration_list`, `suggest_name` of django.db.migrations.autodetector.
 */
import type { Model } from "../../model/index.ts";
import { autodetect } from "./autodetect.ts";
import { replay } from "./graph.ts";
import { type Dependency, labelOf, type Migration, migration, namedMigration } from "./migration.ts";
import type { Operation, OperationKind } from "./operations.ts";
import type { Renames } from "./renames.ts";
import { relationOf, relationsOf, type Step, stepsOf } from "./state.ts";

/**
 * The migrations that are missing, with `existing` ones applied, until the database has the declared models.
 *
 * @param existing  every migration there is, built-in ones included
 * @param labels    the app labels to write migrations for (default: those of the models)
 * @param renames   fields that have another name now
 * @returns nothing where nothing is missing
 * @throws ConfigurationError  as `autodetect` and `replay`
 */
export function makeMigrations(
  existing: readonly Migration[],
  models: readonly Model[],
  labels?: readonly string[],
  renames?: Renames,
): readonly Migration[] {
  const { state, graph } = replay(existing);
  const steps = stepsOf("makemigrations", autodetect(state, models, labels, renames), state);
  const last = new Map(graph.ordered.map(({ label, name }) => [label, name]));
  const drafts = divide(steps);
  return drafts.map((draft) => {
    const { label, operations } = draft;
    const number = String(Number(last.get(label)?.slice(0, 4) ?? 0) + 1).padStart(4, "0");
    const name = `${number}_${number === "0001" ? "initial" : summary(operations)}`;
    const named = namedMigration(label, name, migration({ operations, dependencies: dependenciesOf(draft, last) }));
    last.set(label, name);
    return named;
  });
}

interface Draft {
  readonly label: string;
  readonly operations: Operation[];
  /** Labels of the models that the operations speak of. */
  readonly labels: Set<string>;
  /** Drafts that come before. */
  readonly after: Set<Draft>;
}

/** Puts each step into the open draft of its label, or into a new one where that would close a circle. */
function divide(steps: readonly Step[]): readonly Draft[] {
  const drafts: Draft[] = [];
  const placed: { readonly step: Step; readonly draft: Draft }[] = [];
  const open = new Map<string, Draft>();
  for (const step of steps) {
    const label = labelOf(step.operation.model);
    const before = new Set(placed.filter((other) => isBefore(other.step, step)).map(({ draft }) => draft));
    let draft = open.get(label);
    if (!draft || [...before].some((other) => other !== draft && draft && reaches(other, draft))) {
      draft = { label, operations: [], labels: new Set(), after: new Set(draft ? [draft] : []) };
      drafts.push(draft);
      open.set(label, draft);
    }
    draft.operations.push(step.operation);
    for (const other of before) if (other !== draft) draft.after.add(other);
    for (const name of namesOf(step)) draft.labels.add(labelOf(name));
    placed.push({ step, draft });
  }
  return inOrder(drafts);
}

/** Tells whether one step has to stay before a later one: either is about a model that the other speaks of. */
const isBefore = (earlier: Step, later: Step): boolean =>
  namesOf(earlier).includes(later.operation.model) || namesOf(later).includes(earlier.operation.model);

const reaches = (from: Draft, to: Draft): boolean =>
  from === to || [...from.after].some((before) => reaches(before, to));

function inOrder(drafts: readonly Draft[]): readonly Draft[] {
  const ordered = new Set<Draft>();
  const visit = (draft: Draft): void => {
    for (const before of draft.after) if (!ordered.has(before)) visit(before);
    ordered.add(draft);
  };
  for (const draft of drafts) visit(draft);
  return [...ordered];
}

/** The models that a step speaks of: its own, and those that its fields point at. */
function namesOf({ operation, before }: Step): readonly string[] {
  const { model } = operation;
  if (operation.kind === "createModel") return [model, ...relationsOf(operation.declaration)];
  if (operation.kind === "addField") return [model, relationOf(operation.field) ?? model];
  const old = before.get(model);
  if (!old) return [model];
  if (operation.kind === "deleteModel") return [model, ...relationsOf(old)];
  const field = operation.kind === "removeField" ? old.fields[operation.name] : undefined;
  return [model, (field && relationOf(field)) ?? model];
}

/** The last migration so far of each other label that the draft speaks of. */
function dependenciesOf({ label, labels }: Draft, last: ReadonlyMap<string, string>): Dependency[] {
  return [...labels].toSorted().flatMap((other): Dependency[] => {
    const name = last.get(other);
    return other === label || name === undefined ? [] : [[other, name]];
  });
}

type Fragments = { readonly [K in OperationKind]: (operation: Operation<K>) => string };

const shortName = (model: string): string => model.slice(model.indexOf(".") + 1);

const fragments: Fragments = {
  createModel: ({ model }) => shortName(model),
  deleteModel: ({ model }) => `delete_${shortName(model)}`,
  addField: ({ model, name }) => `${shortName(model)}_${name}`,
  removeField: ({ model, name }) => `remove_${shortName(model)}_${name}`,
  renameField: ({ model, from, to }) => `rename_${shortName(model)}_${from}_${to}`,
  addUnique: ({ model, fields }) => `${shortName(model)}_unique_${fields.join("_")}`,
  removeUnique: ({ model, fields }) => `remove_${shortName(model)}_unique_${fields.join("_")}`,
};

const fragment = <K extends OperationKind>(operation: Operation<K>): string => fragments[operation.kind](operation);

/** A few words for a file name, at most 60 characters. */
function summary(operations: readonly Operation[]): string {
  const [first = "empty", ...others] = operations.map(fragment);
  let name = first.slice(0, 50);
  for (const other of others) {
    if (`${name}_${other}`.length > 50) return `${name}_and_more`;
    name = `${name}_${other}`;
  }
  return name;
}
