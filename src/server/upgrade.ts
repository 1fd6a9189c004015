/**
 * A new binary beside the old one: the same command is started again, and is given the sockets.
 *
 * Both serve then, each with its own workers and code, until somebody ends one of them. It takes up what a reload cannot: a new
 * Node, a new version of this package, other settings of the primary.
 * Reference: gunicorn.arbiter.Arbiter (`reexec`, `maybe_promote_master`).
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Logger } from "../config/index.ts";
import { writePidFile } from "./pid-file.ts";
import { inheritedVariable } from "./sockets.ts";

/** Tells a server which one it is to follow. */
const parentVariable = "UPGRADE_OF";

export interface SuccessionOptions {
  /** Path of the process id file. */
  readonly pidFile: string | undefined;
  readonly sockets: readonly number[];
  readonly log: Logger;
  /** The server before this one has ended. */
  readonly onTakeOver: () => void;
}

/** The servers before and after this one. */
export interface Succession {
  /** Process ids, while they run. */
  readonly predecessor: number | undefined;
  readonly successor: number | undefined;
  /** Starts the command of this process again, unless that was done. */
  startSuccessor(): void;
  /** Looks whether the one before has ended; to be called now and then. */
  look(): void;
  /** This server ends. */
  end(): void;
}

/** @throws ConfigurationError  the process id file cannot be written, or is that of another server */
export function createSuccession({ pidFile, sockets, log, onTakeOver }: SuccessionOptions): Succession {
  let predecessor = takePredecessor(process.env);
  let successor: ChildProcess | undefined;
  const file = pidFile === undefined ? undefined : writePidFile(pidFile, predecessor !== undefined);
  return {
    get predecessor() {
      return predecessor;
    },
    get successor() {
      return successor?.pid;
    },
    startSuccessor() {
      if (successor !== undefined) return;
      if (process.pid === 1 || process.env.UNDER_INIT !== undefined) {
        log.error("a successor would end with this container's first process: replace the container instead");
        return;
      }
      successor = startAgain(sockets);
      const { pid } = successor;
      if (pid !== undefined) log.info("the new version is started beside this one", { pid });
      successor.on("error", (error) => {
        log.error("the new version cannot be started", { error });
        successor = undefined;
      });
      successor.on("exit", (code, signal) => {
        log.warning("the new version has ended; this one goes on", { pid, cause: signal ?? `exit code ${code}` });
        successor = undefined;
      });
    },
    look() {
      if (predecessor === undefined || process.ppid === predecessor) return;
      predecessor = undefined;
      file?.promote();
      onTakeOver();
    },
    end() {
      file?.remove();
      successor?.unref();
    },
  };
}

function startAgain(sockets: readonly number[]): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    env: { ...process.env, [inheritedVariable]: String(sockets.length), [parentVariable]: String(process.pid) },
    stdio: ["ignore", "inherit", "inherit", ...sockets],
  });
}

/** The process id of the server before this one, while it runs; what tells it is taken away from the environment. */
function takePredecessor(environment: Record<string, string | undefined>): number | undefined {
  const { [parentVariable]: pid } = environment;
  delete environment[parentVariable];
  return pid !== undefined && process.ppid === Number(pid) ? Number(pid) : undefined;
}
