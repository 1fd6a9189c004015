/**
 * `npm run bench`: drf-auth beside the limit of the machine and beside Django, in one run, as ratios.
 *
 * Starts every server that is present on its own copy of one database, checks that they give the same answers, loads them in
 * turn, and prints what came out. It never judges: it ends with 0 unless something went wrong. README.md says how to read it.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, tmpdir, type } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { toChart } from "./chart.ts";
import { ask, findDifference, headersOf } from "./compare.ts";
import { growFixture } from "./database.ts";
import { measureOnce, medianOf, type Sample } from "./measure.ts";
import { commonEnvironment, type Peer, peers, secret } from "./peers.ts";
import { type Machine, type Report, toPage, toTables } from "./report.ts";
import { type Row, rows } from "./rows.ts";
import { findFreePort, type RunningServer, startServer } from "./running-server.ts";
import { signAccessToken } from "./token.ts";

const help = `npm run bench -- [options]
  --rounds N       rounds whose medians are taken (default 5)
  --seconds N      length of a round on one server (default 3)
  --connections N  connections that ask at the same time (default 32)
  --only ROW       only this row: ${rows.map(({ id }) => id).join(", ")} (may be repeated)
  --json           print figures, ratios' sources and every round as JSON
  --svg            also write docs/images/bench.svg and bench/RESULTS.md
  --help`;

const books = 20_000;
const warmUpSeconds = 1;
/** A user of the fixture who is active and not staff. */
const userId = 3;

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const say = (line: string) => process.stderr.write(`${line}\n`);

interface Settings {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

interface Contestant {
  readonly peer: Peer;
  readonly server: RunningServer;
}

async function main(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "3" },
      connections: { type: "string", default: "32" },
      only: { type: "string", multiple: true },
      json: { type: "boolean", default: false },
      svg: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (flags.help) return void process.stdout.write(`${help}\n`);
  const settings = {
    rounds: wholeNumber("--rounds", flags.rounds),
    seconds: positiveNumber("--seconds", flags.seconds),
    connections: wholeNumber("--connections", flags.connections),
  };
  const report = await bench(chosenRows(flags.only), settings);
  process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : `\n${toTables(report.results)}`);
  if (!flags.svg) return;
  mkdirSync(path("../docs/images"), { recursive: true });
  writeFileSync(path("../docs/images/bench.svg"), toChart(report));
  writeFileSync(path("RESULTS.md"), toPage(report));
  say("written: docs/images/bench.svg, bench/RESULTS.md");
}

async function bench(chosen: readonly Row[], settings: Settings): Promise<Report> {
  const interruption = new AbortController();
  const { signal } = interruption;
  const interrupt = () => interruption.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);

  const folder = mkdtempSync(join(tmpdir(), "drf-auth-bench-"));
  const contestants: Contestant[] = [];
  const absent: string[] = [];
  try {
    const database = join(folder, "books.sqlite3");
    growFixture(path("../test/conformance/fixture.sqlite3"), database, books);
    say(`database: ${books.toLocaleString("en-US")} books`);
    for (const peer of peers) {
      const absence = peer.absence();
      if (absence === undefined) {
        contestants.push({ peer, server: await start(peer, folder, database, signal) });
        say(`started: ${peer.title}`);
      } else {
        absent.push(`${peer.title}: ${absence}`);
        say(`not present: ${peer.title}: ${absence}`);
      }
    }
    const samples = await measure(chosen, contestants, settings, signal);
    const results = chosen.map((row) => ({
      row,
      peers: contestants.map(({ peer: { id, title } }) => {
        const own = samples.filter((sample) => sample.row === row && sample.id === id).map(({ sample }) => sample);
        return { id, title, median: medianOf(own), samples: own };
      }),
    }));
    return { machine: describeMachine(), settings, absent, results };
  } finally {
    await Promise.all(contestants.map(({ server }) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function start(peer: Peer, folder: string, database: string, signal: AbortSignal): Promise<RunningServer> {
  const copy = join(folder, `${peer.id}.sqlite3`);
  copyFileSync(database, copy);
  const port = await findFreePort();
  const environment = { ...commonEnvironment, DATABASE_URL: `sqlite:///${copy}`, ...peer.environment };
  return startServer({ command: peer.command(port, copy), environment, port }, signal);
}

/** Every sample of every row and server: compared, warmed up, then round after round in turn. */
async function measure(
  chosen: readonly Row[],
  contestants: readonly Contestant[],
  { rounds, seconds, connections }: Settings,
  signal: AbortSignal,
) {
  const token = signAccessToken(secret, userId, Date.now());
  const orders = new Map<Row, readonly number[]>();
  for (const row of chosen) orders.set(row, await compareAnswers(row, contestants, token));

  const samples: { readonly row: Row; readonly id: Peer["id"]; readonly sample: Sample }[] = [];
  for (let round = 0; round <= rounds; round++) {
    for (const row of chosen) {
      const lengths = orders.get(row) ?? [];
      const figures: string[] = [];
      for (const [i, { peer, server }] of contestants.entries()) {
        const order = {
          port: server.port,
          request: requestText(row, server.port, token),
          connections,
          seconds: round === 0 ? Math.min(warmUpSeconds, seconds) : seconds,
          status: row.status,
          bodyBytes: lengths[i] ?? 0,
        };
        const sample = await measureOnce(server.pid, order, signal).catch((cause) => {
          throw new Error(`${peer.title}, ${row.title}: ${cause.message}`, { cause });
        });
        if (round > 0) samples.push({ row, id: peer.id, sample });
        figures.push(`${peer.id} ${describeSample(sample)}`);
      }
      say(`${round === 0 ? "warm-up" : `round ${round} of ${rounds}`}, ${row.id}: ${figures.join(", ")}`);
    }
  }
  return samples;
}

/** Checks that all answers to a row are the same; returns the length of each one's body. */
async function compareAnswers(row: Row, contestants: readonly Contestant[], token: string): Promise<readonly number[]> {
  const answers = await Promise.all(contestants.map(({ server }) => ask(server.port, row, token)));
  const [first, ...others] = answers;
  if (first?.status !== row.status)
    throw new Error(`${row.title}: expected status ${row.status}, got ${first?.status}`);
  for (const [i, other] of others.entries()) {
    const difference = findDifference(first, other);
    if (difference === undefined) continue;
    throw new Error(
      `${row.title}: ${contestants[0]?.peer.id} and ${contestants[i + 1]?.peer.id} differ in ${difference}`,
    );
  }
  say(`same answers: ${row.title}, ${first.bodyBytes} bytes`);
  return answers.map(({ bodyBytes }) => bodyBytes);
}

function requestText(row: Row, port: number, token: string): string {
  const headers = Object.entries(headersOf(row, token)).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${row.method} ${row.path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${headers.join("")}\r\n`;
}

function describeSample({ cpuMicroseconds, requestsPerSecond }: Sample): string {
  const cpu = cpuMicroseconds === undefined ? "" : `${Math.round(cpuMicroseconds)} µs, `;
  return `(${cpu}${Math.round(requestsPerSecond)}/s)`;
}

function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown CPU",
    cores: availableParallelism(),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    date: new Date().toISOString().slice(0, 10),
  };
}

function chosenRows(ids: readonly string[] | undefined): readonly Row[] {
  if (ids === undefined) return rows;
  return ids.map((id) => {
    const row = rows.find((candidate) => candidate.id === id);
    if (row === undefined) throw new TypeError(`--only ${id}: expected ${rows.map((one) => one.id).join(" or ")}`);
    return row;
  });
}

function wholeNumber(flag: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new TypeError(`${flag} ${text}: expected a whole number from 1 to 9999`);
  return Number(text);
}

function positiveNumber(flag: string, text: string): number {
  if (!/^\d{1,4}(\.\d+)?$/.test(text) || Number(text) === 0)
    throw new TypeError(`${flag} ${text}: expected a number above 0`);
  return Number(text);
}

try {
  await main();
} catch (error) {
  if (error instanceof Error && error.name === "AbortError") {
    say("interrupted");
    process.exitCode = 130;
  } else if (error instanceof TypeError) {
    say(`${error.message}\n\n${help}`);
    process.exitCode = 2;
  } else {
    say(`bench: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
