/**
 * A request whose answer does not begin in time is answered 503, alone: its worker goes on, and so do all others in it.
 *
 * What the app does for it cannot be stopped and goes on unseen. Time runs from the end of the request, since a client may take
 * until REQUEST_TIMEOUT to send it; an answer that has begun may take as long as it likes.
 * Reference: uWSGI's harakiri, which ends the worker.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

/** Between two looks, milliseconds; a timer for each request would cost each of them. */
const lookInterval = 500;
const body = '{"detail":"The server took too long to answer."}';

/** Looks after requests in flight. @param idOf  the id that the answer carries as `X-Request-ID` @returns what ends that */
export function answerLate(
  inFlight: ReadonlySet<ServerResponse & { readonly req: IncomingMessage }>,
  seconds: number,
  idOf?: (request: IncomingMessage) => string,
): () => void {
  if (seconds === 0) return () => {};
  /** When each was first seen without an answer; entries go with the requests. */
  let waitingSince = new Map<ServerResponse, number>();
  const look = (): void => {
    const at = performance.now();
    const waiting = new Map<ServerResponse, number>();
    for (const response of inFlight) {
      if (response.headersSent || !response.req.complete) continue;
      const since = waitingSince.get(response) ?? at;
      if (at - since < seconds * 1000) waiting.set(response, since);
      else answer(response, idOf?.(response.req));
    }
    waitingSince = waiting;
  };
  const timer = setInterval(look, lookInterval);
  timer.unref();
  return () => clearInterval(timer);
}

function answer(response: ServerResponse, id: string | undefined): void {
  response.shouldKeepAlive = false;
  if (id !== undefined) response.setHeader("x-request-id", id);
  response.writeHead(503, { "content-type": "application/json", "content-length": body.length });
  response.end(response.req.method === "HEAD" ? undefined : body);
}
