import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keep } from "../../src/db/keep.ts";

describe("keep", () => {
  it("makes a value once for a key", () => {
    const cache = new Map<string, object>();
    const made = keep(cache, "a", () => ({}));
    assert.equal(
      keep(cache, "a", () => assert.fail("made again")),
      made,
    );
  });

  it("lets the oldest go when there are too many", () => {
    const cache = new Map<string, number>();
    for (const [i, key] of ["a", "b", "c"].entries()) keep(cache, key, () => i, 2);
    assert.deepEqual(
      [...cache],
      [
        ["b", 1],
        ["c", 2],
      ],
    );
  });

  it("is bounded where nobody says how many", () => {
    const cache = new Map<string, number>();
    for (let i = 0; i < 2000; i++) keep(cache, String(i), () => i);
    assert.ok(cache.size < 2000);
  });
});
