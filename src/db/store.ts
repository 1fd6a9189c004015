/**
 * The rows of one model: found, counted, written, deleted.
 *
 * A store is made once at start. Statements that depend on nothing but the model are made with it; lists are compiled once per
 * shape of their condition and order, and kept in a bounded cache.
 */
import { type AliasedExpression, type RawBuilder, sql } from "kysely";
import { columnOf, type Field, type FieldMap, type Model } from "../model/index.ts";
import { type AutomaticValues, automaticValues, type Stamp } from "./automatic.ts";
import { batches } from "./batches.ts";
import { Bindings, inTextOrder } from "./bindings.ts";
import { compileWhere } from "./conditions.ts";
import { type Counter, createCounter } from "./count.ts";
import { type Awaitable, after, type Dialect, type Executor, type SqlRow, type SqlValue } from "./database.ts";
import { deleteRows, deleteRowsAlone } from "./delete.ts";
import { type Format, formatOf } from "./formats.ts";
import { keep } from "./keep.ts";
import { lockRows } from "./lock.ts";
import type { Models } from "./models.ts";
import { Related } from "./related.ts";

import { columnSql, Selection, type Sources, storedField } from "./selection.ts";
import { type Sight, shapeOfSight, sourcesIn } from "./sight.ts";
import { bind, builder, type Slot, type Statement, slot, statement } from "./statement.ts";
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

/** What a write gives back of each row: the columns of a selection, as they stand in the table then (`returning`). */
export interface Returning {
  readonly columns: readonly AliasedExpression<unknown, string>[];
  readonly keyOf: (row: SqlRow | undefined) => unknown;
  readonly statements: Map<string, Statement>;
}

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
  /** What is computed of related rows where this store is asked, by name. */
  readonly computed: FieldMap;
  readonly #formats = new Map<string, Format>();
  readonly #many: string[] = [];
  readonly #keysAlone: Returning;
  readonly #counter: Counter;
  readonly #related = new Map<string, Related>();
  readonly #automatic: AutomaticValues;
  /** Reads keys alone; made when it is first asked for. */
  #keys?: {
    readonly list: ReturnType<Store["lister"]>;
    readonly read: Format["fromColumn"];
  };

  constructor(model: Model, models: Models, dialect: Dialect, computed: FieldMap = {}) {
    this.model = model;
    this.models = models;
    this.dialect = dialect;
    this.computed = computed;
    this.#counter = createCounter(this);
    this.#automatic = automaticValues(model);
    for (const [name, field] of Object.entries(model.fields)) {
      if (field.kind === "manyToMany") this.#many.push(name);
      else this.#formats.set(name, formatOf(storedField(models, model, name), dialect));
    }
    this.#keysAlone = this.returning(this.selection());
  }

  /** A selection of this model's rows, to which a reader adds its columns. */
  selection(): Selection {
    return new Selection(this.model, this.models, this.dialect, this.computed);
  }

  /** The same rows with more to be asked of them: what fields compute of related rows, by name. */
  computing(fields: FieldMap): Store {
    return new Store(this.model, this.models, this.dialect, fields);
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

  /** What is written is given back as a selection has it, and with its key: a row need not be read again. */
  returning(selection: Selection): Returning {
    const { index, resolved } = selection.add(this.model.primaryKey);
    const keyOf = (row: SqlRow | undefined): unknown => resolved.format.fromColumn(row?.[index]);
    return { columns: selection.returning(), keyOf, statements: new Map() };
  }

  /**
   * Creates a row with its links, and with what the server sets where `values` do not say; returns its key. Call it inside a
   * transaction.
   */
  async create(executor: Executor, values: Values, stamp: Stamp): Promise<unknown> {
    return this.#keysAlone.keyOf(await this.createRow(executor, values, stamp, this.#keysAlone));
  }

  /** The same; returns the row. */
  createRow(executor: Executor, values: Values, stamp: Stamp, returning: Returning): Awaitable<SqlRow> {
    const row = this.#insert(executor, Object.assign(this.#automatic.create(stamp), values), returning);
    if (this.#many.length === 0) return row;
    return after(row, (made) => after(this.#link(executor, returning.keyOf(made), values), () => made));
  }

  /** The same for many rows, in few statements; returns them in order. Call it inside a transaction. */
  async createRows(
    executor: Executor,
    rows: readonly Values[],
    stamp: Stamp,
    returning: Returning,
  ): Promise<readonly SqlRow[]> {
    const whole = rows.map((values) => Object.assign(this.#automatic.create(stamp), values));
    const created: SqlRow[] = [];
    for (const piece of this.#pieces(whole)) created.push(...(await this.#insertAll(executor, piece, returning)));
    if (this.#many.length > 0)
      for (const [i, row] of created.entries()) await this.#link(executor, returning.keyOf(row), rows[i] ?? {});
    return created;
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

  /** The same; returns the row, or undefined where it is not there or nothing but links was to be written. */
  async changeRow(
    executor: Executor,
    key: unknown,
    values: Values,
    stamp: Stamp,
    seen: RuleOf | undefined,
    returning: Returning,
  ): Promise<SqlRow | undefined> {
    const given = { ...values, ...this.#automatic.update(stamp) };
    const names = this.#columnNames(given);
    const row = names.length === 0 ? undefined : await this.#update(executor, key, names, given, returning);
    if (this.#many.length > 0 && (row || names.length === 0)) await this.#link(executor, key, values, seen);
    return row;
  }

  /** Inserts a row and returns its primary key. Fields that are not given are left to the column's own default. */
  async insert(executor: Executor, values: Values): Promise<unknown> {
    return this.#keysAlone.keyOf(await this.#insert(executor, values, this.#keysAlone));
  }

  #insert(executor: Executor, values: Values, { columns, statements }: Returning): Awaitable<SqlRow> {
    const names = this.#columnNames(values);
    const insert = keep(statements, `insert ${names.join()}`, () => {
      const into = builder(this.dialect).insertInto(this.model.table);
      return statement((names.length ? into.values(this.#slots(names)) : into.defaultValues()).returning(columns));
    });
    const parameters = bind(insert, this.#parameters(names, values));
    // An INSERT that inserted nothing has thrown.
    return executor.get(insert, parameters) as Awaitable<SqlRow>;
  }

  /** Inserts rows that give the same fields. Both databases return them in the order of the values, as Django too relies on. */
  async #insertAll(executor: Executor, rows: readonly Values[], returning: Returning): Promise<readonly SqlRow[]> {
    const [first = {}] = rows;
    if (rows.length === 1) return [await this.#insert(executor, first, returning)];
    const names = this.#columnNames(first);
    const insert = keep(returning.statements, `insert ${rows.length} ${names.join()}`, () => {
      const into = builder(this.dialect).insertInto(this.model.table);
      return statement(into.values(rows.map(() => this.#slots(names))).returning(returning.columns));
    });
    const parameters = rows.flatMap((values) => this.#parameters(names, values));
    return executor.all(insert, bind(insert, parameters));
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
    return names.length === 0 || (await this.#update(executor, key, names, values, this.#keysAlone)) !== undefined;
  }

  #update(
    executor: Executor,
    key: unknown,
    names: readonly string[],
    values: Values,
    { columns, statements }: Returning,
  ): Awaitable<SqlRow | undefined> {
    const update = keep(statements, `update ${names.join()}`, () => {
      const table = builder(this.dialect).updateTable(this.model.table).set(this.#slots(names));
      return statement(table.where(this.#column(this.model.primaryKey), "=", slot()).returning(columns));
    });
    const parameters = this.#parameters(names, values);
    parameters.push(this.#format(this.model.primaryKey).toColumn(key));
    return executor.get(update, bind(update, parameters));
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

  /** The fields among some values that have a column. */
  #columnNames(values: Values): string[] {
    return Object.keys(values).filter((name) => this.#formats.has(name));
  }

  /** A slot for each of some fields, by column. */
  #slots(names: readonly string[]): Record<string, Slot> {
    return Object.fromEntries(names.map((name) => [this.#column(name), slot()]));
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
