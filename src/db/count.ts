/**
 * How many rows of a model meet a condition: counted one by one, or counted up to a bound and estimated above it.
 *
 * The estimate of PostgreSQL is its planner's for the very query, with its conditions, joins and sight; it is as good as the
 * statistics that ANALYZE keeps. SQLite makes none: there the answer above the bound is "more than that", as bound + 1.
 * Reference: count(*) of django.db.models.query.QuerySet.count; "Using EXPLAIN" of the manual of PostgreSQL (`Plan Rows`).
 */
import { sql } from "kysely";
import { Bindings, inTextOrder } from "./bindings.ts";
import { compileWhere } from "./conditions.ts";
import { type Awaitable, after, type Executor, type SqlRow, type SqlValue } from "./database.ts";
import { keep } from "./keep.ts";
import type { ReadStore } from "./read-store.ts";
import { type Sight, shapeOfSight, sourcesIn } from "./sight.ts";
import { bind, builder, defineStatement, type Statement, statement } from "./statement.ts";
import { type Condition, shapeOf, type Where } from "./where.ts";

/** Up to so many rows an estimate is exact. */
export const EXACT_UP_TO = 10_000;

interface CompiledCount {
  readonly all: Statement;
  /** Counts no further than one above the bound. */
  readonly some: Statement;
  /** The planner's estimate, where there is a planner that tells. */
  readonly plan: Statement | undefined;
  readonly values: (conditions: readonly Condition[]) => SqlValue[];
}

export interface Counter {
  count(executor: Executor, where: Where, sight?: Sight): Awaitable<number>;
  estimate(executor: Executor, where: Where, sight?: Sight): Awaitable<number>;
}

/** Compiles the counting of a model's rows; its statements are made once a shape of condition. */
export function createCounter(store: Pick<ReadStore, "selection" | "models" | "dialect">): Counter {
  const { models, dialect } = store;
  const shapes = new Map<string, CompiledCount>();

  const compile = (where: Where, sight: Sight | undefined, first: number): CompiledCount => {
    const sources = sourcesIn(sight, first, models, dialect);
    const [from, inWhere] = [new Bindings(), new Bindings()];
    const selection = store.selection();
    const expression = compileWhere(where, selection, inWhere, { sources });
    const rows = selection.from(sources, from).where(expression);
    const found = rows.select(sql.lit(1).as("found"));
    const some = builder(dialect).selectFrom(found.limit(sql.lit(EXACT_UP_TO + 1)).as("some"));
    const count = sql<number>`count(*)`.as("count");
    return {
      all: statement(rows.select(count)),
      some: statement(some.select(count)),
      plan: dialect === "postgres" ? explained(statement(found)) : undefined,
      values: inTextOrder(from, inWhere),
    };
  };

  const ask = (where: Where, sight: Sight | undefined) => {
    const conditions: Condition[] = [];
    const asked = shapeOf(where, conditions);
    const ownConditions = conditions.length;
    const shape = sight ? asked + shapeOfSight(sight, conditions) : asked;
    const compiled = keep(shapes, shape, () => compile(where, sight, ownConditions));
    const values = compiled.values(conditions);
    return {
      compiled,
      get: (executor: Executor, one: Statement): Awaitable<SqlRow | undefined> => executor.get(one, bind(one, values)),
    };
  };

  return {
    count(executor, where, sight) {
      const { compiled, get } = ask(where, sight);
      return after(get(executor, compiled.all), firstNumber);
    },
    estimate(executor, where, sight) {
      const { compiled, get } = ask(where, sight);
      return after(get(executor, compiled.some), (row) => {
        const counted = firstNumber(row);
        if (counted <= EXACT_UP_TO || !compiled.plan) return counted;
        return after(get(executor, compiled.plan), (plan) => Math.max(counted, plannedRows(plan)));
      });
    },
  };
}

/** What PostgreSQL would do for a statement, which it does not run. */
const explained = (of: Statement): Statement => ({
  ...of,
  ...defineStatement(`explain (format json) ${of.sql}`, true),
});

const firstNumber = (row: SqlRow | undefined): number => Number(row?.[0] ?? 0);

function plannedRows(row: SqlRow | undefined): number {
  const text = row?.[0];
  const plans = (typeof text === "string" ? JSON.parse(text) : text) as
    | readonly { readonly Plan?: { readonly "Plan Rows"?: unknown } }[]
    | undefined;
  return Number(plans?.[0]?.Plan?.["Plan Rows"] ?? 0);
}
