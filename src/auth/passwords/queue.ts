/**
 * A queue in front of work that is too heavy to run all at once: first come, first served.
 */
import { ServiceUnavailable } from "../../errors.ts";

/** Runs a task when its turn comes. */
export interface Queue {
  <T>(task: () => Promise<T>): Promise<T>;
  /** Tasks that run now, and those that wait. */
  load(): { readonly running: number; readonly waiting: number };
}

/**
 * Makes a queue.
 *
 * @param maxConcurrent  tasks that run at the same time
 * @param maxWaiting     tasks that wait; one more is refused at once with `ServiceUnavailable`
 */
export function createQueue(maxConcurrent: number, maxWaiting: number): Queue {
  if (!Number.isInteger(maxConcurrent) || maxConcurrent < 1) {
    throw new TypeError(`expected maxConcurrent to be a whole number from 1, got ${maxConcurrent}`);
  }
  const waiting: (() => void)[] = [];
  let free = maxConcurrent;

  const queue = async <T>(task: () => Promise<T>): Promise<T> => {
    if (free > 0) free--;
    else if (waiting.length >= maxWaiting)
      throw new ServiceUnavailable("Too many sign-ins at once; try again shortly.");
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      // The place goes straight to the next in line, so that nobody can overtake.
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
  return Object.assign(queue, { load: () => ({ running: maxConcurrent - free, waiting: waiting.length }) });
}
