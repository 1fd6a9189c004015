/**
 * What a user's own code works with, in actions, hooks and scripts: who asks, the time, the rows of every model, and transactions.
 */
import type { Logger } from "../config/index.ts";
import type { Awaitable, Executor, Queries, Stamp, Table, TableMap } from "../db/index.ts";
import type { Model } from "../model/index.ts";
import type { User } from "./authentication.ts";
import type { Context } from "./context.ts";
import type { Services } from "./services.ts";
import { isoTime } from "./time.ts";
import { type TransactOptions, transactionsOf } from "./transaction.ts";

export interface Work {
  readonly user: User | undefined;
  /** The claims of the token that the user was known by, or undefined. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  /**
   * The application's log. A line of a request has its `request_id`, by which it is found beside that of the access log.
   * @example
   * log.info("an order was sent", { order: order.id });
   */
  readonly log: Logger;
  /** Time of the request as an ISO string, in the format of a datetime field. */
  readonly now: string;
  /**
   * The rows of a model; inside a transaction, as it sees them. All of them: scope and permissions are not asked.
   * @example
   * const product = await table(Product).find(item.product);
   */
  table<M extends Model>(model: M): Table<M>;
  /**
   * Kysely over models, for what tables cannot say: joins, groups, updates of many rows. Tables have the names that are given here, columns
   * those of the fields; values are the fields' own, on both databases. Inside a transaction its queries are part of it.
   *
   * It asks neither scope nor permissions, sets no value that the server sets, and writes no links.
   * @example
   * const best = await db({ book: Book, author: Author })
   *   .selectFrom("book")
   *   .innerJoin("author", "author.id", "book.author")
   *   .select(({ fn }) => ["author.name", fn.countAll<number>().as("books")])
   *   .groupBy("author.name")
   *   .execute();
   */
  db<const T extends TableMap>(tables: T): Queries<T>;
  /**
   * Runs work in a transaction: all of it is kept, or, if it throws, none. What is to be in it is done with what the work is given.
   *
   * Within a transaction it is a savepoint, and takes no options: an error that is caught outside of it undoes it alone. The outermost one
   * is done anew, all of the work, where another transaction kept it from ending; so what cannot be undone belongs in `afterCommit`.
   * @throws ValidationError | Conflict  from the outermost one, where the database refuses what is written
   * @example
   * await transaction(
   *   async ({ table, afterCommit }) => {
   *     const order = await table(Order).insert({ customer });
   *     for (const item of items) await table(Item).insert({ ...item, order: order.id });
   *     afterCommit(() => announce(order));
   *   },
   *   { isolation: "serializable" },
   * );
   * @example
   * const made = await transaction(({ table }) => table(Slug).insert({ text })).catch((error) => {
   *   if (error instanceof UniqueViolation) return undefined;
   *   throw error;
   * });
   */
  transaction<T>(work: (inside: Work) => Promise<T>, options?: TransactOptions): Promise<T>;
  /**
   * Has something done when the outermost transaction is committed, and never where it, or the savepoint around this call, is undone. The
   * answer waits for it; what it throws is logged, and what was written stays. Outside of a transaction it is done at once.
   * @example
   * afterCommit(async ({ table }) => mailTo(await table(Customer).find(order.customer)));
   */
  afterCommit(call: (after: Work) => Awaitable<unknown>): Awaitable<unknown>;
}

/** What is the same wherever code works for one request, or one script. */
export interface WorkFor extends Pick<Work, "user" | "claims" | "log"> {
  readonly services: Pick<Services, "database" | "table" | "queries">;
  readonly stamp: Stamp;
  /** Told what is thrown after a commit. */
  onError(error: unknown): void;
}

/** What rows that a request writes are stamped with. */
export const stampOf = ({ now, user }: Context): Stamp => ({ now: isoTime(now), userId: user?.id ?? null });

/** What a request's code works with in the database, or in one transaction of it. */
export const workIn = (executor: Executor, context: Context): Work =>
  createWork(executor, {
    ...{
      services: context.services,
      user: context.user,
      claims: context.claims,
      log: context.log,
      stamp: stampOf(context),
    },
    onError: (error) => context.services.onError(error, context.request),
  });

/** What code works with in the database, or in one transaction of it. */
export function createWork(executor: Executor, of: WorkFor): Work {
  const { services, user, claims, log, stamp, onError } = of;
  const { database, table, queries } = services;
  return {
    ...{ user, claims, log, now: stamp.now },
    table: (model) => table(model, executor, stamp),
    db: (tables) => queries(tables, executor),
    transaction(work, options) {
      const within = (transaction: Executor) => work(createWork(transaction, of));
      return executor === database ? transactionsOf(database)(within, options) : executor.transaction(within, options);
    },
    afterCommit: (call) =>
      executor.afterCommit(async () => {
        try {
          await call(createWork(database, of));
        } catch (error) {
          onError(error);
        }
      }),
  };
}
