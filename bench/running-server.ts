/**
 * A server as a child process: started, waited for, stopped with everything it started.
 *
 * Used by `contest.ts` and the tests. Each server leads a process group of its own, so that stopping it reaches its workers
 * and nothing else.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { get } from "node:http";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** Asks its workers to end, waits, and ends what is left. Calling it twice does nothing. */
  stop(): Promise<void>;
}

export interface ServerCommand {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly port: number;
}

const startSeconds = 30;
const stopSeconds = 5;

/**
 * Starts a server and waits until it answers HTTP.
 *
 * @param signal  aborts the waiting
 * @throws Error  it ended, or did not answer within 30 s; with the end of what it wrote
 */
export async function startServer(
  { command, environment, port }: ServerCommand,
  signal: AbortSignal,
): Promise<RunningServer> {
  const [program = "", ...parameters] = command;
  const child = spawn(program, parameters, {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
  });
  let failure: string | undefined;
  child.once("error", (error) => {
    failure = error.message;
  });
  child.once("exit", (code, killedBy) => {
    failure ??= `ended with ${killedBy ?? code}`;
    killGroup(child); // workers that outlive their supervisor
  });

  const server = { pid: child.pid ?? 0, port, stop: () => stop(child) };
  const deadline = performance.now() + startSeconds * 1000;
  try {
    while (!(await answers(port))) {
      if (performance.now() > deadline) failure ??= `did not answer within ${startSeconds} s`;
      if (failure !== undefined) throw new Error(`${command.join(" ")}: ${failure}\n${said.trim()}`);
      await sleep(50, undefined, { signal });
    }
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** A port of 127.0.0.1 that was free a moment ago. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ port, host: "127.0.0.1", path: "/", agent: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve(true);
    });
    request.once("timeout", () => request.destroy()).once("error", () => resolve(false));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(killGroup, stopSeconds * 1000, child);
  await end;
  clearTimeout(timer);
}

/** Ends whatever is left of the group that a server leads. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
