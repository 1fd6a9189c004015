/**
 * Operations divided into migrations: one a label, as few as the order of the operations allows, named and numbered.
 *
 * This is `makemigrations` without its files. Two labels that point at each other get a second migration where one is
 * needed; nothing has to be declared for that.
 * Reference: `_build_migration_list`, `suggest_name` of django.db.migrations.autodetector.
 */
import { ConfigurationError } from "../../errors.ts";
import { indexedField, type Model } from "../../model/index.ts";
import { autodetect } from "./autodetect.ts";
import { refuseBranches, replay } from "./graph.ts";
import { type Dependency, labelOf, type Migration, migration, namedMigration } from "./migration.ts";
import { modelOf, type Operation, type OperationKind } from "./operations.ts";
import type { Renames } from "./renames.ts";
import { relationOf, relationsOf, type Step, stepsOf } from "./state.ts";

export interface MakeOptions {
  /** The app labels to write migrations for (default: those of the models). */
  readonly labels?: readonly string[];
  /** Models and fields that have another name now. */
  readonly renames?: Renames;
  /** The words of the name, after its number (default: made of the operations). */
  readonly name?: string;
}

/**
 * The migrations that are missing, with `existing` ones applied, until the database has the declared models.
 *
 * @param existing  every migration there is, built-in ones included
 * @returns nothing where nothing is missing
 * @throws ConfigurationError  as `autodetect` and `replay`, or there are branches that are not merged
 */
export function makeMigrations(
  existing: readonly Migration[],
  models: readonly Model[],
  { labels, renames, name: words }: MakeOptions = {},
): readonly Migration[] {
  const { state, graph } = replay(existing);
  refuseBranches(graph);
  const steps = stepsOf("makemigrations", autodetect(state, models, labels, renames), state);
  const last = new Map(graph.ordered.map(({ label }) => [label, graph.leaves(label)[0]?.name ?? ""]));
  const numbers = new Map(graph.ordered.map(({ label }) => [label, nextNumber(existing, label)]));
  const drafts = divide(steps);
  return drafts.map((draft) => {
    const { label, operations } = draft;
    const number = numbers.get(label) ?? 1;
    const name = nameOf(number, words ?? (number === 1 ? firstWords(label, models) : summary(operations)));
    const named = namedMigration(label, name, migration({ operations, dependencies: dependenciesOf(draft, last) }));
    last.set(label, name);
    numbers.set(label, number + 1);
    return named;
  });
}

/** What Django made under a label is recorded there as `0001_initial`, and ours is another. */
const firstWords = (label: string, models: readonly Model[]): string =>
  models.some((each) => each.label === label && !each.managed) ? "drf_auth" : "initial";

/**
 * The name of a migration.
 * @throws ConfigurationError  the words cannot stand in it
 */
export function nameOf(number: number, words: string): string {
  if (/^[a-z0-9_]+$/.test(words)) return `${String(number).padStart(4, "0")}_${words}`;
  throw new ConfigurationError(`name "${words}"`, "expected lower-case letters, digits and _, such as book_subtitle");
}

/** The number of the next migration of a label. */
export const nextNumber = (existing: readonly Migration[], label: string): number =>
  1 +
  Math.max(
    0,
    ...existing
      .filter((each) => each.label === label)
      .flatMap(({ name, replaces }) => [name, ...replaces].map((each) => Number(each.slice(0, 4)))),
  );

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
    const label = labelOf(modelOf(step.operation) ?? "");
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
  subjectsOf(later).some((name) => namesOf(earlier).includes(name)) ||
  subjectsOf(earlier).some((name) => namesOf(later).includes(name));

/** The models that a step changes. */
const subjectsOf = ({ operation }: Step): readonly string[] => [
  ...(modelOf(operation) === undefined ? [] : [modelOf(operation) ?? ""]),
  ...(operation.kind === "renameModel" ? [operation.to] : []),
];

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

/** The models that a step speaks of: its own, those that its fields point at, and those that point at a renamed one. */
function namesOf(step: Step): readonly string[] {
  const { operation, before } = step;
  const subjects = subjectsOf(step);
  if (operation.kind === "createModel") return [...subjects, ...relationsOf(operation.declaration)];
  if (operation.kind === "addField" || operation.kind === "alterField")
    return [...subjects, ...[relationOf(operation.field) ?? []].flat()];
  const old = before.get(subjects[0] ?? "");
  if (!old) return subjects;
  if (operation.kind === "deleteModel") return [...subjects, ...relationsOf(old)];
  if (operation.kind === "renameModel") {
    const pointing = [...before.values()].filter((each) => relationsOf(each).includes(old.name));
    return [...subjects, ...pointing.map(({ name }) => name)];
  }
  const field = operation.kind === "removeField" ? old.fields[operation.name] : undefined;
  return [...subjects, ...[(field && relationOf(field)) ?? []].flat()];
}

/** The last migration so far of its own label and of each other that the draft speaks of or comes after. */
function dependenciesOf({ label, labels, after }: Draft, last: ReadonlyMap<string, string>): Dependency[] {
  const all = new Set([...labels, ...[...after].map((other) => other.label)]);
  return [label, ...[...all].filter((other) => other !== label).toSorted()].flatMap((other): Dependency[] => {
    const name = last.get(other);
    return name === undefined ? [] : [[other, name]];
  });
}

type Fragments = { readonly [K in OperationKind]: (operation: Operation<K>) => string };

const shortName = (model: string): string => model.slice(model.indexOf(".") + 1);

const fragments: Fragments = {
  createModel: ({ model }) => shortName(model),
  deleteModel: ({ model }) => `delete_${shortName(model)}`,
  releaseModel: ({ model }) => `release_${shortName(model)}`,
  renameModel: ({ model, to }) => `rename_${shortName(model)}_${shortName(to)}`,
  alterTable: ({ model }) => `${shortName(model)}_table`,
  addField: ({ model, name }) => `${shortName(model)}_${name}`,
  alterField: ({ model, name }) => `alter_${shortName(model)}_${name}`,
  removeField: ({ model, name }) => `remove_${shortName(model)}_${name}`,
  renameField: ({ model, from, to }) => `rename_${shortName(model)}_${from}_${to}`,
  addUnique: ({ model, fields }) => `${shortName(model)}_unique_${fields.join("_")}`,
  removeUnique: ({ model, fields }) => `remove_${shortName(model)}_unique_${fields.join("_")}`,
  addIndex: ({ model, index }) => `${shortName(model)}_index_${index.fields.map(indexedField).join("_")}`,
  removeIndex: ({ model, index }) => `remove_${shortName(model)}_index_${index.fields.map(indexedField).join("_")}`,
  addConstraint: ({ model, constraint }) => `${shortName(model)}_${constraint.name.toLowerCase()}`,
  removeConstraint: ({ model, name }) => `remove_${shortName(model)}_${name.toLowerCase()}`,
  runSql: () => "sql",
  runCode: () => "code",
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
