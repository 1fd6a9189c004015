/**
 * One HTTP server: a listener behind a socket, with limits, an access log, and an end that loses no request.
 *
 * `worker.ts` and `in-process.ts` open it; it knows nothing of the app but its listener.
 *
 * From the moment that it drains (`drain.ts`), its answers say `Connection: close`.
 */
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createNetServer, type Server as NetServer, type Socket } from "node:net";
import type { AccessLog } from "./access-log.ts";
import { closeWithin } from "./drain.ts";
import { createFastPath } from "./fast-path.ts";
import type { HeldAnswers } from "./held-answers.ts";
import { type Endpoint, listen } from "./listen.ts";
import { type Metrics, noRoute, WatchedResponse } from "./metrics.ts";
import { answerRefused } from "./refused.ts";
import type { RequestHead } from "./request-head.ts";
import { answerLate } from "./response-timeout.ts";
import type { ServerSettings } from "./settings.ts";
import { cutSlowReaders } from "./slow-readers.ts";
import { createTransport, type TransportOptions } from "./transport.ts";

export interface HttpServerOptions
  extends Endpoint,
    TransportOptions,
    Pick<ServerSettings, "keepAliveSeconds" | "requestTimeoutSeconds"> {
  /** Numbers of open sockets, in place of host and port. */
  readonly sockets?: readonly number[];
  /** Time in which an answer must begin; 0 for no limit, the default. */
  readonly responseTimeoutSeconds?: number;
  /** The id of a request, for an answer that the listener does not give. */
  readonly requestIdOf?: (request: RequestHead) => string;
  readonly listener: RequestListener;
  /** What is answered from memory, before the listener is asked. */
  readonly held?: HeldAnswers;
  readonly accessLog?: AccessLog;
  readonly metrics?: Metrics;
  /**
   * A request without a body comes with a stream that has ended, which spares a tenth of what HTTP costs; but a listener that
   * waits for its "end" waits for ever (default false; Node's option of that name).
   */
  readonly optimizeEmptyRequests?: boolean;
}

export interface HttpServer {
  /** Requests begun so far, and those of them that are not answered yet. */
  readonly counts: { readonly requests: number; readonly inFlight: number };
  /** Takes what TLS session tickets are encrypted with, in place of keys of its own. */
  useTicketKeys(keys: Buffer): void;
  /** Where it listens, e.g. `http://127.0.0.1:8000`. */
  readonly url: string;
  /**
   * Ends the server without losing a request.
   *
   * @param seconds  time that requests in flight have; those that need longer are cut
   * @param idleSeconds  time in which a request may still arrive on an idle connection (default 1)
   * @returns how many requests were cut
   */
  drain(seconds: number, idleSeconds?: number): Promise<number>;
}

/** Seconds a client has to send its headers; Node's default of 60 leaves slow senders a worker's memory for longer. */
const headersTimeoutSeconds = 20;
/** Bytes of all headers together; Node's default, twice Gunicorn's for one field. */
const maxHeaderBytes = 16 * 1024;
/** How often the two timeouts are looked after, milliseconds; Node's default of 30 s would make 20 s mean 50. */
const connectionsCheckingInterval = 5_000;

/**
 * Opens a server.
 * @throws ConfigurationError  the address cannot be listened on
 */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const {
    listener,
    held,
    accessLog,
    metrics,
    keepAliveSeconds,
    requestTimeoutSeconds,
    optimizeEmptyRequests,
    sockets = [],
  } = options;
  const inFlight = new Set<ServerResponse>();
  let requests = 0;
  // For Node a keep-alive timeout of 0 is none at all; here it means that no connection is kept.
  let isLastRequest = keepAliveSeconds === 0;

  function onClose(this: ServerResponse): void {
    inFlight.delete(this);
    accessLog?.end(this);
    metrics?.end(this);
  }
  const answer =
    (listener: RequestListener): typeof listener =>
    (request, response) => {
      requests++;
      inFlight.add(response);
      accessLog?.begin(request, response);
      metrics?.begin(response);
      response.on("close", onClose);
      if (isLastRequest) response.shouldKeepAlive = false;
      listener(request, response);
    };
  const refuse =
    (status: number): RequestListener =>
    (request, response) => {
      const id = options.requestIdOf?.(request);
      // HTTP/2 has no such field.
      const close = request.httpVersionMajor === 1 && { connection: "close" };
      response.writeHead(status, { ...close, "content-length": 0, ...(id && { "x-request-id": id }) }).end();
    };
  const refuseHost = refuse(400);
  const onRequest = answer((request, response) =>
    // RFC 9112 section 3.2.
    (request.httpVersion === "1.1" && request.headers.host === undefined ? refuseHost : listener)(request, response),
  );

  const server = createServer({
    ServerResponse: WatchedResponse,
    keepAliveTimeout: keepAliveSeconds * 1000,
    headersTimeout: Math.min(headersTimeoutSeconds, requestTimeoutSeconds) * 1000,
    requestTimeout: requestTimeoutSeconds * 1000,
    maxHeaderSize: maxHeaderBytes,
    // Two hosts, tokens or types are none that is right, where Node would take the first and a proxy perhaps the last.
    joinDuplicateHeaders: true,
    connectionsCheckingInterval,
    optimizeEmptyRequests,
    // Node would refuse it by itself, and nobody would hear of it.
    requireHostHeader: false,
  });
  server.on("request", onRequest);
  // RFC 9110 section 10.1.1; what is expected is no "100-continue".
  const onStrangeExpectation = answer(refuse(417));
  server.on("checkExpectation", onStrangeExpectation);
  const onAnswered = (route: string) => (head: RequestHead, status: number, bytes: number) => {
    requests++;
    accessLog?.note(head, status, bytes);
    metrics?.note(route, head.method ?? "", status);
  };
  answerRefused(server, {
    requestIdOf: options.requestIdOf,
    onAnswered: onAnswered(noRoute),
    isBusy(socket) {
      for (const response of inFlight)
        if (response.socket === socket) return response.headersSent ? "answers" : "waits";
      return "no";
    },
  });
  const connections = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
  });
  const closeIdle = (): void => {
    server.closeIdleConnections();
    fastPath?.closeIdle();
    // Node does not count a connection as idle that has never said anything, as browsers open in advance.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
  };
  const toHttpServer = (socket: Socket): void => void server.emit("connection", socket);
  const fastPath =
    held && keepAliveSeconds > 0
      ? createFastPath({
          ...{ held, keepAliveSeconds, maxHeaderBytes, onHttp1: toHttpServer },
          silenceSeconds: Math.min(headersTimeoutSeconds, requestTimeoutSeconds),
          onAnswered: onAnswered(held.route),
        })
      : undefined;
  const onHttp1 = fastPath?.accept ?? toHttpServer;
  const onRefused = { 400: answer(refuseHost), 417: onStrangeExpectation };
  const limits = { onRequest, onRefused, keepAliveSeconds, requestTimeoutSeconds, maxHeaderBytes };
  const transport = createTransport(options, limits, onHttp1);
  const onConnection = (socket: Socket): void => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    if (!transport) {
      onHttp1(socket);
      return;
    }
    // What breaks before it is HTTP's concern is nobody else's.
    socket.on("error", () => socket.destroy());
    transport.accept(socket);
  };
  // As Node's HTTP server: who has said everything may still read. TLS has an end of its own.
  const door = () => createNetServer({ noDelay: true, allowHalfOpen: transport?.scheme !== "https" }, onConnection);
  const [first = options, ...others] = sockets;
  const doors: NetServer[] = transport || fastPath ? [door()] : [];
  const url = await listen(doors[0] ?? server, first);
  // Node looks after its timeouts from this event on, which a server that does not listen itself would never have.
  if (doors.length > 0) server.emit("listening");
  for (const other of others) {
    const next = door();
    await listen(next, other);
    doors.push(next);
  }
  const endLate = answerLate(inFlight, options.responseTimeoutSeconds ?? 0, options.requestIdOf);
  const endSlow = cutSlowReaders(inFlight, requestTimeoutSeconds);

  let drained: Promise<number> | undefined;
  const drain = (seconds: number, idleSeconds = 1): Promise<number> => {
    isLastRequest = true;
    fastPath?.leave();
    for (const response of inFlight) response.shouldKeepAlive = false;
    for (const door of doors) door.close();
    transport?.drain();
    return closeWithin(server, {
      seconds,
      idleSeconds: Math.min(seconds, idleSeconds),
      closeIdle,
      closeAll: () => {
        for (const socket of connections) socket.destroy();
      },
      isEmpty: () => connections.size === 0,
      countInFlight: () => inFlight.size,
      onClosed() {
        endLate();
        endSlow();
      },
    });
  };
  return {
    url: transport?.scheme === "https" ? url.replace(/^http:/, "https:") : url,
    get counts() {
      return { requests, inFlight: inFlight.size };
    },
    useTicketKeys: (keys) => transport?.useTicketKeys(keys),
    drain(seconds, idleSeconds) {
      drained ??= drain(seconds, idleSeconds);
      return drained;
    },
  };
}
