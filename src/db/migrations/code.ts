/**
 * TypeScript in a migration: it works with the models as they are at its place in the history, whatever they are today.
 *
 * Reference: django.db.migrations.operations.RunPython.
 * Differs: nothing is validated and no hook runs; tables are the ones that actions of an app work with (`table.ts`).
 */
import type { Model } from "../../model/index.ts";
import type { Dialect, Executor } from "../database.ts";
import type { Table } from "../table.ts";

/** What code in a migration works with. */
export interface CodeContext {
  /** The rows of a model as it is at this place. @throws ConfigurationError  there is no such model then */
  table(model: string): Table<Model>;
  /** The transaction of the migration, for SQL of one's own; the database itself where the code is not atomic. */
  readonly transaction: Executor;
  readonly dialect: Dialect;
}

export type RunCode = (context: CodeContext) => Promise<void> | void;

export interface Code {
  readonly forward: RunCode;
  /** What undoes it; `() => undefined` where there is nothing to undo. Without it the migration cannot be undone. */
  readonly backward?: RunCode;
  /**
   * False where it works on so many rows that one transaction would hold them too long (default true): on PostgreSQL each statement is
   * kept at once, and `transaction.transaction(…)` makes one of several. It may be run twice.
   */
  readonly atomic?: boolean;
  /** It need not run on a new database, so `squashmigrations` may leave it out (default false). */
  readonly elidable?: boolean;
  /** Set by `squashmigrations`: the migration of the same label whose code this is, and its place there; a function cannot be written. */
  readonly from?: { readonly name: string; readonly file?: string; readonly at: number };
}
