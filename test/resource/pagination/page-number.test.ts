import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigurationError, NotFound } from "../../../src/errors.ts";
import { pageNumber } from "../../../src/resource/pagination/index.ts";
import { Book, models } from "../filters/bookshop.ts";
import { fetch, get } from "./list.ts";

const rows = (count: number) => Array.from({ length: count }, (_, i) => ({ id: i + 1 }));
const page = (search: string, count = 25) => fetch(pageNumber(), search, rows(count), { model: Book, models });
const ids = (search: string, count?: number) => page(search, count).rows.map(({ id }) => id);

describe("pages by number", () => {
  test("the answer has count, next, previous and results, in this order", () => {
    const first = page("");
    assert.equal(
      JSON.stringify(first.envelope(["a"])),
      '{"count":25,"next":"/books/?page=2","previous":null,"results":["a"]}',
    );
  });

  test("a page is asked for by its number", () => assert.deepEqual(ids("page=3"), [21, 22, 23, 24, 25]));
  test("the last one has a name", () => assert.deepEqual(ids("page=last"), [21, 22, 23, 24, 25]));
  test("leading zeros, signs and blanks do not matter", () => assert.equal(ids("page=%20%2B02")[0], 11));
  test("the link to the first page has no number", () => assert.equal(page("page=2&q=a b").previous, "/books/?q=a+b"));
  test("the last page has no next", () => assert.equal(page("page=3").next, null));
  test("the last of two numbers counts, and links have one", () =>
    assert.equal(page("page=9&page=2").next, "/books/?page=3"));
  test("an empty list has one page", () => {
    assert.deepEqual(page("", 0).envelope([]), { count: 0, next: null, previous: null, results: [] });
    assert.deepEqual(ids("page=last", 0), []);
  });

  for (const search of [
    "page=0",
    "page=-1",
    "page=4",
    "page=abc",
    "page=",
    "page=1.5",
    "page=99999999999999999999",
    "page=1e1",
  ]) {
    test(`?${search} is not found`, () => {
      assert.throws(
        () => page(search),
        (error) => error instanceof NotFound && error.message === "Invalid page.",
      );
    });
  }

  test("a page that nobody could count to is refused before rows are counted", () => {
    const plan = pageNumber().compile(Book, models, "sqlite", "").plan;
    assert.throws(() => plan(get("page=9007199254740993"), ["id"]), NotFound);
  });
});

describe("the size of a page", () => {
  for (const [search, size] of [
    ["page_size=3", 3],
    ["page_size=1000", 100],
    ["page_size=99999999999999999999", 100],
    ["page_size=0", 10],
    ["page_size=-3", 10],
    ["page_size=abc", 10],
    ["page_size=2.5", 10],
    ["page_size=2&page_size=4", 4],
  ] as const) {
    test(`?${search} shows ${size} rows`, () => assert.equal(ids(search, 120).length, size));
  }

  test("clients may be given another parameter, or none", () => {
    const sized = (search: string, pageSizeParameter: string | false) =>
      fetch(pageNumber({ pageSize: 5, pageSizeParameter }), search, rows(20), { model: Book, models }).rows.length;
    assert.equal(sized("per=2&page_size=3", "per"), 2);
    assert.equal(sized("page_size=3", false), 5);
  });

  for (const options of [
    { pageSize: 0 },
    { pageSize: 1.5 },
    { pageSize: 20, maxPageSize: 10 },
    { pageSize: Number.NaN },
  ]) {
    test(`${JSON.stringify(options)} fails at start`, () =>
      assert.throws(() => pageNumber(options), ConfigurationError));
  }

  test("its parameters are plain data, for documents", () => {
    assert.deepEqual(
      pageNumber().parameters.map(({ name, kind }) => [name, kind]),
      [
        ["page", "integer"],
        ["page_size", "integer"],
      ],
    );
  });
});
