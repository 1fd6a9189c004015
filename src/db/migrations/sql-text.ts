/** The SQL of a migration as text, for either database and without one. Reference: Django's sqlmigrate. */
import type { Dialect } from "../database.ts";
import { replay } from "./graph.ts";
import { isStepwise, type Migration } from "./migration.ts";
import { type Direction, sqlOf } from "./operation-sql.ts";
import { describeOperation, isOutside } from "./operations.ts";
import { findMigration } from "./plan.ts";

/**
 * What a migration would run, operation by operation, on tables that hold nothing but what was declared.
 * @throws ConfigurationError  there is no such migration, or it cannot be undone
 */
export function migrationSql(
  existing: readonly Migration[],
  [label, name]: readonly [label: string, name: string],
  dialect: Dialect,
  direction: Direction = "forward",
): readonly string[] {
  const { graph, replayed } = replay(existing);
  const migration = findMigration(graph.ordered, label, name);
  const steps = replayed.find((each) => each.migration === migration)?.steps ?? [];
  const inSteps = dialect === "postgres" && isStepwise(migration);
  const lines = (direction === "forward" ? steps : steps.toReversed()).flatMap((step) => {
    const statements = sqlOf(step, direction, dialect).map((sql) => `${sql};`);
    const nothing = step.operation.kind === "runCode" ? "-- TypeScript, which is no SQL" : "-- nothing to do";
    const text = [`-- ${describeOperation(step.operation)}`, ...(statements.length ? statements : [nothing])];
    return inSteps && !isOutside(step.operation) ? whole(text) : text;
  });
  return inSteps ? lines : whole(lines);
}

const whole = (lines: readonly string[]): readonly string[] => ["BEGIN;", ...lines, "COMMIT;"];
