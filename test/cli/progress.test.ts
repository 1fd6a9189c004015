/** Progress is a line in a terminal and nothing anywhere else. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { createProgress, lineOf } from "../../src/cli/progress.ts";

it("a line tells how much is done and how long the rest takes", () => {
  assert.equal(
    lineOf(250_000, 1_000_000, 60_000, "rows"),
    "[######------------------]  25 %  250,000 of 1,000,000 rows, 3:00 left",
  );
  assert.equal(lineOf(10, 72_010, 1000, "rows"), "[------------------------]   0 %  10 of 72,010 rows, 2:00:00 left");
  assert.equal(lineOf(5, 5, 1000, "rows"), "[########################] 100 %  5 of 5 rows, 0:00 left");
  assert.equal(lineOf(5, 0, 1000, "rows"), "5 rows");
});

it("in a terminal it is written again now and then, and taken away at the end", () => {
  let now = 0;
  const written: string[] = [];
  const progress = createProgress({ isTTY: true, write: (text) => written.push(text) }, "rows", () => now);
  for (; now < 1000; now += 10) progress.update(now, 1000);
  progress.end();
  assert.equal(written.length, 6);
  assert.equal(written.at(-1), "\r\u001b[K");
});

it("elsewhere nothing is written", () => {
  const written: string[] = [];
  const progress = createProgress({ write: (text) => written.push(text) }, "rows");
  progress.update(1, 2);
  progress.end();
  assert.deepEqual(written, []);
});
