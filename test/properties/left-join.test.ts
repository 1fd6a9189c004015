/** `leftJoin` against the nested loops that its definition is. */
import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { leftJoin } from "../../src/db/index.ts";
import "./seed.ts";

const shared = Object.freeze({});
const keys = fc.oneof(
  fc.integer({ min: -2, max: 5 }),
  fc.constantFrom("", "a", "b", Number.NaN, -0, null, undefined, shared),
);
const maps = fc.array(fc.tuple(keys, fc.anything()), { maxLength: 12 });

/** Whether a Map takes two keys for one: `===`, and NaN is itself. */
const isSame = (a: unknown, b: unknown): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

it("a left join is the two loops of its definition", () => {
  fc.assert(
    fc.property(maps, maps, (left, right) => {
      const [a, b] = [new Map(left), new Map(right)];
      const expected: unknown[] = [];
      for (const [key, value] of a) {
        let found: unknown = null;
        for (const [other, match] of b) if (isSame(key, other)) found = match;
        expected.push([key, value, found]);
      }
      assert.deepEqual(leftJoin(a, b), expected);
      assert.deepEqual([...a], [...new Map(left)]);
      assert.deepEqual([...b], [...new Map(right)]);
    }),
    { numRuns: 500 },
  );
});
