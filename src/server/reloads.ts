/**
 * Reloads, one at a time: one that is asked for while another runs follows it, since that may have begun with older code.
 */
import type { Logger } from "../config/index.ts";
import type { Notify } from "./notify.ts";
import type { Pool } from "./pool.ts";

export interface Reloads {
  /** Replaces all workers. @returns why it stopped before the end, or undefined */
  reload(): Promise<string | undefined>;
  /** Those that came to their end, and those that did not. */
  readonly counts: { readonly done: number; readonly failed: number };
}

/** @param onDone  all workers are new */
export function createReloads(pool: () => Pool, log: Logger, notify: Notify, onDone: () => void): Reloads {
  const counts = { done: 0, failed: 0 };
  let running: Promise<string | undefined> | undefined;
  let next: Promise<string | undefined> | undefined;

  async function replaceAll(): Promise<string | undefined> {
    log.info("reloading the workers");
    notify("RELOADING=1", `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
    const reason = await pool().replace([...pool().members]);
    counts[reason === undefined ? "done" : "failed"]++;
    if (reason === undefined) onDone();
    if (reason === undefined) log.info("reloaded", { workers: pool().target });
    notify("READY=1", reason === undefined ? "STATUS=reloaded" : "STATUS=the new code does not start");
    return reason;
  }
  function start(): Promise<string | undefined> {
    running = replaceAll().finally(() => {
      running = undefined;
    });
    return running;
  }
  return {
    counts,
    reload() {
      if (running === undefined) return start();
      next ??= running.then(() => {
        next = undefined;
        return start();
      });
      return next;
    },
  };
}
