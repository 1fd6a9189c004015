/**
 * The arbiter: the primary process, which serves nothing itself and keeps N workers serving.
 *
 * Workers share one listening socket (`sockets.ts`); the kernel gives each connection to one of them. Node's own round robin is
 * not used: every connection would pass through this process, which costs a third of the speed on short ones. A socket for each
 * worker (`reusePort`) is not used either: the kernel drops what waits at a worker that ends.
 *
 * | signal | what it does |
 * |---|---|
 * | TERM | stops: requests in flight are finished; a second one stops at once |
 * | INT, QUIT | stops, and cuts what is in flight |
 * | HUP | reloads: each worker is replaced by one with new code, once that serves |
 * | TTIN, TTOU | one worker more, one less |
 * | USR1 | opens the files of the logs again |
 * | USR2 | starts the new version beside this one (`upgrade.ts`) |
 * | WINCH | lets all workers go, but listens; HUP or TTIN brings them back; nothing in a terminal |
 *
 * Reference: gunicorn.arbiter.Arbiter. Differs: a worker that cannot start ends the start with its own reason; a reload keeps
 * the number of workers that was asked for last, unless its setting has changed.
 */
import { createCollector } from "./collector.ts";
import { type Control, openControl } from "./control.ts";
import { BootFailure } from "./errors.ts";
import { watchBeats } from "./heartbeat.ts";
import { type ForkOptions, tellMember } from "./member.ts";
import { createNotify } from "./notify.ts";
import { createPool, type Pool, type PoolOptions, restartDelay } from "./pool.ts";
import { measurePrimary } from "./primary-measurements.ts";
import { changedInVain, type PrimarySettings } from "./primary-settings.ts";
import { createReloads } from "./reloads.ts";
import { onSignals } from "./signals.ts";
import type { Sockets } from "./sockets.ts";
import { type Status, statusOf } from "./status.ts";
import { createTicketKeys } from "./ticket-keys.ts";
import { createSuccession } from "./upgrade.ts";
import { startWarden } from "./warden.ts";

export interface ArbiterOptions
  extends Omit<ForkOptions, "sockets" | "args">,
    Pick<PoolOptions, "workers" | "gracefulTimeoutSeconds" | "log"> {
  readonly args?: readonly string[];
  readonly sockets: Sockets;
  /** What people are told instead of the address that workers see, e.g. that of a Unix socket. */
  readonly url?: string;
  /** Silence after which a worker is taken for blocked (default: no limit). */
  readonly workerTimeoutSeconds?: number;
  readonly pidFile?: string;
  /** Path of the control socket. */
  readonly control?: { readonly path: string; readonly isRequired: boolean };
  /** Time between the signal to stop and the stop, for balancers to see that `/readyz` says so (default 0). */
  readonly stopDelaySeconds?: number;
  /** What this process was started with, to be compared with what a reload finds. */
  readonly primarySettings?: PrimarySettings;
  /** Told what a reload has found. */
  readonly onSettings?: (settings: PrimarySettings) => void;
  /** Opens the files of this process's logs again. */
  readonly onReopen?: () => void;
  /** Called once, when every worker serves for the first time. */
  readonly onReady?: (url: string) => void;
  readonly restartDelaySeconds?: (deaths: number) => number;
  /** Milliseconds of any steady clock. */
  readonly now?: () => number;
}

export interface Arbiter {
  /**
   * Resolves with the exit code when all is over: 0 after a stop, 1 where workers had to be killed.
   * Rejects with `BootFailure` where no worker could start.
   */
  readonly finished: Promise<number>;
  /** Stops gracefully, or within some seconds; called again, at once. */
  stop(seconds?: number): void;
  /** Replaces the workers one by one. @returns why it stopped before the end, or undefined */
  reload(): Promise<string | undefined>;
  scale(workers: number): void;
  reopen(): void;
  status(): Status;
  /** The metrics of all workers, as Prometheus reads them. */
  scrape(): Promise<string>;
}

/**
 * Starts the workers and watches them, until it is stopped.
 * @throws ConfigurationError  the file of PID_FILE cannot be made
 */
export function startArbiter(options: ArbiterOptions): Arbiter {
  const { sockets, workers, log, args = [], onReopen, onReady } = options;
  let { workerTimeoutSeconds = 0, stopDelaySeconds = 0, gracefulTimeoutSeconds, primarySettings: settings } = options;
  /** As the newest worker has read them. */
  let found = settings;
  const { restartDelaySeconds = restartDelay, now = () => performance.now() } = options;
  const { promise: finished, resolve, reject } = Promise.withResolvers<number>();
  const startedAt = now();
  const startTime = Math.round(Date.now() / 1000);
  const notify = createNotify(process.env, log);
  const succession = createSuccession({
    ...{ pidFile: options.pidFile, sockets: sockets.descriptors, log },
    onTakeOver() {
      notify("READY=1", "STATUS=took over");
      takeControl();
    },
  });
  let control: Promise<Control | undefined> = Promise.resolve(undefined);
  let phase: "starting" | "serving" | "stopping" = "starting";
  let url = options.url;
  let failure: string | undefined;
  let asked = workers;
  let isReloadAsked = false;
  /** Workers come back after a rest, by a reload. */
  let isWaking = false;
  let leaving: NodeJS.Timeout | undefined;

  const ends = { died: 0, drained: 0 };
  const reloads = createReloads(() => pool, log, notify, adopt);
  const collector = createCollector(
    () => pool.members,
    () => measurePrimary({ pool, ends, reloads: reloads.counts, startTime }),
  );
  const tickets = createTicketKeys((keys) => {
    for (const member of pool.members) tellMember(member, { drfAuth: "tickets", keys });
  });
  const pool: Pool = createPool({
    ...{ ...options, args, restartDelaySeconds, now, sockets: sockets.descriptors },
    get gracefulTimeoutSeconds() {
      return gracefulTimeoutSeconds;
    },
    onReady(member, message) {
      url ??= message.url;
      found = message.settings;
      tellMember(member, { drfAuth: "tickets", keys: tickets.current });
      // It was made after all were told.
      if (phase === "stopping") tellMember(member, { drfAuth: "leave" });
      if (countReady() < pool.target) return;
      if (phase === "starting") beginServing(url);
      if (isWaking) {
        isWaking = false;
        adopt();
      }
    },
    onMessage: collector.onMessage,
    onEnd(member, why) {
      ends[why]++;
      collector.onEnd(member);
    },
    onBootFailure(reason) {
      failure = reason;
      phase = "stopping";
      pool.killAll();
    },
    onEmpty: () => void finish(),
  });
  const warden = startWarden();
  const endWatch = watchBeats({
    ...{ members: pool.members, log, now, kill: pool.kill },
    get timeoutSeconds() {
      return workerTimeoutSeconds;
    },
    onLook() {
      succession.look();
      warden.tell(pool.members, gracefulTimeoutSeconds);
    },
  });
  const releaseSignals = onSignals({
    SIGTERM: () => stop(),
    ...{ SIGINT: () => stop(0), SIGQUIT: () => stop(0) },
    SIGHUP: () => void reload(),
    ...{
      SIGTTIN: () => scale(pool.target + 1),
      SIGTTOU: () => scale(Math.max(Math.min(1, pool.target), pool.target - 1)),
    },
    ...{ SIGUSR1: reopen, SIGUSR2: upgrade, SIGWINCH: rest },
  });
  const arbiter: Arbiter = Object.freeze({ finished, stop, reload, scale, reopen, status, scrape: collector.scrape });
  if (succession.predecessor === undefined) takeControl();
  return arbiter;

  function countReady(): number {
    return [...pool.members].filter(({ state }) => state === "ready").length;
  }

  function beginServing(at: string): void {
    phase = "serving";
    warden.tell(pool.members, gracefulTimeoutSeconds);
    log.info("listening", { url: at, workers: pool.target });
    // While the server before this one runs, it is the one that the manager knows.
    if (succession.predecessor === undefined) notify("READY=1", `STATUS=${pool.target} workers at ${at}`);
    onReady?.(at);
    if (isReloadAsked) void reloads.reload();
  }

  function stop(seconds?: number): void {
    if (phase === "stopping") {
      clearTimeout(leaving);
      if (failure === undefined) pool.killAll();
      return;
    }
    phase = "stopping";
    log.info("stopping; a second signal stops at once");
    // The service goes on with the one that follows.
    if (succession.successor === undefined) notify("STOPPING=1");
    else notify(`MAINPID=${succession.successor}`);
    if (seconds === undefined && stopDelaySeconds > 0) {
      for (const member of pool.members) tellMember(member, { drfAuth: "leave" });
      leaving = setTimeout(() => pool.drainAll(), stopDelaySeconds * 1000);
    } else pool.drainAll(seconds);
  }

  function reload(): Promise<string | undefined> {
    // The workers that start now may have begun with older code.
    if (phase === "starting") isReloadAsked = true;
    if (phase !== "serving") return Promise.resolve(`the server is ${phase}`);
    if (pool.target === 0) {
      scale(asked);
      isWaking = true;
      return Promise.resolve(undefined);
    }
    return reloads.reload();
  }

  /** Takes up what the workers of a reload have read. */
  function adopt(): void {
    if (settings === undefined || found === undefined) return;
    const before = settings;
    settings = { ...found, lasting: before.lasting };
    ({ workerTimeoutSeconds, gracefulTimeoutSeconds, stopDelaySeconds } = found);
    const names = changedInVain(before, found).join(", ");
    if (names !== "") log.warning("these settings have changed, which only SIGUSR2 or a restart takes up", { names });
    options.onSettings?.(found);
    if (found.workers !== before.workers) scale(found.workers);
  }

  function scale(target: number): void {
    if (phase === "stopping") return;
    if (target > 0) asked = target;
    else isWaking = false;
    log.info("the number of workers changes", { from: pool.target, to: target });
    pool.scale(target);
  }

  function reopen(): void {
    onReopen?.();
    for (const member of pool.members) tellMember(member, { drfAuth: "reopen" });
    log.info("the files of the logs were opened again");
  }

  function rest(): void {
    // In a terminal it says that the window has another size.
    if (!process.stdout.isTTY && !process.stderr.isTTY && !process.stdin.isTTY) scale(0);
  }

  function upgrade(): void {
    if (phase === "serving") succession.startSuccessor();
  }

  function takeControl(): void {
    if (options.control) control = openControl({ ...options.control, arbiter, log });
  }

  function status(): Status {
    const { predecessor, successor } = succession;
    return statusOf({ phase, url, pool, now, startedAt, predecessor, successor });
  }

  async function finish(): Promise<void> {
    releaseSignals();
    endWatch();
    tickets.end();
    warden.end();
    sockets.close(succession.successor !== undefined || succession.predecessor !== undefined);
    succession.end();
    await (await control)?.close();
    if (failure !== undefined) {
      reject(new BootFailure(failure));
      return;
    }
    log.info("stopped");
    resolve(pool.hasKilled ? 1 : 0);
  }
}
