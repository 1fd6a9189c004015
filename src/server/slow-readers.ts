/**
 * A client that does not read its answer is cut after a time, since what waits for it stays in memory: HTTP has no such limit of itself.
 *
 * Time runs anew with every byte that the client takes; an answer of which nothing waits may be silent for as long as it likes.
 * With HTTP/1.1 the connection is cut, with HTTP/2 the stream alone: others on its connection may be read.
 * Reference: nginx's `send_timeout`.
 */
import type { ServerResponse } from "node:http";
import { Http2ServerResponse } from "node:http2";

/** Between two looks, milliseconds; a timer for each answer would cost each of them. */
const lookInterval = 5_000;

/** Looks after answers that are being sent. @returns what ends that */
export function cutSlowReaders(
  inFlight: ReadonlySet<ServerResponse | Http2ServerResponse>,
  seconds: number,
  everyMs = lookInterval,
): () => void {
  /** Whose time runs. */
  const waited = new WeakSet<object>();
  const timer = setInterval(() => {
    for (const response of inFlight) {
      const way = response instanceof Http2ServerResponse ? response.stream : response.socket;
      if (way === null || way === undefined) continue;
      const isWaiting = response.headersSent && way.writableLength > 0;
      if (isWaiting === waited.has(way)) continue;
      // Node begins anew with every byte that goes out.
      way.setTimeout(isWaiting ? seconds * 1000 : 0, isWaiting ? () => way.destroy() : undefined);
      if (isWaiting) waited.add(way);
      else waited.delete(way);
    }
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
