/**
 * What a load asks of the database around its rows: foreign keys looked at once, at the end, and sequences that go on behind the last key.
 *
 * Reference: `constraint_checks_disabled`, `check_constraints` and `sequence_reset_sql` of django.db.backends.
 */
import { sql } from "kysely";
import {
  builder,
  defineStatement,
  type Executor,
  isAutomatic,
  keyField,
  type Models,
  manyStep,
  quote,
  statement,
} from "../db/index.ts";
import { columnOf, type Model } from "../model/index.ts";

/** Until the transaction ends. Tables that Django or drf-auth made on PostgreSQL allow it. */
export async function deferForeignKeys(transaction: Executor): Promise<void> {
  const defer = transaction.dialect === "sqlite" ? "PRAGMA defer_foreign_keys = ON" : "SET CONSTRAINTS ALL DEFERRED";
  await transaction.run(defineStatement(defer));
}

interface Arrow {
  readonly place: string;
  readonly table: string;
  /** Columns: that of the row's key, and that which points. */
  readonly key: string;
  readonly column: string;
  readonly target: Model;
}

/** A sentence for each relation of some models whose rows point at rows that are not there. */
export async function findLooseRows(
  transaction: Executor,
  models: Models,
  written: readonly Model[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { place, table, key, column, target } of written.flatMap((model) => arrowsOf(models, model))) {
    const targetKey = columnOf(target.primaryKey, keyField(target));
    const loose = statement(
      builder(transaction.dialect)
        .selectFrom(`${table} as row`)
        .leftJoin(`${target.table} as target`, `target.${targetKey}`, `row.${column}`)
        .select([`row.${key}`, `row.${column}`])
        .where(`row.${column}`, "is not", null)
        .where(`target.${targetKey}`, "is", null)
        .limit(sql.lit(3)),
    );
    const rows = await transaction.all(loose);
    if (rows.length === 0) continue;
    const examples = rows.map(([row, to]) => `${String(row)} at ${String(to)}`).join(", ");
    found.push(`${place}: rows point at rows of ${target.name} that are not there: ${examples}`);
  }
  return found;
}

function arrowsOf(models: Models, model: Model): readonly Arrow[] {
  const { name: modelName, table } = model;
  const own = columnOf(model.primaryKey, keyField(model));
  return Object.entries(model.fields).flatMap(([name, field]) => {
    const place = `${modelName}, field "${name}"`;
    if (field.kind === "foreignKey")
      return { place, table, key: own, column: columnOf(name, field), target: models.target(model, name) };
    if (field.kind !== "manyToMany") return [];
    const { through, from, to, target } = manyStep(models, model, name);
    return { place, table: through, key: from, column: to, target };
  });
}

/** Keys that the database gives from now on come behind those that are there. SQLite sees to that by itself. */
export async function setSequences(transaction: Executor, written: readonly Model[]): Promise<void> {
  if (transaction.dialect === "sqlite") return;
  for (const model of written) {
    if (!isAutomatic(keyField(model))) continue;
    const key = columnOf(model.primaryKey, keyField(model));
    const table = quote(model.table);
    const sequence = `pg_get_serial_sequence('${table.replaceAll("'", "''")}', '${key.replaceAll("'", "''")}')`;
    // A key without a sequence has nothing to be set: setval of no sequence is NULL.
    await transaction.run(
      defineStatement(
        `SELECT setval(${sequence}, coalesce(max(${quote(key)}), 1), max(${quote(key)}) IS NOT NULL) FROM ${table}`,
      ),
    );
  }
}
