/**
 * Rows of one model on their way from a fixture into its table, some hundred with one statement.
 *
 * A row whose key is there is replaced, with its links. A row without a key gets one.
 * Reference: django.core.serializers.base.DeserializedObject.save (`raw`: nothing is computed, what is there is overwritten).
 */
import { randomUUID } from "node:crypto";
import {
  builder,
  type Executor,
  formatOf,
  isAutomatic,
  keyField,
  type Models,
  manyStep,
  type SqlValue,
  type Statement,
  slot,
  statement,
  storedField,
} from "../db/index.ts";
import { columnOf, customOf, type Field, type Model } from "../model/index.ts";
import { columnValueOf } from "./column-value.ts";
import { hasNaturalKey, type NaturalKeys } from "./natural-keys.ts";
import { Unfit } from "./unfit.ts";

/** What a fixture says of a row. */
export interface FixtureRow {
  readonly pk?: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Parameters of one statement: below the bounds of both databases, and few enough to be sent at once. */
const MAX_PARAMETERS = 8_000;
const MAX_ROWS = 512;

interface Column {
  readonly name: string;
  readonly column: string;
  readonly toColumn: (value: unknown) => SqlValue;
  readonly missing: () => SqlValue;
}

interface Links {
  readonly name: string;
  readonly toColumn: (value: unknown) => SqlValue;
  readonly unlink: (count: number) => Statement;
  readonly link: (count: number) => Statement;
}

export class RowLoader {
  readonly model: Model;
  readonly #executor: Executor;
  readonly #columns: readonly Column[];
  readonly #key: Column;
  readonly #links: readonly Links[];
  readonly #known: ReadonlySet<string>;
  readonly #most: number;
  readonly #statements = new Map<string, Statement>();
  readonly #waiting: SqlValue[][] = [];
  readonly #waitingLinks: (readonly SqlValue[] | undefined)[][] = [];
  readonly #keys = new Set<SqlValue>();

  /** @param now  ISO 8601, for times that the server sets and the fixture does not have */
  constructor(executor: Executor, models: Models, model: Model, keys: NaturalKeys, now: string) {
    this.model = model;
    this.#executor = executor;
    const { dialect } = executor;
    const convert = (name: string) => {
      const stored = storedField(models, model, name);
      const toColumn = columnValueOf(stored, dialect);
      const field = model.fields[name];
      if (field?.kind !== "foreignKey" && field?.kind !== "manyToMany") return toColumn;
      const target = models.target(model, name);
      return relationOf(target, toColumn, keys);
    };
    const entries = Object.entries(model.fields);
    this.#columns = entries
      .filter(([, { kind }]) => kind !== "manyToMany")
      .map(([name, field]) => {
        const toColumn = convert(name);
        const custom = customOf(field) && formatOf(field, dialect);
        const missing = missingOf(field, custom ? custom.toColumn : toColumn, now);
        return { name, column: columnOf(name, field), toColumn, missing };
      });
    const key = this.#columns.find(({ name }) => name === model.primaryKey);
    if (!key) throw new TypeError(`${model.name} has no column for its key`);
    this.#key = key;
    this.#most = Math.max(1, Math.min(MAX_ROWS, Math.floor(MAX_PARAMETERS / this.#columns.length)));
    const tables = new Set(models.all.map(({ table }) => table));
    this.#links = entries
      .filter(([name, { kind }]) => kind === "manyToMany" && !tables.has(manyStep(models, model, name).through))
      .map(([name]) => {
        const { through, from, to } = manyStep(models, model, name);
        const db = builder(dialect);
        return {
          name,
          toColumn: convert(name),
          unlink: (count) =>
            this.#statement(`unlink ${name} ${count}`, () =>
              statement(db.deleteFrom(through).where(from, "in", Array.from({ length: count }, slot))),
            ),
          link: (count) =>
            this.#statement(`link ${name} ${count}`, () =>
              statement(
                db.insertInto(through).values(Array.from({ length: count }, () => ({ [from]: slot(), [to]: slot() }))),
              ),
            ),
        };
      });
    this.#known = new Set([...this.#columns, ...this.#links].map(({ name }) => name));
  }

  /** The names in a row that are no fields of the model. */
  unknownIn({ fields }: FixtureRow): string | undefined {
    return Object.keys(fields).find((name) => !this.#known.has(name));
  }

  /** Takes a row; writes those that wait once they are enough. @throws Unfit | NameWanted  the row was not taken */
  async add({ pk, fields }: FixtureRow): Promise<void> {
    const read = <T>(name: string, work: () => T): T => {
      try {
        return work();
      } catch (error) {
        throw error instanceof Unfit ? new Unfit(`field "${name}": ${error.message}`) : error;
      }
    };
    const hasKey = pk !== undefined && pk !== null;
    if (hasKey) {
      const key = read("pk", () => this.#key.toColumn(pk));
      if (this.#keys.has(key)) await this.flush();
      this.#keys.add(key);
    }
    const values = this.#columns.map((column) =>
      read(column.name, () => {
        if (column === this.#key) return hasKey ? column.toColumn(pk) : column.missing();
        const value = Object.hasOwn(fields, column.name) ? fields[column.name] : undefined;
        return value === undefined ? column.missing() : column.toColumn(value);
      }),
    );
    const links = this.#links.map(({ name, toColumn }) =>
      read(name, () => {
        const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
        if (value === undefined) return undefined;
        if (!Array.isArray(value)) throw new Unfit("expected a list of keys");
        return value.map(toColumn);
      }),
    );
    if (!hasKey && isAutomatic(keyField(this.model))) return this.#insert(values, links);
    this.#waiting.push(values);
    this.#waitingLinks.push(links);
    if (this.#waiting.length >= this.#most) await this.flush();
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    const rows = this.#waiting.splice(0);
    const links = this.#waitingLinks.splice(0);
    this.#keys.clear();
    if (rows.length === 0) return;
    for (const piece of piecesOf(rows, this.#most)) await this.#executor.run(this.#upsert(piece.length), piece.flat());
    const at = this.#columns.indexOf(this.#key);
    await this.#replaceLinks(
      rows.map((values) => values[at] ?? null),
      links,
    );
  }

  /** A row that the database gives its key. */
  async #insert(values: readonly SqlValue[], links: readonly (readonly SqlValue[] | undefined)[]): Promise<void> {
    const others = this.#columns.filter((column) => column !== this.#key);
    const insert = this.#statement("insert", () =>
      statement(
        builder(this.#executor.dialect)
          .insertInto(this.model.table)
          .values(Object.fromEntries(others.map(({ column }) => [column, slot()])))
          .returning(this.#key.column),
      ),
    );
    const given = values.filter((_value, i) => this.#columns[i] !== this.#key);
    const [key = null] = ((await this.#executor.get(insert, given)) ?? []) as readonly SqlValue[];
    await this.#replaceLinks([key], [links]);
  }

  async #replaceLinks(
    keys: readonly SqlValue[],
    links: readonly (readonly (readonly SqlValue[] | undefined)[])[],
  ): Promise<void> {
    for (const [i, { unlink, link }] of this.#links.entries()) {
      const replaced = keys.filter((_key, row) => links[row]?.[i] !== undefined);
      if (replaced.length === 0) continue;
      for (const piece of piecesOf(replaced, MAX_ROWS)) await this.#executor.run(unlink(piece.length), piece);
      const pairs = keys.flatMap((key, row) => [...new Set(links[row]?.[i])].map((other) => [key, other]));
      for (const piece of piecesOf(pairs, MAX_ROWS)) await this.#executor.run(link(piece.length), piece.flat());
    }
  }

  #upsert(count: number): Statement {
    return this.#statement(`upsert ${count}`, () => {
      const row = () => Object.fromEntries(this.#columns.map(({ column }) => [column, slot()]));
      const others = this.#columns.filter((column) => column !== this.#key).map(({ column }) => column);
      return statement(
        builder(this.#executor.dialect)
          .insertInto(this.model.table)
          .values(Array.from({ length: count }, row))
          .onConflict((conflict) => {
            const same = conflict.column(this.#key.column);
            if (others.length === 0) return same.doNothing();
            return same.doUpdateSet((excluded) =>
              Object.fromEntries(others.map((column) => [column, excluded.ref(`excluded.${column}`)])),
            );
          }),
      );
    });
  }

  #statement(name: string, make: () => Statement): Statement {
    const known = this.#statements.get(name);
    if (known) return known;
    const made = make();
    this.#statements.set(name, made);
    return made;
  }
}

/** Cut into powers of two, so that few statements are prepared. */
function* piecesOf<T>(items: readonly T[], most: number): Generator<readonly T[]> {
  for (let from = 0; from < items.length; ) {
    let length = 1;
    while (length * 2 <= Math.min(most, items.length - from)) length *= 2;
    yield items.slice(from, from + length);
    from += length;
  }
}

/** A key, or the names that stand for a row which has no number of its own. */
function relationOf(target: Model, toColumn: (value: unknown) => SqlValue, keys: NaturalKeys) {
  return (value: unknown): SqlValue => {
    if (!Array.isArray(value)) return toColumn(hasNaturalKey(target) ? keys.keyHere(target.name, value) : value);
    const key = keys.keyNamed(target.name, value);
    if (key === undefined)
      throw new Unfit(`expected a key of ${target.name}; there is none called ${JSON.stringify(value)}`);
    return key;
  };
}

/** What a column gets that the fixture does not speak of. Reference: `Field.get_default`. */
function missingOf(field: Field, toColumn: (value: unknown) => SqlValue, now: string): () => SqlValue {
  const { auto, default: value, primaryKey } = field.options;
  if (auto === "created" || auto === "updated") return () => toColumn(now);
  if (auto === "uuid") return () => toColumn(randomUUID());
  if (typeof value === "function") return () => toColumn(value());
  if (value !== undefined) return () => toColumn(value);
  const isText = ["text", "email", "url", "slug", "file"].includes(field.kind);
  return () => (isText && !field.null && !primaryKey ? "" : null);
}
