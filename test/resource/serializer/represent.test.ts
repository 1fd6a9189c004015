import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { field } from "../../../src/model/index.ts";
import { representerOf } from "../../../src/resource/serializer/represent.ts";

describe("showing an object", () => {
  test("fields come in the order of their declaration, without what is write-only or unknown", () => {
    const show = representerOf({ name: field.text(), secret: field.text({ writeOnly: true }), id: field.id() });
    assert.equal(JSON.stringify(show({ id: 1, secret: "s", name: "a", other: 2 })), '{"name":"a","id":1}');
  });
  test("what is not there is its default, null where that is allowed, and left out where it is optional", () => {
    const show = representerOf({
      defaulted: field.text({ default: () => "fallback", null: true }),
      nullable: field.text({ null: true }),
      optional: field.text({ required: false }),
    });
    assert.deepEqual(show({}), { defaulted: "fallback", nullable: null });
  });
  test("an object without a required value is a fault of the program, which names it", () => {
    assert.throws(
      () => representerOf({ name: field.text() })({}),
      new TypeError('the object to show has no "name", which is required'),
    );
  });
  test("decimals have their places, as text or as a number", () => {
    const options = { maxDigits: 6, decimalPlaces: 2, null: true } as const;
    const show = representerOf({ price: field.decimal(options), total: field.decimal({ ...options, asNumber: true }) });
    assert.deepEqual(show({ price: "12.5", total: "12.50" }), { price: "12.50", total: 12.5 });
    assert.deepEqual(show({ price: 1.005, total: null }), { price: "1.00", total: null });
    assert.throws(() => show({ price: "x" }), TypeError);
  });
  test("a computed value is made from the object", () => {
    const show = representerOf({ long: field.computed((book: { pages: number }) => book.pages > 300) });
    assert.deepEqual(show({ pages: 301 }), { long: true });
  });
  test("a path is followed through objects; where it breaks off the value is left out", () => {
    const show = representerOf({ author: field.from("author.name") });
    assert.deepEqual(
      [show({ author: { name: "Ada" } }), show({ author: null }), show({})],
      [{ author: "Ada" }, {}, {}],
    );
  });
  test("lists, dictionaries and objects are shown item by item, null stays null", () => {
    const price = field.decimal({ maxDigits: 6, decimalPlaces: 2 });
    const line = field.nested({ fields: { price, code: field.text({ writeOnly: true }) }, null: true });
    const show = representerOf({
      line,
      lines: field.list({ of: line }),
      prices: field.dict({ of: price }),
      any: field.list(),
    });
    assert.deepEqual(
      show({ line: null, lines: [{ price: "1", code: "c" }, null], prices: { a: "2", b: null }, any: [{ x: 1 }] }),
      { line: null, lines: [{ price: "1.00" }, null], prices: { a: "2.00", b: null }, any: [{ x: 1 }] },
    );
  });
});
