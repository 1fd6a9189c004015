import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type FieldMap, field } from "../../../src/model/index.ts";
import { Form } from "../../../src/resource/serializer/form.ts";
import { type ReadMode, readFields } from "../../../src/resource/serializer/read-fields.ts";
import { codesOf } from "./reading.ts";

const whole: ReadMode = { partial: false, applyDefaults: true };
const ofModel: ReadMode = { partial: false, applyDefaults: false };
const patch: ReadMode = { partial: true, applyDefaults: false };

/** The values of an input, or the codes of its findings. */
function read(fields: FieldMap, input: unknown, mode = whole): unknown {
  const { values, issues } = readFields(fields, mode)(input);
  return issues ? codesOf(issues) : values;
}
const form = (text: string) => new Form(new URLSearchParams(text));

const book: FieldMap = {
  id: field.id(),
  title: field.text({ maxLength: 5 }),
  pages: field.integer(),
  rating: field.float({ null: true }),
  in_print: field.boolean({ default: true }),
  created_at: field.createdAt(),
};

describe("an input", () => {
  test("the values of its fields come out; what is unknown or read-only is ignored", () => {
    const sent = { id: 9, title: " Emma ", pages: "100", rating: null, in_print: false, created_at: "x", other: 1 };
    assert.deepEqual(read(book, sent), { title: "Emma", pages: 100, rating: null, in_print: false });
  });
  test("everything that is wrong is told at once", () => {
    assert.deepEqual(read(book, { title: "Persuasion", rating: "good", in_print: null }), {
      title: ["max_length"],
      pages: ["required"],
      rating: ["invalid"],
      in_print: ["null"],
    });
  });
  test("the fields that are right are known even if others are wrong", () => {
    const { values, issues } = readFields(book, whole)({ title: "Emma", pages: "x" });
    assert.deepEqual([values, issues && codesOf(issues)], [{ title: "Emma", in_print: true }, { pages: ["invalid"] }]);
  });
  test("it must be an object", () => {
    for (const input of [null, [], "x", 5, true])
      assert.deepEqual(read(book, input), { non_field_errors: ["invalid"] });
  });
  test("what is not sent is its default; a function is called each time", () => {
    let count = 0;
    const fields = {
      n: field.integer({ default: () => ++count }),
      required: field.text({ required: true, default: "d" }),
    };
    const reader = readFields(fields, whole);
    assert.deepEqual(
      [reader({}).values, reader({}).values],
      [
        { n: 1, required: "d" },
        { n: 2, required: "d" },
      ],
    );
  });
  test("the defaults of a model's columns are left to the row", () => {
    assert.deepEqual(read(book, { title: "Emma", pages: 1 }, ofModel), { title: "Emma", pages: 1 });
  });
  test("a change need not name every field", () => {
    assert.deepEqual(read(book, {}, patch), {});
    assert.deepEqual(read(book, { pages: "" }, patch), { pages: ["invalid"] });
  });
  test("a change need not name every field of an object in it, and no default is put there", () => {
    const fields = { point: field.nested({ fields: { x: field.integer(), y: field.integer({ default: 0 }) } }) };
    assert.deepEqual(read(fields, { point: {} }, patch), { point: {} });
    assert.deepEqual(read(fields, { point: { x: "a" } }, patch), { point: { x: ["invalid"] } });
  });
  test("a field named as something every object has is not found where it was not sent", () => {
    assert.deepEqual(read({ constructor: field.text({ required: false }) }, {}), {});
  });
});

describe("a form", () => {
  test("a checkbox that is off is not sent, and is false", () => {
    assert.deepEqual(read(book, form("title=Emma&pages=1"), ofModel), { title: "Emma", pages: 1, in_print: false });
    assert.deepEqual(read(book, form("title=Emma&pages=1&in_print=on"), ofModel), {
      title: "Emma",
      pages: 1,
      in_print: true,
    });
  });
  test("a checkbox with a default of an input is that where it is not sent", () => {
    assert.deepEqual(read({ agreed: field.boolean({ default: true }) }, form("")), { agreed: true });
  });
  test("a change leaves a checkbox alone that it does not send", () => {
    assert.deepEqual(read(book, form("pages=2"), patch), { pages: 2 });
  });
  test("a blank is null, or nothing, or blank, by what the field allows", () => {
    const fields = {
      rating: field.float({ null: true }),
      note: field.text({ blank: true, null: true }),
      kind: field.choice({ choices: ["a"], required: false }),
      pages: field.integer(),
      title: field.text(),
    };
    assert.deepEqual(read(fields, form("rating=&note=&kind=&pages=1&title=x")), {
      rating: null,
      note: "",
      pages: 1,
      title: "x",
    });
    assert.deepEqual(read(fields, form("pages=&title=")), { pages: ["invalid"], title: ["blank"] });
  });
  test("the last value of a name counts", () => {
    assert.deepEqual(read({ n: field.integer() }, form("n=1&n=2")), { n: 2 });
  });
  test("JSON is sent as its text", () => {
    const fields = { data: field.json({ null: true }) };
    assert.deepEqual(read(fields, form(`data=${encodeURIComponent('{"a":[1]}')}`)), { data: { a: [1] } });
    assert.deepEqual(read(fields, form("data=99999999999999999999")), { data: 99999999999999999999n });
    assert.deepEqual(read(fields, form("data=null")), { data: null });
    assert.deepEqual(read(fields, form("")), {});
    assert.deepEqual(read(fields, form("data=")), { data: ["invalid"] });
    assert.deepEqual(read(fields, form("data={")), { data: ["invalid"] });
    assert.deepEqual(read({ data: field.json() }, form("data=null")), { data: ["null"] });
  });
  test("a list is a repeated name, or a name with numbers", () => {
    const fields = { sizes: field.list({ of: field.integer(), required: false }) };
    assert.deepEqual(read(fields, form("sizes=1&sizes=2")), { sizes: [1, 2] });
    assert.deepEqual(read(fields, form("sizes[2]=5&sizes[0]=4")), { sizes: [4, 5] });
    assert.deepEqual(read(fields, form("sizes[0]=4"), patch), { sizes: [4] });
    assert.deepEqual(read(fields, form("sizes[x]=4&sizes[]=5&sizes")), { sizes: { 0: ["invalid"] } });
    assert.deepEqual(read(fields, form("other=1")), {});
  });
  test("lists of lists have two numbers", () => {
    const fields = { rows: field.list({ of: field.list({ of: field.integer() }) }) };
    assert.deepEqual(read(fields, form("rows[0][0]=1&rows[0][1]=2&rows[1][0]=3")), { rows: [[1, 2], [3]] });
  });
  test("links to many rows are a repeated name; none at all is an empty list, but not in a change", () => {
    const fields = { tags: field.manyToMany("tag", { blank: true }) };
    assert.deepEqual(read(fields, form("tags=1&tags=2")), { tags: [1, 2] });
    assert.deepEqual(read(fields, form("")), { tags: [] });
    assert.deepEqual(read(fields, form(""), patch), {});
  });
  test("an object's fields are written name.field, those of a list of objects name[0]field", () => {
    const point = { x: field.integer(), on: field.boolean(), tags: field.list({ required: false }) };
    const fields = {
      point: field.nested({ fields: point, null: true }),
      points: field.list({ of: field.nested({ fields: point }), required: false }),
    };
    assert.deepEqual(read(fields, form("point.x=1&point.on=1")), { point: { x: 1, on: true } });
    assert.deepEqual(read(fields, form("point.on=x")), { point: { x: ["required"], on: ["invalid"] } });
    assert.deepEqual(read(fields, form("points[1]x=2&points[0]x=1&points[0]tags=a&points[0]tags=b")), {
      points: [
        { x: 1, on: false, tags: ["a", "b"] },
        { x: 2, on: false },
      ],
    });
    assert.deepEqual(read(fields, form("points[0]=z")), { points: [{ non_field_errors: ["invalid"] }] });
  });
  test("a dictionary is written name.key; a change that names no key leaves it alone", () => {
    const fields = { counts: field.dict({ of: field.integer() }) };
    assert.deepEqual(read(fields, form("counts.a=1&counts.b=2")), { counts: { a: 1, b: 2 } });
    assert.deepEqual(read(fields, form("counts.a=x")), { counts: { a: ["invalid"] } });
    assert.deepEqual(read(fields, form("")), { counts: {} });
    assert.deepEqual(read(fields, form(""), patch), {});
  });
});

test("a value may be repeated in a form as often as the form is long", () => {
  const pairs = Array.from({ length: 300_000 }, () => ["items[0]b", ""] as const);
  const items = field.list({ of: field.nested({ fields: { a: field.text(), b: field.text({ blank: true }) } }) });
  const { values } = readFields(
    { items },
    { partial: false, applyDefaults: true },
  )(new Form([["items[0]a", "1"], ...pairs]));
  assert.deepEqual(values, { items: [{ a: "1", b: "" }] });
});
