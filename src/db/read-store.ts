/**
 * The rows of one model as they are read: found, listed and counted.
 *
 * Made once at start. Statements that depend on nothing but the model are made with it; lists are compiled once per shape of their
 * condition and order, and kept in a bounded cache.
 */
import { type RawBuilder, sql } from "kysely";
import type { FieldMap, Model } from "../model/index.ts";
import { batches } from "./batches.ts";
import { Bindings, inTextOrder } from "./bindings.ts";
import { compileWhere } from "./conditions.ts";
import { type Counter, createCounter } from "./count.ts";
import type { Awaitable, Dialect, Executor, SqlRow, SqlValue } from "./database.ts";
import type { Format } from "./formats.ts";
import { keep } from "./keep.ts";
import type { Models } from "./models.ts";
import { Related } from "./related.ts";
import { columnSql, Selection, type Sources } from "./selection.ts";
import { type Sight, shapeOfSight, sourcesIn } from "./sight.ts";
import { bind, type Statement, slot, statement } from "./statement.ts";
import { type Condition, shapeOf, type Where } from "./where.ts";

/** A list of rows to fetch. */
export interface ListQuery {
  readonly where: Where;
  /** Paths, `-` before a descending one. */
  readonly order: readonly string[];
  readonly limit?: number;
  readonly offset?: number;
  /** Which rows there are for whoever asks (default: all). */
  readonly sight?: Sight;
}

interface CompiledList {
  readonly rows: Statement;
  readonly values: (conditions: readonly Condition[]) => SqlValue[];
}

const noLimit: Record<Dialect, number | null> = { sqlite: -1, postgres: null };

const limits: Record<Dialect, () => RawBuilder<number>> = {
  // A bare parameter there is looked at by SQLite's planner, which then prepares the statement anew at each execution.
  sqlite: () => sql<number>`0 + ${slot()}`,
  postgres: () => sql<number>`${slot()}`,
};

export class ReadStore {
  readonly model: Model;
  readonly models: Models;
  readonly dialect: Dialect;
  /** What is computed of related rows where this store is asked, by name. */
  readonly computed: FieldMap;
  readonly #counter: Counter;
  readonly #related = new Map<string, Related>();
  /** Reads keys alone; made when it is first asked for. */
  #keys?: {
    readonly list: ReturnType<ReadStore["lister"]>;
    readonly read: Format["fromColumn"];
  };

  constructor(model: Model, models: Models, dialect: Dialect, computed: FieldMap = {}) {
    this.model = model;
    this.models = models;
    this.dialect = dialect;
    this.computed = computed;
    this.#counter = createCounter(this);
  }

  /** A selection of this model's rows, to which a reader adds its columns. */
  selection(): Selection {
    return new Selection(this.model, this.models, this.dialect, this.computed);
  }

  /** Fetches lists of rows of a selection. */
  lister(selection: Selection): (executor: Executor, query: ListQuery) => Awaitable<readonly SqlRow[]> {
    const shapes = new Map<string, CompiledList>();
    return (executor, { where, order, limit, offset, sight }) => {
      const conditions: Condition[] = [];
      const asked = `${shapeOf(where, conditions)} ${order.join()}`;
      const ownConditions = conditions.length;
      const shape = sight ? asked + shapeOfSight(sight, conditions) : asked;
      const compiled = keep(shapes, shape, () => {
        const sources = sourcesIn(sight, ownConditions, this.models, this.dialect);
        return this.#compileList(selection.copy(), where, order, sources);
      });
      const values = compiled.values(conditions);
      values.push(limit ?? noLimit[this.dialect], offset ?? 0);
      return executor.all(compiled.rows, bind(compiled.rows, values));
    };
  }

  /** Counts the rows that meet a condition, of those in sight. */
  count(executor: Executor, where: Where, sight?: Sight): Awaitable<number> {
    return this.#counter.count(executor, where, sight);
  }

  /** About how many there are: exact up to 10,000, an estimate above that (`count.ts`). */
  estimate(executor: Executor, where: Where, sight?: Sight): Awaitable<number> {
    return this.#counter.estimate(executor, where, sight);
  }

  /**
   * Fetches the row of a selection whose field has a value; undefined where there is none. With `lock` it stays as it is until the
   * transaction ends (on SQLite a transaction is the only writer anyway).
   */
  finder(
    selection: Selection,
    by = this.model.primaryKey,
    { lock = false } = {},
  ): (executor: Executor, value: unknown) => Awaitable<SqlRow | undefined> {
    const { column, format } = selection.resolve(by);
    const query = selection.select().where(sql.ref(column), "=", slot()).limit(sql.lit(1));
    // What locks is no reading, and has no place in a transaction that only reads.
    const found =
      lock && this.dialect === "postgres" ? { ...statement(query.forUpdate()), reads: false } : statement(query);
    return (executor, value) => executor.get(found, bind(found, [format.toColumn(value)]));
  }

  /** Those of some keys whose rows are there and meet a condition; a statement, whatever their number (but for batches). */
  async existing(executor: Executor, keys: readonly unknown[], where: Where): Promise<ReadonlySet<unknown>> {
    const found = new Set<unknown>();
    for (const batch of batches([...new Set(keys)])) {
      const among: Where = { and: [{ path: this.model.primaryKey, lookup: "in", value: batch }, where] };
      for (const key of await this.keysWhere(executor, among)) found.add(key);
    }
    return found;
  }

  /** The keys of the rows that meet a condition. */
  async keysWhere(executor: Executor, where: Where): Promise<unknown[]> {
    this.#keys ??= (() => {
      const selection = this.selection();
      const { resolved } = selection.add(this.model.primaryKey);
      return { list: this.lister(selection), read: resolved.format.fromColumn };
    })();
    const { list, read } = this.#keys;
    return (await list(executor, { where, order: [] })).map(([key]) => read(key));
  }

  /** The links of a many-to-many field. */
  related(field: string): Related {
    const known = this.#related.get(field);
    if (known) return known;
    const made = new Related(this.model, field, this.models, this.dialect);
    this.#related.set(field, made);
    return made;
  }

  #compileList(selection: Selection, where: Where, order: readonly string[], sources: Sources): CompiledList {
    const [inColumns, from, inWhere, inOrder] = [new Bindings(), new Bindings(), new Bindings(), new Bindings()];
    const expression = compileWhere(where, selection, inWhere, { sources });
    const columns = order.map((path) => {
      const column = columnSql(selection.resolve(path.replace(/^-/, "")), sources, inOrder);
      return sql`${column} ${sql.raw(path.startsWith("-") ? "desc" : "asc")}`;
    });
    let query = selection.select(sources, from, inColumns).where(expression);
    for (const column of columns) query = query.orderBy(column);
    const rows = statement(query.limit(limits[this.dialect]()).offset(sql<number>`${slot()}`));
    return { rows, values: inTextOrder(inColumns, from, inWhere, inOrder) };
  }
}
