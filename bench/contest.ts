/**
 * One run: start every server that is present, check that their answers are the same, load them in turn, stop them; and again.
 *
 * The same program started twice differs by up to a sixth in CPU a request, and keeps that difference as long as it runs; so
 * every server is started several times, and the rounds of all starts count together.
 * Called by `run.ts`, returns what `report.ts` shows. Whatever happens, servers are stopped and files removed.
 */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ask, findDifference } from "./compare.ts";
import { growFixture } from "./database.ts";
import { measureOnce, medianOf, type Sample } from "./measure.ts";
import { commonEnvironment, type Peer, peers, secret, staticPeers } from "./peers.ts";
import type { Report, RowResult } from "./report.ts";
import type { Row } from "./rows.ts";
import { findFreePort, type RunningServer, startServer } from "./running-server.ts";
import { makeStaticFiles, type StaticFiles } from "./static-files.ts";
import { signAccessToken } from "./token.ts";
import { asksForEtag, readingOf, requestText, type Tokens } from "./wire.ts";
import { hasWrk } from "./wrk.ts";

export type ContestSettings = Report["settings"];

export interface Contest {
  readonly rows: readonly Row[];
  readonly settings: ContestSettings;
  /** Interrupts the run. */
  readonly signal: AbortSignal;
  /** Told of every step. */
  readonly say: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface Contestant {
  readonly peer: Peer;
  readonly server: RunningServer;
}

const size = 20_000;
/** A user of the fixture who is active and not staff; the grown synonyms are theirs. */
const userId = 3;
/** Numbers that one round on one server may use up. */
const numbersOfRound = 10_000_000;
const fixture = fileURLToPath(new URL("../test/conformance/fixture.sqlite3", import.meta.url));

/**
 * Runs the bench.
 *
 * @throws Error  a server does not start, answers differ, or an answer under load is not as expected
 */
export async function runContest(contest: Contest): Promise<Pick<Report, "absent" | "results">> {
  const { say, settings } = contest;
  const folder = mkdtempSync(join(tmpdir(), "drf-auth-bench-"));
  try {
    const database = join(folder, "books.sqlite3");
    growFixture(fixture, database, size);
    say(`database: ${size.toLocaleString("en-US")} books, reviews and synonyms`);
    const statics = await makeStaticFiles(folder);
    const withWrk = hasWrk();
    const present: Peer[] = [];
    const absent: string[] = [];
    if (contest.rows.some(({ isStatic }) => isStatic) && !withWrk)
      absent.push("wrk: apt-get install wrk (static files are asked for by Node, which is slower than nginx)");
    for (const peer of [...peers, ...staticPeers].filter((one) => contest.rows.some((row) => has(row)(one)))) {
      const absence = peer.absence();
      if (absence === undefined) present.push(peer);
      else absent.push(`${peer.title}: ${absence}`);
    }
    for (const absence of absent) say(`not present: ${absence}`);
    const measured: Measured[] = [];
    for (let i = 1; i <= settings.starts; i++) {
      say(`start ${i} of ${settings.starts}`);
      // Each row on servers and a database of its own: what one row leaves behind is no other row's cost.
      for (const row of contest.rows)
        measured.push(
          ...(await measureStart(present.filter(has(row)), { folder, database, statics, withWrk }, contest, row)),
        );
    }
    return { absent, results: resultsOf(contest.rows, present, measured) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One server in one round of one row. */
interface Measured {
  readonly row: Row;
  readonly peer: Peer;
  readonly sample: Sample;
}

const resultsOf = (
  rows: readonly Row[],
  present: readonly Peer[],
  measured: readonly Measured[],
): readonly RowResult[] =>
  rows.map((row) => ({
    row,
    peers: present.filter(has(row)).map((peer) => {
      const samples = measured.flatMap((one) => (one.row === row && one.peer === peer ? one.sample : []));
      return { id: peer.id, title: peer.title, median: medianOf(samples), samples };
    }),
  }));

/** Whether a row is for a server. */
const has =
  ({ peers: only, isStatic }: Row) =>
  (peer: Peer): boolean =>
    (isStatic ? staticPeers : peers).includes(peer) && (only === undefined || only.includes(peer.id));

/** What servers are started on. */
interface Ground {
  readonly folder: string;
  readonly database: string;
  readonly statics: StaticFiles;
  /** Whether wrk asks for static files. */
  readonly withWrk: boolean;
}

/** Starts every server on a fresh copy of the database, measures, and stops them. */
async function measureStart(
  present: readonly Peer[],
  ground: Ground,
  contest: Contest,
  row: Row,
): Promise<readonly Measured[]> {
  const contestants: Contestant[] = [];
  try {
    for (const peer of present) contestants.push({ peer, server: await start(peer, ground, contest.signal) });
    return await measureRow(contestants, contest, ground, row);
  } finally {
    await Promise.all(contestants.map(({ server }) => server.stop()));
  }
}

async function start(peer: Peer, ground: Ground, signal: AbortSignal): Promise<RunningServer> {
  const { folder, database, statics } = ground;
  const copy = join(folder, `${peer.id}.sqlite3`);
  // The log of the start before would be taken for that of the new copy.
  for (const rest of ["-wal", "-shm"]) rmSync(copy + rest, { force: true });
  copyFileSync(database, copy);
  const port = await findFreePort();
  const files: Record<string, string> = staticPeers.includes(peer)
    ? { STATIC_DIR: statics.sources, STATIC_ROOT: statics.root }
    : {};
  const environment = { ...commonEnvironment, DATABASE_URL: `sqlite:///${copy}`, ...files, ...peer.environment };
  return startServer({ command: peer.command(port, copy, statics.root), environment, port }, signal);
}

/** One server on one row: what is sent to it, what must come back, and what was measured. */
interface Entry extends Contestant {
  readonly request: string;
  /** Sent before, once a connection. */
  readonly first: string | undefined;
  /** Of what it answered. */
  readonly etag: string | undefined;
  /** Undefined where it varies. */
  readonly bodyBytes: number | undefined;
}

/** Compares, warms up (round 0), then measures round after round, each server once a round. */
async function measureRow(
  contestants: readonly Contestant[],
  { settings, signal, say, now }: Contest,
  { statics, withWrk }: Ground,
  row: Row,
): Promise<readonly Measured[]> {
  const sign = (key: string) => signAccessToken(key, userId, now());
  const tokens: Tokens = { good: sign(secret), forged: sign(`another ${secret}`) };
  const asked = statics.locate(row);
  const entries = await enter(asked, contestants, tokens);
  say(`same answers: ${row.title}`);
  const measured: Measured[] = [];
  for (let round = 0; round <= settings.rounds; round++) {
    const figures: string[] = [];
    for (const entry of rotated(entries, round)) {
      const by = { from: (round + 1) * numbersOfRound, withWrk: withWrk && row.isStatic === true };
      const sample = await measureEntry(asked, entry, settings, by, signal);
      if (round > 0) measured.push({ row, peer: entry.peer, sample });
      figures.push(`${entry.peer.id} ${describe(sample)}`);
    }
    say(`${round === 0 ? "warm-up" : `round ${round} of ${settings.rounds}`}, ${row.id}: ${figures.join(", ")}`);
  }
  return measured;
}

/** Asks every server once; all must answer the same. */
async function enter(row: Row, contestants: readonly Contestant[], tokens: Tokens): Promise<readonly Entry[]> {
  const answers = await Promise.all(
    contestants.map(async (one) => ({ ...one, answer: await ask(one.server.port, row, tokens) })),
  );
  const [first, ...others] = answers;
  if (first === undefined) return [];
  if (first.answer.status !== row.status) {
    throw new Error(`${row.title}: expected status ${row.status} of ${first.peer.id}, got ${first.answer.status}`);
  }
  for (const { peer, answer } of others) {
    const difference = findDifference(first.answer, answer, row.now);
    if (difference === undefined) continue;
    throw new Error(`${row.title}: ${first.peer.id} and ${peer.id} differ in ${difference}`);
  }
  return answers.map(({ peer, server, answer }) => {
    const textOf = (one: Row) => requestText(one, `127.0.0.1:${server.port}`, tokens);
    return {
      ...{ peer, server, request: textOf(row), first: asksForEtag(row) ? textOf(readingOf(row)) : undefined },
      etag: answer.etag,
      bodyBytes: row.varies ? undefined : answer.bodyBytes,
    };
  });
}

async function measureEntry(
  row: Row,
  { peer, server, ...entry }: Entry,
  { seconds, connections }: ContestSettings,
  { from, withWrk }: { readonly from: number; readonly withWrk: boolean },
  signal: AbortSignal,
): Promise<Sample> {
  const asking = { connections: row.connections ?? connections, seconds, status: row.status };
  // wrk says one thing all the time; load.ts fills in what each connection knows.
  const request = withWrk ? entry.request.replace("{etag}", entry.etag ?? "") : entry.request;
  const order = { port: server.port, ...entry, request, ...asking, from };
  try {
    return await measureOnce(server.pid, order, signal, withWrk);
  } catch (cause) {
    if (signal.aborted || !(cause instanceof Error)) throw cause;
    throw new Error(`${peer.title}, ${row.title}: ${cause.message}`, { cause });
  }
}

/** The same list from another beginning, so that nobody always follows the same one. */
const rotated = <T>(list: readonly T[], by: number) => {
  const from = by % Math.max(1, list.length);
  return [...list.slice(from), ...list.slice(0, from)];
};

function describe({ cpuMicroseconds, requestsPerSecond }: Sample): string {
  const cpu = cpuMicroseconds === undefined ? "" : `${Math.round(cpuMicroseconds)} µs, `;
  return `(${cpu}${Math.round(requestsPerSecond)}/s)`;
}
