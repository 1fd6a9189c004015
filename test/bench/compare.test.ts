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

  it("are the same where their times of now have one form", () => {
    const [one, other] = [answer('{"at":"2026-01-01T00:00:00.123Z"}'), answer('{"at":"2026-02-03T04:05:06.789Z"}')];
    assert.equal(findDifference(one, other, ["at"]), undefined);
    assert.match(findDifference(one, other) ?? "", /^\$\.at: /);
    assert.match(findDifference(one, answer('{"at":"2026-02-03"}'), ["at"]) ?? "", /^\$\.at: /);
  });

  it("are the same where links differ by their cursor alone", () => {
    const link = (rest: string) => answer(`{"next":"{server}/reviews/?cursor=${rest}"}`);
    assert.equal(findDifference(link("abc&page_size=2"), link("xyz&page_size=2")), undefined);
    assert.match(findDifference(link("abc&page_size=2"), link("abc&page_size=3")) ?? "", /^\$\.next: /);
  });

  it("that refuse are the same in other sentences, but not in other codes or findings", () => {
    const refusal = (text: string) => answer(text, 400);
    assert.equal(findDifference(refusal('{"word":["It is taken."]}'), refusal('{"word":["Taken."]}')), undefined);
    assert.match(
      findDifference(refusal('{"word":["It is taken."]}'), refusal('{"word":["Taken.","Long."]}')) ?? "",
      /^keys of \$\.word: /,
    );
    assert.match(
      findDifference(refusal('{"detail":"No.","code":"a"}'), refusal('{"detail":"No.","code":"b"}')) ?? "",
      /^\$\.code: /,
    );
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
