/**
 * The end of an HTTP server that loses no request.
 *
 * It stops accepting and answers what is in flight and what still comes on open connections; then it closes what stays idle.
 * `http.Server.close()` is not it: since Node 19 it closes idle connections at once, and a request that is on its way there is lost.
 */
import type { Server } from "node:http";
import { Server as NetServer } from "node:net";

/** Between two looks for connections that became idle, milliseconds. */
const idleCheckInterval = 50;

export interface Closing {
  /** What requests in flight have; what needs longer is cut. */
  readonly seconds: number;
  /** In which a request may still arrive on an idle connection. */
  readonly idleSeconds: number;
  readonly closeIdle: () => void;
  readonly closeAll: () => void;
  readonly isEmpty: () => boolean;
  readonly countInFlight: () => number;
  readonly onClosed: () => void;
}

/** Closes a server. @returns how many requests were cut */
export function closeWithin(server: Server, closing: Closing): Promise<number> {
  const { seconds, idleSeconds, closeIdle, closeAll, isEmpty, countInFlight, onClosed } = closing;
  return new Promise((resolve) => {
    let cut = 0;
    let idleCheck: NodeJS.Timeout | undefined;
    const idle = setTimeout(() => {
      closeIdle();
      idleCheck = setInterval(closeIdle, idleCheckInterval);
    }, idleSeconds * 1000);
    const deadline = setTimeout(() => {
      cut = countInFlight();
      server.closeAllConnections();
      closeAll();
    }, seconds * 1000);
    const end = (): void => {
      // Connections of other sockets are none of the server's own.
      if (!isEmpty()) {
        setTimeout(end, idleCheckInterval);
        return;
      }
      clearTimeout(idle);
      clearInterval(idleCheck);
      clearTimeout(deadline);
      // Only now the way Node means it: it ends the timer that looks after timeouts.
      server.close();
      onClosed();
      resolve(cut);
    };
    server.once("close", end);
    NetServer.prototype.close.call(server);
  });
}
