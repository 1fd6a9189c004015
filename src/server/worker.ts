/**
 * A worker: one process that serves, made and watched by the arbiter.
 *
 * Starts the app, opens the server, says "ready" (or why not); at "drain" or SIGTERM it finishes what is in flight, closes
 * the app and ends. SIGINT is left to the arbiter: a terminal sends it to all processes at once.
 * Node ends a cluster's worker by itself when its primary is gone.
 * Reference: gunicorn.workers.base.Worker.
 */
import cluster from "node:cluster";
import type { Logger } from "../config/index.ts";
import { DrfAuthError } from "../errors.ts";
import { type HttpServer, type HttpServerOptions, openHttpServer } from "./http-server.ts";
import { isDrainMessage, type WorkerMessage } from "./messages.ts";

export interface WorkerOptions extends HttpServerOptions {
  /** Time that requests in flight have when the worker stops. */
  readonly drainSeconds: number;
  readonly log: Logger;
  /** Closes the app, after the last response. */
  readonly close: () => Promise<void>;
}

/** Exit code of a worker that could not start. Reference: gunicorn.arbiter.Arbiter.WORKER_BOOT_ERROR. */
const bootError = 3;

/**
 * Runs this process as a worker until it is told to stop.
 *
 * @param prepare  starts the app; whatever it throws is the reason that the arbiter tells
 * @throws TypeError  this process was not made by `startArbiter`
 */
export async function startWorker(prepare: () => WorkerOptions | Promise<WorkerOptions>): Promise<void> {
  if (!cluster.isWorker)
    throw new TypeError("startWorker runs in a process that startArbiter made; here, use serveInProcess");
  let running: { readonly server: HttpServer; readonly app: WorkerOptions } | undefined;
  let isStopping = false;

  const handleStop = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    process.exit(running === undefined ? 0 : await stop(running.server, running.app));
  };
  process.on("SIGTERM", handleStop);
  process.on("SIGINT", () => {});
  process.on("message", (message) => {
    if (isDrainMessage(message)) void handleStop();
  });

  try {
    const app = await prepare();
    const { accessLog } = app;
    // Also when an error ends the process, the requests before it are in the log.
    if (accessLog !== undefined) process.on("exit", () => accessLog.flush());
    running = { app, server: await openHttpServer(app) };
    await tell({ drfAuth: "ready", url: running.server.url });
  } catch (error) {
    await tell({ drfAuth: "failed", reason: reasonOf(error) });
    process.exit(bootError);
  }
}

/** Drains and closes. @returns the exit code */
async function stop(server: HttpServer, { drainSeconds, log, close }: WorkerOptions): Promise<number> {
  const cut = await server.drain(drainSeconds);
  if (cut > 0) log.warning("requests were cut: they took longer than GRACEFUL_TIMEOUT", { requests: cut });
  try {
    await close();
    return 0;
  } catch (error) {
    log.error("the app did not close", { error: error instanceof Error ? error : new Error(String(error)) });
    return 1;
  }
}

/** One line for what a person can put right; the whole stack for what only a programmer can. */
function reasonOf(error: unknown): string {
  if (error instanceof DrfAuthError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Sends to the primary; a primary that is gone is no error here, since this process then ends too. */
function tell(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}
