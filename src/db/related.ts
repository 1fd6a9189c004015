/**
 * Rows on the other side of a many-to-many field: fetched for a whole page in one statement, and replaced as a set.
 */
import { type SqlBool, sql } from "kysely";
import { columnOf, type Model } from "../model/index.ts";
import { batches } from "./batches.ts";
import { Bindings } from "./bindings.ts";
import { keyField } from "./columns.ts";
import { type Awaitable, after, type Dialect, type Executor, type SqlValue } from "./database.ts";
import { type Format, formatOf } from "./formats.ts";
import { keep } from "./keep.ts";
import type { Models } from "./models.ts";
import { type ManyStep, manyStep, storedField } from "./selection.ts";
import { rowsWhere } from "./sight.ts";
import { bind, builder, type Statement, slot, statement } from "./statement.ts";
import { type Condition, shapeOf, type Where } from "./where.ts";

export class Related {
  readonly #step: ManyStep;
  /** The table of the rows that are linked, and the column of their key. */
  readonly #row: { readonly table: string; readonly key: string };
  readonly #own: Format;
  readonly #other: Format;
  readonly #models: Models;
  readonly #dialect: Dialect;
  readonly #statements = new Map<string, Statement>();
  /** By their shape; `rule` fills the slots of what is seen, which come first. */
  readonly #selects = new Map<string, { readonly select: Statement; readonly rule: Bindings }>();

  /** @param field  a many-to-many field of the model */
  constructor(model: Model, field: string, models: Models, dialect: Dialect) {
    this.#models = models;
    this.#dialect = dialect;
    this.#step = manyStep(models, model, field);
    this.#row = { table: model.table, key: columnOf(model.primaryKey, keyField(model)) };
    this.#own = formatOf(storedField(models, model, model.primaryKey), dialect);
    this.#other = formatOf(storedField(models, model, field), dialect);
  }

  /**
   * The keys that each row is linked to, in the target's own order; rows without links are left out.
   * @param seen  which rows of the target count (default: all)
   */
  keysOf(executor: Executor, rows: readonly unknown[], seen?: Where): Awaitable<Map<unknown, unknown[]>> {
    const found = new Map<unknown, unknown[]>();
    let done: Awaitable<unknown>;
    for (const batch of batches(rows)) done = after(done, () => this.#collect(executor, batch, found, seen));
    return after(done, () => found);
  }

  #collect(
    executor: Executor,
    rows: readonly unknown[],
    found: Map<unknown, unknown[]>,
    seen: Where | undefined,
  ): Awaitable<void> {
    const conditions: Condition[] = [];
    const shape = `${rows.length} ${seen ? shapeOf(seen, conditions) : ""}`;
    const { select, rule } = keep(this.#selects, shape, () => this.#select(rows.length, seen));
    const values = [...rule.values(conditions), ...rows.map(this.#own.toColumn)];
    return after(executor.all(select, bind(select, values)), (links) => {
      for (const [from, to] of links) {
        const key = this.#own.fromColumn(from);
        const keys = found.get(key);
        if (keys) keys.push(this.#other.fromColumn(to));
        else found.set(key, [this.#other.fromColumn(to)]);
      }
    });
  }

  /**
   * Links a row to exactly these keys. Call it inside a transaction.
   * @param seen  which rows of the target whoever replaces them sees: links to others stay
   */
  async replace(executor: Executor, row: unknown, keys: readonly unknown[], seen?: Where): Promise<void> {
    const own = this.#own.toColumn(row);
    await this.#lock(executor, own);
    const linked = new Set((await this.keysOf(executor, [row])).get(row));
    const known = seen ? new Set((await this.keysOf(executor, [row], seen)).get(row)) : linked;
    const wanted = new Set(keys);
    for (const batch of batches([...known.difference(wanted)]))
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

  #select(count: number, seen: Where | undefined): { select: Statement; rule: Bindings } {
    const { through, from, to, target } = this.#step;
    const rule = new Bindings();
    const rows = Array.from({ length: count }, slot);
    let query = builder(this.#dialect)
      .selectFrom(through)
      .select([`${through}.${from} as owner`, `${through}.${to} as key`])
      .where(`${through}.${from}`, "in", rows);
    const isByKey = target.order.every((path) => path === target.primaryKey);
    // The index of the links has this order already.
    if (isByKey && !seen)
      return { select: statement(query.orderBy(`${through}.${from}`).orderBy(`${through}.${to}`)), rule };
    const key = `${target.table}.${columnOf(target.primaryKey, storedField(this.#models, target, target.primaryKey))}`;
    if (seen) {
      const rows = rowsWhere(seen, 0, target, this.#models, this.#dialect)(target.table, rule);
      const matching = sql<SqlBool>`${sql.ref(key)} = ${sql.ref(`${through}.${to}`)}`;
      query = query.innerJoin(rows, (join) => join.on(matching));
    } else query = query.innerJoin(target.table, key, `${through}.${to}`);
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
    return { select: statement(query.orderBy(`${through}.${to}`)), rule };
  }

  #keep(shape: string, make: () => Statement): Statement {
    return keep(this.#statements, shape, make);
  }
}
