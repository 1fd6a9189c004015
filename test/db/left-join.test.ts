import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { leftJoin } from "../../src/db/index.ts";

describe("leftJoin", () => {
  const synonyms = new Map([
    ["happy", "glad"],
    ["odd", "strange"],
    ["big", "large"],
  ]);

  it("gives each word its synonym and its antonym", () => {
    const antonyms = new Map([
      ["big", "small"],
      ["happy", "sad"],
      ["odd", "usual"],
    ]);
    assert.deepEqual(leftJoin(synonyms, antonyms), [
      ["happy", "glad", "sad"],
      ["odd", "strange", "usual"],
      ["big", "large", "small"],
    ]);
  });

  it("keeps a word that has no antonym, with null", () => {
    assert.deepEqual(leftJoin(new Map([["odd", "strange"]]), new Map([["happy", "sad"]])), [["odd", "strange", null]]);
  });

  it("leaves out an antonym whose word has no synonym", () => {
    const words = leftJoin(synonyms, new Map([["cold", "hot"]])).map(([word]) => word);
    assert.deepEqual(words, ["happy", "odd", "big"]);
  });

  it("keeps the order of the left, whatever the order of the right", () => {
    const left = new Map([
      [3, "c"],
      [1, "a"],
      [2, "b"],
    ]);
    const right = new Map([
      [1, "A"],
      [2, "B"],
      [3, "C"],
    ]);
    assert.deepEqual(
      leftJoin(left, right).map(([key]) => key),
      [3, 1, 2],
    );
  });

  it("of nothing is nothing, and with nothing has a null in every row", () => {
    assert.deepEqual(leftJoin(new Map(), new Map()), []);
    assert.deepEqual(leftJoin(new Map(), new Map([["happy", "sad"]])), []);
    assert.deepEqual(leftJoin(new Map([["happy", "glad"]]), new Map()), [["happy", "glad", null]]);
  });

  it("gives values that are there as they are, empty ones too", () => {
    const left = new Map<string, unknown>([
      ["null", null],
      ["undefined", undefined],
      ["zero", 0],
    ]);
    const right = new Map<string, unknown>([
      ["null", null],
      ["undefined", undefined],
      ["zero", ""],
    ]);
    assert.deepEqual(leftJoin(left, right), [
      ["null", null, null],
      ["undefined", undefined, undefined],
      ["zero", 0, ""],
    ]);
  });

  it("tells a value of undefined that is there from one that is missing", () => {
    const right = new Map([["there", undefined]]);
    const left = new Map([
      ["there", 1],
      ["missing", 2],
    ]);
    assert.deepEqual(leftJoin(left, right), [
      ["there", 1, undefined],
      ["missing", 2, null],
    ]);
  });

  it("finds keys as a Map does: NaN is NaN, and objects are themselves", () => {
    const key = {};
    const left = new Map<unknown, number>([
      [Number.NaN, 1],
      [key, 2],
      [{}, 3],
    ]);
    const right = new Map<unknown, string>([
      [Number.NaN, "not a number"],
      [key, "the same"],
    ]);
    assert.deepEqual(
      leftJoin(left, right).map(([, , value]) => value),
      ["not a number", "the same", null],
    );
  });

  it("changes neither map", () => {
    const left = new Map([["happy", "glad"]]);
    const right = new Map([["cold", "hot"]]);
    leftJoin(left, right);
    assert.deepEqual([...left], [["happy", "glad"]]);
    assert.deepEqual([...right], [["cold", "hot"]]);
  });
});
