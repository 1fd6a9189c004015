/**
 * A client that does not read its answer is cut after a time, since what waits for it stays in memory: HTTP/1.1 by itself has no such limit.
 *
 * Time runs anew with every byte that the client takes; an answer of which nothing waits may be silent for as long as it likes.
 * Reference: nginx's `send_timeout`.
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Between two looks, milliseconds; a timer for each answer would cost each of them. */
const lookInterval = 5_000;

/** Looks after answers that are being sent. @returns what ends that */
export function cutSlowReaders(
  inFlight: ReadonlySet<ServerResponse>,
  seconds: number,
  everyMs = lookInterval,
): () => void {
  /** Whose time runs. */
  const waited = new WeakSet<Socket>();
  const timer = setInterval(() => {
    for (const response of inFlight) {
      const { socket } = response;
      // A session of HTTP/2 has a bound of its own for all of its answers.
      if (socket === null || response.req.httpVersionMajor !== 1) continue;
      const isWaiting = response.headersSent && socket.writableLength > 0;
      if (isWaiting === waited.has(socket)) continue;
      // Node begins anew with every byte that goes out, and closes what has no other handler.
      socket.setTimeout(isWaiting ? seconds * 1000 : 0);
      if (isWaiting) waited.add(socket);
      else waited.delete(socket);
    }
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
