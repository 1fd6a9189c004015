/**
 * Migrations applied to a database, each whole or not at all.
 *
 * Several processes may migrate at once (`lock.ts`): one applies a migration, and the others, having waited, find it done.
 * Reference: django.db.migrations.executor.MigrationExecutor.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { ConfigurationError } from "../../errors.ts";
import type { Database, Executor } from "../database.ts";
import { defineStatement } from "../statement.ts";
import { settleConstraints } from "./alter-column.ts";
import { refuseCascades } from "./cascades.ts";
import { codeContext } from "./code-context.ts";
import { runConcurrently } from "./concurrently.ts";
import type { Guard } from "./convert.ts";
import { MigrationFailed } from "./errors.ts";
import { hasTablesOf } from "./initial.ts";
import { forgetSnapshot, lockMigrations, type Patience, patiently } from "./lock.ts";
import { isOutsideTransaction, type Migration } from "./migration.ts";
import { changesOf, codeOf, type Direction } from "./operation-sql.ts";
import { describeOperation } from "./operations.ts";
import { type PlannedMigration, type PlannedWork, planOf, type Target } from "./plan.ts";
import { ensureTable, findRecorded, isApplied, type Recorded, record, unrecord } from "./recorder.ts";
import { renameRights } from "./rename-rights.ts";
import type { Step } from "./state.ts";
import { findTableThere } from "./table-there.ts";

/** `wait` where another process holds a lock that is needed. */
export type Progress = PlannedMigration & { readonly phase: "start" | "wait" | "done" };

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
  const planned = planOf(migrations, await findRecorded(database), to);
  if (plan) return planned;
  const done: PlannedMigration[] = [];
  for (const each of planned) {
    const { migration, direction } = each;
    onProgress?.({ migration, direction, phase: "start" });
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
  const isOutside = database.dialect === "postgres" && isOutsideTransaction(migration);
  // The lock is held by one connection, and the index built on another.
  const outside = AsyncLocalStorage.snapshot();
  let where = "its start";
  const attempt = (): Promise<boolean> =>
    database.transaction(async (transaction) => {
      where = "its start";
      await lockMigrations(transaction, options, onWait);
      await ensureTable(transaction);
      if (isApplied(migration, await findRecorded(transaction)) === forward) return false;
      if (isOutside) await forgetSnapshot(transaction);
      const isDone = fake || (fakeInitial && forward && (await hasTablesOf(transaction, migration)));
      for (const step of isDone ? [] : forward ? steps : steps.toReversed()) {
        where = `operation ${steps.indexOf(step) + 1}, "${describeOperation(step.operation)}"`;
        if (isOutside) await outside(() => runConcurrently(database, step, direction));
        else await runStep(transaction, step, direction, now);
      }
      where = "its end";
      if (forward) await record(transaction, migration, now());
      else await unrecord(transaction, migration);
      return true;
    });
  try {
    return await patiently(waitMs, onWait, attempt);
  } catch (error) {
    throw new MigrationFailed(migration, where, error, isOutside);
  }
}

/** @throws ConfigurationError  a value is there that its column cannot keep, or hold from now on; says which */
async function refuseMisfits(transaction: Executor, { find, place }: Guard): Promise<void> {
  const [found] = (await transaction.get(defineStatement(find))) ?? [];
  if (found === undefined) return;
  const value = typeof found === "string" ? JSON.stringify(found) : String(found);
  throw new ConfigurationError(place, `holds what cannot become a value of its new type, such as ${value}`);
}

async function runStep(transaction: Executor, step: Step, direction: Direction, now: () => number): Promise<void> {
  const code = codeOf(step, direction);
  if (code) await code(codeContext(transaction, step.before, now));
  for (const change of changesOf(step, direction, transaction.dialect)) {
    if (typeof change === "string") await transaction.run(defineStatement(change));
    else if ("find" in change) await refuseMisfits(transaction, change);
    else {
      await refuseCascades(transaction, change.table);
      const there = await findTableThere(transaction, change.table);
      for (const sql of change.sql(there)) await transaction.run(defineStatement(sql));
    }
  }
  const { operation } = step;
  const { kind } = operation;
  if (operation.kind === "renameModel") {
    const [from, to] = [operation.model, operation.to];
    await (direction === "forward" ? renameRights(transaction, from, to) : renameRights(transaction, to, from));
  }
  if (transaction.dialect === "sqlite" || (kind !== "runCode" && kind !== "runSql")) return;
  for (const sql of settleConstraints) await transaction.run(defineStatement(sql));
}
