/**
 * Whether code runs inside a transaction of its database: one that is begun from there, or a write beside it, would wait for the rows
 * that the transaction holds, and the transaction for it. No database finds that out, as one of the two waits in this process.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export class Inside {
  readonly #open = new AsyncLocalStorage<{ isOver: boolean }>();

  /** Does the work of a transaction. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const state = { isOver: false };
    return this.#open.run(state, () =>
      work().finally(() => {
        state.isOver = true;
      }),
    );
  }

  /** @throws TypeError  whoever asks is inside one that has not ended */
  refuse(): void {
    if (this.#open.getStore()?.isOver === false)
      throw new TypeError(
        "inside a transaction, use the transaction that was handed over, not what it was started from",
      );
  }
}
