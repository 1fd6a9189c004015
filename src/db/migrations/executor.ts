/**
 * Migrations applied to a database, each whole or not at all.
 *
 * Several processes may migrate at once. Each migration is one transaction, which first takes the lock and then asks again
 * what is applied: one applies it, and the others, having waited, find it done. No lock outlives a transaction, so a killed
 * process leaves none behind.
 * Reference: django.db.migrations.executor.MigrationExecutor.
 * Differs: Django has no lock, and its five migrators at once fail four times.
 */
import { ConfigurationError } from "../../errors.ts";
import type { Database, Dialect, Executor } from "../database.ts";
import { defineStatement } from "../statement.ts";
import { refuseCascades } from "./cascades.ts";
import { MigrationFailed } from "./errors.ts";
import { type History, type Replayed, replay } from "./graph.ts";
import { type Migration, placeOf } from "./migration.ts";
import { type Direction, sqlOf } from "./operation-sql.ts";
import { describeOperation } from "./operations.ts";
import { ensureTable, findRecorded, isApplied, type Recorded, record, unrecord } from "./recorder.ts";

/** One migration that is to be applied, or to be undone. */
export interface PlannedMigration {
  readonly migration: Migration;
  readonly direction: Direction;
}

export interface MigrateOptions {
  /** Milliseconds since 1970; the time that is recorded. */
  readonly now: () => number;
  /** Go to this migration of a label, back or forth (default: apply everything); without a name, undo the whole label. */
  readonly to?: { readonly label: string; readonly name?: string };
  /** Record, but change no table. */
  readonly fake?: boolean;
  /** Say what would be done, and do nothing. */
  readonly plan?: boolean;
  /** Called before and after each migration. */
  readonly onProgress?: (progress: PlannedMigration & { readonly phase: "start" | "done" }) => void;
}

/**
 * Applies what is not applied yet.
 *
 * @param migrations  every migration there is, built-in ones included
 * @returns what was done, in order; with `plan`, what would be
 * @throws ConfigurationError   the migrations do not fit together, or `to` names none
 * @throws InconsistentHistory  the database has only a part of what a migration replaces
 * @throws MigrationFailed      names the migration and the operation; the migrations before it are kept
 * @example
 * await migrate(database, await loadMigrations("migrations"), { now: Date.now });
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
  { now, to, fake = false, plan = false, onProgress }: MigrateOptions,
): Promise<readonly PlannedMigration[]> {
  const history = replay(migrations);
  const planned = planOf(history, await findRecorded(database), to);
  if (plan) return planned;
  const replayed = new Map(history.replayed.map((each) => [each.migration, each]));
  const done: PlannedMigration[] = [];
  for (const each of planned) {
    const work = replayed.get(each.migration);
    if (!work) continue;
    onProgress?.({ ...each, phase: "start" });
    if (await perform(database, work, each.direction, fake, now)) done.push(each);
    onProgress?.({ ...each, phase: "done" });
  }
  return done;
}

/** Those of some migrations that a database has. */
export async function findApplied(
  database: Executor,
  migrations: readonly Migration[],
): Promise<ReadonlySet<Migration>> {
  const recorded = await findRecorded(database);
  return new Set(migrations.filter((migration) => isApplied(migration, recorded)));
}

function planOf({ graph }: History, recorded: Recorded, to: MigrateOptions["to"]): readonly PlannedMigration[] {
  const { wanted, unwanted } = to ? sidesOf(graph, to.label, to.name) : { wanted: graph.ordered, unwanted: [] };
  const undone = graph.dependents(unwanted);
  const needed = new Set(wanted);
  return [
    ...graph.ordered
      .toReversed()
      .filter((migration) => undone.has(migration) && isApplied(migration, recorded))
      .map((migration): PlannedMigration => ({ migration, direction: "backward" })),
    ...graph.ordered
      .filter((migration) => needed.has(migration) && !isApplied(migration, recorded))
      .map((migration): PlannedMigration => ({ migration, direction: "forward" })),
  ];
}

/** What has to be there to be at a migration of a label, and what has to be gone. */
function sidesOf(graph: History["graph"], label: string, name: string | undefined) {
  const all = graph.ordered.filter((migration) => migration.label === label);
  if (all.length === 0) throw new ConfigurationError(`label "${label}"`, "expected a label that has migrations");
  if (name === undefined) return { wanted: [], unwanted: all };
  const at = all.findIndex((migration) => migration.name === name || migration.replaces.includes(name));
  const target = all[at];
  if (target) return { wanted: graph.ancestors(target), unwanted: all.slice(at + 1) };
  const names = all.map((migration) => migration.name).join(", ");
  throw new ConfigurationError(`${placeOf({ label, name })}`, `expected one of: ${names}`);
}

/** Applies or undoes one migration; false where another process did it first. */
async function perform(
  database: Database,
  { migration, steps }: Replayed,
  direction: Direction,
  fake: boolean,
  now: () => number,
): Promise<boolean> {
  const forward = direction === "forward";
  let where = "its start";
  try {
    return await database.transaction(async (transaction) => {
      await lock(transaction);
      await ensureTable(transaction);
      if (isApplied(migration, await findRecorded(transaction)) === forward) return false;
      for (const step of fake ? [] : forward ? steps : steps.toReversed()) {
        where = `operation ${steps.indexOf(step) + 1}, "${describeOperation(step.operation)}"`;
        const statements = sqlOf(step, direction, database.dialect);
        await refuseCascades(transaction, step, statements);
        for (const sql of statements) await transaction.run(defineStatement(sql));
      }
      where = "its end";
      if (forward) await record(transaction, migration, now());
      else await unrecord(transaction, migration);
      return true;
    });
  } catch (error) {
    throw new MigrationFailed(migration, where, error);
  }
}

/** SQLite's transactions begin with the lock of the only writer; PostgreSQL is asked for one that ends with the transaction. */
const locks: Record<Dialect, readonly string[]> = {
  sqlite: [],
  postgres: ["SET LOCAL statement_timeout = 0", "SELECT pg_advisory_xact_lock(4738112906)"],
};

async function lock(transaction: Executor): Promise<void> {
  for (const sql of locks[transaction.dialect]) await transaction.run(defineStatement(sql));
}
