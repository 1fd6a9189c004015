import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inOrder, parseJson, stringifyJson } from "../../src/db/index.ts";
import { toJson } from "../../src/resource/index.ts";

describe("JSON objects with keys that look like numbers", () => {
  for (const text of [
    '{"10":1,"9":{"2":[],"1":{}},"a":[{"5":null,"4":"x"}],"1":true}',
    '{"b":{"a":{"3":0,"2":-1500,"1":"\\"7\\": {"}}}',
    '[{"1":1,"0":2},"9\\\\",{"__proto__":3,"2":4,"1":5}]',
    '{"7":12345678901234567890,"6":[1]}',
    `${'{"9":'.repeat(5000)}1${"}".repeat(5000)}`,
  ])
    it(`keep their order: ${text.slice(0, 60)}`, () => {
      // The deepest is read, too; writing it is refused elsewhere.
      const value = parseJson(text);
      if (text.length < 1000) assert.equal(toJson(value), text);
    });

  it("of a key that comes twice, keep the first place and the last value", () =>
    assert.equal(toJson(parseJson('{"2":1,"1":2,"2":3}')), '{"2":3,"1":2}'));

  it("are written to a column in their order, and stay objects like all others", () => {
    const value = parseJson('{"2":1,"1":{"b":2}}');
    assert.equal(stringifyJson(value), '{"2": 1, "1": {"b": 2}}');
    assert.deepEqual(value, { "1": { b: 2 }, "2": 1 });
    assert.deepEqual({ ...(value as object) }, { "1": { b: 2 }, "2": 1 });
  });

  it("take what own code adds, and lose what it takes away", () => {
    const value = parseJson('{"10":1,"9":2,"a":3}') as Record<string, unknown>;
    value.seen = true;
    delete value["9"];
    assert.equal(toJson(value), '{"10":1,"a":3,"seen":true}');
  });

  it("of others nothing is wrapped", () => {
    const entries = new Map([["a1", 1]]);
    assert.deepEqual(Object.keys(inOrder(entries)), ["a1"]);
    assert.equal(toJson(parseJson(' { "a1" : [ 1 ,\n"2:" ] } ')), '{"a1":[1,"2:"]}');
  });
});
