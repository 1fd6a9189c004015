/**
 * What the database computes of related rows, as an expression of the row that they belong to: a subquery that the index of the foreign key
 * answers.
 *
 *     (select count(*) from review as _rows where _rows.book_id = book.id)
 *
 * A join with groups would compute it for every row of the table before a page is cut, and multiply rows where there are two of them.
 * Rows out of sight are not there (`sight.ts`), as everywhere behind a relation, unless the declaration says otherwise.
 */
import { type RawBuilder, sql } from "kysely";
import { columnOf, type Field, type Model, type RelatedAggregate } from "../model/index.ts";
import type { Bindings } from "./bindings.ts";
import { keyField } from "./columns.ts";
import type { Dialect } from "./database.ts";
import { conditionSql } from "./migrations/condition-sql.ts";
import { type Models, resolverOf } from "./models.ts";
import { everyRow, manyStep, type Sources } from "./sources.ts";

/** Alias of the rows that are looked at. */
const rows = "_rows";

/** Makes the expression for a statement. */
export type Computed = (sources: Sources, bindings: Bindings) => RawBuilder<unknown>;

export interface CompiledAggregate {
  readonly compute: Computed;
  /** The model whose rows are looked at; undefined where all of them always are. */
  readonly target: Model | undefined;
}

/**
 * @param owner     the model of the row
 * @param ownerKey  the column of its key in the statement, such as `book.id`
 * @throws TypeError  the relation does not lead to that model
 */
export function compileRelatedAggregate(
  aggregate: RelatedAggregate,
  owner: Model,
  ownerKey: string,
  models: Models,
  dialect: Dialect,
): CompiledAggregate {
  const { of, unscoped, where } = aggregate;
  const { target, matching } = relationOf(aggregate, owner, ownerKey, models);
  const conditions = [matching];
  // Names without a table are those of the innermost one.
  if (where) conditions.push(sql.raw(`(${conditionSql(of, where, dialect, resolverOf(models))})`));
  const value = valueIn(aggregate, dialect);
  const every = everyRow(dialect);
  return {
    target: unscoped ? undefined : target,
    compute: (sources, bindings) =>
      sql`(select ${value} from ${(unscoped ? every : sources).target(target, rows, bindings)} where ${sql.join(conditions, sql` and `)})`,
  };
}

/** Which rows are looked at: those that point here, those that link this one, or those that it links. */
function relationOf(
  { name, of, by }: RelatedAggregate,
  owner: Model,
  ownerKey: string,
  models: Models,
): { readonly target: Model; readonly matching: RawBuilder<unknown> } {
  const field = of.fields[by] as Field;
  const key = sql.ref(ownerKey);
  const column = (of: Model, field: string, column = columnOf(field, of.fields[field] as Field)) =>
    sql.ref(`${rows}.${column}`);
  const pointsAt = models.target(of, by);
  if (field.kind === "foreignKey" && pointsAt === owner)
    return { target: of, matching: sql`${column(of, by)} = ${key}` };
  if (field.kind === "manyToMany" && (pointsAt === owner || of.name === owner.name)) {
    const { through, from, to } = manyStep(models, of, by);
    const isForward = of.name === owner.name;
    if (isForward && name !== "count")
      throw new TypeError(`"${by}" are links of ${of.name} itself: they are only counted`);
    const [target, here, there] = isForward ? [pointsAt, from, to] : [of, to, from];
    const linked = sql`select ${sql.ref(`${through}.${there}`)} from ${sql.table(through)} where ${sql.ref(`${through}.${here}`)} = ${key}`;
    const own = column(target, target.primaryKey, columnOf(target.primaryKey, keyField(target)));
    return { target, matching: sql`${own} in (${linked})` };
  }
  throw new TypeError(`"${by}" of ${of.name} points at ${pointsAt.name}, and not at ${owner.name}`);
}

function valueIn({ name, of, field }: RelatedAggregate, dialect: Dialect): RawBuilder<unknown> {
  if (field === undefined) return sql`count(*)`;
  const { kind } = of.fields[field] as Field;
  const value = sql`${sql.raw(name)}(${sql.ref(`${rows}.${columnOf(field, of.fields[field] as Field)}`)})`;
  if (name === "avg" && dialect === "postgres") return sql`cast(${value} as double precision)`;
  // What a function gives has no affinity: SQLite would compare it with text as text.
  if (kind === "decimal" && dialect === "sqlite" && name !== "avg") return sql`cast(${value} as numeric)`;
  return value;
}
