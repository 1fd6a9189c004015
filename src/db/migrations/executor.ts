/**
 * Migrations applied to a database, each whole or not at all.
 *
 * Several processes may migrate at once (`lock.ts`): one applies a migration, and the others, having waited, find it done.
 * Reference: django.db.migrations.executor.MigrationExecutor.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Database, Executor } from "../database.ts";
import { InconsistentHistory, MigrationFailed } from "./errors.ts";
import { hasTablesOf } from "./initial.ts";
import { forgetSnapshot, lockMigrations, type Patience, patiently } from "./lock.ts";
import { looseRowsExplained } from "./loose-rows.ts";
import { isStepwise, type Migration, placeOf } from "./migration.ts";
import { describeOperation } from "./operations.ts";
import { type PlannedMigration, type PlannedWork, planOf, type Target } from "./plan.ts";
import { ensureTable, findRecorded, isApplied, type Recorded, record, unrecord } from "./recorder.ts";
import { runStep } from "./run-step.ts";
import type { Step } from "./state.ts";
import { runStepByStep } from "./step-by-step.ts";
import { findStepsDone, forgetSteps } from "./steps-done.ts";

/** `wait` where another process holds a lock that is needed. */
export type Progress = PlannedMigration & { readonly phase: "start" | "wait" | "done" };

/** Which operation of a migration is run next, in words. */
export interface StepProgress {
  readonly number: number;
  readonly of: number;
  readonly operation: string;
}

export interface MigrateOptions extends Patience {
  /** Milliseconds since 1970; the time that is recorded. */
  readonly now: () => number;
  /** Go to this migration of a label, back or forth (default: apply everything); without a name, undo the whole label. */
  readonly to?: Target;
  /** Record, but change no table. */
  readonly fake?: boolean;
  /** Record the first migration of a label, and change no table, where its tables are there already. */
  readonly fakeInitial?: boolean;
  /** Say what would be done, and do nothing. */
  readonly plan?: boolean;
  /** Called before and after each migration. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called before each operation. */
  readonly onStep?: (step: StepProgress) => void;
}

/**
 * Applies what is not applied yet.
 *
 * @param migrations  every migration there is, built-in ones included
 * @returns what was done, in order; with `plan`, what would be
 * @throws ConfigurationError   the migrations do not fit together, or `to` names none
 * @throws InconsistentHistory  the database has only a part of what a migration replaces, or depends on
 * @throws MigrationFailed      names the migration and the operation; the migrations before it are kept
 * @example
 * await migrate(database, await loadMigrations("migrations"), { now: Date.now });
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
  options: MigrateOptions,
): Promise<readonly PlannedMigration[]> {
  const { to, plan = false, onProgress } = options;
  const planned = planOf(migrations, await findRecorded(database), to, await findStepsDone(database));
  if (plan) return planned;
  const done: PlannedMigration[] = [];
  for (const each of planned) {
    const { migration, direction, done: before } = each;
    onProgress?.({ migration, direction, ...(before !== undefined && { done: before }), phase: "start" });
    if (await perform(database, each, options)) done.push({ migration, direction });
    onProgress?.({ migration, direction, phase: "done" });
  }
  return done;
}

/** Those of some migrations that a database has. */
export async function findApplied(
  database: Executor,
  migrations: readonly Migration[],
): Promise<ReadonlySet<Migration>> {
  return appliedIn(migrations, await findRecorded(database));
}

/** Those of some migrations that are recorded. */
export const appliedIn = (migrations: readonly Migration[], recorded: Recorded): ReadonlySet<Migration> =>
  new Set(migrations.filter((migration) => isApplied(migration, recorded)));

/** Applies or undoes one migration; false where another process did it first. */
async function perform(database: Database, work: PlannedWork, options: MigrateOptions): Promise<boolean> {
  const { migration, steps, direction } = work;
  const { now, fake, fakeInitial, waitMs, onProgress } = options;
  const forward = direction === "forward";
  const onWait = (): void => onProgress?.({ migration, direction, phase: "wait" });
  const inSteps = database.dialect === "postgres" && isStepwise(migration);
  // The lock is held by one connection, and the work done on another.
  const outside = AsyncLocalStorage.snapshot();
  let where = "its start";
  const onStep = (step: Step): void => {
    const [number, operation] = [steps.indexOf(step) + 1, describeOperation(step.operation)];
    where = `operation ${number}, "${operation}"`;
    options.onStep?.({ number, of: steps.length, operation });
  };
  const attempt = (): Promise<boolean> =>
    database.transaction(async (transaction) => {
      where = "its start";
      await lockMigrations(transaction, options, onWait);
      await ensureTable(transaction);
      const recorded = await findRecorded(transaction);
      if (isApplied(migration, recorded) === forward && !(await isBegun(transaction, work))) return false;
      refuseOvertaken(work, recorded);
      const isDone = fake || (fakeInitial && forward && (await hasTablesOf(transaction, migration)));
      if (inSteps && !isDone) {
        await forgetSnapshot(transaction);
        await outside(() => runStepByStep(database, work, options, onStep));
      } else {
        for (const step of isDone ? [] : forward ? steps : steps.toReversed()) {
          onStep(step);
          await runStep(transaction, step, direction, now);
        }
      }
      where = "its end";
      if (forward) await record(transaction, migration, now());
      else await unrecord(transaction, migration);
      if (inSteps) await forgetSteps(transaction, migration);
      return true;
    });
  try {
    return await patiently(waitMs, onWait, attempt);
  } catch (error) {
    throw new MigrationFailed(migration, where, await looseRowsExplained(database, error), inSteps);
  }
}

/** Tells whether there is a part of a migration to undo, although it is not recorded. */
const isBegun = async (
  transaction: Executor,
  { migration: { label, name }, direction }: PlannedWork,
): Promise<boolean> => direction === "backward" && (await findStepsDone(transaction)).has(`${label}.${name}`);

/** @throws InconsistentHistory  since it was planned, another process undid what it comes after, or applied what comes after it */
function refuseOvertaken({ migration, direction, after }: PlannedWork, recorded: Recorded): void {
  const other = after.find((each) => isApplied(each, recorded) !== (direction === "forward"));
  if (!other) return;
  throw new InconsistentHistory(
    `another process has ${direction === "forward" ? "undone" : "applied"} ${placeOf(other)} meanwhile, so ${placeOf(migration)} is left as it is; run it again`,
  );
}
