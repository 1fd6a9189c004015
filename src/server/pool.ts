/**
 * The workers of a server: as many as there should be, made again when they die, replaced one by one when they are to go.
 *
 * A replacement is always the same: a successor is made, and when it serves, the old one drains. Reloads and workers that have
 * served enough wait in one line for it, so there is never more than one too many, and never one too few.
 * Reference: gunicorn.arbiter.Arbiter (`manage_workers`, `reap_workers`). Differs: Gunicorn starts and stops all at once.
 */
import type { Logger } from "../config/index.ts";
import { closeSeconds, type ForkOptions, type Listeners, type Member, spawnMember, tellMember } from "./member.ts";
import type { ReadyMessage, WorkerMessage } from "./messages.ts";

export interface PoolOptions extends ForkOptions {
  readonly workers: number;
  /** Time that workers have to drain; one second later they are killed. */
  readonly gracefulTimeoutSeconds: number;
  readonly log: Logger;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
  /** Seconds before a worker is made again, by how many died young in a row. */
  readonly restartDelaySeconds: (deaths: number) => number;
  readonly onReady: (member: Member, message: ReadyMessage) => void;
  /** Hears of every message of a worker. */
  readonly onMessage?: (member: Member, message: WorkerMessage) => void;
  /** A worker is gone, and why. */
  readonly onEnd?: (member: Member, why: End) => void;
  /** No worker has ever served and none will, and why. */
  readonly onBootFailure: (reason: string) => void;
  /** The last one is gone, and none will follow. */
  readonly onEmpty: () => void;
}

export interface Pool {
  readonly members: ReadonlySet<Member>;
  /** How many there should be. */
  readonly target: number;
  /** At least one had to be killed at the end. */
  readonly hasKilled: boolean;
  scale(workers: number): void;
  /** Replaces workers, one after the other. @returns why it stopped, or undefined where all were replaced */
  replace(olds: readonly Member[]): Promise<string | undefined>;
  kill(member: Member): void;
  killAll(): void;
  /** Ends all of them: they finish what is in flight in some seconds; at 0 it is cut. */
  drainAll(seconds?: number): void;
}

/** Why a worker is gone: on its own, or as it was told to. */
export type End = "died" | "drained";

/** Deaths at boot without a word (killed, crashed) before the first start is given up. */
const maxBootDeaths = 3;
/** A worker that lived this long did not die of its start. */
const youthMilliseconds = 10_000;
/** Seconds before a worker is made again: at once, then 0.5, 1, 2 … at most 30. @param deaths  that came young, in a row */
export const restartDelay = (deaths: number): number => (deaths <= 1 ? 0 : Math.min(30, 2 ** (deaths - 3)));

/** Makes the workers and looks after them. */
export function createPool(options: PoolOptions): Pool {
  const { log, now, restartDelaySeconds, onReady, onBootFailure, onEmpty } = options;
  const members = new Set<Member>();
  /** Told once whether it serves: undefined, or why it never will. */
  const boots = new Map<Member, (failure: string | undefined) => void>();
  /** The successor that is not counted yet. */
  let spare: Member | undefined;
  let target = options.workers;
  let isEnding = false;
  let hasServed = false;
  let hasKilled = false;
  let youngDeaths = 0;
  let restart: NodeJS.Timeout | undefined;
  let line: Promise<unknown> = Promise.resolve();

  const listeners: Listeners = { onMessage: handleMessage, onEnd: handleEnd };

  function handleMessage(member: Member, message: WorkerMessage): void {
    options.onMessage?.(member, message);
    if (message.drfAuth === "failed") member.reason = message.reason;
    if (message.drfAuth === "beat") member.vitals = message;
    if (message.drfAuth === "replace") void replace([member], message.reason);
    if (message.drfAuth === "leaves") letGo(member);
    if (message.drfAuth !== "ready" || member.state !== "booting") return;
    member.state = "ready";
    hasServed = true;
    log.debug("a worker is ready", { pid: member.process.pid });
    boots.get(member)?.(undefined);
    onReady(member, message);
  }

  function handleEnd(member: Member, cause: string): void {
    members.delete(member);
    options.onEnd?.(member, member.state === "draining" ? "drained" : "died");
    const { state, reason, startedAt } = member;
    const { pid } = member.process;
    const isSpare = member === spare;
    boots.get(member)?.(reason ?? `it ended before it was ready (${cause})`);
    if (isEnding) {
      if (members.size === 0) onEmpty();
    } else if (state === "draining") {
      manage();
    } else if (!hasServed && (reason !== undefined || youngDeaths + 1 >= maxBootDeaths)) {
      onBootFailure(reason ?? `workers end before they are ready (${cause}), ${maxBootDeaths} in a row`);
    } else if (!isSpare) {
      if (reason !== undefined) log.error("a worker could not start", { pid, reason });
      else log.warning("a worker ended and is replaced", { pid, cause });
      youngDeaths = now() - startedAt < youthMilliseconds ? youngDeaths + 1 : 0;
      clearTimeout(restart);
      restart = setTimeout(manage, restartDelaySeconds(youngDeaths) * 1000);
    }
  }

  /** Makes those that are missing, and lets the oldest go of those that are too many. */
  function manage(): void {
    if (isEnding) return;
    const counted = [...members].filter((member) => member.state !== "draining" && member !== spare);
    for (let missing = target - counted.length; missing > 0; missing--) spawn();
    for (const member of counted.slice(0, Math.max(0, counted.length - target))) drain(member, {});
  }

  function spawn(): Member {
    const member = spawnMember(options, now, listeners);
    members.add(member);
    return member;
  }

  function replace(olds: readonly Member[], why?: string): Promise<string | undefined> {
    const work = line.then(() => replaceEach(olds, why));
    line = work;
    return work;
  }

  async function replaceEach(olds: readonly Member[], why: string | undefined): Promise<string | undefined> {
    for (const old of olds) {
      if (isEnding) return "the server stops";
      if (old.state === "draining" || !members.has(old)) continue;
      if (why !== undefined) log.info("a worker has served enough and is replaced", { pid: old.process.pid, why });
      const { promise, resolve } = Promise.withResolvers<string | undefined>();
      const successor = spawn();
      spare = successor;
      boots.set(successor, resolve);
      const failure = await promise;
      boots.delete(successor);
      spare = undefined;
      if (failure !== undefined) {
        const { pid } = successor.process;
        if (!isEnding)
          log.error("reloading stopped: a new worker could not start; the old ones go on", { pid, reason: failure });
        return failure;
      }
      if (members.has(old)) drain(old, {});
      manage();
    }
    return undefined;
  }

  /** Lets a worker finish; one that serves nothing yet just ends. */
  function drain(member: Member, { seconds, isLast = false }: { seconds?: number; isLast?: boolean }): void {
    if (member.state === "draining") return;
    if (member.state === "ready") tellMember(member, { drfAuth: "drain", seconds, isLast });
    else member.process.kill("SIGTERM");
    waitForEnd(member, seconds);
  }

  /** It was told to end by somebody else. */
  function letGo(member: Member): void {
    if (member.state !== "ready") return;
    log.info("a worker was told to end, and another takes its place", { pid: member.process.pid });
    waitForEnd(member);
    manage();
  }

  function waitForEnd(member: Member, seconds = options.gracefulTimeoutSeconds): void {
    member.state = "draining";
    const limit = seconds + closeSeconds;
    member.killer = setTimeout(() => {
      log.warning("a worker did not end in time and is killed", { pid: member.process.pid });
      kill(member);
    }, limit * 1000);
  }

  function kill(member: Member): void {
    hasKilled ||= isEnding;
    member.process.kill("SIGKILL");
  }

  manage();
  return {
    members,
    get target() {
      return target;
    },
    get hasKilled() {
      return hasKilled;
    },
    scale(workers) {
      target = workers;
      youngDeaths = 0;
      clearTimeout(restart);
      manage();
    },
    replace: (olds) => replace(olds),
    kill,
    killAll() {
      isEnding = true;
      clearTimeout(restart);
      for (const member of members) kill(member);
      if (members.size === 0) setImmediate(onEmpty);
    },
    drainAll(seconds) {
      isEnding = true;
      clearTimeout(restart);
      for (const member of members) drain(member, { seconds, isLast: true });
      if (members.size === 0) setImmediate(onEmpty);
    },
  };
}
