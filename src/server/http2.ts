/**
 * HTTP/2, by Node's compatibility layer: requests and answers look like those of HTTP/1.1 to what stands behind.
 *
 * Reference: RFC 9113. Resets in quick succession are bounded by Node (`streamResetBurst`).
 * Differs from HTTP/1.1 only in what that has no word for: the host stands in `:authority`.
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Http2ServerRequest, Http2ServerResponse, type ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";

export interface Http2 {
  accept(socket: Socket): void;
  /** Asks clients to open no more streams; sessions end when the last one is answered. */
  drain(): void;
}

type OnRequest = (request: IncomingMessage, response: ServerResponse & { req: IncomingMessage }) => void;

export interface Http2Options {
  readonly onRequest: OnRequest;
  /** Answers what nothing behind is asked about. */
  readonly onRefused: Readonly<Record<400 | 417, OnRequest>>;
  /** Time an idle session stays open. */
  readonly keepAliveSeconds: number;
  /** Time a client has to send a whole request. */
  readonly requestTimeoutSeconds: number;
  readonly maxHeaderBytes: number;
}

/** Requests of one connection at the same time; browsers use a hundred at most. */
const maxConcurrentStreams = 100;

/** What answers that a client does not read may take; streams beyond are refused (Node's default of 10 is soon full of large lists). */
const maxSessionMebibytes = 32;

/** An answer that counts its content: what its connection sends are the bytes of all answers that share it. */
export class CountedResponse extends Http2ServerResponse {
  contentBytes = 0;

  override write(chunk: string | Uint8Array, ...rest: unknown[]): boolean {
    const [encoding] = rest;
    this.contentBytes +=
      typeof chunk === "string"
        ? Buffer.byteLength(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8")
        : chunk.byteLength;
    return super.write(chunk, ...(rest as []));
  }
}

export function createHttp2(options: Http2Options): Http2 {
  const { onRequest, onRefused, keepAliveSeconds, requestTimeoutSeconds, maxHeaderBytes } = options;
  const sessions = new Map<ServerHttp2Session, number>();
  const server = createServer({
    Http2ServerResponse: CountedResponse,
    settings: { maxConcurrentStreams, maxHeaderListSize: maxHeaderBytes },
    maxSessionMemory: maxSessionMebibytes,
  });
  server.on("session", (session: ServerHttp2Session) => {
    sessions.set(session, 0);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => session.destroy());
    session.setTimeout(Math.max(1, keepAliveSeconds) * 1000, () => {
      if (sessions.get(session) === 0) session.close();
    });
  });
  const hand =
    (to: OnRequest) =>
    (request: Http2ServerRequest, response: Http2ServerResponse): void =>
      // The compatibility layer is made to be taken for them; its types are not.
      to(request as unknown as IncomingMessage, response as unknown as ServerResponse & { req: IncomingMessage });
  server.on("checkExpectation", hand(onRefused[417]));
  server.on("request", (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const { headers, stream } = request;
    const session = stream.session as ServerHttp2Session;
    const authority = headers[":authority"];
    if (authority !== undefined && headers.host !== undefined && headers.host !== authority) {
      hand(onRefused[400])(request, response);
      return;
    }
    headers.host ??= authority;
    // As HTTP/1.1 says it of a body whose length nobody knows.
    if (!stream.endAfterHeaders && headers["content-length"] === undefined) headers["transfer-encoding"] = "chunked";
    sessions.set(session, (sessions.get(session) ?? 0) + 1);
    const late = stream.endAfterHeaders
      ? undefined
      : setTimeout(() => !request.complete && stream.close(8), requestTimeoutSeconds * 1000);
    request.on("end", () => clearTimeout(late));
    response.on("close", () => {
      clearTimeout(late);
      if (sessions.has(session)) sessions.set(session, (sessions.get(session) ?? 1) - 1);
    });
    hand(onRequest)(request, response);
  });
  return {
    accept: (socket) => void server.emit("connection", socket),
    drain() {
      for (const session of sessions.keys()) session.close();
    },
  };
}
