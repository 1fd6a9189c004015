/**
 * What a SELECT returns: the columns of a model, and of models it points at, with the joins that they need.
 *
 * `add("author.name")` gives the index of a column in the row; the readers compiled from these indexes
 * (`resource/serializer/represent.ts`) are all that touches a row.
 */
import { type AliasedExpression, type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from "kysely";
import { aggregateOf, columnOf, type Field, type FieldMap, type Model } from "../model/index.ts";
import { Bindings } from "./bindings.ts";
import type { Dialect } from "./database.ts";
import { type Format, formatOf } from "./formats.ts";
import { isPromised, type Models } from "./models.ts";
import { type Computed, compileRelatedAggregate } from "./related-aggregates.ts";
import { everyRow, type ManyStep, manyStep, type RowSource, type Sources, storedField } from "./sources.ts";
import { builder, type Tables } from "./statement.ts";

export { everyRow, type ManyStep, manyStep, type RowSource, type Sources, storedField };

/** A path resolved: the column, the field, the format of its values. */
export interface ResolvedPath {
  readonly model: Model;
  readonly name: string;
  readonly field: Field;
  readonly format: Format;
  /** `alias.column`; of what is computed, its path. */
  readonly column: string;
  /** Makes the expression of what is computed of related rows. */
  readonly computed?: Computed;
  /** Null may come, from the column itself or from a join that found nothing. */
  readonly nullable: boolean;
  /** The many-to-many step of the path, if there is one; `column` is then inside the subquery that follows it. */
  readonly many?: ManyPath;
}

/** A many-to-many step of a path. */
export interface ManyPath extends ManyStep {
  /** The key, outside the subquery, of the row that the links are of. */
  readonly owner: string;
  /** The path goes on to a field of the target, which is joined as `manyTarget`. */
  readonly isThroughTarget: boolean;
}

/** Alias of the target in the subquery of a many-to-many step. */
export const manyTarget = "_many";

/** The expression of a resolved path in a statement. */
export const columnSql = (
  { column, computed }: Pick<ResolvedPath, "column" | "computed">,
  sources: Sources,
  bindings: Bindings,
): RawBuilder<unknown> => (computed ? computed(sources, bindings) : sql.ref(column));

type Query = SelectQueryBuilder<Tables, string, Record<string, unknown>>;

interface Join {
  readonly target: Model;
  readonly alias: string;
  /** Alias of what it is joined to. */
  readonly behind: string;
  readonly from: string;
  readonly to: string;
  readonly inner: boolean;
}

export class Selection {
  readonly #joins = new Map<string, Join>();
  readonly #columns: Pick<ResolvedPath, "column" | "computed">[] = [];
  /** What is computed of related rows, by path. */
  readonly #computed = new Map<string, ResolvedPath>();
  /** Models behind many-to-many steps. */
  readonly #many = new Set<Model>();
  readonly model: Model;
  readonly #models: Models;
  readonly dialect: Dialect;

  /** @param computed  what is computed of rows that are related to the model's own, by name */
  constructor(model: Model, models: Models, dialect: Dialect, computed: FieldMap = {}) {
    this.model = model;
    this.#models = models;
    this.dialect = dialect;
    for (const [name, field] of Object.entries(computed)) this.compute(name, field);
  }

  /** A selection with the same columns, to which joins for conditions and order are added without touching this one. */
  copy(): Selection {
    const copy = new Selection(this.model, this.#models, this.dialect);
    for (const [key, join] of this.#joins) copy.#joins.set(key, join);
    copy.#columns.push(...this.#columns);
    for (const [path, resolved] of this.#computed) copy.#computed.set(path, resolved);
    for (const model of this.#many) copy.#many.add(model);
    return copy;
  }

  /** Whether it reads more than its own table. */
  get hasJoins(): boolean {
    return this.#joins.size > 0;
  }

  /** The models that its paths lead to. */
  get targets(): ReadonlySet<Model> {
    return new Set([...Array.from(this.#joins.values(), ({ target }) => target), ...this.#many]);
  }

  /** Selects the column at a path and returns its index in a row. */
  add(path: string): { index: number; resolved: ResolvedPath } {
    const resolved = this.resolve(path);
    if (resolved.many) throw new TypeError(`"${path}" leads to many rows; expected a path to one value`);
    const known = this.#columns.findIndex(({ column }) => column === resolved.column);
    return { index: known >= 0 ? known : this.#columns.push(resolved) - 1, resolved };
  }

  /**
   * Lets a path mean what a field computes of rows that are related to the row before its last step.
   * @throws TypeError  they are not
   */
  compute(path: string, field: Field): void {
    const aggregate = aggregateOf(field);
    if (!aggregate || this.#computed.has(path)) return;
    const behind = path.slice(0, path.lastIndexOf(".") + 1);
    const { model: owner, column: key } = this.resolve(behind + this.#modelAt(behind).primaryKey);
    const { compute, target } = compileRelatedAggregate(aggregate, owner, key, this.#models, this.dialect);
    if (target) this.#many.add(target);
    const name = path.slice(path.lastIndexOf(".") + 1);
    this.#computed.set(path, {
      ...{ model: owner, name, field, format: formatOf(field, this.dialect) },
      ...{ column: `=${path}`, computed: compute, nullable: true },
    });
  }

  /** The model that the steps of a path lead to, `author.publisher.`. */
  #modelAt(steps: string): Model {
    return steps
      .split(".")
      .filter((step) => step !== "")
      .reduce((model, step) => this.#models.target(model, step), this.model);
  }

  /** Resolves a path, joining what it goes through; a many-to-many step is described, not joined. */
  resolve(path: string): ResolvedPath {
    return this.#computed.get(path) ?? this.#resolve(path);
  }

  #resolve(path: string): ResolvedPath {
    const steps = path.split(".");
    const name = steps.pop() ?? "";
    let { model } = this;
    let alias = model.table;
    let nullable = false;
    for (const [i, step] of steps.entries()) {
      const field = model.fields[step];
      if (!field) throw new TypeError(`"${path}": "${step}" is not a field of ${model.name}`);
      if (field.kind === "manyToMany") return this.#resolveMany(model, alias, step, [...steps.slice(i + 1), name]);
      const target = this.#models.target(model, step);
      nullable ||= field.null || !isPromised(model, target);
      // No name has two underscores, so `a.b_c` and `a_b.c` are told apart.
      const joined = alias === this.model.table ? `_${step}` : `${alias}__${step}`;
      this.#joins.set(joined, {
        target,
        alias: joined,
        behind: alias,
        from: `${alias}.${columnOf(step, field)}`,
        to: `${joined}.${columnOf(target.primaryKey, storedField(this.#models, target, target.primaryKey))}`,
        inner: !nullable,
      });
      alias = joined;
      model = target;
    }
    const field = model.fields[name];
    if (!field)
      throw new TypeError(
        `"${path}": "${name}" is not a field of ${model.name}; fields: ${Object.keys(model.fields).join(", ")}`,
      );
    if (field.kind === "manyToMany") return this.#resolveMany(model, alias, name, []);
    const format = formatOf(storedField(this.#models, model, name), this.dialect);
    return {
      model,
      name,
      field,
      format,
      column: `${alias}.${columnOf(name, field)}`,
      nullable: nullable || field.null,
    };
  }

  /** A path through a many-to-many field, to its keys or to one field of its target. */
  #resolveMany(model: Model, alias: string, step: string, [name, ...deeper]: readonly string[]): ResolvedPath {
    const many = manyStep(this.#models, model, step);
    const { target, through, to } = many;
    this.#many.add(target);
    if (deeper.length > 0) throw new TypeError(`"${step}": a path ends one field behind a many-to-many field`);
    const owner = `${alias}.${columnOf(model.primaryKey, storedField(this.#models, model, model.primaryKey))}`;
    const end = name === undefined ? { of: model, name: step } : { of: target, name };
    const field = end.of.fields[end.name];
    if (!field || (name !== undefined && field.kind === "manyToMany"))
      throw new TypeError(`"${end.name}" is not a column of ${end.of.name}`);
    return {
      model: end.of,
      name: end.name,
      field,
      format: formatOf(storedField(this.#models, end.of, end.name), this.dialect),
      column: name === undefined ? `${through}.${to}` : `${manyTarget}.${columnOf(name, field)}`,
      nullable: true,
      many: { ...many, owner, isThroughTarget: name !== undefined },
    };
  }

  /** `FROM` with the joins, nothing selected yet. */
  from(sources = everyRow(this.dialect), bindings = new Bindings()): Query {
    let query = builder(this.dialect).selectFrom(sources.root(this.model, bindings)) as unknown as Query;
    const partial = new Set<string>();
    for (const { target, alias, behind, from, to, inner } of this.#joins.values()) {
      const as = sources.target(target, alias, bindings);
      const matching = sql<SqlBool>`${sql.ref(from)} = ${sql.ref(to)}`;
      // Behind what may not be there nothing need be there; the row itself stays.
      if (sources.isPartial(target) || partial.has(behind)) partial.add(alias);
      query =
        inner && !partial.has(alias)
          ? query.innerJoin(as, (join) => join.on(matching))
          : query.leftJoin(as, (join) => join.on(matching));
    }
    return query;
  }

  /** `SELECT columns FROM …`. */
  select(sources?: Sources, bindings?: Bindings, inColumns = new Bindings()): Query {
    const from = sources ?? everyRow(this.dialect);
    // Equal names of joined columns do not matter: rows are arrays.
    return this.from(from, bindings).select(this.#columns.map((one, i) => columnSql(one, from, inColumns).as(`c${i}`)));
  }

  /** The same columns of a row that is written, for RETURNING, which has no joins: what lies behind one is a subquery. */
  returning(): AliasedExpression<unknown, string>[] {
    return this.#columns.map(({ column, computed }, i) => {
      if (computed) return computed(everyRow(this.dialect), new Bindings()).as(`c${i}`);
      const joins: Join[] = [];
      for (let join = this.#joinOf(column.slice(0, column.lastIndexOf("."))); join; join = this.#joinOf(join.behind))
        joins.unshift(join);
      const [first, ...others] = joins;
      if (!first) return sql.ref(column).as(`c${i}`);
      const rows = everyRow(this.dialect);
      const sourceOf = ({ target, alias }: Join) => rows.target(target, alias, new Bindings());
      const matching = ({ from, to }: Join) => sql<SqlBool>`${sql.ref(from)} = ${sql.ref(to)}`;
      let query = builder(this.dialect).selectFrom(sourceOf(first)) as unknown as Query;
      for (const other of others) query = query.leftJoin(sourceOf(other), (join) => join.on(matching(other)));
      return query.where(matching(first)).select(sql.ref(column).as("value")).as(`c${i}`);
    });
  }

  #joinOf(alias: string): Join | undefined {
    return alias === this.model.table ? undefined : this.#joins.get(alias);
  }
}
