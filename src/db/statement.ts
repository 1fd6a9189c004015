/**
 * A statement: SQL text made once at start, run many times.
 *
 * Kysely builds the text (`builder(dialect)`); values that are known only per request stand in it as `slot("name")`, and
 * `bind()` puts them in order.
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
  readonly parameters: readonly (Slot | SqlValue)[];
}

/** The place of a value that `bind` fills in. */
export class Slot {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export const slot = (name: string): Slot => new Slot(name);

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
  return defineStatement(sql, parameters as readonly (Slot | SqlValue)[], node.kind === "SelectQueryNode");
}

/** Makes a statement of SQL text. */
export function defineStatement(sql: string, parameters: readonly (Slot | SqlValue)[] = [], reads = false): Statement {
  const name = `s${createHash("sha256").update(sql).digest("hex").slice(0, 20)}`;
  return Object.freeze({ sql, name, reads, parameters });
}

/**
 * The parameters of a statement in their order.
 * @throws TypeError  a slot has no value
 */
export function bind(from: Statement, values: { readonly [name: string]: SqlValue }): SqlValue[] {
  return from.parameters.map((parameter) => {
    if (!(parameter instanceof Slot)) return parameter;
    const value = values[parameter.name];
    if (value === undefined) throw new TypeError(`no value for "${parameter.name}" in: ${from.sql}`);
    return value;
  });
}
