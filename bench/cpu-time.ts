/**
 * The CPU time of a server: of its process, its workers, and of those it has already waited for.
 *
 * Read before and after each round by `measure.ts`. On a machine where the servers and the load share the cores it is a steadier
 * measure than requests a second. Source: proc(5), `/proc/pid/stat`; systems without it have no such figure.
 */
import { readdirSync, readFileSync } from "node:fs";

/** Ticks a second in /proc, USER_HZ: 100 on every Linux. */
const ticksPerSecond = 100;

/** One process in the list. */
export interface ProcessTime {
  readonly pid: number;
  readonly parent: number;
  /** Its own seconds and those of children it has waited for. */
  readonly seconds: number;
}

/** Seconds of CPU that a process and its descendants have used, or undefined where the system does not say. */
export function cpuSeconds(pid: number): number | undefined {
  const processes = listProcesses();
  return processes && sumOfTree(pid, processes);
}

/** Seconds of one process and everything below it. */
export function sumOfTree(pid: number, processes: readonly ProcessTime[]): number {
  let sum = 0;
  for (const process of processes) {
    if (process.pid === pid) sum += process.seconds;
    if (process.parent === pid) sum += sumOfTree(process.pid, processes);
  }
  return sum;
}

function listProcesses(): readonly ProcessTime[] | undefined {
  let pids: readonly string[];
  try {
    pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return undefined;
  }
  const processes = pids.flatMap((pid) => {
    try {
      return [parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"))];
    } catch {
      return []; // it ended between the list and the look
    }
  });
  return processes.length > 0 ? processes : undefined;
}

/** Reads a line of /proc/pid/stat; the name in it may hold blanks and brackets, so fields are counted after the last one. */
export function parseStat(line: string): ProcessTime {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3]); // numbers as in proc(5); the third is the first here
  const ticks = field(14) + field(15) + field(16) + field(17);
  return { pid: Number.parseInt(line, 10), parent: field(4), seconds: ticks / ticksPerSecond };
}
