/** How a server is, as data: what `ctl status` shows and prints as JSON. */
import type { Member } from "./member.ts";
import type { Pool } from "./pool.ts";

export interface WorkerStatus {
  readonly pid: number;
  readonly state: "booting" | "ready" | "draining";
  readonly uptimeSeconds: number;
  /** Since its last word. */
  readonly silentSeconds: number;
  readonly requests: number;
  readonly inFlight: number;
  readonly memoryBytes: number;
  /** The longest that its event loop was late in the last second. */
  readonly delayMilliseconds: number;
}

export interface Status {
  readonly pid: number;
  readonly phase: "starting" | "serving" | "stopping";
  readonly url: string | null;
  readonly uptimeSeconds: number;
  /** How many workers there should be. */
  readonly workersWanted: number;
  readonly memoryBytes: number;
  /** Process ids of the server that this one follows, and of the one that follows it. */
  readonly predecessor: number | null;
  readonly successor: number | null;
  readonly workers: readonly WorkerStatus[];
}

export interface StatusSource {
  readonly phase: Status["phase"];
  readonly url: string | undefined;
  readonly pool: Pool;
  readonly now: () => number;
  readonly startedAt: number;
  readonly predecessor: number | undefined;
  readonly successor: number | undefined;
}

export function statusOf({ phase, url, pool, now, startedAt, predecessor, successor }: StatusSource): Status {
  const at = now();
  return {
    pid: process.pid,
    phase,
    url: url ?? null,
    uptimeSeconds: seconds(at - startedAt),
    workersWanted: pool.target,
    memoryBytes: process.memoryUsage.rss(),
    predecessor: predecessor ?? null,
    successor: successor ?? null,
    workers: [...pool.members].map((member) => workerStatus(member, at)),
  };
}

function workerStatus({ process: child, state, startedAt, heardAt, vitals }: Member, at: number): WorkerStatus {
  return {
    pid: child.pid ?? 0,
    state,
    uptimeSeconds: seconds(at - startedAt),
    silentSeconds: seconds(at - heardAt),
    requests: vitals?.requests ?? 0,
    inFlight: vitals?.inFlight ?? 0,
    memoryBytes: vitals?.memoryBytes ?? 0,
    delayMilliseconds: vitals?.delayMilliseconds ?? 0,
  };
}

const seconds = (milliseconds: number): number => Math.round(milliseconds / 100) / 10;
