/**
 * The arbiter: the primary process, which serves nothing itself and keeps N workers serving.
 *
 * Workers share one listening socket; the kernel gives each connection to one of them. Node's own round robin is not used:
 * every connection would pass through this process, which costs a third of the speed on short ones. A socket for each worker
 * (`reusePort`) is not used either: the kernel drops what waits at a worker that ends.
 *
 * SIGTERM, SIGINT: stop gracefully; a second one: at once. SIGHUP: replace the workers one by one, so new code is taken up.
 * Reference: gunicorn.arbiter.Arbiter (`manage_workers`, `reap_workers`, `handle_hup`).
 * Differs: a worker that cannot start ends the whole start with its own reason instead of "Worker failed to boot".
 */
import cluster, { type Worker } from "node:cluster";
import type { Logger } from "../config/index.ts";
import { BootFailure } from "./errors.ts";
import { drainMessage, isWorkerMessage, type WorkerMessage } from "./messages.ts";
import { onSignals } from "./signals.ts";

export interface ArbiterOptions {
  /** Path of the script that workers run; it calls `startWorker`. */
  readonly exec: string;
  readonly args?: readonly string[];
  /** Number of workers, at least 1. */
  readonly workers: number;
  /** Variables that workers have beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Time that workers have to drain; one second later they are killed. */
  readonly gracefulTimeoutSeconds: number;
  readonly log: Logger;
  /** Called once, when every worker serves for the first time. */
  readonly onReady?: (url: string) => void;
  /** Seconds before a worker is replaced, by how many died young in a row. */
  readonly restartDelaySeconds?: (deaths: number) => number;
  /** Milliseconds of any steady clock. */
  readonly now?: () => number;
}

export interface Arbiter {
  /**
   * Resolves with the exit code when all is over: 0 after a graceful stop, 1 where workers had to be killed.
   * Rejects with `BootFailure` where no worker could start.
   */
  readonly finished: Promise<number>;
  /** Stops gracefully; called again, at once. */
  stop(): void;
  /** Replaces the workers one by one; each old one goes when its successor serves. */
  reload(): void;
}

/** A worker as the arbiter sees it. */
interface Member {
  readonly worker: Worker;
  readonly startedAt: number;
  /** The one that goes when this one is ready. */
  readonly replaces?: Member;
  state: "booting" | "ready" | "draining";
  /** Why it could not start, in its own words. */
  reason?: string;
  killer?: NodeJS.Timeout;
}

/** Deaths at boot without a word (killed, crashed) before the start is given up. */
const maxBootDeaths = 3;
/** A worker that lived this long did not die of its start. */
const youthMilliseconds = 10_000;
/** What a worker has, after its time to drain, to close the app. */
const closeSeconds = 1;

/** At once, then 0.5, 1, 2 … at most 30 seconds. */
const defaultDelay = (deaths: number): number => (deaths <= 1 ? 0 : Math.min(30, 2 ** (deaths - 3)));

/** Starts the workers and watches them, until it is stopped. */
export function startArbiter(options: ArbiterOptions): Arbiter {
  const { exec, args = [], workers, environment, gracefulTimeoutSeconds, log, onReady } = options;
  const { restartDelaySeconds = defaultDelay, now = () => performance.now() } = options;
  const { promise: finished, resolve, reject } = Promise.withResolvers<number>();
  const members = new Set<Member>();
  let phase: "starting" | "serving" | "stopping" = "starting";
  let hasServed = false;
  let youngDeaths = 0;
  let hasKilled = false;
  let failure: string | undefined;
  let toReplace: Member[] = [];
  let restart: NodeJS.Timeout | undefined;

  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({ exec, args: [...args] });
  const releaseSignals = onSignals({ SIGTERM: stop, SIGINT: stop, SIGHUP: reload });
  manageWorkers();
  return { finished, stop, reload };

  /** As many workers as there should be. */
  function manageWorkers(): void {
    if (phase === "stopping") return;
    const missing = workers - [...members].filter(({ state }) => state !== "draining").length;
    for (let i = 0; i < missing; i++) spawn();
  }

  function spawn(replaces?: Member): void {
    const worker = cluster.fork(environment);
    const member: Member = { worker, startedAt: now(), state: "booting", replaces };
    members.add(member);
    worker.on("message", (message: unknown) => {
      if (isWorkerMessage(message)) handleMessage(member, message);
    });
    worker.on("exit", (code, signal) => handleExit(member, signal ?? `exit code ${code}`));
    worker.on("error", (error) => {
      log.warning("a worker cannot be reached", { pid: worker.process.pid, error });
      // A process that was never made has no exit to wait for.
      if (worker.process.pid === undefined) handleExit(member, error.message);
    });
  }

  function handleMessage(member: Member, message: WorkerMessage): void {
    if (message.drfAuth === "failed") {
      member.reason = message.reason;
      return;
    }
    if (member.state !== "booting") return;
    member.state = "ready";
    hasServed = true;
    log.debug("a worker is ready", { pid: member.worker.process.pid });
    if (member.replaces !== undefined) {
      if (members.has(member.replaces)) drain(member.replaces);
      replaceNext();
    }
    const ready = [...members].filter(({ state }) => state === "ready").length;
    if (phase !== "starting" || ready < workers) return;
    phase = "serving";
    log.info("listening", { url: message.url, workers });
    onReady?.(message.url);
  }

  function handleExit(member: Member, cause: string): void {
    if (!members.delete(member)) return;
    clearTimeout(member.killer);
    const { state, reason, replaces, startedAt, worker } = member;
    const { pid } = worker.process;
    if (phase === "stopping") {
      if (members.size === 0) finish();
    } else if (state === "draining") {
      manageWorkers();
    } else if (!hasServed && (reason !== undefined || youngDeaths + 1 >= maxBootDeaths)) {
      failBoot(reason ?? `workers end before they are ready (${cause}), ${maxBootDeaths} in a row`);
    } else if (replaces !== undefined && state === "booting") {
      log.error("reloading stopped: a new worker could not start; the old ones go on", { pid, cause, reason });
      toReplace = [];
      manageWorkers();
    } else {
      if (reason !== undefined) log.error("a worker could not start", { pid, reason });
      else log.warning("a worker ended and is replaced", { pid, cause });
      youngDeaths = now() - startedAt < youthMilliseconds ? youngDeaths + 1 : 0;
      clearTimeout(restart);
      restart = setTimeout(manageWorkers, restartDelaySeconds(youngDeaths) * 1000);
    }
  }

  function failBoot(reason: string): void {
    failure = reason;
    phase = "stopping";
    for (const member of members) member.worker.process.kill("SIGKILL");
    if (members.size === 0) finish();
  }

  function stop(): void {
    if (phase === "stopping") {
      if (failure === undefined) killAll();
      return;
    }
    phase = "stopping";
    log.info("stopping; a second signal stops at once");
    for (const member of members) drain(member);
    if (members.size === 0) finish();
  }

  /** Lets a worker finish; one that serves nothing yet just ends. */
  function drain(member: Member): void {
    const { worker, state } = member;
    if (state === "draining") return;
    member.state = "draining";
    if (state === "ready" && worker.isConnected()) worker.send(drainMessage);
    else worker.process.kill("SIGTERM");
    member.killer = setTimeout(() => kill(member), (gracefulTimeoutSeconds + closeSeconds) * 1000);
  }

  function kill(member: Member): void {
    hasKilled = true;
    log.warning("a worker did not end in time and is killed", { pid: member.worker.process.pid });
    member.worker.process.kill("SIGKILL");
  }

  function killAll(): void {
    for (const member of members) kill(member);
  }

  function reload(): void {
    if (
      phase !== "serving" ||
      toReplace.length > 0 ||
      [...members].some(({ replaces, state }) => replaces && state === "booting")
    )
      return;
    log.info("reloading the workers");
    toReplace = [...members].filter(({ state }) => state === "ready");
    replaceNext();
  }

  function replaceNext(): void {
    const next = toReplace.shift();
    if (next !== undefined) spawn(next);
  }

  function finish(): void {
    releaseSignals();
    clearTimeout(restart);
    if (failure !== undefined) {
      reject(new BootFailure(failure));
      return;
    }
    log.info("stopped");
    resolve(hasKilled ? 1 : 0);
  }
}
