/**
 * The rows of one model as they are written: created, changed, deleted, and their links with them; reading is `read-store.ts`.
 *
 * A store is made once at start. Its statements are made once for each set of fields that is written, and kept with what they return.
 */
import type { AliasedExpression } from "kysely";
import { columnOf, type Field, type FieldMap, type Model } from "../model/index.ts";
import { type AutomaticValues, automaticValues, type Stamp } from "./automatic.ts";
import { type Awaitable, after, type Dialect, type Executor, type SqlRow, type SqlValue } from "./database.ts";
import { deleteRows, deleteRowsAlone } from "./delete.ts";
import { type Format, formatOf } from "./formats.ts";
import { keep } from "./keep.ts";
import { lockRows } from "./lock.ts";
import type { Models } from "./models.ts";
import { ReadStore } from "./read-store.ts";
import { type Selection, storedField } from "./selection.ts";
import { bind, builder, type Slot, type Statement, slot, statement } from "./statement.ts";
import { isEverything, type Where } from "./where.ts";

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

/** Parameters of one INSERT: below the bounds of both databases (32,766 and 65,535), and small enough to be sent at once. */
const MAX_PARAMETERS = 8_000;

export class Store extends ReadStore {
  readonly #formats = new Map<string, Format>();
  readonly #many: string[] = [];
  readonly #keysAlone: Returning;
  readonly #automatic: AutomaticValues;

  constructor(model: Model, models: Models, dialect: Dialect, computed: FieldMap = {}) {
    super(model, models, dialect, computed);
    this.#automatic = automaticValues(model);
    for (const [name, field] of Object.entries(model.fields)) {
      if (field.kind === "manyToMany") this.#many.push(name);
      else this.#formats.set(name, formatOf(storedField(models, model, name), dialect));
    }
    this.#keysAlone = this.returning(this.selection());
  }

  /** The same rows with more to be asked of them: what fields compute of related rows, by name. */
  computing(fields: FieldMap): Store {
    return new Store(this.model, this.models, this.dialect, fields);
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
