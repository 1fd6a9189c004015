/**
 * A migration that is no single transaction on PostgreSQL: each operation is one, or none at all, and what is done is remembered with it.
 *
 * So a run that was killed goes on where it was; an operation outside a transaction is then run once more, and has to bear that.
 * Reference: `Migration.atomic` of Django. Differs: Django forgets what was done, and begins again at the first operation.
 */
import type { Database } from "../database.ts";
import { defineStatement } from "../statement.ts";
import { codeContext } from "./code-context.ts";
import { runConcurrently } from "./concurrently.ts";
import { limitLocks, type Patience } from "./lock.ts";
import { codeOf, type Direction, sqlOf } from "./operation-sql.ts";
import { isOutside } from "./operations.ts";
import type { PlannedWork } from "./plan.ts";
import { runStep } from "./run-step.ts";
import type { Step } from "./state.ts";
import { findStepsDone, makeTable, setStepsDone } from "./steps-done.ts";

/**
 * Runs what is left of a migration. Called with the lock of migrations held by another connection.
 * @param onStep  told of each operation before it
 */
export async function runStepByStep(
  database: Database,
  { migration, steps, direction }: PlannedWork,
  { now, lockTimeoutMs }: Patience & { readonly now: () => number },
  onStep: (step: Step) => void,
): Promise<void> {
  const forward = direction === "forward";
  await makeTable(database);
  const found = (await findStepsDone(database)).get(`${migration.label}.${migration.name}`);
  const done = found ?? (forward ? 0 : steps.length);
  const left = forward ? steps.slice(done) : steps.slice(0, done).toReversed();
  for (const [i, step] of left.entries()) {
    const doneThen = forward ? done + i + 1 : done - i - 1;
    onStep(step);
    if (isOutside(step.operation) && !isDropped(step, direction)) {
      await runOutside(database, step, direction, { now, lockTimeoutMs });
      await setStepsDone(database, migration, doneThen);
    } else
      await database.transaction(async (transaction) => {
        await limitLocks(transaction, lockTimeoutMs);
        await runStep(transaction, step, direction, now);
        await setStepsDone(transaction, migration, doneThen);
      });
  }
}

/** What is a matter of a moment: to drop a constraint. */
const isDropped = ({ operation: { kind } }: Step, direction: Direction): boolean =>
  direction === "backward" && (kind === "addUnique" || kind === "addConstraint");

async function runOutside(
  database: Database,
  step: Step,
  direction: Direction,
  { now, lockTimeoutMs }: Patience & { readonly now: () => number },
): Promise<void> {
  const { kind } = step.operation;
  if (kind === "runCode") await codeOf(step, direction)?.(codeContext(database, step.before, now));
  else if (kind === "runSql")
    for (const sql of sqlOf(step, direction, "postgres")) await database.run(defineStatement(sql));
  else await runConcurrently(database, step, direction, lockTimeoutMs);
}
