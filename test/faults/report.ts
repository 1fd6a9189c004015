/** What a fault cost and how long it took to be over: measured, and told with the result of its test. */
import type { TestContext } from "node:test";

/** Starts to measure. @returns milliseconds since then */
export function stopwatch(): () => number {
  const startedAt = performance.now();
  return () => Math.round(performance.now() - startedAt);
}

/**
 * Tells it in the report of the tests. Times are told and not judged: how fast a machine is says nothing about the server.
 *
 * @example
 * report(t, { lost: "2 of 900 requests", recovered: "a worker in its place after 180 ms" });
 */
export function report(
  t: TestContext,
  { lost, recovered }: { readonly lost: string; readonly recovered: string },
): void {
  t.diagnostic(`lost: ${lost}; recovered: ${recovered}`);
}

/** `180 to 240 ms`. */
export function range(milliseconds: readonly number[]): string {
  const [least, most] = [Math.min(...milliseconds), Math.max(...milliseconds)];
  return least === most ? `${least} ms` : `${least} to ${most} ms`;
}
