/**
 * A statement: SQL text made once at start, run many times.
 *
 * Kysely builds the text (`builder(dialect)`); a value that is known only per request stands in it as a `slot()`.
 */
import { createHash } from "node:crypto";
import {
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { Dialect, SqlValue } from "./database.ts";

export interface Statement {
  readonly sql: string;
  /** The same for the same text, so that a server prepares it once a connection. */
  readonly name: string;
  /** It writes nothing, so it may run outside the writer. */
  readonly reads: boolean;
  /** It has the operator REGEXP, which SQLite runs under a time limit. */
  readonly matchesPatterns: boolean;
  /** Values that stand in the text for good, and slots for the others, in their order; absent where all are slots. */
  readonly parameters?: readonly (Slot | SqlValue)[];
}

/** Stands in a query for a value that is known only when it runs. */
export class Slot {}

/** A place for a value, to be bound in the order of the text. */
export const slot = (): Slot => new Slot();

/** Tables as Kysely sees them: which columns exist is known by the models, not by its types. */
export interface Tables {
  [table: string]: { [column: string]: unknown };
}

const builders: Record<Dialect, Kysely<Tables>> = {
  sqlite: new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  }),
  postgres: new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }),
};

/** Kysely for a dialect, to build statements with; it is connected to nothing. */
export const builder = (dialect: Dialect): Kysely<Tables> => builders[dialect];

/** Makes a statement of a Kysely query. */
export function statement(query: Compilable): Statement {
  const { sql, parameters, query: node } = query.compile();
  const made = defineStatement(sql, node.kind === "SelectQueryNode");
  return parameters.every((value) => value instanceof Slot)
    ? made
    : { ...made, parameters: parameters as readonly (Slot | SqlValue)[] };
}

/** Makes a statement of SQL text whose parameters are all bound when it runs. */
export function defineStatement(sql: string, reads = false): Statement {
  return {
    sql,
    name: `s${createHash("sha256").update(sql).digest("hex").slice(0, 20)}`,
    reads,
    matchesPatterns: sql.includes(" regexp "),
  };
}

/** The parameters of a statement: `values` in its slots. */
export function bind({ parameters }: Statement, values: readonly SqlValue[]): readonly SqlValue[] {
  if (!parameters) return values;
  let next = 0;
  return parameters.map((parameter) => (parameter instanceof Slot ? (values[next++] ?? null) : parameter));
}
