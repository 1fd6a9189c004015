/**
 * What a user's own code works with, in actions and hooks: who asks, the time, and the rows of every model.
 */
import type { Executor, Stamp, Table } from "../db/index.ts";
import type { Model } from "../model/index.ts";
import type { User } from "./authentication.ts";
import type { Context } from "./context.ts";
import { isoTime } from "./time.ts";

export interface Work {
  readonly user: User | undefined;
  /** The claims of the token that the user was known by, or undefined. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  /** Time of the request as an ISO string, in the format of a datetime field. */
  readonly now: string;
  /**
   * The rows of a model; inside a transaction, as it sees them. All of them: scope and permissions are not asked.
   * @example
   * const product = await table(Product).find(item.product);
   */
  table<M extends Model>(model: M): Table<M>;
}

/** What rows that a request writes are stamped with. */
export const stampOf = ({ now, user }: Context): Stamp => ({ now: isoTime(now), userId: user?.id ?? null });

/** What a request's code works with in the database, or in one transaction of it. */
export function workIn(executor: Executor, context: Context): Work {
  const stamp = stampOf(context);
  return {
    user: context.user,
    claims: context.claims,
    now: stamp.now,
    table: (model) => context.services.table(model, executor, stamp),
  };
}
