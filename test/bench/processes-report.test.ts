/** What the bench of processes shows: tables that say every figure, and a picture whose curves go where the figures do. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ProcessesResult } from "../../bench/processes.ts";
import { toProcessTables, toWorkersChart } from "../../bench/processes-report.ts";

const result: ProcessesResult = {
  throughput: [
    { kind: "computing", workers: 1, requestsPerSecond: 1000 },
    { kind: "computing", workers: 3, requestsPerSecond: 2000 },
    { kind: "waiting", workers: 1, requestsPerSecond: 3000 },
    { kind: "waiting", workers: 3, requestsPerSecond: 3000 },
  ],
  memory: [{ requests: 360_000, bytes: 150 * 2 ** 20 }],
  reloads: [{ workers: 2, seconds: 2.04, answered: 12_345 }],
};

describe("the report on processes", () => {
  it("has every figure", () => {
    const tables = toProcessTables(result);
    for (const line of [
      "| 1 | 1,000 | 3,000 |",
      "| 3 | 2,000 | 3,000 |",
      "| 360,000 | 150 MB |",
      "| 2 | 2.0 | 12,345 | 0 |",
    ])
      assert.ok(tables.includes(line), line);
  });

  it("draws each kind as a share of its best", () => {
    const chart = toWorkersChart(result, 2);
    assert.match(chart, /class="computing" points="70,150 500,50"/);
    assert.match(chart, /class="waiting" points="70,50 500,50"/);
    assert.match(chart, /computing, 2,000\/s/);
  });
});
