import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { defineModels } from "../../../src/db/index.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import { field, model } from "../../../src/model/index.ts";
import { compileOrdering } from "../../../src/resource/filters/index.ts";
import { QueryParameters } from "../../../src/resource/query-parameters.ts";
import { Book, models, place } from "./bookshop.ts";

const compile = (allowed: readonly string[] | "all", standard: readonly string[] = ["-title"]) =>
  compileOrdering(allowed, standard, Book, models, place);
const order = (query: string, allowed: readonly string[] | "all" = ["id", "price", "isbn", "author__name", "author"]) =>
  compile(allowed).read(new QueryParameters(query));

describe("ordering", () => {
  const cases: [string, string[]][] = [
    ["ordering=price", ["price", "id"]],
    ["ordering=-price", ["-price", "id"]],
    ["ordering= -price ,author__name", ["-price", "author.name", "id"]],
    ["ordering=nope,-price", ["-price", "id"]],
    ["ordering=price,price,-price", ["price", "id"]],
    ["ordering=id,price", ["id"]],
    ["ordering=-isbn,price", ["-isbn"]],
    ["ordering=-id", ["-id"]],
    ["ordering=price&ordering=-price", ["-price", "id"]],
  ];
  for (const [query, expected] of cases) {
    test(`?${query} sorts by ${expected.join(", ")}`, () => assert.deepEqual(order(query), expected));
  }

  for (const query of [
    "",
    "page=2",
    "ordering=",
    "ordering=,",
    "ordering=-",
    "ordering=--price",
    "ordering=pk",
    "ordering=price;id",
    "ordering=owner__password",
    "ordering=constructor",
  ]) {
    test(`?${query} leaves the default order`, () => assert.deepEqual(order(query), ["-title", "id"]));
  }

  test('"all" are the fields that may be shown', () => {
    const account = model("account", { fields: { name: field.text(), pin: field.text({ writeOnly: true }) } });
    const { names, read } = compileOrdering("all", ["name"], account, defineModels([account]), place);
    assert.deepEqual(names, ["id", "name"]);
    assert.deepEqual(read(new QueryParameters("ordering=-pin")), ["name", "id"]);
  });

  test("a foreign key sorts by the order of the model it points at", () => {
    assert.deepEqual(order("ordering=author"), ["author.name", "id"]);
    assert.deepEqual(order("ordering=-author"), ["-author.name", "id"]);
  });

  test("a foreign key to a model in the order of its keys sorts by the key itself", () => {
    assert.deepEqual(order("ordering=-publisher", ["publisher"]), ["-publisher", "-id"]);
  });

  test("an index that is walked backwards gives equal rows backwards, and nothing else does", () => {
    const fields = { sold: field.integer({ index: true }), made: field.integer(), at: field.integer() };
    const item = model("item", { fields, indexes: [{ fields: ["made"] }, { fields: ["at", "sold"] }] });
    const { read } = compileOrdering("all", [], item, defineModels([item]), place);
    const asked = (names: string) => read(new QueryParameters(`ordering=${names}`)).at(-1);
    for (const names of ["-sold", "-made"]) assert.equal(asked(names), "-id", names);
    for (const names of ["sold", "-at", "-sold,-made", "made,-sold"]) assert.equal(asked(names), "id", names);
  });

  test('"all" means the fields of the model that have one value', () => {
    const { names } = compile("all");
    assert.ok(names.includes("price") && names.includes("author"));
    assert.ok(!names.includes("tags") && !names.includes("metadata"));
  });

  test("the paths that any order may have are known beforehand", () => {
    assert.deepEqual(compile(["price", "author"]).paths, ["price", "author.name", "title", "id"]);
  });

  for (const [name, message] of [
    ["prise", /resource "books", order "prise": .*did you mean price\?/],
    ["tags", /expected a field with one value/],
    ["tags__slug", /expected a field with one value/],
    ["metadata", /expected a field with one value/],
  ] as const) {
    test(`an order by ${name} fails at start`, () => {
      assert.throws(
        () => compile([name]),
        (error) => error instanceof ConfigurationError && message.test(error.message),
      );
    });
  }

  test("a wrong default order fails at start", () =>
    assert.throws(() => compile([], ["-titel"]), /default order "-titel"/));
});
