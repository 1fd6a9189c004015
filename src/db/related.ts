/**
 * Rows on the other side of a many-to-many field: fetched for a whole page in one statement, and replaced as a set.
 */
import { sql } from "kysely";
import { columnOf, type Model } from "../model/index.ts";
import type { Dialect, Executor } from "./database.ts";
import { type Format, formatOf } from "./formats.ts";
import { keep } from "./keep.ts";
import type { Models } from "./models.ts";
import { type ManyStep, manyStep, storedField } from "./selection.ts";
import { bind, builder, type Statement, slot, statement } from "./statement.ts";

export class Related {
  readonly #step: ManyStep;
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
    this.#own = formatOf(storedField(models, model, model.primaryKey), dialect);
    this.#other = formatOf(storedField(models, model, field), dialect);
  }

  /** The keys that each row is linked to, in the target's own order; rows without links are left out. */
  async keysOf(executor: Executor, rows: readonly unknown[]): Promise<Map<unknown, unknown[]>> {
    const found = new Map<unknown, unknown[]>();
    if (rows.length === 0) return found;
    const select = this.#select(rows.length);
    for (const [from, to] of await executor.all(select, bind(select, rows.map(this.#own.toColumn)))) {
      const key = this.#own.fromColumn(from);
      const keys = found.get(key);
      if (keys) keys.push(this.#other.fromColumn(to));
      else found.set(key, [this.#other.fromColumn(to)]);
    }
    return found;
  }

  /** Links a row to exactly these keys. Call it inside a transaction. */
  async replace(executor: Executor, row: unknown, keys: readonly unknown[]): Promise<void> {
    const { through, from, to } = this.#step;
    const linked = new Set((await this.keysOf(executor, [row])).get(row));
    const wanted = new Set(keys);
    const remove = this.#keep("delete", () =>
      statement(builder(this.#dialect).deleteFrom(through).where(from, "=", slot()).where(to, "=", slot())),
    );
    for (const key of linked.difference(wanted))
      await executor.run(remove, [this.#own.toColumn(row), this.#other.toColumn(key)]);
    const add = this.#keep("insert", () =>
      statement(
        builder(this.#dialect)
          .insertInto(through)
          .values({ [from]: slot(), [to]: slot() })
          // Somebody else may have linked the same two meanwhile.
          .onConflict((conflict) => conflict.doNothing()),
      ),
    );
    for (const key of wanted.difference(linked))
      await executor.run(add, [this.#own.toColumn(row), this.#other.toColumn(key)]);
  }

  /** Unlinks a row from everything. */
  async clear(executor: Executor, rows: readonly unknown[]): Promise<void> {
    const { through, from } = this.#step;
    const clear = this.#keep(`clear ${rows.length}`, () =>
      statement(builder(this.#dialect).deleteFrom(through).where(from, "in", rows.map(slot))),
    );
    await executor.run(clear, rows.map(this.#own.toColumn));
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
      return statement(query);
    });
  }

  #keep(shape: string, make: () => Statement): Statement {
    return keep(this.#statements, shape, make);
  }
}
