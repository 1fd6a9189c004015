/**
 * Rows on the other side of a many-to-many field: fetched for a whole page in one statement, and replaced as a set.
 */
import { sql } from "kysely";
import { columnOf, type Model } from "../model/index.ts";
import { batches } from "./batches.ts";
import { keyField } from "./columns.ts";
import { type Awaitable, after, type Dialect, type Executor, type SqlValue } from "./database.ts";
import { type Format, formatOf } from "./formats.ts";
import { keep } from "./keep.ts";
import type { Models } from "./models.ts";
import { type ManyStep, manyStep, storedField } from "./selection.ts";
import { bind, builder, type Statement, slot, statement } from "./statement.ts";

export class Related {
  readonly #step: ManyStep;
  /** The table of the rows that are linked, and the column of their key. */
  readonly #row: { readonly table: string; readonly key: string };
  readonly #own: Format;
  readonly #other: Format;
  readonly #models: Models;
  readonly #dialect: Dialect;
  readonly #statements = new Map<string, Statement>();

  /** @param field  a many-to-many field of the model */
  constructor(model: Model, field: string, models: Models, dialect: Dialect) {
    this.#models = models;
    this.#dialect = dialect;
    this.#step = manyStep(models, model, field);
    this.#row = { table: model.table, key: columnOf(model.primaryKey, keyField(model)) };
    this.#own = formatOf(storedField(models, model, model.primaryKey), dialect);
    this.#other = formatOf(storedField(models, model, field), dialect);
  }

  /** The keys that each row is linked to, in the target's own order; rows without links are left out. */
  keysOf(executor: Executor, rows: readonly unknown[]): Awaitable<Map<unknown, unknown[]>> {
    const found = new Map<unknown, unknown[]>();
    let done: Awaitable<unknown>;
    for (const batch of batches(rows)) done = after(done, () => this.#collect(executor, batch, found));
    return after(done, () => found);
  }

  #collect(executor: Executor, rows: readonly unknown[], found: Map<unknown, unknown[]>): Awaitable<void> {
    const select = this.#select(rows.length);
    return after(executor.all(select, bind(select, rows.map(this.#own.toColumn))), (links) => {
      for (const [from, to] of links) {
        const key = this.#own.fromColumn(from);
        const keys = found.get(key);
        if (keys) keys.push(this.#other.fromColumn(to));
        else found.set(key, [this.#other.fromColumn(to)]);
      }
    });
  }

  /** Links a row to exactly these keys. Call it inside a transaction. */
  async replace(executor: Executor, row: unknown, keys: readonly unknown[]): Promise<void> {
    const own = this.#own.toColumn(row);
    await this.#lock(executor, own);
    const linked = new Set((await this.keysOf(executor, [row])).get(row));
    const wanted = new Set(keys);
    for (const batch of batches([...linked.difference(wanted)]))
      await executor.run(this.#unlink(batch.length), [own, ...batch.map(this.#other.toColumn)]);
    for (const batch of batches([...wanted.difference(linked)]))
      await executor.run(
        this.#link(batch.length),
        batch.flatMap((key) => [own, this.#other.toColumn(key)]),
      );
  }

  /** Whoever changes the same links waits here, so that one set is left and not parts of two. */
  async #lock(executor: Executor, own: SqlValue): Promise<void> {
    if (this.#dialect === "sqlite") return; // has one writer
    const { table, key } = this.#row;
    const lock = this.#keep("lock", () =>
      statement(builder(this.#dialect).selectFrom(table).select(key).where(key, "=", slot()).forUpdate()),
    );
    await executor.get(lock, [own]);
  }

  #unlink(count: number): Statement {
    const { through, from, to } = this.#step;
    const others = Array.from({ length: count }, slot);
    return this.#keep(`delete ${count}`, () =>
      statement(builder(this.#dialect).deleteFrom(through).where(from, "=", slot()).where(to, "in", others)),
    );
  }

  #link(count: number): Statement {
    const { through, from, to } = this.#step;
    const links = Array.from({ length: count }, () => ({ [from]: slot(), [to]: slot() }));
    return this.#keep(`insert ${count}`, () => statement(builder(this.#dialect).insertInto(through).values(links)));
  }

  #select(count: number): Statement {
    return this.#keep(`select ${count}`, () => {
      const { through, from, to, target } = this.#step;
      const rows = Array.from({ length: count }, slot);
      let query = builder(this.#dialect)
        .selectFrom(through)
        .select([`${through}.${from} as owner`, `${through}.${to} as key`])
        .where(`${through}.${from}`, "in", rows);
      const isByKey = target.order.every((path) => path === target.primaryKey);
      if (isByKey) return statement(query.orderBy(`${through}.${to}`));
      const key = columnOf(target.primaryKey, storedField(this.#models, target, target.primaryKey));
      query = query.innerJoin(target.table, `${target.table}.${key}`, `${through}.${to}`);
      for (const path of target.order) {
        const name = path.replace(/^-/, "");
        const field = target.fields[name];
        if (field)
          query = query.orderBy(
            sql.ref(`${target.table}.${columnOf(name, field)}`),
            path.startsWith("-") ? "desc" : "asc",
          );
      }
      // Equal ones must not change places from one answer to the next.
      return statement(query.orderBy(`${through}.${to}`));
    });
  }

  #keep(shape: string, make: () => Statement): Statement {
    return keep(this.#statements, shape, make);
  }
}
