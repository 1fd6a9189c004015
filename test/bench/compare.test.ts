/** Same answers: what counts as a difference between two servers, and what does not. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findDifference } from "../../bench/compare.ts";

const answer = (text: string, status = 200, headers: Record<string, string> = {}) => ({ status, headers, text });

describe("two answers", () => {
  it("are the same in another spelling of numbers and blanks", () => {
    assert.equal(findDifference(answer('{"rating":1.0}'), answer('{ "rating": 1 }')), undefined);
  });

  it("are the same when both are empty", () => {
    assert.equal(findDifference(answer("", 304), answer("", 304)), undefined);
  });

  for (const [what, one, other, expected] of [
    ["status", answer("", 200), answer("", 404), "status: 200 and 404"],
    ["a header", answer("", 200, { allow: "GET" }), answer(""), 'header allow: "GET" and nothing'],
    [
      "a value deep inside",
      answer('{"results":[{"price":"9.50"}]}'),
      answer('{"results":[{"price":"9.5"}]}'),
      '$.results[0].price: "9.50" and "9.5"',
    ],
    ["the order of keys", answer('{"a":1,"b":2}'), answer('{"b":2,"a":1}'), 'keys of $: ["a","b"] and ["b","a"]'],
    ["the length of a list", answer("[1]"), answer("[1,2]"), 'keys of $: ["0"] and ["0","1"]'],
    ["a list that is an object", answer("[]"), answer("{}"), "$: [] and {}"],
    ["null for a text", answer('{"a":null}'), answer('{"a":""}'), '$.a: null and ""'],
  ] as const) {
    it(`differ by ${what}`, () => assert.equal(findDifference(one, other), expected));
  }
});
