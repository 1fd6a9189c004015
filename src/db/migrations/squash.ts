/**
 * Many migrations as one, for databases that have none of them yet.
 *
 * The squashed migration stands for the others and is recorded under their names, so a database that has all of them has it too. While
 * their files are kept, a database that has a part goes on with them; when none is left that has a part, the files may go.
 * Reference: Django's squashmigrations. Differs: what a new database needs is made of the models, not of the operations one by one; code is
 * taken from the file that it stands in, which works at once, and is moved by hand before that file goes.
 */
import { ConfigurationError } from "../../errors.ts";
import { autodetect } from "./autodetect.ts";
import { type History, migrationGraph, replay, standing } from "./graph.ts";
import { nameOf } from "./make.ts";
import { type Dependency, type Migration, migration, namedMigration, placeOf } from "./migration.ts";
import { isOutside, type Operation } from "./operations.ts";
import { findMigration } from "./plan.ts";

/** What to squash: the migrations of a label up to one (`to`), from the first or from another one. */
export interface SquashRange {
  readonly label: string;
  readonly from?: string;
  readonly to: string;
}

/**
 * The migration that stands for several.
 * @throws ConfigurationError  fewer than two, or other labels depend on what is between
 */
export function squashMigrations(existing: readonly Migration[], { label, from, to }: SquashRange): Migration {
  const history = replay(existing);
  const { graph } = history;
  const own = graph.ordered.filter((each) => each.label === label);
  const [last, first] = [findMigration(own, label, to), from === undefined ? own[0] : findMigration(own, label, from)];
  const upTo = graph.ancestors(last);
  const before = first ? new Set([...graph.ancestors(first)].filter((each) => each !== first)) : new Set<Migration>();
  const squashed = own.filter((each) => upTo.has(each) && !before.has(each));
  const [start] = squashed;
  if (!start || squashed.length < 2)
    throw new ConfigurationError(placeOf(last), "expected at least two migrations to squash");
  const keys = new Set(squashed.flatMap(({ name, replaces }) => [name, ...replaces]));
  const isElsewhere = ([other, name]: Dependency): boolean => other !== label || !keys.has(name);
  const dependencies = squashed.flatMap((each) => each.dependencies.filter(isElsewhere));
  const operations = operationsOf(history, squashed, own[0] === start);
  const made = namedMigration(
    label,
    nameOf(Number(start.name.slice(0, 4)), `squashed_${last.name}`),
    migration({
      operations,
      atomic: !operations.some(isOutside),
      dependencies: [...new Map(dependencies.map((each) => [each.join("."), each])).values()],
      replaces: squashed.flatMap(({ name, replaces }) => (replaces.length ? replaces : [name])),
    }),
  );
  // Another label may come between: that is a circle, and is told as one.
  migrationGraph(standing([...existing, made]));
  return made;
}

function operationsOf(
  { replayed }: History,
  squashed: readonly Migration[],
  isFromStart: boolean,
): readonly Operation[] {
  const operations = squashed.flatMap(({ name, file, operations: own }) =>
    own.flatMap((operation, at): Operation[] => {
      if ("elidable" in operation && operation.elidable) return [];
      return [operation.kind === "runCode" ? { from: { name, file, at }, ...operation } : operation];
    }),
  );
  const isPlain = operations.every(({ kind }) => kind !== "runSql" && kind !== "runCode");
  const last = replayed.findLast(({ migration: each }) => squashed.includes(each) && each.operations.length > 0);
  const state = last?.steps.at(-1)?.after;
  // Of tables that are there already a rename must stay one; and nobody knows what code and SQL of one's own stand on.
  if (!isFromStart || !isPlain || !state) return operations.map(inTransaction);
  const [label = ""] = squashed.map((each) => each.label);
  const first = replayed.find(({ migration: each, steps }) => squashed.includes(each) && steps.length > 0);
  return autodetect(first?.steps[0]?.before ?? new Map(), [...state.values()], [label]);
}

/** Tables that are new have nobody who writes. */
function inTransaction(operation: Operation): Operation {
  return "concurrently" in operation && operation.concurrently ? { ...operation, concurrently: undefined } : operation;
}
