/**
 * A database that tells what its statements cost, for development: those that are slow, and those that one request repeats.
 *
 * The same reading statement many times in one request is a query for each row of something; one query for all rows would do.
 * What is told is the text of the statement, which has no values in it.
 * Reference: django-debug-toolbar, nplusone.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Awaitable, Database, Executor, SqlValue } from "./database.ts";
import type { Statement } from "./statement.ts";

export interface QueryWatchOptions {
  /** A statement that takes longer is slow; 0 for none. */
  readonly slowMilliseconds: number;
  /** Told of a slow one. */
  readonly onSlow: (sql: string, milliseconds: number) => void;
  /** Milliseconds of a steady clock. */
  readonly now?: () => number;
}

export interface QueryWatch {
  /** The database, watched. */
  readonly database: Database;
  /**
   * Does the work of one request.
   * @returns what it gave, and a function that tells which statements were repeated until then, and how often
   */
  request<T>(work: () => T): { readonly result: T; readonly repeated: () => ReadonlyMap<string, number> };
}

/** So many times the same is no chance. */
const manyTimes = 6;

/** Watches a database. */
export function watchQueries(database: Database, options: QueryWatchOptions): QueryWatch {
  const { slowMilliseconds, onSlow, now = () => performance.now() } = options;
  const requests = new AsyncLocalStorage<Map<string, number>>();

  const watch = <T>({ sql, reads }: Statement, run: () => Awaitable<T>): Awaitable<T> => {
    const counts = requests.getStore();
    if (reads) counts?.set(sql, (counts.get(sql) ?? 0) + 1);
    if (slowMilliseconds === 0) return run();
    const begun = now();
    const measure = (): void => {
      const milliseconds = now() - begun;
      if (milliseconds > slowMilliseconds) onSlow(sql, Math.round(milliseconds));
    };
    const answer = run();
    if (answer instanceof Promise) return answer.finally(measure);
    measure();
    return answer;
  };
  const watched = (executor: Executor): Executor => ({
    dialect: executor.dialect,
    all: (statement, parameters?: readonly SqlValue[]) => watch(statement, () => executor.all(statement, parameters)),
    get: (statement, parameters?: readonly SqlValue[]) => watch(statement, () => executor.get(statement, parameters)),
    run: (statement, parameters?: readonly SqlValue[]) => watch(statement, () => executor.run(statement, parameters)),
    transaction: (work, options) => executor.transaction((transaction) => work(watched(transaction)), options),
    afterCommit: (call) => executor.afterCommit(call),
  });
  return {
    database: {
      ...watched(database),
      script: (sql) => database.script(sql),
      measure: () => database.measure?.() ?? [],
      close: () => database.close(),
    },
    request(work) {
      const counts = new Map<string, number>();
      return {
        result: requests.run(counts, work),
        repeated: () => new Map([...counts].filter(([, count]) => count >= manyTimes)),
      };
    },
  };
}
