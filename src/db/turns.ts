/**
 * Turns at something that only one may use at a time, in the order of asking.
 *
 * A transaction on SQLite takes a turn at the one connection that writes; a nested transaction takes a turn at the transaction
 * around it. Whoever asks for a turn while holding it would wait for ever, so that is refused at once.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Awaitable } from "./database.ts";

interface Turn {
  readonly of: Turns;
  readonly outer: Turn | undefined;
  isOver: boolean;
}

const held = new AsyncLocalStorage<Turn>();

/** A fair queue: each piece of work runs alone, first come, first served. */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  #taken = 0;

  /** Nobody has a turn and nobody waits for one. */
  get isFree(): boolean {
    return this.#taken === 0;
  }

  /**
   * Waits for its turn, then runs `work` alone; begins at once where nobody has one.
   * @throws TypeError  `work` of this very turn asks for another one
   */
  async take<T>(work: () => Awaitable<T>): Promise<T> {
    const outer = held.getStore();
    for (let turn = outer; turn !== undefined; turn = turn.outer) {
      if (turn.of === this && !turn.isOver) {
        throw new TypeError(
          "inside a transaction, use the transaction that was handed over, not what it was started from",
        );
      }
    }
    const before = this.isFree ? undefined : this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    this.#taken++;
    if (before) await before;
    const turn: Turn = { of: this, outer, isOver: false };
    try {
      return await held.run(turn, work);
    } finally {
      turn.isOver = true;
      this.#taken--;
      resolve();
    }
  }
}
