/** What the bench shows: medians, ratios, a table, a page, a picture. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toChart, toStaticChart } from "../../bench/chart.ts";
import { medianOf } from "../../bench/measure.ts";
import { type PeerResult, type Report, ratioTo, toPage, toTables } from "../../bench/report.ts";

const peer = (id: PeerResult["id"], title: string, requestsPerSecond: number, cpuMicroseconds?: number): PeerResult => {
  const sample = { requestsPerSecond, cpuMicroseconds };
  return { id, title, samples: [sample], median: sample };
};

const limit = peer("limit", "the limit", 20_000, 40);
const ours = peer("drf-auth", "drf-auth", 16_000, 50);
const django = peer("django", "Django <3", 200, 6000);
const row = { id: "detail", title: "detail", method: "GET", path: "/", headers: {}, status: 200 };
const result = { row, peers: [limit, ours, django] };
const report: Report = {
  machine: { cpu: "a CPU", cores: 2, system: "Linux", node: "24.0.0", date: "2026-11-20" },
  settings: { starts: 3, rounds: 5, seconds: 3, connections: 32 },
  absent: [],
  results: [result],
};

describe("the figures", () => {
  it("are medians, each for itself", () => {
    const samples = [
      { requestsPerSecond: 3, cpuMicroseconds: 10 },
      { requestsPerSecond: 1, cpuMicroseconds: 30 },
      { requestsPerSecond: 2, cpuMicroseconds: 20 },
    ];
    assert.deepEqual(medianOf(samples), { requestsPerSecond: 2, cpuMicroseconds: 20 });
    assert.deepEqual(medianOf(samples.slice(0, 2)), { requestsPerSecond: 2, cpuMicroseconds: 20 });
  });

  it("have no CPU time where one round has none", () => {
    assert.deepEqual(medianOf([{ requestsPerSecond: 1, cpuMicroseconds: 5 }, { requestsPerSecond: 1 }]), {
      requestsPerSecond: 1,
    });
  });

  it("become ratios that are above 1 for the better one", () => {
    assert.deepEqual(ratioTo("limit", ours, result), { byCpu: 0.8, byRate: 0.8 });
    assert.deepEqual(ratioTo("django", ours, result), { byCpu: 120, byRate: 80 });
  });

  it("are compared within each round, so that a slow moment of the machine counts for both", () => {
    const rounds = (id: PeerResult["id"], times: readonly number[]): PeerResult => {
      const samples = times.map((time) => ({ requestsPerSecond: 1000 / time, cpuMicroseconds: time }));
      return { id, title: id, samples, median: medianOf(samples) };
    };
    const fast = rounds("limit", [40, 80, 44]);
    const slow = rounds("drf-auth", [50, 100, 88]);
    assert.deepEqual(ratioTo("limit", slow, { row, peers: [fast, slow] }), { byCpu: 0.8, byRate: 0.8 });
  });

  it("have no ratio to a server that did not run", () => {
    assert.equal(ratioTo("django", ours, { row, peers: [limit, ours] }), undefined);
  });
});

describe("the table", () => {
  it("shows ratios before absolute figures", () => {
    const [, , , line] = toTables([result]).split("\n");
    const cells = line?.split("|").map((cell) => cell.trim());
    assert.deepEqual(cells, ["", "drf-auth", "0.80", "0.80", "120", "80", "50", "16,000", ""]);
  });

  it("shows a dash where there is nothing to compare", () => {
    const alone = { row, peers: [peer("limit", "the limit", 100)] };
    assert.match(toTables([alone]), /\| the limit \| +- \| +1\.0 \| +- \| +- \| +- \| +100 \|/);
  });

  it("stands in the page with what was not present", () => {
    const page = toPage({ ...report, absent: ["Django: no python3"] });
    assert.match(page, /Not present: Django: no python3\./);
    assert.match(page, /a CPU, 2 cores, Linux/);
  });
});

describe("the picture", () => {
  it("has colours for a light and for a dark page", () => {
    assert.match(toChart(report), /prefers-color-scheme: dark/);
  });

  it("draws the share of the limit, and writes text as text", () => {
    const chart = toChart(report);
    assert.match(chart, /<rect class="drf-auth"[^>]* width="304"/); // 0.8 of 380
    assert.match(chart, /Django &lt;3/);
  });

  it("draws static files apart, beside nginx", () => {
    const peers = [peer("nginx", "nginx", 100, 10), peer("drf-auth", "drf-auth", 50, 20)];
    const both = { ...report, results: [result, { row: { ...row, isStatic: true }, peers }] };
    assert.equal(toChart(both), toChart(report));
    assert.match(toStaticChart(both), /Share of nginx.*<rect class="drf-auth"[^>]* width="190"/s);
    assert.doesNotMatch(toStaticChart(both), /Django &lt;3/);
  });

  it("falls back to requests a second where CPU time is not known", () => {
    const peers = [peer("limit", "the limit", 100), peer("drf-auth", "drf-auth", 50)];
    const chart = toChart({ ...report, results: [{ row, peers }] });
    assert.match(chart, /by requests a second/);
    assert.match(chart, /<rect class="drf-auth"[^>]* width="190"/);
  });
});
