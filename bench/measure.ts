/**
 * Rounds and their figures: one burst of load on one server, and the medians of many.
 *
 * Called by `contest.ts`, which takes the servers in turn (A B C, B C A), so that a slow moment of the machine meets all of them.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { cpuSeconds } from "./cpu-time.ts";
import type { LoadOrder, LoadResult } from "./load.ts";
import { runWrk } from "./wrk.ts";

export interface Sample {
  readonly requestsPerSecond: number;
  /** Microseconds of CPU that the server's processes took a request; absent where the system does not say. */
  readonly cpuMicroseconds?: number;
}

/**
 * Loads a server once.
 *
 * @param pid     of the server, the parent of its workers
 * @param signal  ends the load
 * @param withWrk  whether wrk asks, in place of `load.ts`
 * @throws Error  an answer was not as the order expects
 */
export async function measureOnce(
  pid: number,
  order: LoadOrder,
  signal: AbortSignal,
  withWrk = false,
): Promise<Sample> {
  const before = cpuSeconds(pid);
  const { answered, seconds } = await (withWrk ? runWrk(order, signal) : loadInOwnProcess(order, signal));
  const after = cpuSeconds(pid);
  const used = before !== undefined && after !== undefined ? after - before : undefined;
  return {
    requestsPerSecond: answered / seconds,
    ...(used === undefined ? {} : { cpuMicroseconds: (used / answered) * 1e6 }),
  };
}

/** The medians of samples, each figure for itself. */
export function medianOf(samples: readonly Sample[]): Sample {
  const cpu = samples.flatMap(({ cpuMicroseconds }) => cpuMicroseconds ?? []);
  return {
    requestsPerSecond: median(samples.map(({ requestsPerSecond }) => requestsPerSecond)),
    ...(cpu.length < samples.length ? {} : { cpuMicroseconds: median(cpu) }),
  };
}

/** The middle one of some values, or what lies between the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

const program = fileURLToPath(new URL("load.ts", import.meta.url));

/** Runs `load.ts`. @throws Error  an answer was not as expected */
export function loadInOwnProcess(order: LoadOrder, signal: AbortSignal): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, JSON.stringify(order)], {
      signal,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let result = "";
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      result += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(result));
      else reject(new Error(said.trim() || `the load ended with ${code}`));
    });
  });
}
