/** A database that counts the statements it is asked to run. */
import type { Database, Executor, Statement } from "../src/db/index.ts";

export interface StatementCounter {
  /** Statements since it was last set. */
  count: number;
  /** Their texts. */
  texts: string[];
  /** For the option `wrap` of a test app. */
  wrap(database: Database): Database;
}

const counted = new Set<string | symbol>(["all", "get", "run"]);

/** Makes a counter. Statements of transactions count, what begins and ends them does not. */
export function countStatements(): StatementCounter {
  const counter: StatementCounter = { count: 0, texts: [], wrap: (database) => wrapped(database) };
  // The drivers are classes with private state, so every method is called on the driver itself.
  const wrapped = <E extends Executor>(executor: E): E =>
    new Proxy(executor, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        if (name === "transaction")
          return (work: (transaction: Executor) => unknown, ...options: unknown[]) =>
            value.call(target, (transaction: Executor) => work(wrapped(transaction)), ...options);
        return (...parameters: unknown[]) => {
          if (counted.has(name)) {
            counter.count++;
            counter.texts.push((parameters[0] as Statement).sql);
          }
          return value.apply(target, parameters);
        };
      },
    });
  return counter;
}
