/**
 * Kysely on a database of ours, or on one transaction of it: `db({ book: Book }).selectFrom("book")`.
 *
 * Rows come as arrays and become objects here, each value read in its column's format. Transactions are those of the code around: Kysely's own are not
 * offered, for what they did would be beside them.
 * Reference: kysely.dev, Dialect and KyselyPlugin.
 */
import {
  type CompiledQuery,
  type DatabaseConnection,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryId,
  type QueryResult,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { Executor, SqlRow, SqlValue } from "../database.ts";
import { keep } from "../keep.ts";
import type { Models } from "../models.ts";
import { defineStatement, type Statement } from "../statement.ts";
import { isQueryNode } from "./scopes.ts";
import { type Source, sourcesOf, type TableMap, type TablesOf } from "./tables.ts";
import { type Output, translate } from "./translate.ts";

/** Kysely over some tables: what builds and runs queries, and nothing that would leave the transaction around it. */
export type Queries<T extends TableMap> = Pick<
  Kysely<TablesOf<T>>,
  "selectFrom" | "selectNoFrom" | "insertInto" | "updateTable" | "deleteFrom" | "with" | "withRecursive" | "fn" | "case"
>;

/** Opens queries over tables in the database or in a transaction. */
export type OpenQueries = <const T extends TableMap>(tables: T, executor: Executor) => Queries<T>;

/** Makes the opener for an app's models. Tables that are declared once are compiled once. */
export function queriesOf(models: Models): OpenQueries {
  const compiled = new WeakMap<TableMap, ReadonlyMap<string, Source>>();
  return (tables, executor) => {
    const sources = compiled.get(tables) ?? sourcesOf(tables, models, executor.dialect);
    compiled.set(tables, sources);
    return open(sources, executor);
  };
}

const parts = {
  sqlite: {
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
  postgres: {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
};

function open<T>(sources: ReadonlyMap<string, Source>, executor: Executor): Kysely<T> {
  const outputs = new WeakMap<QueryId, readonly Output[]>();
  const connection: DatabaseConnection = {
    executeQuery: <R>(query: CompiledQuery) => run<R>(query, outputs.get(query.queryId) ?? [], executor),
    streamQuery: () => {
      throw new TypeError("queries are not streamed; expected execute()");
    },
  };
  const noTransaction = async (): Promise<never> => {
    throw new TypeError("expected transaction() of the code around the query");
  };
  return new Kysely<T>({
    dialect: {
      ...parts[executor.dialect],
      createDriver: () => ({
        init: async () => undefined,
        acquireConnection: async () => connection,
        releaseConnection: async () => undefined,
        destroy: async () => undefined,
        beginTransaction: noTransaction,
        commitTransaction: noTransaction,
        rollbackTransaction: noTransaction,
      }),
    },
    plugins: [
      {
        transformQuery({ node, queryId }) {
          const translated = translate(node, sources, executor.dialect);
          outputs.set(queryId, translated.outputs);
          return translated.node;
        },
        transformResult: async ({ result }) => result,
      },
    ],
  });
}

/** By their text: a statement is prepared once. */
const statements = new Map<string, Statement>();

async function run<R>(
  { sql, parameters, query }: CompiledQuery,
  outputs: readonly Output[],
  executor: Executor,
): Promise<QueryResult<R>> {
  const hasWrites =
    isQueryNode(query) && query.with?.expressions.some(({ expression }) => !SelectQueryNode.is(expression));
  // What locks is no reading, and has no place in a transaction that only reads.
  const reads = SelectQueryNode.is(query) && !hasWrites && !query.endModifiers?.length;
  const statement = keep(statements, sql, () => defineStatement(sql, reads));
  const values = parameters.map(sqlValue);
  if (!reads && outputs.length === 0)
    return { rows: [], numAffectedRows: BigInt(await executor.run(statement, values)) };
  const rows = await executor.all(statement, values);
  // Kysely's own type of a row, which it made of the tables' types; the outputs were made of the same tables.
  return { rows: rows.map((row) => objectOf(row, outputs)) as R[], numAffectedRows: BigInt(rows.length) };
}

function objectOf(row: SqlRow, outputs: readonly Output[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let i = 0; i < outputs.length; i++) {
    const { name, format } = outputs[i] as Output;
    const raw = row[i] ?? null;
    object[name] = raw === null || !format ? raw : format.fromColumn(raw);
  }
  return object;
}

/** @throws TypeError  a value that no column was known for, and that no driver takes */
function sqlValue(value: unknown, place: number): SqlValue {
  if (value === null || value instanceof Uint8Array) return value;
  const type = typeof value;
  if (type === "string" || type === "number" || type === "bigint" || type === "boolean") return value as SqlValue;
  throw new TypeError(`parameter ${place + 1}: expected text, a number, a boolean or null, got ${type}`);
}
