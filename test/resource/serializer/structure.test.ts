import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { field } from "../../../src/model/index.ts";
import { keeps, reading, reads, refused, refuses, sentences } from "./reading.ts";

describe("choices", () => {
  const genre = field.choice({ choices: [["fiction", "Fiction"], "poetry", 3] });
  reads("a choice is found by its value, a number also by its digits", genre, [
    ["fiction", "fiction"],
    ["poetry", "poetry"],
    [3, 3],
    ["3", 3],
  ]);
  refuses("labels and everything else are refused", genre, "invalid_choice", [
    "Fiction",
    "",
    1,
    true,
    ["fiction"],
    {},
    "constructor",
  ]);
  reads("an empty choice is accepted where it may be", field.choice({ choices: ["x"], blank: true }), [["", ""]]);
  test("the refusal quotes a short value, and never a whole structure", () => {
    assert.deepEqual(sentences(genre, "z"), ['"z" is not one of the choices.']);
    assert.deepEqual(sentences(genre, { a: 1 }), ['"an object" is not one of the choices.']);
    assert((sentences(genre, "z".repeat(5000))[0] ?? "").length < 100);
  });
});

describe("JSON", () => {
  keeps("any JSON is kept", field.json(), [
    "",
    "x",
    0,
    1.5,
    true,
    99999999999999999999n,
    [],
    {},
    { z: [1, { a: null }] },
  ]);
  refuses("half of a surrogate pair is refused wherever it stands", field.json(), "surrogate_characters_not_allowed", [
    "\ud83c",
    [{ a: "\udf89" }],
    { "\ud83c": 1 },
  ]);
  refuses("a number that cannot be written is refused", field.json(), "invalid", [
    Number.POSITIVE_INFINITY,
    [Number.NaN],
  ]);
  test("JSON that is nested very deep is refused", () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    assert.deepEqual(reading(field.json(), nested(200)), nested(200));
    assert.deepEqual(reading(field.json(), nested(201)), refused(["invalid"]));
    assert.deepEqual(reading(field.json(), nested(5000)), refused(["invalid"]));
  });
});

describe("lists", () => {
  const sizes = field.list({ of: field.integer({ min: 0 }), minItems: 1, maxItems: 3 });
  reads("each item is read as its field says", sizes, [
    [
      [1, "2", " 3 "],
      [1, 2, 3],
    ],
  ]);
  reads("findings about items stand at their index", sizes, [
    [[1, null], refused({ 1: ["null"] })],
    [["x", 1, -1], refused({ 0: ["invalid"], 2: ["min_value"] })],
    [[[1]], refused({ 0: ["invalid"] })],
  ]);
  reads("too many or too few items are refused", sizes, [
    [[1, 2, 3, 4], refused(["max_length"])],
    [[], refused(["min_length"])],
  ]);
  refuses("what is no list is refused", sizes, "not_a_list", [1, "1,2", { 0: 1 }, true]);
  refuses("an empty list is refused where it may not be", field.list({ allowEmpty: false }), "empty", [[]]);
  keeps("a list of nothing in particular keeps any JSON", field.list(), [[], [1, "a", null, { x: [1] }]]);
  test("the refusal says what came", () => {
    assert.deepEqual(sentences(sizes, { a: 1 }), ["Expected a list, got an object."]);
    assert.deepEqual(sentences(sizes, [1, 2, 3, 4]), ["At most 3 items are allowed."]);
    assert.deepEqual(sentences(field.list({ minItems: 1 }), []), ["At least 1 item is needed."]);
  });
});

describe("dictionaries", () => {
  const counts = field.dict({ of: field.integer() });
  reads("each value is read as its field says", counts, [
    [
      { a: "1", b: 2 },
      { a: 1, b: 2 },
    ],
    [{}, {}],
  ]);
  reads("findings stand under their keys", counts, [
    [{ a: "x", b: 2, c: null }, refused({ a: ["invalid"], c: ["null"] })],
  ]);
  refuses("what is no object is refused", counts, "not_a_dict", [[], "x", 5]);
  test("a key named __proto__ is a key like any other", () => {
    const read = reading(counts, JSON.parse('{"__proto__": 1}'));
    assert.deepEqual(Object.entries(Object(read)), [["__proto__", 1]]);
  });
});

describe("objects in objects", () => {
  const fields = { x: field.integer(), y: field.integer({ default: 0 }), secret: field.text({ readOnly: true }) };
  const point = field.nested({ fields });
  reads("fields are read in their order, with their defaults; what is not declared is ignored", point, [
    [
      { y: "2", x: 1, z: 3, secret: "x" },
      { x: 1, y: 2 },
    ],
    [{ x: 1 }, { x: 1, y: 0 }],
  ]);
  reads("findings stand under the fields", point, [
    [{}, refused({ x: ["required"] })],
    [{ x: null, y: "q" }, refused({ x: ["null"], y: ["invalid"] })],
  ]);
  reads("what is no object is refused under non_field_errors", point, [
    ["x", refused({ non_field_errors: ["invalid"] })],
    [[], refused({ non_field_errors: ["invalid"] })],
  ]);
  const ordered = field.nested({
    fields,
    validators: [{ code: "order", message: "x is above y.", isValid: ({ x, y }: { x: number; y: number }) => x <= y }],
  });
  reads("a check of the whole object is answered under non_field_errors", ordered, [
    [{ x: 2, y: 1 }, refused({ non_field_errors: ["order"] })],
    [
      { x: 1, y: 2 },
      { x: 1, y: 2 },
    ],
  ]);

  const points = field.list({ of: point, maxItems: 2, allowEmpty: false });
  reads("a list of objects has one entry an item in its findings", points, [
    [
      [{ x: 1 }, { x: 2, y: 3 }],
      [
        { x: 1, y: 0 },
        { x: 2, y: 3 },
      ],
    ],
    [[{ x: 1 }, {}], refused([{}, { x: ["required"] }])],
    [[1, { x: 1 }], refused([{ non_field_errors: ["invalid"] }, {}])],
    [[null], refused([["null"]])],
  ]);
  reads("findings about a list of objects itself stand under non_field_errors", points, [
    [{ x: 1 }, refused({ non_field_errors: ["not_a_list"] })],
    [[], refused({ non_field_errors: ["empty"] })],
    [[{}, {}, {}], refused({ non_field_errors: ["max_length"] })],
  ]);
});
