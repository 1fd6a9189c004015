import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Dialect } from "../../../src/db/index.ts";
import { NotFound } from "../../../src/errors.ts";
import { cursor } from "../../../src/resource/pagination/index.ts";
import { Book, models } from "../filters/bookshop.ts";
import { fetch, get, type Row, searchOf } from "./list.ts";

/** Rows with ties and nulls: three share each day, some have none. */
const rows: readonly Row[] = Array.from({ length: 20 }, (_, i) => ({
  id: i + 1,
  published_at: i % 5 === 4 ? null : `2024-01-0${1 + Math.floor(i / 3)}T22:00:00Z`,
  pages: i % 4,
}));

const page = (
  search: string,
  list = rows,
  order: readonly string[] = ["-published_at", "-id"],
  dialect: Dialect = "sqlite",
) => fetch(cursor({ pageSize: 8, maxPageSize: 30 }), search, list, { model: Book, models, dialect, order });
const ids = (from: { rows: readonly Row[] }) => from.rows.map(({ id }) => id);
const token = (text: string) => `cursor=${encodeURIComponent(Buffer.from(text).toString("base64"))}`;

describe("cursors", () => {
  for (const dialect of ["sqlite", "postgres"] as const) {
    for (const order of [["id"], ["pages", "id"], ["-pages"], ["published_at", "-id"], ["-published_at", "pages"]]) {
      for (const size of [1, 3, 7, 20, 30]) {
        test(`every row is seen once by ${order.join(", ")} in pages of ${size} on ${dialect}, forward and back`, () => {
          const whole = ids(page("page_size=30", rows, order, dialect));
          const forward: unknown[] = [];
          let at = page(`page_size=${size}`, rows, order, dialect);
          for (;;) {
            forward.push(...ids(at));
            if (at.next === null) break;
            at = page(searchOf(at.next), rows, order, dialect);
          }
          assert.deepEqual(forward, whole);
          const back = ids(at);
          while (at.previous !== null) {
            at = page(searchOf(at.previous), rows, order, dialect);
            back.unshift(...ids(at));
          }
          assert.deepEqual(back, whole);
        });
      }
    }
  }

  test("a page and back again is the same page, within equal values as well", () => {
    const first = page("page_size=2", rows, ["pages"]);
    const second = page(searchOf(first.next), rows, ["pages"]);
    const third = page(searchOf(second.next), rows, ["pages"]);
    assert.deepEqual(ids(page(searchOf(third.previous), rows, ["pages"])), ids(second));
  });

  test("rows that come before the page do not shift the next one", () => {
    const first = page("", rows, ["-id"]);
    const more = [{ id: 99, published_at: null, pages: 0 }, ...rows];
    assert.deepEqual(ids(page(searchOf(first.next), more, ["-id"])), [12, 11, 10, 9, 8, 7, 6, 5]);
  });

  test("when everything before a page is gone, the way back leads to an empty page, and on to the first row", () => {
    const second = page(searchOf(page("", rows, ["id"]).next), rows, ["id"]);
    const rest = rows.filter(({ id }) => Number(id) > 8);
    const back = page(searchOf(second.previous), rest, ["id"]);
    assert.deepEqual(ids(back), []);
    assert.equal(ids(page(searchOf(back.next), rest, ["id"]))[0], 9);
  });

  test("the answer has next, previous and results, no count", () => {
    const { envelope } = page("page_size=30");
    assert.equal(JSON.stringify(envelope([])), '{"next":null,"previous":null,"results":[]}');
  });

  test("links keep the other parameters", () => {
    assert.match(page("page_size=5&q=a").next ?? "", /^\/books\/\?cursor=[^&]+&page_size=5&q=a$/);
  });

  test("one row more than the page is fetched, nothing is counted", () => {
    const plan = cursor({ pageSize: 8 }).compile(Book, models, "sqlite", "").plan(get(""), ["pages"]);
    assert.equal(plan.counting, "none");
    assert.deepEqual(plan.slice(undefined), { order: ["pages", "id"], where: undefined, limit: 9, offset: 0 });
  });

  test("the condition begins with a bound that an index can follow", () => {
    const plan = cursor()
      .compile(Book, models, "sqlite", "")
      .plan(get(token("p=3&p=7")), ["-pages", "id"]);
    assert.deepEqual(plan.slice(undefined).where, {
      and: [
        { path: "pages", lookup: "lte", value: 3 },
        {
          or: [
            { path: "pages", lookup: "lt", value: 3 },
            {
              and: [
                { path: "pages", lookup: "exact", value: 3 },
                { path: "id", lookup: "gt", value: 7 },
              ],
            },
          ],
        },
      ],
    });
  });
});

describe("tokens of the reference", () => {
  test("a position in the first field alone, as Python prints a time", () => {
    assert.deepEqual(ids(page(token("p=2024-01-02+22%3A00%3A00%2B00%3A00"))), [3, 2, 1, 20, 15, 10, 5]);
  });

  test("an offset among the rows after it", () => {
    assert.deepEqual(ids(page(`${token("o=2&p=2024-01-02+22%3A00%3A00%2B00%3A00")}&page_size=3`)), [1, 20, 15]);
  });

  test("backwards from the end", () => {
    const last = page(`${token("r=1")}&page_size=2`, rows, ["id"]);
    assert.deepEqual([ids(last), last.next], [[19, 20], null]);
  });

  test("a token without anything in it, and none at all, mean the first page", () => {
    for (const search of ["", "cursor=", token("a"), token("o=0")]) {
      const first = page(search, rows, ["id"]);
      assert.deepEqual([ids(first)[0], first.previous], [1, null]);
    }
  });

  test("nobody skips more than a thousand rows", () => {
    const plan = cursor()
      .compile(Book, models, "sqlite", "")
      .plan(get(token("o=99999999999999999999")), ["id"]);
    assert.equal(plan.slice(undefined).offset, 1000);
  });
});

describe("refused cursors", () => {
  const refused: [string, string][] = [
    ["what is no base64", "cursor=abc"],
    ["what is no ASCII", `cursor=${Buffer.from("p=é").toString("base64")}`],
    ["a negative offset", token("o=-1")],
    ["an offset that is no number", token("o=x")],
    ["a direction that is no number", token("r=yes")],
    ["a position that is no date", token("p=abc")],
    ["a date that does not exist", token("p=2024-02-30")],
    ["a key beyond 64 bits", token("p=2024-01-02T22:00:00Z&p=99999999999999999999")],
    ["a null where none can be", token("p=2024-01-02T22:00:00Z&p=&n=1")],
    ["more values than the order has fields", token("p=2024-01-02T22:00:00Z&p=1&p=2")],
  ];
  for (const [what, search] of refused) {
    test(what, () => assert.throws(() => page(search), NotFound));
  }
});
