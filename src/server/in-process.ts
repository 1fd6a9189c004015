/**
 * A server in this very process, without workers: for development and for tests.
 */
import { type HttpServer, type HttpServerOptions, openHttpServer } from "./http-server.ts";

export interface InProcessOptions extends HttpServerOptions {
  /** Time that requests in flight have when it closes (default 5). */
  readonly drainSeconds?: number;
  /** Closes the app, after the last response. */
  readonly close?: () => Promise<void>;
}

export interface InProcessServer extends Pick<HttpServer, "url"> {
  /** Finishes what is in flight, then closes server and app. Idle connections are closed at once. */
  close(): Promise<void>;
}

/**
 * Serves in this process.
 *
 * @throws ConfigurationError  the address cannot be listened on
 * @example
 * const server = await serveInProcess({ listener, host: "127.0.0.1", port: 0, keepAliveSeconds: 5, requestTimeoutSeconds: 60 });
 */
export async function serveInProcess({
  drainSeconds = 5,
  close,
  ...options
}: InProcessOptions): Promise<InProcessServer> {
  const server = await openHttpServer(options);
  const end = async (): Promise<void> => {
    await server.drain(drainSeconds, 0);
    options.accessLog?.flush();
    await close?.();
  };
  let closed: Promise<void> | undefined;
  return {
    url: server.url,
    close() {
      closed ??= end();
      return closed;
    },
  };
}
