/**
 * A worker: one process that serves, made and watched by the arbiter.
 *
 * Starts the app, opens the server on the sockets it was given, says "ready" (or why not), and from then on how it is, once a
 * second. At "drain" or SIGTERM it finishes what is in flight, closes the app and ends; so it does when its primary is gone.
 * It has no handler of SIGINT: Node answers that signal with the stack of what runs, which is how a blocked worker ends
 * (`heartbeat.ts`).
 * Reference: gunicorn.workers.base.Worker.
 */
import type { Logger, Measurement } from "../config/index.ts";
import { DrfAuthError } from "../errors.ts";
import { openChannel, tell } from "./channel.ts";
import { createHealth, type Health, type HealthOptions } from "./health.ts";
import { type HttpServer, type HttpServerOptions, openHttpServer } from "./http-server.ts";
import { closeSeconds, firstWorkerSocket, workerVariable } from "./member.ts";
import type { PrimaryMessage } from "./messages.ts";
import type { Metrics } from "./metrics.ts";
import type { PrimarySettings } from "./primary-settings.ts";
import { onSignals } from "./signals.ts";
import { type Limits, startBeats } from "./vitals.ts";

export interface WorkerOptions
  extends Omit<HttpServerOptions, "sockets" | "metrics">,
    Limits,
    Pick<HealthOptions, "checks" | "mayScrape"> {
  /** Time that requests in flight have when the worker stops. */
  readonly drainSeconds: number;
  readonly log: Logger;
  /** Closes the app, after the last response. */
  readonly close: () => Promise<void>;
  /** Opens the files of the logs again. */
  readonly onReopen?: () => void;
  /** Counters of requests; those of everything else. */
  readonly metrics?: Metrics;
  readonly measure?: () => readonly Measurement[];
  /** What a reload tells the primary of its own settings. */
  readonly primarySettings?: PrimarySettings;
}

interface Running {
  readonly server: HttpServer;
  readonly app: WorkerOptions;
  readonly health: Health;
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
export async function startWorker(prepare: () => WorkerOptions | Promise<WorkerOptions>): Promise<void> {
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
    SIGTERM: () => {
      void tell({ drfAuth: "leaves" });
      void stop();
    },
    SIGUSR1: () => running?.app.onReopen?.(),
    // Meant for the primary; whoever signals every process of the server must not end its workers.
    ...{ SIGHUP: ignore, SIGTTIN: ignore, SIGTTOU: ignore, SIGUSR2: ignore, SIGWINCH: ignore },
  });
  const obey = (message: PrimaryMessage): void => {
    if (message.drfAuth === "reopen") running?.app.onReopen?.();
    if (message.drfAuth === "tickets") running?.server.useTicketKeys(Buffer.from(message.keys, "base64"));
    if (message.drfAuth === "count" && running) void tellCounts(running);
    if (message.drfAuth === "leave" || (message.drfAuth === "drain" && message.isLast)) running?.health.leave();
    if (message.drfAuth === "drain") void stop(message.seconds);
  };
  const { scrape } = openChannel(obey, () => {
    void stop();
    // Nobody is left to kill this process where the app does not close.
    const seconds = (running?.app.drainSeconds ?? 0) + closeSeconds;
    setTimeout(() => process.exit(1), seconds * 1000).unref();
  });

  try {
    const app = await prepare();
    const { accessLog } = app;
    // Also when an error ends the process, the requests before it are in the log.
    if (accessLog !== undefined) process.on("exit", () => accessLog.flush());
    const health = createHealth({ ...app, scrape });
    const server = await openHttpServer({
      ...{ ...app, sockets },
      listener(request, response) {
        if (health.answer(request, response)) app.metrics?.noteRoute(response, request.url ?? "");
        else app.listener(request, response);
      },
    });
    const endBeats = startBeats({ ...app, server, tell });
    running = { app, server, health, endBeats };
    await tell({ drfAuth: "ready", url: server.url, settings: app.primarySettings });
  } catch (error) {
    await tell({ drfAuth: "failed", reason: reasonOf(error) });
    process.exit(bootError);
  }
}

/** Drains and closes. @returns the exit code */
async function end(running: Running, seconds: number | undefined): Promise<number> {
  const { server, app, endBeats } = running;
  const { drainSeconds, log, close } = app;
  const cut = await server.drain(seconds ?? drainSeconds);
  endBeats();
  await tellCounts(running);
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

/** Tells the primary what was counted here. */
function tellCounts({ app: { metrics, measure }, server }: Running): Promise<void> {
  const measurements: readonly Measurement[] = [
    ...(measure?.() ?? []),
    { name: "drf_auth_http_requests_in_flight", value: server.counts.inFlight },
    { name: "drf_auth_worker_memory_bytes", value: process.memoryUsage.rss() },
  ];
  return tell({ drfAuth: "counted", snapshot: { series: metrics?.series() ?? [], measurements } });
}

/** One line for what a person can put right; the whole stack for what only a programmer can. */
function reasonOf(error: unknown): string {
  if (error instanceof DrfAuthError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
