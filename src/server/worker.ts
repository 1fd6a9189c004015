/**
 * A worker: one process that serves, made and watched by the arbiter.
 *
 * Starts the app, opens the server on the sockets it was given, says "ready" (or why not), and from then on how it is, once a
 * second. At "drain" or SIGTERM it finishes what is in flight, closes the app and ends; so it does when its primary is gone.
 * It has no handler of SIGINT, and needs none, since it belongs to no terminal: Node answers that signal with the stack of
 * what runs, which is how a blocked worker ends (`heartbeat.ts`).
 * Reference: gunicorn.workers.base.Worker.
 */
import type { Logger } from "../config/index.ts";
import { DrfAuthError } from "../errors.ts";
import { type HttpServer, type HttpServerOptions, openHttpServer } from "./http-server.ts";
import { firstWorkerSocket, workerVariable } from "./member.ts";
import { isPrimaryMessage, type WorkerMessage } from "./messages.ts";
import { onSignals } from "./signals.ts";
import { type Limits, startBeats } from "./vitals.ts";

export interface WorkerOptions extends HttpServerOptions, Limits {
  /** Time that requests in flight have when the worker stops. */
  readonly drainSeconds: number;
  readonly log: Logger;
  /** Closes the app, after the last response. */
  readonly close: () => Promise<void>;
  /** Opens the files of the logs again. */
  readonly onReopen?: () => void;
  /** The server stops, and nobody follows this worker. */
  readonly onLeave?: () => void;
}

interface Running {
  readonly server: HttpServer;
  readonly app: WorkerOptions;
  readonly endBeats: () => void;
}

/** Exit code of a worker that could not start. Reference: gunicorn.arbiter.Arbiter.WORKER_BOOT_ERROR. */
const bootError = 3;

/**
 * Runs this process as a worker until it is told to stop.
 *
 * @param prepare  starts the app; whatever it throws is the reason that the arbiter tells
 * @throws TypeError  this process was not made by `startArbiter`
 */
export async function startWorker(
  prepare: () => Omit<WorkerOptions, "sockets"> | Promise<Omit<WorkerOptions, "sockets">>,
): Promise<void> {
  const { [workerVariable]: count } = process.env;
  delete process.env[workerVariable];
  if (count === undefined || process.send === undefined)
    throw new TypeError("startWorker runs in a process that startArbiter made; here, use serveInProcess");
  const sockets = Array.from({ length: Number(count) }, (_, i) => firstWorkerSocket + i);
  let running: Running | undefined;
  let isStopping = false;

  const stop = async (seconds?: number): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    process.exit(running === undefined ? 0 : await end(running, seconds));
  };
  const ignore = (): void => {};
  onSignals({
    SIGTERM: () => void stop(),
    SIGUSR1: () => running?.app.onReopen?.(),
    // Meant for the primary; whoever signals every process of the server must not end its workers.
    ...{ SIGHUP: ignore, SIGTTIN: ignore, SIGTTOU: ignore, SIGUSR2: ignore, SIGWINCH: ignore },
  });
  process.on("disconnect", () => void stop());
  process.on("message", (message) => {
    if (!isPrimaryMessage(message)) return;
    if (message.drfAuth === "reopen") running?.app.onReopen?.();
    else {
      if (message.isLast) running?.app.onLeave?.();
      void stop(message.seconds);
    }
  });

  try {
    const app = await prepare();
    const { accessLog } = app;
    // Also when an error ends the process, the requests before it are in the log.
    if (accessLog !== undefined) process.on("exit", () => accessLog.flush());
    const server = await openHttpServer({ ...app, sockets });
    const endBeats = startBeats({ ...app, server, tell });
    running = { app, server, endBeats };
    await tell({ drfAuth: "ready", url: server.url });
  } catch (error) {
    await tell({ drfAuth: "failed", reason: reasonOf(error) });
    process.exit(bootError);
  }
}

/** Drains and closes. @returns the exit code */
async function end({ server, app, endBeats }: Running, seconds: number | undefined): Promise<number> {
  const { drainSeconds, log, close } = app;
  const cut = await server.drain(seconds ?? drainSeconds);
  endBeats();
  if (cut > 0 && seconds === undefined)
    log.warning("requests were cut: they took longer than GRACEFUL_TIMEOUT", { requests: cut });
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
    if (!process.connected) resolve();
    else process.send?.(message, undefined, undefined, () => resolve());
  });
}
