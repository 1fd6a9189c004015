import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigurationError } from "../../../src/errors.ts";
import { limitOffset, none } from "../../../src/resource/pagination/index.ts";
import { Book, models } from "../filters/bookshop.ts";
import { fetch, get } from "./list.ts";

const rows = Array.from({ length: 15 }, (_, i) => ({ id: i + 1 }));
const offsets = limitOffset({ defaultLimit: 5, maxLimit: 12 });
const page = (search: string) => {
  const { rows: shown, next, previous } = fetch(offsets, search, rows, { model: Book, models });
  return [shown.map(({ id }) => id), next, previous];
};

describe("limit and offset", () => {
  const cases: [string, number[], string | null, string | null][] = [
    ["", [1, 2, 3, 4, 5], "/books/?limit=5&offset=5", null],
    ["offset=3", [4, 5, 6, 7, 8], "/books/?limit=5&offset=8", "/books/?limit=5"],
    ["limit=4&offset=8", [9, 10, 11, 12], "/books/?limit=4&offset=12", "/books/?limit=4&offset=4"],
    ["limit=10&offset=10", [11, 12, 13, 14, 15], null, "/books/?limit=10"],
    ["offset=15", [], null, "/books/?limit=5&offset=10"],
    ["offset=99999999999999999999", [], null, "/books/?limit=5&offset=99999999999999999994"],
    ["limit=2&offset=-1", [1, 2], "/books/?limit=2&offset=2", null],
    ["limit=2&offset=abc", [1, 2], "/books/?limit=2&offset=2", null],
    ["limit=0", [1, 2, 3, 4, 5], "/books/?limit=5&offset=5", null],
    ["limit=1.5", [1, 2, 3, 4, 5], "/books/?limit=5&offset=5", null],
    ["limit=99999999999999999999&offset=13", [14, 15], null, "/books/?limit=12&offset=1"],
  ];
  for (const [search, ids, next, previous] of cases) {
    test(`?${search}`, () => assert.deepEqual(page(search), [ids, next, previous]));
  }

  test("no offset that a database cannot count to reaches it", () => {
    const plan = offsets.compile(Book, models, "sqlite", "").plan(get("offset=99999999999999999999"), ["id"]);
    assert.equal(plan.slice(15).offset, Number.MAX_SAFE_INTEGER);
  });

  test("the answer has count, next, previous and results, in this order", () => {
    const { envelope } = fetch(offsets, "limit=12&offset=12", rows, { model: Book, models });
    assert.equal(JSON.stringify(envelope([])), '{"count":15,"next":null,"previous":"/books/?limit=12","results":[]}');
  });

  for (const options of [{ defaultLimit: 0 }, { defaultLimit: 20, maxLimit: 10 }]) {
    test(`${JSON.stringify(options)} fails at start`, () =>
      assert.throws(() => limitOffset(options), ConfigurationError));
  }
});

test("without pages a list is answered whole, as a list", () => {
  const all = fetch(none(), "page=2&limit=1", rows, { model: Book, models });
  assert.equal(all.rows.length, 15);
  assert.deepEqual(all.envelope([1, 2]), [1, 2]);
});
