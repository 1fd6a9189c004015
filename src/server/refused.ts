/**
 * What HTTP's parser refuses is answered as Node answers it, and is told in the access log and the metrics like other requests, though nothing
 * of it is known for certain but who sent it.
 */
import { type Server, STATUS_CODES } from "node:http";
import { Socket } from "node:net";
import type { RequestHead } from "./request-head.ts";

/** By the code of the parser's error; 400 for all others. */
const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

export interface RefusedOptions {
  /** Whether a request on this connection is being answered. */
  readonly isBusy: (socket: Socket) => "no" | "waits" | "answers";
  readonly requestIdOf?: (head: RequestHead) => string;
  readonly onAnswered: (head: RequestHead, status: number, bytes: number) => void;
}

/** Looks after what a server refuses by itself. */
export function answerRefused(server: Server, { isBusy, requestIdOf, onAnswered }: RefusedOptions): void {
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    // A connection that broke, or never said anything, is no request.
    if (!(socket instanceof Socket) || !socket.writable || socket.bytesRead === 0 || error.code === "ECONNRESET") {
      socket.destroy();
      return;
    }
    const status = statuses[error.code ?? ""] ?? 400;
    const busy = isBusy(socket);
    if (busy !== "answers") {
      const head: RequestHead = { method: "", url: "", httpVersion: "1.1", headers: {}, socket };
      const id = requestIdOf && `X-Request-Id: ${requestIdOf(head)}\r\n`;
      const answer = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${id ?? ""}Connection: close\r\n\r\n`;
      socket.write(answer);
      // The one before it has a line of its own.
      if (busy === "no") onAnswered(head, status, answer.length);
    }
    socket.destroy();
  });
}
