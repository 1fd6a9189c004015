/**
 * The heartbeat of workers, watched by their primary: one that says nothing for too long is killed, and made again by the pool.
 *
 * A beat is sent by the worker's event loop, so none comes while that is blocked, stopped or starved. What it was busy with is
 * printed by Node: on SIGINT it breaks into what runs, writes the stack to standard error, and ends the process (`--trace-sigint`).
 * A worker that waits inside native code, such as a long query of SQLite, has no stack to show and is killed.
 * Reference: gunicorn.arbiter.Arbiter.murder_workers. Differs: requests that wait do not count, only a loop that does not turn.
 */
import type { Logger } from "../config/index.ts";
import type { Member } from "./member.ts";

/** Between two beats, milliseconds. */
export const beatInterval = 1_000;
/** What a blocked worker has for its stack. */
const stackMilliseconds = 1_000;
/** A start that takes longer has hung. */
const bootMilliseconds = 120_000;

export interface HeartbeatOptions {
  readonly members: ReadonlySet<Member>;
  /** Silence that is too long; 0 for no limit. */
  readonly timeoutSeconds: number;
  readonly log: Logger;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
  readonly kill: (member: Member) => void;
  /** Called at each look, after it. */
  readonly onLook?: () => void;
}

/** Looks at the workers every second. @returns what ends that */
export function watchBeats(options: HeartbeatOptions): () => void {
  const { members, log, now, kill, onLook } = options;
  let lookedAt = now();
  const interrupted = new Set<Member>();
  const look = (): void => {
    const at = now();
    const { timeoutSeconds } = options;
    // This process was stopped itself, and has not read yet what they said.
    if (at - lookedAt > 2 * beatInterval) for (const member of members) member.heardAt = at;
    lookedAt = at;
    for (const member of members) {
      const isBooting = member.state === "booting";
      const limit = isBooting ? bootMilliseconds : timeoutSeconds * 1000;
      if (timeoutSeconds === 0 || member.state === "draining" || at - member.heardAt <= limit) continue;
      if (interrupted.has(member)) continue;
      interrupted.add(member);
      const silent_seconds = Math.round((at - member.heardAt) / 1000);
      log.error(
        isBooting ? "a worker does not start and is killed" : "a worker is blocked and is killed; its stack follows",
        { pid: member.process.pid, silent_seconds },
      );
      member.process.kill("SIGINT");
      member.killer = setTimeout(() => kill(member), stackMilliseconds);
    }
    for (const member of interrupted) if (!members.has(member)) interrupted.delete(member);
    onLook?.();
  };
  const timer = setInterval(look, beatInterval);
  return () => clearInterval(timer);
}
