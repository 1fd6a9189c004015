/**
 * What is to be done to come from what a database has to where it is to be, and in which states of the models.
 *
 * Of branches a database may have the later one first; so the states are those of its own order: what it keeps, then what is undone
 * or applied.
 * Reference: `migration_plan` of django.db.migrations.executor.MigrationExecutor, `check_consistent_history` of the loader.
 */
import { ConfigurationError } from "../../errors.ts";
import { InconsistentHistory } from "./errors.ts";
import {
  type MigrationGraph,
  migrationGraph,
  type Replayed,
  refuseBranches,
  replayInOrder,
  standing,
} from "./graph.ts";
import { type Migration, placeOf } from "./migration.ts";
import type { Direction } from "./operation-sql.ts";
import { isApplied, type Recorded } from "./recorder.ts";
import type { StepsDone } from "./steps-done.ts";

/** One migration that is to be applied, or to be undone. */
export interface PlannedMigration {
  readonly migration: Migration;
  readonly direction: Direction;
  /** The number of its operations that a run before has done and not undone, where it was cut off and is no single transaction. */
  readonly done?: number;
}

/** A migration to go to; without a name, the whole label is undone. A name may be cut short where it is still one migration's. */
export interface Target {
  readonly label: string;
  readonly name?: string;
}

export interface PlannedWork extends PlannedMigration, Replayed {
  /** What has to be applied before it is, or, backward, undone before it is. */
  readonly after: readonly Migration[];
}

/**
 * @param begun  what is begun and not ended (`steps-done.ts`)
 * @throws ConfigurationError   the migrations do not fit together, branches are not merged, or `to` names none
 * @throws InconsistentHistory  the database has a migration and not what comes before it, or a part of what one replaces
 */
export function planOf(
  migrations: readonly Migration[],
  recorded: Recorded,
  to?: Target,
  begun: StepsDone = new Map(),
): readonly PlannedWork[] {
  const graph = migrationGraph(standing(migrations, (label, name) => recorded.has(`${label}.${name}`)));
  refuseBranches(graph);
  const applied = graph.ordered.filter((migration) => isApplied(migration, recorded));
  checkHistory(graph, new Set(applied));
  const { wanted, unwanted } = to ? sidesOf(graph, to) : { wanted: graph.ordered, unwanted: [] };
  const [needed, undone] = [new Set(wanted), graph.dependents(unwanted)];
  const kept = applied.filter((migration) => !undone.has(migration));
  // Of one that is begun and not wanted there is a part to undo.
  const isBegun = ({ label, name }: Migration): boolean => begun.has(`${label}.${name}`);
  const gone = graph.ordered.filter((each) => undone.has(each) && (applied.includes(each) || isBegun(each)));
  const fresh = graph.ordered.filter((migration) => needed.has(migration) && !applied.includes(migration));
  const work = (last: readonly Migration[], direction: Direction): PlannedWork[] =>
    last.length === 0
      ? []
      : replayInOrder([...kept, ...last])
          .replayed.slice(kept.length)
          .map((each) => {
            const done = begun.get(`${each.migration.label}.${each.migration.name}`);
            const around =
              direction === "forward" ? graph.ancestors(each.migration) : graph.dependents([each.migration]);
            const after = [...around].filter((other) => other !== each.migration);
            return { ...each, direction, after, ...(done !== undefined && { done }) };
          });
  return [...work(gone, "backward").toReversed(), ...work(fresh, "forward")];
}

function checkHistory(graph: MigrationGraph, applied: ReadonlySet<Migration>): void {
  for (const migration of applied) {
    const missing = [...graph.ancestors(migration)].find((before) => !applied.has(before));
    if (!missing) continue;
    throw new InconsistentHistory(
      `this database has ${placeOf(migration)} and not ${placeOf(missing)}, which comes before it; ` +
        "apply or record it with what made the database, then try again",
    );
  }
}

/** What has to be there to be at a migration of a label, and what has to be gone. */
function sidesOf(graph: MigrationGraph, { label, name }: Target) {
  const all = graph.ordered.filter((migration) => migration.label === label);
  if (all.length === 0) throw new ConfigurationError(`label "${label}"`, "expected a label that has migrations");
  if (name === undefined) return { wanted: [], unwanted: all };
  const target = findMigration(all, label, name);
  const wanted = graph.ancestors(target);
  return { wanted: [...wanted], unwanted: all.filter((migration) => !wanted.has(migration)) };
}

/**
 * The migration of a name, or of the beginning of one.
 * @throws ConfigurationError  there is none, or more than one
 */
export function findMigration(all: readonly Migration[], label: string, name: string): Migration {
  const own = all.filter((migration) => migration.label === label);
  const exact = own.find((migration) => migration.name === name || migration.replaces.includes(name));
  const alike = exact ? [exact] : own.filter((migration) => name !== "" && migration.name.startsWith(name));
  const [found, ...others] = alike;
  if (found && others.length === 0) return found;
  const names = (found ? alike : own).map((migration) => migration.name).join(", ");
  throw new ConfigurationError(
    placeOf({ label, name }),
    `expected one of: ${names || "none, the label has no migrations"}`,
  );
}
