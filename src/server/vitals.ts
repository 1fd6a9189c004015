/**
 * What a worker tells its primary every second: that it is alive, how it is, and that it has served enough.
 *
 * Reference: gunicorn's `max_requests` and `max_requests_jitter`, uWSGI's `reload-on-rss`. Differs: the worker goes on until its
 * successor serves; where that cannot start it asks again after a while.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Logger } from "../config/index.ts";
import { beatInterval } from "./heartbeat.ts";
import type { HttpServer } from "./http-server.ts";
import type { WorkerMessage } from "./messages.ts";

/** What a worker may use before it is replaced. */
export interface Limits {
  /** Requests; 0 for no limit, the default. */
  readonly maxRequests?: number;
  /** Up to so many more, by chance, so that workers of one age do not end together. */
  readonly maxRequestsJitter?: number;
  /** Bytes of memory; 0 for no limit, the default. */
  readonly maxMemoryBytes?: number;
}

export interface BeatOptions extends Limits {
  readonly server: Pick<HttpServer, "counts">;
  readonly tell: (message: WorkerMessage) => void;
  readonly log: Logger;
  /** From 0 to below 1 (default: by chance). */
  readonly random?: () => number;
}

/** Beats between two requests to be replaced. */
const askAgainAfter = 30;
/** How exactly the delay of the event loop is known, milliseconds. */
const resolution = 20;

/** Beats until the function that it returns is called. */
export function startBeats(options: BeatOptions): () => void {
  const {
    server,
    tell,
    log,
    maxRequests = 0,
    maxRequestsJitter = 0,
    maxMemoryBytes = 0,
    random = Math.random,
  } = options;
  const maxOwn = maxRequests + Math.floor(random() * (maxRequestsJitter + 1));
  const delays = monitorEventLoopDelay({ resolution });
  delays.enable();
  let beatsToAsk = 0;
  const needsMore = maxMemoryBytes > 0 && process.memoryUsage.rss() > maxMemoryBytes;
  // It would be replaced for ever by others that need as much.
  if (needsMore)
    log.error("MAX_MEMORY is less than a worker needs to start; it is not looked at", { max: maxMemoryBytes });
  const beat = (): void => {
    const { requests, inFlight } = server.counts;
    const memoryBytes = process.memoryUsage.rss();
    // The histogram counts the whole time between two turns of its timer.
    const delayMilliseconds = Math.max(0, Math.round(delays.max / 1e6) - resolution);
    delays.reset();
    tell({ drfAuth: "beat", requests, inFlight, memoryBytes, delayMilliseconds });
    const reason =
      maxRequests > 0 && requests >= maxOwn
        ? `${requests} requests`
        : maxMemoryBytes > 0 && !needsMore && memoryBytes > maxMemoryBytes
          ? `${Math.round(memoryBytes / 2 ** 20)} MB of memory`
          : undefined;
    if (reason === undefined || --beatsToAsk > 0) return;
    beatsToAsk = askAgainAfter;
    tell({ drfAuth: "replace", reason });
  };
  beat();
  const timer = setInterval(beat, beatInterval);
  return () => {
    clearInterval(timer);
    delays.disable();
  };
}
