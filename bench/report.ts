/**
 * What the figures say: ratios to the limit and to Django, as a table that is read in a terminal and in Markdown alike.
 *
 * Used by `run.ts` for standard output and `bench/RESULTS.md`. Ratios stand first: absolute figures are those of one machine.
 */
import { median, type Sample } from "./measure.ts";
import type { PeerId } from "./peers.ts";
import type { Row } from "./rows.ts";

/** The figures of one server on one row. */
export interface PeerResult {
  readonly id: PeerId;
  readonly title: string;
  readonly median: Sample;
  readonly samples: readonly Sample[];
}

export interface RowResult {
  readonly row: Row;
  readonly peers: readonly PeerResult[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  readonly node: string;
  /** Day of the run, `2026-11-20`. */
  readonly date: string;
}

export interface Report {
  readonly machine: Machine;
  readonly settings: {
    /** Times that every server was started. */
    readonly starts: number;
    /** Rounds a start. */
    readonly rounds: number;
    readonly seconds: number;
    readonly connections: number;
  };
  /** Servers that could not run here, and why. */
  readonly absent: readonly string[];
  readonly results: readonly RowResult[];
}

/** How many times another server one is, by each measure: above 1 is better than it. */
export interface Ratio {
  /** CPU time of the other for one request, divided by one's own. */
  readonly byCpu?: number;
  /** Requests a second, divided by the other's. */
  readonly byRate: number;
}

/**
 * The median of the rounds' ratios: within a round both met the same machine, from one round to the next it changes.
 * @returns undefined where the other did not run
 */
export function ratioTo(other: PeerId, one: PeerResult, { peers }: RowResult): Ratio | undefined {
  const measure = peers.find(({ id }) => id === other)?.samples;
  if (measure === undefined) return undefined;
  const ratios = (ratio: (own: Sample, its: Sample) => number | undefined): number | undefined => {
    const found = one.samples.flatMap((own, i) => {
      const its = measure[i];
      return (its && ratio(own, its)) ?? [];
    });
    return found.length === one.samples.length ? median(found) : undefined;
  };
  const byRate = ratios((own, its) => own.requestsPerSecond / its.requestsPerSecond) ?? Number.NaN;
  const byCpu = ratios(({ cpuMicroseconds: own }, { cpuMicroseconds: its }) => own && its && its / own);
  return byCpu === undefined ? { byRate } : { byCpu, byRate };
}

/** A report with the ratios of each server in it, as `--json` prints it. */
export function withRatios(report: Report) {
  const results = report.results.map((result) => ({
    row: result.row,
    peers: result.peers.map((one) => ({
      ...one,
      toLimit: ratioTo("limit", one, result),
      toDjango: ratioTo("django", one, result),
      toNginx: ratioTo("nginx", one, result),
    })),
  }));
  return { ...report, results };
}

const titlesOf = ({ isStatic }: Row) => [
  "of the limit, by CPU",
  "by requests/s",
  isStatic ? "of nginx, by CPU" : "times Django, by CPU",
  "by requests/s",
  "CPU µs a request",
  "requests/s",
];

/** One table a row of the bench. */
export function toTables(results: readonly RowResult[]): string {
  return results.map(toTable).join("\n");
}

function toTable(result: RowResult): string {
  const titles = titlesOf(result.row);
  const lines = result.peers.map((one) => {
    const limit = ratioTo("limit", one, result);
    const other = ratioTo(result.row.isStatic ? "nginx" : "django", one, result);
    const { cpuMicroseconds, requestsPerSecond } = one.median;
    const figures = [limit?.byCpu, limit?.byRate, other?.byCpu, other?.byRate].map(ratio);
    return [one.title, ...figures, whole(cpuMicroseconds), whole(requestsPerSecond)];
  });
  const cells = [[result.row.title, ...titles], ...lines];
  const widths = [result.row.title, ...titles].map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  const [head = "", ...body] = cells.map((line) => {
    const padded = line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)));
    return `| ${padded.join(" | ")} |\n`;
  });
  const rule = `| ${widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |\n`;
  return head + rule + body.join("");
}

/** Two digits that say something: 0.87, 0.012, 9.4, 140. */
const ratio = (value: number | undefined) => {
  if (value === undefined) return "-";
  if (value >= 10) return value.toFixed(0);
  if (value >= 1) return value.toFixed(1);
  return value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
};

const whole = (value: number | undefined) => (value === undefined ? "-" : Math.round(value).toLocaleString("en-US"));

/** The page `bench/RESULTS.md`. */
export function toPage(report: Report): string {
  const { machine, settings, absent, results } = report;
  const missing = absent.map((line) => `Not present: ${line}.\n`).join("");
  return `# Results of the bench

Written by \`npm run bench -- --svg\`; [README.md](README.md) says what is measured and how.

${toTables(results)}
${missing && `${missing}\n`}Read the ratios; the absolute figures are those of one machine: ${machine.cpu}, ${machine.cores} cores, ${machine.system},
Node ${machine.node}, ${machine.date}. Medians of ${settings.starts} starts with ${settings.rounds} rounds each of ${settings.seconds} s, ${settings.connections} connections where a row does not say otherwise, two
workers a server, one for static files; ratios are medians of the ratios within a round, so they are not those of the medians beside them. The load runs
on the same cores and takes its share of them, so CPU a request is the steadier measure; by requests a second a fast
server looks slower than it is.

![Share of the limit, by CPU a request](../docs/images/bench.svg)

![Static files: share of nginx, by CPU a request](../docs/images/static.svg)
`;
}
