/**
 * What a database says of its tables, in words that both dialects share.
 *
 * Reference: django.db.backends.*.introspection.
 */
import type { Executor } from "../../db/index.ts";
import { readPostgresTables } from "./postgres-tables.ts";
import { readSqliteTables } from "./sqlite-tables.ts";

export interface ColumnFacts {
  readonly name: string;
  /** In lower case, as declared: `varchar(100)`, `numeric(8,2)`. */
  readonly type: string;
  readonly null: boolean;
  /** The SQL of its default. */
  readonly default?: string;
  /** The database computes it of others; it is not written. */
  readonly isGenerated?: boolean;
}

export interface KeyFacts {
  readonly column: string;
  readonly table: string;
  /** The column that it points at; undefined where that is the primary key. */
  readonly to?: string;
}

export interface TableFacts {
  readonly name: string;
  readonly columns: readonly ColumnFacts[];
  readonly primaryKey: readonly string[];
  /** Whether the database gives the key. */
  readonly isAutomatic: boolean;
  /** Sets of columns that are unique together, single ones included, the primary key left out. */
  readonly unique: readonly (readonly string[])[];
  /** Columns with an index of their own. */
  readonly indexed: readonly string[];
  /** Foreign keys of one column. */
  readonly references: readonly KeyFacts[];
  /** The SQL of its CHECK constraints. */
  readonly checks: readonly string[];
}

/** Every table of a database, by name; views are none. */
export const readTables = (executor: Executor): Promise<readonly TableFacts[]> =>
  executor.dialect === "sqlite" ? readSqliteTables(executor) : readPostgresTables(executor);
