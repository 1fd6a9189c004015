/**
 * Work in a transaction, as actions do it: again where it met another one, and what the database refuses told as a client is told.
 */
import { type Database, type Executor, TransactionConflict } from "../db/index.ts";
import type { Model } from "../model/index.ts";
import { refusalOfWrite } from "./refusal.ts";

/** Attempts at a transaction that others keep from ending. */
const ATTEMPTS = 3;

/** Runs work in a transaction of its own: all of it is kept, or none. */
export type Transact = <T>(work: (transaction: Executor) => Promise<T>) => Promise<T>;

/** @param model  whose fields findings are told by; without one what the database refuses is told of no field */
export function transactionsOf(database: Database, model?: Model): Transact {
  return async (work) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await database.transaction(work);
      } catch (error) {
        if (!(error instanceof TransactionConflict) || attempt === ATTEMPTS) throw refusalOfWrite(error, model);
      }
    }
  };
}
