/**
 * A user's own code around what a resource writes.
 *
 * `preSave`, `postSave`, `preDelete` and `postDelete` run inside the transaction of the write: what they write is kept with it, and
 * what they throw undoes it. `onCommit` runs when all of it is kept, and never otherwise.
 * Reference: django.db.models.signals, django.db.transaction.on_commit, `perform_create` of rest_framework.mixins.
 */
import type { Awaitable } from "../db/index.ts";
import type { Model, RowOf } from "../model/index.ts";
import type { Work } from "./work.ts";

/** A row that is about to be written. */
export interface Saving<M extends Model = Model> extends Work {
  /** The validated values: all that were sent, in an update those alone. */
  readonly values: Partial<RowOf<M>>;
  /** The row as it was; undefined where it is created. */
  readonly before: RowOf<M> | undefined;
}

/** A row that was written. */
export interface Saved<M extends Model = Model> extends Work {
  readonly row: RowOf<M>;
  /** The row as it was; undefined where it was created. */
  readonly before: RowOf<M> | undefined;
}

/** A row that is, or was, deleted. */
export interface Deleting<M extends Model = Model> extends Work {
  readonly row: RowOf<M>;
}

/** What was kept: `row` is undefined where it was deleted, `before` where it was created. */
export interface Committed<M extends Model = Model> extends Work {
  readonly row: RowOf<M> | undefined;
  readonly before: RowOf<M> | undefined;
}

/**
 * @example
 * resource(Article, {
 *   hooks: {
 *     preSave: ({ values }) => (values.title === undefined ? undefined : { slug: slugOf(values.title) }),
 *     onCommit: ({ row }) => row && announce(row),
 *   },
 * });
 */
export interface Hooks<M extends Model = Model> {
  /** Before a row is created or updated; what it returns is written as well. @throws ValidationError  to refuse */
  readonly preSave?: (saving: Saving<M>) => Awaitable<Partial<RowOf<M>> | undefined>;
  readonly postSave?: (saved: Saved<M>) => Awaitable<unknown>;
  readonly preDelete?: (deleting: Deleting<M>) => Awaitable<unknown>;
  readonly postDelete?: (deleting: Deleting<M>) => Awaitable<unknown>;
  /** After the commit. What it throws is logged; the client's answer stands. */
  readonly onCommit?: (committed: Committed<M>) => Awaitable<unknown>;
}

export const hookNames = {
  preSave: true,
  postSave: true,
  preDelete: true,
  postDelete: true,
  onCommit: true,
} satisfies Record<keyof Hooks, true>;
