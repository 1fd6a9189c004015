/**
 * Which rows somebody may see, as a statement has them: a row out of sight is not there, neither by itself nor through a relation.
 *
 * In place of a model's table stand its rows in sight, `(select author.* from author where …) as _author`, which both databases read
 * as the table with one more condition. A join to them finds nothing where the row is out of sight, so that what is selected, compared
 * and sorted behind it is null. The conditions themselves are asked of every row: they are rules, and nobody probes with them.
 */
import { type SqlBool, sql } from "kysely";
import { columnOf, type Model } from "../model/index.ts";
import type { Bindings } from "./bindings.ts";
import { keyField } from "./columns.ts";
import { compileWhere } from "./conditions.ts";
import type { Dialect } from "./database.ts";
import type { Models } from "./models.ts";
import { everyRow, type RowSource, Selection, type Sources } from "./selection.ts";
import { builder } from "./statement.ts";
import { type Condition, everything, isEverything, shapeOf, type Where } from "./where.ts";

/** Rows under an alias; what they depend on is bound. */
type Source = (alias: string, bindings: Bindings) => RowSource;

export interface Sight {
  /** Which of the rows that are asked for. */
  readonly rows: Where;
  /** Which of the rows that relations lead to, by model; a model of which all are seen is not named. */
  readonly through: ReadonlyMap<Model, Where>;
}

/** The same sight where the rows of a model are asked for that others lead to. */
export const sightOf = (model: Model, { through }: Sight): Sight => ({
  rows: through.get(model) ?? everything,
  through,
});

/** The shape of a sight, as a key, with its conditions listed in order (`shapeOf`). */
export function shapeOfSight({ rows, through }: Sight, conditions: Condition[]): string {
  let shape = ` of ${shapeOf(rows, conditions)}`;
  for (const [{ name }, where] of through) shape += ` ${name} ${shapeOf(where, conditions)}`;
  return shape;
}

/**
 * The rows of a model for which a rule holds, to be joined.
 *
 * A rule that follows relations is asked of each row by itself: SQLite would make the rows of a join before it joins them to others,
 * all there are for a page of twenty.
 * @param first  the place of the rule's first condition among those of the statement
 */
export function rowsWhere(rule: Where, first: number, model: Model, models: Models, dialect: Dialect): Source {
  return (alias, bindings) => {
    const { selection, holds } = compileRule(rule, first, model, models, dialect, bindings);
    if (!selection.hasJoins) return selection.from().where(holds).selectAll(model.table).as(alias);
    const key = columnOf(model.primaryKey, keyField(model));
    const isThisRow = sql<SqlBool>`${sql.ref(`${model.table}.${key}`)} = ${sql.ref(`${thisRow}.${key}`)}`;
    const found = selection.from().where(isThisRow).where(holds).select(sql.lit(1).as("found"));
    const rows = everyRow(dialect).target(model, thisRow, bindings);
    return builder(dialect).selectFrom(rows).where(sql<SqlBool>`exists ${found}`).selectAll().as(alias);
  };
}

/** Alias of the row that a rule is asked of. */
const thisRow = "_this";

function compileRule(rule: Where, first: number, model: Model, models: Models, dialect: Dialect, bindings: Bindings) {
  const selection = new Selection(model, models, dialect);
  return { selection, holds: compileWhere(rule, selection, bindings, { first }) };
}

/**
 * The rows in sight, for one statement.
 * @param first  the place of the sight's first condition among those of the statement
 */
export function sourcesIn(sight: Sight | undefined, first: number, models: Models, dialect: Dialect): Sources {
  const every = everyRow(dialect);
  if (!sight) return every;
  const { rows, through } = sight;
  let next = first + conditionsIn(rows);
  const targets = new Map<Model, Source>();
  for (const [model, rule] of through) {
    targets.set(model, rowsWhere(rule, next, model, models, dialect));
    next += conditionsIn(rule);
  }
  return {
    root(model, bindings) {
      if (isEverything(rows)) return every.root(model, bindings);
      const { selection, holds } = compileRule(rows, first, model, models, dialect, bindings);
      return selection.from().where(holds).selectAll(model.table).as(model.table);
    },
    target: (model, alias, bindings) => targets.get(model)?.(alias, bindings) ?? every.target(model, alias, bindings),
    isPartial: (model) => targets.has(model),
  };
}

function conditionsIn(where: Where): number {
  const conditions: Condition[] = [];
  shapeOf(where, conditions);
  return conditions.length;
}
