/**
 * From the snapshots of workers to the text that Prometheus reads.
 *
 * Reference: Prometheus text format, version 0.0.4; labels are escaped as it says.
 */
import type { Measurement } from "../config/index.ts";
import { durationBounds, type Instrument, instruments } from "./instruments.ts";
import type { Series, Snapshot } from "./metrics.ts";

export const expositionType = "text/plain; version=0.0.4; charset=utf-8";

/** Adds up what workers have counted: those that live, and those that are gone. */
export function addSnapshots(snapshots: readonly Snapshot[]): Snapshot {
  const series = new Map<string, Series>();
  const measurements = new Map<string, Measurement>();
  for (const snapshot of snapshots) {
    for (const each of snapshot.series) {
      const key = `${each.method} ${each.route}`;
      const known = series.get(key);
      series.set(key, known ? addSeries(known, each) : each);
    }
    for (const each of snapshot.measurements) {
      const key = each.name + labelsOf(each.labels);
      const known = measurements.get(key);
      measurements.set(key, known ? { ...each, value: together(each.name)(known.value, each.value) } : each);
    }
  }
  return { series: [...series.values()], measurements: [...measurements.values()] };
}

/** Of a worker that is gone, its counters stay: a counter that falls looks like a start to Prometheus. */
export const keepCounters = ({ series, measurements }: Snapshot): Snapshot => ({
  series,
  measurements: measurements.filter(({ name }) => instrumentOf(name)?.type === "counter"),
});

/** The text of a scrape. */
export function expose({ series, measurements }: Snapshot): string {
  const byName = new Map<string, string[]>();
  const add = (family: string, name: string, labels: Measurement["labels"], value: number): void => {
    const lines = byName.get(family) ?? [];
    byName.set(family, lines);
    lines.push(`${name}${labelsOf(labels)} ${value}`);
  };
  for (const { name, labels, value } of measurements) add(name, name, labels, value);
  for (const { route, method, statuses, buckets, seconds } of series) {
    const requests = "drf_auth_http_requests_total";
    for (const [status, count] of Object.entries(statuses)) add(requests, requests, { route, method, status }, count);
    const duration = "drf_auth_http_request_duration_seconds";
    let sum = 0;
    for (const [i, count] of buckets.entries()) {
      sum += count;
      add(duration, `${duration}_bucket`, { route, method, le: String(durationBounds[i] ?? "+Inf") }, sum);
    }
    add(duration, `${duration}_sum`, { route, method }, seconds);
    add(duration, `${duration}_count`, { route, method }, sum);
  }
  return Object.entries(instruments)
    .flatMap(([name, { help, type }]) => {
      const lines = byName.get(name);
      return lines ? [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ""] : [];
    })
    .join("\n");
}

const instrumentOf = (name: string): Instrument | undefined =>
  Object.hasOwn(instruments, name) ? Reflect.get(instruments, name) : undefined;

const together = (name: string): ((a: number, b: number) => number) =>
  instrumentOf(name)?.together === "max" ? Math.max : (a, b) => a + b;

function addSeries(a: Series, b: Series): Series {
  const statuses = { ...a.statuses };
  for (const [status, count] of Object.entries(b.statuses)) statuses[status] = (statuses[status] ?? 0) + count;
  return {
    ...a,
    statuses,
    buckets: a.buckets.map((count, i) => count + (b.buckets[i] ?? 0)),
    seconds: a.seconds + b.seconds,
  };
}

function labelsOf(labels: Measurement["labels"]): string {
  if (labels === undefined) return "";
  const shown = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return `{${shown.join(",")}}`;
}

const escapeLabel = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
