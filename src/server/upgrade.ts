/**
 * A new binary beside the old one: the same command is started again, and is given the sockets.
 *
 * Both serve then, each with its own workers and code, until somebody ends one of them. It takes up what a reload cannot: a new
 * Node, a new version of this package, other settings of the primary.
 * Reference: gunicorn.arbiter.Arbiter.reexec.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { inheritedVariable } from "./sockets.ts";

/** Tells a server which one it is to follow. */
const parentVariable = "UPGRADE_OF";

/** Starts the command of this process again. */
export function startSuccessor(sockets: readonly number[]): ChildProcess {
  const [node = process.execPath, ...words] = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  return spawn(node, words, {
    env: { ...process.env, [inheritedVariable]: String(sockets.length), [parentVariable]: String(process.pid) },
    stdio: ["ignore", "inherit", "inherit", ...sockets],
  });
}

/** The process id of the server before this one, while it runs; what tells it is taken away from the environment. */
export function takePredecessor(environment: Record<string, string | undefined>): number | undefined {
  const { [parentVariable]: pid } = environment;
  delete environment[parentVariable];
  return pid !== undefined && process.ppid === Number(pid) ? Number(pid) : undefined;
}
