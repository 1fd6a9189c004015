/**
 * What a server's processes cost: requests a second against the number of workers, memory of a worker at rest and after an hour's
 * worth of requests, and the time of a rolling reload under load.
 *
 * Run by `npm run bench -- --processes`; `processes-report.ts` shows what is returned. Needs /proc.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { growFixture } from "./database.ts";
import { measureOnce, median } from "./measure.ts";
import { commonEnvironment, peers, secret } from "./peers.ts";
import { rows } from "./rows.ts";
import { findFreePort, type RunningServer, startServer } from "./running-server.ts";
import { signAccessToken } from "./token.ts";
import { requestText } from "./wire.ts";

export interface ProcessesOrder {
  readonly rounds: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** Told of every step. */
  readonly say: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface ProcessesResult {
  /** Requests a second by kind of work and number of workers; medians. */
  readonly throughput: readonly { readonly kind: Kind; readonly workers: number; readonly requestsPerSecond: number }[];
  /** Bytes that a worker holds, in the mean of two, by requests answered together. */
  readonly memory: readonly { readonly requests: number; readonly bytes: number }[];
  /** Seconds from HUP until every worker is a new one, under load that must not see an error. */
  readonly reloads: readonly { readonly workers: number; readonly seconds: number; readonly answered: number }[];
}

/** Lists take the CPU; the waiting ones wait 20 ms for something else, as for a distant database. */
export type Kind = "computing" | "waiting";

const workerCounts = [1, 2, 3, 4, 6, 8];
/** An hour at 100 requests a second. */
const hourOfRequests = 360_000;
const memorySteps = 6;
const fixture = fileURLToPath(new URL("../test/conformance/fixture.sqlite3", import.meta.url));

interface Ours extends RunningServer {
  /** Loads it with a row, or with the route that waits. @returns requests a second, and answers */
  load(id: string, seconds: number, requests?: number): Promise<number>;
}

/**
 * Measures all three, one after the other.
 * @throws Error  a server does not start, or an answer under load is not as expected
 */
export async function measureProcesses(order: ProcessesOrder): Promise<ProcessesResult> {
  const folder = mkdtempSync(join(tmpdir(), "drf-auth-processes-"));
  try {
    const database = join(folder, "books.sqlite3");
    growFixture(fixture, database, 20_000);
    const serving = async <T>(workers: number, work: (server: Ours) => Promise<T>): Promise<T> => {
      const server = await startOurs(workers, database, join(folder, "copy.sqlite3"), order);
      return work(server).finally(() => server.stop());
    };
    return {
      throughput: await measureThroughput(order, serving),
      memory: await measureMemory(order, serving),
      reloads: await measureReloads(order, serving),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Serving = <T>(workers: number, work: (server: Ours) => Promise<T>) => Promise<T>;

async function measureThroughput({ rounds, seconds, say }: ProcessesOrder, serving: Serving) {
  const found: ProcessesResult["throughput"][number][] = [];
  for (const workers of workerCounts) {
    await serving(workers, async (server) => {
      for (const [kind, id] of [
        ["computing", "list"],
        ["waiting", "wait"],
      ] as const) {
        await server.load(id, seconds);
        const samples: number[] = [];
        for (let i = 0; i < rounds; i++) samples.push(await server.load(id, seconds));
        found.push({ kind, workers, requestsPerSecond: median(samples) });
        say(`${workers} workers, ${kind}: ${Math.round(median(samples))}/s`);
      }
    });
  }
  return found;
}

function measureMemory({ say }: ProcessesOrder, serving: Serving) {
  return serving(2, async (server) => {
    const found = [{ requests: 0, bytes: residentBytes(server.pid) }];
    const step = hourOfRequests / memorySteps;
    for (let i = 1; i <= memorySteps; i++) {
      for (const [id, share] of [
        ["detail", 0.6],
        ["list", 0.2],
        ["create", 0.1],
        ["unauthorized", 0.1],
      ] as const)
        await server.load(id, 600, Math.round(step * share));
      found.push({ requests: i * step, bytes: residentBytes(server.pid) });
      say(`${i * step} requests: ${Math.round((found.at(-1)?.bytes ?? 0) / 2 ** 20)} MB a worker`);
    }
    return found;
  });
}

async function measureReloads({ rounds, say }: ProcessesOrder, serving: Serving) {
  const found: ProcessesResult["reloads"][number][] = [];
  for (const workers of [2, 4]) {
    await serving(workers, async (server) => {
      for (let i = 0; i < rounds; i++) {
        const old = new Set(workersOf(server.pid));
        const loaded = 8;
        const load = server.load("detail", loaded);
        await sleep(500);
        const from = performance.now();
        process.kill(server.pid, "SIGHUP");
        const isNew = (): boolean => {
          const present = workersOf(server.pid);
          return present.length === workers && present.every((pid) => !old.has(pid));
        };
        while (!isNew()) await sleep(20);
        const seconds = (performance.now() - from) / 1000;
        found.push({ workers, seconds, answered: Math.round((await load) * loaded) });
        say(`reload of ${workers} workers: ${seconds.toFixed(1)} s`);
      }
    });
  }
  return found;
}

async function startOurs(
  workers: number,
  database: string,
  copy: string,
  { signal, now }: ProcessesOrder,
): Promise<Ours> {
  const ours = peers.find(({ id }) => id === "drf-auth");
  if (ours === undefined) throw new TypeError("drf-auth is not among the peers");
  for (const rest of ["-wal", "-shm"]) rmSync(copy + rest, { force: true });
  copyFileSync(database, copy);
  const port = await findFreePort();
  const environment = { ...commonEnvironment, DATABASE_URL: `sqlite:///${copy}`, ...ours.environment };
  const command = { command: ours.command(port, copy), port };
  const server = await startServer(
    { ...command, environment: { ...environment, WEB_CONCURRENCY: String(workers) } },
    signal,
  );
  const host = `127.0.0.1:${port}`;
  const sign = (key: string) => signAccessToken(key, 3, now());
  const tokens = { good: sign(secret), forged: sign(`another ${secret}`) };
  let from = 0;
  return {
    ...server,
    async load(id, seconds, requests) {
      const row = rows.find((one) => one.id === id);
      const request = row ? requestText(row, host, tokens) : `GET /api/v1/${id}/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
      from += 10_000_000;
      const asking = {
        request,
        from,
        seconds,
        status: row?.status ?? 200,
        ...(requests !== undefined && { requests }),
      };
      return (await measureOnce(server.pid, { port, connections: 64, ...asking }, signal)).requestsPerSecond;
    },
  };
}

/** Its workers; not the shell that would end them. */
const workersOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter((child) => child !== "" && nameOf(child) !== "sh")
    .map(Number);

/** The name of a process; "" of one that has ended since. */
function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

/** Of one worker, in the mean; proc(5), VmRSS. */
function residentBytes(pid: number): number {
  const workers = workersOf(pid);
  const kilobytes = workers.map((worker) =>
    Number(/^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${worker}/status`, "utf8"))?.[1]),
  );
  return (kilobytes.reduce((sum, one) => sum + one, 0) / workers.length) * 1024;
}
