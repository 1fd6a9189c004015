/**
 * Which of many values are taken: by a row that is there, or by one earlier in the same list. One statement, however many they are
 * (but for batches).
 *
 * Reference: rest_framework.validators (`exists()` a value), asked for a whole list at once.
 */
import { type RawBuilder, sql } from "kysely";
import type { RowCondition } from "../model/index.ts";
import { batches } from "./batches.ts";
import type { Executor, SqlValue } from "./database.ts";
import { keep } from "./keep.ts";
import { conditionSql } from "./migrations/condition-sql.ts";
import { resolverOf } from "./models.ts";
import { bind, type Statement, slot, statement } from "./statement.ts";
import type { Store } from "./store.ts";
import { slotsFor } from "./where.ts";

/** Values of the fields that are unique together, in their order, and the key of the row that may have them. */
export interface Claim {
  /** A symbol stands for the key of a row that is not there yet. */
  readonly values: readonly unknown[];
  readonly key: unknown;
  /** Keys of rows that are written together with this one: what they hold now is free. */
  readonly replaced?: ReadonlySet<unknown>;
}

/**
 * Compiles the question for fields that are unique together; it answers for each claim.
 * @param where  of which rows they are, where not of all
 */
export function compileTaken(
  store: Store,
  names: readonly string[],
  where?: RowCondition,
): (executor: Executor, claims: readonly Claim[]) => Promise<boolean[]> {
  const selection = store.selection();
  const own = selection.add(store.model.primaryKey);
  const columns = names.map((name) => selection.add(name));
  const statements = new Map<string, Statement>();
  const condition = where && conditionSql(store.model, where, store.dialect, resolverOf(store.models));
  const parametersOf = (values: readonly unknown[]): SqlValue[] =>
    columns.map(({ resolved }, i) => resolved.format.toColumn(values[i]));
  const identityOf = (values: readonly unknown[]): string =>
    columns
      .map(({ resolved }, i) => (isToCome(values[i]) ? values[i] : resolved.format.toColumn(values[i])))
      .map(String)
      .join("\0");

  const select = (count: number): Statement =>
    keep(statements, String(count), () => {
      const left = columns.map(({ resolved }) => sql.ref(resolved.column));
      const rows = Array.from({ length: count }, () => sql.join(left.map(() => sql`${slot()}`)));
      const holding = selection.select().where(among(left, rows, store.dialect === "sqlite"));
      return statement(condition ? holding.where(sql<boolean>`(${sql.raw(condition)})`) : holding);
    });
  /** The keys of the rows that have the values of a claim, by what these are as text. */
  const holdersOf = async (executor: Executor, claims: readonly Claim[]): Promise<ReadonlyMap<string, unknown[]>> => {
    const holders = new Map<string, unknown[]>();
    for (const batch of batches(claims)) {
      const last = batch.at(-1);
      // A list as long as its slots: the last one is repeated, which changes nothing.
      const filled = Array.from({ length: slotsFor(batch) }, (_, i) => (batch[i] ?? last)?.values ?? []);
      const found = select(filled.length);
      for (const row of await executor.all(found, bind(found, filled.flatMap(parametersOf)))) {
        const identity = identityOf(columns.map(({ index, resolved }) => resolved.format.fromColumn(row[index])));
        const key = own.resolved.format.fromColumn(row[own.index]);
        holders.set(identity, [...(holders.get(identity) ?? []), key]);
      }
    }
    return holders;
  };

  return async (executor, claims) => {
    const holders = await holdersOf(
      executor,
      claims.filter(({ values }) => !values.some(isToCome)),
    );
    const claimed = new Set<string>();
    return claims.map(({ values, key, replaced }) => {
      const identity = identityOf(values);
      const isTaken =
        claimed.has(identity) ||
        (holders.get(identity) ?? []).some((holder) => holder !== key && !replaced?.has(holder));
      claimed.add(identity);
      return isTaken;
    });
  };
}

const isToCome = (value: unknown): value is symbol => typeof value === "symbol";

/** `a in (?, ?)`, or `(a, b) in (…)`: a list of rows is a table of values for SQLite, and loses its types as one for PostgreSQL. */
function among(
  columns: readonly RawBuilder<unknown>[],
  rows: readonly RawBuilder<unknown>[],
  asTable: boolean,
): RawBuilder<boolean> {
  if (columns.length === 1) return sql`${columns[0]} in (${sql.join(rows)})`;
  const list = sql.join(rows.map((row) => sql`(${row})`));
  return sql`(${sql.join(columns)}) in (${asTable ? sql`values ${list}` : list})`;
}
