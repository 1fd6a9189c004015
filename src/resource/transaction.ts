/**
 * Work in a transaction, as actions do it: again where it met another one, and what the database refuses told as a client is told.
 */
import { type Database, type Executor, TransactionConflict, type TransactionOptions } from "../db/index.ts";
import type { Model } from "../model/index.ts";
import { refusalOfWrite } from "./refusal.ts";

/** How a transaction of own code is run. */
export interface TransactOptions extends TransactionOptions {
  /** How often it is tried at most, where others keep it from ending: a deadlock, a failed serialization (default 3). */
  readonly attempts?: number;
}

const ATTEMPTS = 3;

/** Runs work in a transaction of its own: all of it is kept, or none. The work is done anew at each attempt. */
export type Transact = <T>(work: (transaction: Executor) => Promise<T>, options?: TransactOptions) => Promise<T>;

/** @param model  whose fields findings are told by; without one what the database refuses is told of no field */
export function transactionsOf(database: Database, model?: Model): Transact {
  return async (work, { attempts = ATTEMPTS, ...options } = {}) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await database.transaction(work, options);
      } catch (error) {
        if (!(error instanceof TransactionConflict) || attempt >= attempts) throw refusalOfWrite(error, model);
      }
    }
  };
}
