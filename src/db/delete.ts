/**
 * Deleting rows with everything that points at them.
 *
 * The tables have no ON DELETE (Django's have none), so the application decides: `cascade` deletes, `setNull` unlinks,
 * `protect` refuses. Rows are collected level by level, a statement a level, then deleted from the leaves up.
 * Reference: django.db.models.deletion.Collector.
 */
import { sql } from "kysely";
import { columnOf, type Model } from "../model/index.ts";
import { batches } from "./batches.ts";
import { byKeys } from "./by-keys.ts";
import { keyField } from "./columns.ts";
import type { Executor } from "./database.ts";
import { ForeignKeyViolation } from "./errors.ts";
import { formatOf } from "./formats.ts";
import { lockRows } from "./lock.ts";
import type { Models } from "./models.ts";
import { manyStep, storedField } from "./selection.ts";
import { builder } from "./statement.ts";

interface Doomed {
  readonly model: Model;
  readonly keys: readonly unknown[];
}

/**
 * Deletes rows by key. Call it inside a transaction.
 * @throws ForeignKeyViolation  a row that is to stay protects one of them
 */
export async function deleteRows(
  executor: Executor,
  models: Models,
  model: Model,
  keys: readonly unknown[],
): Promise<void> {
  const levels: Doomed[] = [];
  const seen = new Map<Model, Set<unknown>>();
  const collect = async (doomed: Doomed): Promise<void> => {
    const known = seen.get(doomed.model) ?? new Set();
    seen.set(doomed.model, known);
    const fresh = doomed.keys.filter((key) => !known.has(key));
    if (fresh.length === 0) return;
    for (const key of fresh) known.add(key);
    levels.push({ model: doomed.model, keys: fresh });
    // Rows before the links that hang on them, as a change does: in another order the two would wait for each other.
    await lockRows(executor, models, doomed.model, fresh);
    for (const { model: referring, field, onDelete } of models.references(doomed.model)) {
      const found = await keysPointingAt(executor, models, referring, field, fresh);
      if (found.length === 0) continue;
      if (onDelete === "protect") throw new ForeignKeyViolation(`rows of ${referring.name} need it`);
      if (onDelete === "setNull") await unlink(executor, models, referring, field, found);
      else await collect({ model: referring, keys: found });
    }
  };
  await collect({ model, keys });
  for (const { model: doomed, keys: all } of levels.reverse()) {
    for (const batch of batches(all)) {
      for (const through of linkTables(models, doomed))
        await deleteWhere(executor, models, doomed, through.table, through.column, batch);
      await deleteWhere(executor, models, doomed, doomed.table, keyColumn(doomed), batch);
    }
  }
}

/**
 * Deletes rows by key and nothing that points at them, links among it: they must be there again when the transaction ends, or it is
 * refused, as foreign keys are checked then.
 */
export async function deleteRowsAlone(executor: Executor, models: Models, model: Model, keys: readonly unknown[]) {
  for (const batch of batches(keys)) await deleteWhere(executor, models, model, model.table, keyColumn(model), batch);
}

async function keysPointingAt(
  executor: Executor,
  models: Models,
  model: Model,
  field: string,
  keys: readonly unknown[],
): Promise<unknown[]> {
  const own = formatOf(storedField(models, model, model.primaryKey), executor.dialect);
  const found: unknown[] = [];
  for (const batch of batches(keys)) {
    const format = formatOf(storedField(models, model, field), executor.dialect);
    const column = foreignColumn(model, field);
    const [select, values] = byKeys(
      executor.dialect,
      `referring ${model.table} ${column}`,
      batch.map(format.toColumn),
      (slots) => builder(executor.dialect).selectFrom(model.table).select(keyColumn(model)).where(column, "in", slots),
    );
    for (const [key] of await executor.all(select, values)) found.push(own.fromColumn(key));
  }
  return found;
}

async function unlink(
  executor: Executor,
  models: Models,
  model: Model,
  field: string,
  keys: readonly unknown[],
): Promise<void> {
  const format = formatOf(storedField(models, model, model.primaryKey), executor.dialect);
  for (const batch of batches(keys)) {
    const column = foreignColumn(model, field);
    const [update, values] = byKeys(
      executor.dialect,
      `unlink ${model.table} ${column}`,
      batch.map(format.toColumn),
      (slots) =>
        builder(executor.dialect)
          .updateTable(model.table)
          .set({ [column]: sql.lit(null) })
          .where(keyColumn(model), "in", slots),
    );
    await executor.run(update, values);
  }
}

async function deleteWhere(
  executor: Executor,
  models: Models,
  model: Model,
  table: string,
  column: string,
  keys: readonly unknown[],
): Promise<void> {
  const format = formatOf(storedField(models, model, model.primaryKey), executor.dialect);
  const [remove, values] = byKeys(executor.dialect, `delete ${table} ${column}`, keys.map(format.toColumn), (slots) =>
    builder(executor.dialect).deleteFrom(table).where(column, "in", slots),
  );
  await executor.run(remove, values);
}

/** The tables that link rows of a model to others, from either side. */
function linkTables(models: Models, model: Model): { table: string; column: string }[] {
  const links: { table: string; column: string }[] = [];
  for (const other of models.all) {
    for (const [name, field] of Object.entries(other.fields)) {
      if (field.kind !== "manyToMany") continue;
      const { through, from, to, target } = manyStep(models, other, name);
      if (other === model) links.push({ table: through, column: from });
      if (target === model) links.push({ table: through, column: to });
    }
  }
  return links;
}

const keyColumn = (model: Model): string => columnOf(model.primaryKey, keyField(model));

function foreignColumn(model: Model, name: string): string {
  const field = model.fields[name];
  if (!field) throw new TypeError(`"${name}" is not a field of ${model.name}`);
  return columnOf(name, field);
}
