/** The command line of the bench. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../bench/run.ts", import.meta.url));
const run = (...flags: string[]) => spawnSync(process.execPath, [program, ...flags], { encoding: "utf8" });

describe("npm run bench", () => {
  it("lists its options", () => {
    const { status, stdout } = run("--help");
    assert.equal(status, 0);
    assert.match(stdout, /--rounds N/);
  });

  for (const [flags, expected] of [
    [["--rounds", "0"], /--rounds 0: expected a whole number from 1 to 9999/],
    [["--seconds", "soon"], /--seconds soon: expected a number above 0/],
    [["--only", "delete"], /--only delete: expected detail or list or/],
    [["--fast"], /--fast/],
  ] as const) {
    it(`refuses ${flags.join(" ")}`, () => {
      const { status, stderr } = run(...flags);
      assert.equal(status, 2);
      assert.match(stderr, expected);
    });
  }
});
