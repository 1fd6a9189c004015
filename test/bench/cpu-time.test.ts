/** CPU time of a server: its process, its workers, and those it has waited for. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseStat, sumOfTree } from "../../bench/cpu-time.ts";

describe("CPU time", () => {
  it("is read past a process name with blanks and brackets", () => {
    const line = "42 (a) b (c)) S 7 42 42 0 -1 4194560 100 200 0 0 150 50 25 75 20 0 1 0 12345 1 2";
    assert.deepEqual(parseStat(line), { pid: 42, parent: 7, seconds: 3 });
  });

  it("is that of a server, its workers, and nobody else", () => {
    const processes = [
      { pid: 1, parent: 0, seconds: 1000 },
      { pid: 10, parent: 1, seconds: 1 },
      { pid: 11, parent: 10, seconds: 2 },
      { pid: 12, parent: 11, seconds: 4 },
      { pid: 20, parent: 1, seconds: 500 },
    ];
    assert.equal(sumOfTree(10, processes), 7);
  });
});
