/**
 * The rows of one model: found, counted, written, deleted.
 *
 * A store is made once at start. Statements that depend on nothing but the model are made with it; lists are compiled once per
 * shape of their condition and order, and kept in a bounded cache.
 */
import { type RawBuilder, sql } from "kysely";
import { columnOf, type Field, type Model } from "../model/index.ts";
import { type AutomaticValues, automaticValues, type Stamp } from "./automatic.ts";
import { batches } from "./batches.ts";
import { Bindings, inTextOrder } from "./bindings.ts";
import { compileWhere } from "./conditions.ts";
import { type Counter, createCounter } from "./count.ts";
import type { Awaitable, Dialect, Executor, SqlRow, SqlValue } from "./database.ts";
import { deleteRows, deleteRowsAlone } from "./delete.ts";
import { type Format, formatOf } from "./formats.ts";
import { keep } from "./keep.ts";
import { lockRows } from "./lock.ts";
import type { Models } from "./models.ts";
import { Related } from "./related.ts";

import { Selection, type Sources, storedField } from "./selection.ts";
import { type Sight, shapeOfSight, sourcesIn } from "./sight.ts";
import { bind, builder, type Statement, slot, statement } from "./statement.ts";
import { type Condition, isEverything, shapeOf, type Where } from "./where.ts";

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

/** A value by field name, in the fields' own formats. */
export type Values = Readonly<Record<string, unknown>>;

/** Which rows of a model somebody sees. */
export type RuleOf = (model: Model) => Awaitable<Where>;

interface CompiledList {
  readonly rows: Statement;
  readonly values: (conditions: readonly Condition[]) => SqlValue[];
}

/** Parameters of one INSERT: below the bounds of both databases (32,766 and 65,535), and small enough to be sent at once. */
const MAX_PARAMETERS = 8_000;

const noLimit: Record<Dialect, number | null> = { sqlite: -1, postgres: null };

const limits: Record<Dialect, () => RawBuilder<number>> = {
  // A bare parameter there is looked at by SQLite's planner, which then prepares the statement anew at each execution.
  sqlite: () => sql<number>`0 + ${slot()}`,
  postgres: () => sql<number>`${slot()}`,
};

export class Store {
  readonly model: Model;
  readonly models: Models;
  readonly dialect: Dialect;
  readonly #formats = new Map<string, Format>();
  readonly #many: string[] = [];
  readonly #writes = new Map<string, Statement>();
  readonly #counter: Counter;
  readonly #related = new Map<string, Related>();
  readonly #automatic: AutomaticValues;
  /** Reads keys alone; made when it is first asked for. */
  #keys?: {
    readonly list: ReturnType<Store["lister"]>;
    readonly read: Format["fromColumn"];
  };

  constructor(model: Model, models: Models, dialect: Dialect) {
    this.model = model;
    this.models = models;
    this.dialect = dialect;
    this.#counter = createCounter(model, models, dialect);
    this.#automatic = automaticValues(model);
    for (const [name, field] of Object.entries(model.fields)) {
      if (field.kind === "manyToMany") this.#many.push(name);
      else this.#formats.set(name, formatOf(storedField(models, model, name), dialect));
    }
  }

  /** A selection of this model's rows, to which a reader adds its columns. */
  selection(): Selection {
    return new Selection(this.model, this.models, this.dialect);
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
    const found = statement(lock && this.dialect === "postgres" ? query.forUpdate() : query);
    return (executor, value) => executor.get(found, bind(found, [format.toColumn(value)]));
  }

  /**
   * Creates a row with its links, and with what the server sets where `values` do not say; returns its key. Call it inside a
   * transaction.
   */
  async create(executor: Executor, values: Values, stamp: Stamp): Promise<unknown> {
    const key = await this.insert(executor, { ...this.#automatic.create(stamp), ...values });
    await this.#link(executor, key, values);
    return key;
  }

  /** The same for many rows, in few statements; returns their keys in order. Call it inside a transaction. */
  async createAll(executor: Executor, rows: readonly Values[], stamp: Stamp): Promise<unknown[]> {
    const whole = rows.map((values) => ({ ...this.#automatic.create(stamp), ...values }));
    const keys: unknown[] = [];
    for (const piece of this.#pieces(whole)) keys.push(...(await this.#insertAll(executor, piece)));
    for (const [i, key] of keys.entries()) await this.#link(executor, key, rows[i] ?? {});
    return keys;
  }

  /**
   * Changes a row with its links, and what the server sets at every write. Call it inside a transaction.
   * @param seen  which rows of a model may be unlinked (default: all)
   */
  async change(executor: Executor, key: unknown, values: Values, stamp: Stamp, seen?: RuleOf): Promise<boolean> {
    const isThere = await this.update(executor, key, { ...values, ...this.#automatic.update(stamp) });
    if (isThere) await this.#link(executor, key, values, seen);
    return isThere;
  }

  /** Inserts a row and returns its primary key. Fields that are not given are left to the column's own default. */
  async insert(executor: Executor, values: Values): Promise<unknown> {
    const names = this.#columnNames(values);
    const insert = this.#write(`insert ${names.join()}`, () => {
      const columns = Object.fromEntries(names.map((name) => [this.#column(name), slot()]));
      const into = builder(this.dialect).insertInto(this.model.table);
      return statement(
        (names.length ? into.values(columns) : into.defaultValues()).returning(this.#column(this.model.primaryKey)),
      );
    });
    const row = await executor.get(insert, this.#parameters(names, values));
    return this.#format(this.model.primaryKey).fromColumn(row?.[0]);
  }

  /** Inserts rows that give the same fields. Both databases return keys in the order of the values, as Django too relies on. */
  async #insertAll(executor: Executor, rows: readonly Values[]): Promise<unknown[]> {
    const [first = {}] = rows;
    if (rows.length === 1) return [await this.insert(executor, first)];
    const names = this.#columnNames(first);
    const insert = this.#write(`insert ${rows.length} ${names.join()}`, () => {
      const row = () => Object.fromEntries(names.map((name) => [this.#column(name), slot()]));
      const into = builder(this.dialect).insertInto(this.model.table).values(rows.map(row));
      return statement(into.returning(this.#column(this.model.primaryKey)));
    });
    const found = await executor.all(
      insert,
      rows.flatMap((values) => this.#parameters(names, values)),
    );
    return found.map(([key]) => this.#format(this.model.primaryKey).fromColumn(key));
  }

  /** Rows cut into what one statement inserts: runs that give the same fields, a power of two long, so that few are prepared. */
  *#pieces(rows: readonly Values[]): Generator<readonly Values[]> {
    const names = rows.map((values) => this.#columnNames(values));
    const shapes = names.map((own) => own.join());
    for (let from = 0; from < rows.length; ) {
      const fields = names[from]?.length ?? 0;
      const most = fields === 0 ? 1 : Math.min(rows.length - from, MAX_PARAMETERS / fields);
      const isSame = (shape: string) => shape === shapes[from];
      let length = 1;
      while (length * 2 <= most && shapes.slice(from + length, from + length * 2).every(isSame)) length *= 2;
      yield rows.slice(from, from + length);
      from += length;
    }
  }

  /** Writes fields of one row; returns false where it is not there. */
  async update(executor: Executor, key: unknown, values: Values): Promise<boolean> {
    const names = this.#columnNames(values);
    if (names.length === 0) return true;
    const update = this.#write(`update ${names.join()}`, () => {
      const columns = Object.fromEntries(names.map((name) => [this.#column(name), slot()]));
      const primaryKey = this.#column(this.model.primaryKey);
      return statement(builder(this.dialect).updateTable(this.model.table).set(columns).where(primaryKey, "=", slot()));
    });
    const written = await executor.run(update, [
      ...this.#parameters(names, values),
      this.#format(this.model.primaryKey).toColumn(key),
    ]);
    return written > 0;
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

  /** Deletes rows and what hangs on them (`delete.ts`). Call it inside a transaction. */
  delete(executor: Executor, keys: readonly unknown[]): Promise<void> {
    return deleteRows(executor, this.models, this.model, keys);
  }

  /** Deletes rows that are inserted again with their keys before the transaction ends: what hangs on them stays. */
  deleteAlone(executor: Executor, keys: readonly unknown[]): Promise<void> {
    return deleteRowsAlone(executor, this.models, this.model, keys);
  }

  /** Locks rows, in the order of their keys, until the transaction ends. */
  lock(executor: Executor, keys: readonly unknown[]): Promise<void> {
    return lockRows(executor, this.models, this.model, keys);
  }

  /** Links a row to exactly the keys that the values of its many-to-many fields are. */
  async #link(executor: Executor, key: unknown, values: Values, seen?: RuleOf): Promise<void> {
    for (const name of this.#many) {
      const keys = values[name];
      if (!Array.isArray(keys)) continue;
      const rule = await seen?.(this.models.target(this.model, name));
      await this.related(name).replace(executor, key, keys, rule && !isEverything(rule) ? rule : undefined);
    }
  }

  /** The links of a many-to-many field. */
  related(field: string): Related {
    const known = this.#related.get(field);
    if (known) return known;
    const made = new Related(this.model, field, this.models, this.dialect);
    this.#related.set(field, made);
    return made;
  }

  /** A statement of this store, made at its first use. */
  #write(shape: string, make: () => Statement): Statement {
    return keep(this.#writes, shape, make);
  }

  #compileList(selection: Selection, where: Where, order: readonly string[], sources: Sources): CompiledList {
    const [from, inWhere] = [new Bindings(), new Bindings()];
    const expression = compileWhere(where, selection, inWhere, { sources });
    const columns = order.map((path) => {
      const { column } = selection.resolve(path.replace(/^-/, ""));
      return sql`${sql.ref(column)} ${sql.raw(path.startsWith("-") ? "desc" : "asc")}`;
    });
    let query = selection.select(sources, from).where(expression);
    for (const column of columns) query = query.orderBy(column);
    const rows = statement(query.limit(limits[this.dialect]()).offset(sql<number>`${slot()}`));
    return { rows, values: inTextOrder(from, inWhere) };
  }

  /** The fields among some values that have a column. */
  #columnNames(values: Values): string[] {
    return Object.keys(values).filter((name) => this.#formats.has(name));
  }

  #column(name: string): string {
    return columnOf(name, this.#field(name));
  }

  #field(name: string): Field {
    const field = this.model.fields[name];
    if (!field) throw new TypeError(`"${name}" is not a field of ${this.model.name}`);
    return field;
  }

  #format(name: string): Format {
    const format = this.#formats.get(name);
    if (!format) throw new TypeError(`"${name}" is not a column of ${this.model.name}`);
    return format;
  }

  #parameters(names: readonly string[], values: Values): SqlValue[] {
    return names.map((name) => {
      const value = values[name];
      return value === null || value === undefined ? null : this.#format(name).toColumn(value);
    });
  }
}
