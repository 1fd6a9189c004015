/**
 * What a SELECT returns: the columns of a model, and of models it points at, with the joins that they need.
 *
 * `add("author.name")` gives the index of a column in the row; the readers compiled from these indexes
 * (`resource/serializer/represent.ts`) are all that touches a row.
 */
import { type AliasedExpression, type SelectQueryBuilder, type SqlBool, sql } from "kysely";
import { columnOf, type Field, type Model } from "../model/index.ts";
import { Bindings } from "./bindings.ts";
import type { Dialect } from "./database.ts";
import { type Format, formatOf } from "./formats.ts";
import type { Models } from "./models.ts";
import { isQuery } from "./query.ts";
import { builder, type Tables } from "./statement.ts";

/** A path resolved: the column, the field, the format of its values. */
export interface ResolvedPath {
  readonly model: Model;
  readonly name: string;
  readonly field: Field;
  readonly format: Format;
  /** `alias.column`. */
  readonly column: string;
  /** Null may come, from the column itself or from a join that found nothing. */
  readonly nullable: boolean;
  /** The many-to-many step of the path, if there is one; `column` is then inside the subquery that follows it. */
  readonly many?: ManyPath;
}

/** A many-to-many step: the table between and the key columns on its two sides. */
export interface ManyStep {
  readonly through: string;
  readonly from: string;
  readonly to: string;
  readonly target: Model;
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

/** What stands in a statement for a table, under an alias. */
export type RowSource = AliasedExpression<object, string>;

/** Where the rows of a statement come from: all of them, or those that somebody may see (`sight.ts`). */
export interface Sources {
  /** The rows that are asked for. */
  root(model: Model, bindings: Bindings): RowSource;
  /** The rows that a relation leads to. */
  target(model: Model, alias: string, bindings: Bindings): RowSource;
  /** Whether a relation may lead to a row that is not there. */
  isPartial(target: Model): boolean;
}

/** Every row there is. A model over a query has its rows from there, wherever it is met. */
export function everyRow(dialect: Dialect): Sources {
  const rowsOf = (model: Model, alias: string): RowSource =>
    isQuery(model) ? model.from(builder(dialect)).as(alias) : sql<object>`${sql.table(model.table)}`.as(alias);
  return { root: (model) => rowsOf(model, model.table), target: rowsOf, isPartial: () => false };
}

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

/** The field of the key that a foreign key points at, or the field itself. */
export function storedField(models: Models, model: Model, name: string): Field {
  const field = model.fields[name];
  if (!field) throw new TypeError(`"${name}" is not a field of ${model.name}`);
  if (field.kind !== "foreignKey" && field.kind !== "manyToMany") return field;
  const target = models.target(model, name);
  return storedField(models, target, target.primaryKey);
}

/** The table between two models. Reference: django.db.models.fields.related.create_many_to_many_intermediary_model. */
export function manyStep(models: Models, model: Model, name: string): ManyStep {
  const target = models.target(model, name);
  const field = model.fields[name];
  const through = field && "through" in field.options ? field.options.through : undefined;
  const [from, to] =
    target.modelName === model.modelName
      ? [`from_${model.modelName}_id`, `to_${model.modelName}_id`]
      : [`${model.modelName}_id`, `${target.modelName}_id`];
  return { through: typeof through === "string" ? through : `${model.table}_${name}`, from, to, target };
}

export class Selection {
  readonly #joins = new Map<string, Join>();
  readonly #columns: string[] = [];
  /** Models behind many-to-many steps. */
  readonly #many = new Set<Model>();
  readonly model: Model;
  readonly #models: Models;
  readonly dialect: Dialect;

  constructor(model: Model, models: Models, dialect: Dialect) {
    this.model = model;
    this.#models = models;
    this.dialect = dialect;
  }

  /** A selection with the same columns, to which joins for conditions and order are added without touching this one. */
  copy(): Selection {
    const copy = new Selection(this.model, this.#models, this.dialect);
    for (const [key, join] of this.#joins) copy.#joins.set(key, join);
    copy.#columns.push(...this.#columns);
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
    const known = this.#columns.indexOf(resolved.column);
    return { index: known >= 0 ? known : this.#columns.push(resolved.column) - 1, resolved };
  }

  /** Resolves a path, joining what it goes through; a many-to-many step is described, not joined. */
  resolve(path: string): ResolvedPath {
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
      nullable ||= field.null;
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
  select(sources?: Sources, bindings?: Bindings): Query {
    // Equal names of joined columns do not matter: rows are arrays.
    return this.from(sources, bindings).select(this.#columns.map((column, i) => `${column} as c${i}`));
  }

  /** The same columns of a row that is written, for RETURNING, which has no joins: what lies behind one is a subquery. */
  returning(): AliasedExpression<unknown, string>[] {
    return this.#columns.map((column, i) => {
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
