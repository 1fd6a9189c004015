/**
 * A row of a table as the object that stands for it in a fixture: `{"model": "shop.book", "pk": 1, "fields": {…}}`.
 *
 * Compiled once a model: its statement, and a writer of JSON text a column. A JSON column is passed on as its own text, so that no
 * number in it is spelled in another way.
 * Reference: django.core.serializers.python.Serializer. Differs: times keep their microseconds, of which Django's JSON has three digits.
 */
import { sql } from "kysely";
import {
  builder,
  type Dialect,
  type Executor,
  formatOf,
  keyField,
  type ManyStep,
  type Models,
  manyStep,
  type SqlRow,
  type SqlValue,
  slot,
  statement,
  storedField,
} from "../db/index.ts";
import { DrfAuthError } from "../errors.ts";
import { columnOf, type Field, type Model } from "../model/index.ts";
import { fixtureName } from "./choice.ts";
import { plainField } from "./column-value.ts";
import { hasNaturalKey, type NaturalKeys } from "./natural-keys.ts";

/** A value has no form in JSON: a number that is not one. */
export class NotWritable extends DrfAuthError {
  readonly code = "not_writable";
}

/** Rows of a model, some at a time. */
export interface RowWriter {
  readonly model: Model;
  /** The objects of the rows behind a key, in the order of keys, and the key to go on with; none at the end. */
  next(
    executor: Executor,
    after: SqlValue | undefined,
  ): Promise<{ readonly objects: readonly string[]; readonly last: SqlValue } | undefined>;
}

/** Rows read at a time, and characters: what memory a dump takes depends on neither. */
const MOST_ROWS = 500;
const MOST_TEXT = 4_000_000;

type ToText = (raw: unknown) => string;

/** Compiles the writer of a model's rows. @param tables  those that are dumped as models: links in them are not written twice */
export function createRowWriter(
  models: Models,
  model: Model,
  dialect: Dialect,
  keys: NaturalKeys,
  tables: ReadonlySet<string>,
): RowWriter {
  const columns = Object.entries(model.fields).filter(([, { kind }]) => kind !== "manyToMany");
  const key = columnOf(model.primaryKey, keyField(model));
  const keyAt = columns.findIndex(([name]) => name === model.primaryKey);
  const toTexts = columns.map(([name]) => textOf(models, model, name, dialect, keys));
  const heads = columns.map(([name]) => `${JSON.stringify(name)}: `);
  const links = Object.entries(model.fields)
    .filter(([name, { kind }]) => kind === "manyToMany" && !tables.has(manyStep(models, model, name).through))
    .map(([name]) => createLinkReader(models, model, name, dialect, keys));
  const db = builder(dialect);
  const names = columns.map(([name, field]) => columnOf(name, field));
  const page = db.selectFrom(model.table).select(names).orderBy(key).limit(sql<number>`${slot()}`);
  const first = statement(page);
  let rowsAtOnce = 20;
  const others = statement(page.where(key, ">", slot()));
  const isNatural = hasNaturalKey(model);
  const start = `{"model": ${JSON.stringify(fixtureName(model))}, `;

  const objectOf = (row: SqlRow, linked: readonly ReadonlyMap<unknown, readonly string[]>[]): string => {
    const parts: string[] = [];
    for (let i = 0; i < row.length; i++)
      if (i !== keyAt) parts.push(`${heads[i]}${row[i] === null ? "null" : toTexts[i]?.(row[i])}`);
    for (const [i, { head }] of links.entries())
      parts.push(`${head}[${(linked[i]?.get(row[keyAt]) ?? []).join(", ")}]`);
    const own = isNatural ? "" : `"pk": ${toTexts[keyAt]?.(row[keyAt])}, `;
    return `${start}${own}"fields": {${parts.join(", ")}}}`;
  };
  return {
    model,
    async next(executor, after) {
      const rows = await (after === undefined
        ? executor.all(first, [rowsAtOnce])
        : executor.all(others, [after, rowsAtOnce]));
      const last = rows.at(-1)?.[keyAt] as SqlValue | undefined;
      if (last === undefined) return undefined;
      const range = [rows[0]?.[keyAt] as SqlValue, last];
      const linked: ReadonlyMap<unknown, readonly string[]>[] = [];
      for (const { read } of links) linked.push(await read(executor, range));
      const objects = rows.map((row) => objectOf(row, linked));
      const size = objects.reduce((sum, { length }) => sum + length, 0) / rows.length;
      rowsAtOnce = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_TEXT / size)));
      return { objects, last };
    },
  };
}

/** The links of a run of rows, by the owner's key as the driver gives it. */
function createLinkReader(models: Models, model: Model, name: string, dialect: Dialect, keys: NaturalKeys) {
  const { through, from, to }: ManyStep = manyStep(models, model, name);
  const toText = textOf(models, model, name, dialect, keys);
  const select = statement(
    builder(dialect)
      .selectFrom(through)
      .select([from, to])
      .where(from, ">=", slot())
      .where(from, "<=", slot())
      .orderBy(from)
      .orderBy(to),
  );
  return {
    head: `${JSON.stringify(name)}: `,
    async read(executor: Executor, range: readonly SqlValue[]) {
      const found = new Map<unknown, string[]>();
      for (const [owner, other] of await executor.all(select, range)) {
        const known = found.get(owner);
        if (known) known.push(toText(other));
        else found.set(owner, [toText(other)]);
      }
      return found;
    },
  };
}

/** How a column's value is written; of a relation, how the key of its target is. */
function textOf(models: Models, model: Model, name: string, dialect: Dialect, keys: NaturalKeys): ToText {
  const field: Field = plainField(storedField(models, model, name));
  const { fromColumn } = formatOf(field, dialect);
  const kind = model.fields[name]?.kind;
  if (kind === "foreignKey" || kind === "manyToMany") {
    const target = models.target(model, name);
    if (hasNaturalKey(target)) return (raw) => JSON.stringify(keys.namesOf(target.name, raw) ?? Number(raw));
  }
  // A line break in JSON text stands between its parts, never in them.
  if (field.kind === "json") return (raw) => String(raw).replaceAll(/[\r\n]/g, " ");
  const place = `${model.name}, field "${name}"`;
  return (raw) => {
    const value = fromColumn(raw);
    if (typeof value === "bigint") return value.toString();
    if (typeof value === "number" && !Number.isFinite(value))
      throw new NotWritable(`${place}: ${value} is no number that JSON can hold`);
    return JSON.stringify(value);
  };
}
