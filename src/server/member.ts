/**
 * A worker as its primary sees it: the process, what it last said, and how it is brought to its end.
 *
 * Reference: gunicorn.workers.workertmp (the heartbeat) and `Arbiter.kill_worker`.
 */
import { ChildProcess, fork } from "node:child_process";
import { isatty } from "node:tty";
import { createEnvironment } from "./env-files.ts";
import { isWorkerMessage, type PrimaryMessage, type Vitals, type WorkerMessage } from "./messages.ts";

export interface Member {
  readonly process: ChildProcess;
  /** Reading of the steady clock. */
  readonly startedAt: number;
  state: "booting" | "ready" | "draining";
  /** When it last said something, on the steady clock. */
  heardAt: number;
  vitals: Vitals | undefined;
  /** Why it could not start, in its own words. */
  reason?: string;
  killer?: NodeJS.Timeout;
}

export interface ForkOptions {
  /** Path of the script that workers run; it calls `startWorker`. */
  readonly exec: string;
  readonly args: readonly string[];
  /** Variables that workers have beside those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Numbers of the sockets that they listen on. */
  readonly sockets: readonly number[];
}

/** Tells a worker how many sockets it has been given. */
export const workerVariable = "WORKER_SOCKETS";
/** What a worker has, after its time to drain, to close the app. */
export const closeSeconds = 1;
/** After standard input, output, error, and the channel. */
export const firstWorkerSocket = 4;

export interface Listeners {
  readonly onMessage: (member: Member, message: WorkerMessage) => void;
  /** It is gone; `cause` says how it ended. Called once. */
  readonly onEnd: (member: Member, cause: string) => void;
}

/** Makes a worker. */
export function spawnMember(options: ForkOptions, now: () => number, { onMessage, onEnd }: Listeners): Member {
  const { child, fault } = forkWorker(options);
  const at = now();
  const member: Member = { process: child, startedAt: at, heardAt: at, state: "booting", vitals: undefined };
  let hasEnded = false;
  const end = (cause: string): void => {
    if (hasEnded) return;
    hasEnded = true;
    clearTimeout(member.killer);
    onEnd(member, cause);
  };
  child.on("message", (message: unknown) => {
    if (!isWorkerMessage(message)) return;
    member.heardAt = now();
    onMessage(member, message);
  });
  child.on("exit", (code, signal) => end(signal ?? `exit code ${code}`));
  // A process that was never made has no exit to wait for.
  child.on("error", (error) => {
    if (child.pid === undefined) setImmediate(() => end(error.message));
  });
  if (fault !== undefined) setImmediate(() => end(fault));
  return member;
}

const environmentOf = createEnvironment(process.execArgv);

/** Of some faults Node tells by an event, others it throws: that of a machine without memory must not end the primary. */
function forkWorker(options: ForkOptions): { readonly child: ChildProcess; readonly fault?: string } {
  const { exec, args, environment, sockets } = options;
  try {
    const child = fork(exec, [...args], {
      env: { ...environmentOf(process.env), ...environment, [workerVariable]: String(sockets.length) },
      stdio: ["ignore", "inherit", "inherit", "ipc", ...sockets],
      // SIGUSR1 would open the port of a debugger until the worker listens to it (`worker.ts`).
      // SIGINT is to come from `heartbeat.ts` alone: Node prints the stack of what runs. A terminal sends it to all processes of its
      // session; elsewhere a session of its own would only set it apart in the eyes of the scheduler.
      execArgv: [...process.execArgv, "--trace-sigint", "--disable-sigusr1"],
      detached: [0, 1, 2].some(isatty),
    });
    return { child };
  } catch (error) {
    return { child: new ChildProcess(), fault: error instanceof Error ? error.message : String(error) };
  }
}

/** Sends a message; a worker that is about to end may miss it. */
export function tellMember({ process: child }: Member, message: PrimaryMessage): void {
  if (child.connected) child.send(message, () => {});
}
