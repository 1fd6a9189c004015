/** Walks over lists: whatever the rows, the order and the size of a page, every row is seen once, in one order. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { defineApp } from "../../src/app/index.ts";
import { pagination, permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { columns, compare, Entry, type EntryRow, entry } from "./rows.ts";
import "./seed.ts";

const common = { permissions: [permission.allowAny()], order: "all" as const, filter: { run: ["exact"] as const } };
const app = defineApp({
  resources: {
    numbers: resource(Entry, { ...common, pagination: pagination.pageNumber() }),
    slices: resource(Entry, { ...common, pagination: pagination.limitOffset() }),
    cursors: resource(Entry, { ...common, pagination: pagination.cursor() }),
    all: resource(Entry, { ...common, pagination: pagination.none() }),
  },
});

/** Rows, an order with or without the key, and how many a page has. */
const lists = fc.record({
  rows: fc.array(entry, { maxLength: 14 }),
  order: fc
    .uniqueArray(fc.constantFrom("id", ...columns), { maxLength: 3 })
    .chain((names) => fc.tuple(...names.map((name) => fc.constantFrom(name, `-${name}`)))),
  size: fc.integer({ min: 1, max: 16 }),
});

type Page = { readonly results: readonly EntryRow[]; readonly next: string | null; readonly previous: string | null };

for (const { name, create } of databases) {
  describe(`pages on ${name}`, () => {
    let test: TestApp;
    let run = 0;
    before(async () => {
      test = await startTestApp(app, await create());
    });
    after(() => test.stop());

    const get = async (path: string): Promise<Page & { readonly count: number }> => {
      const { status, json, text } = await test.client("GET", path.replace(test.client.base, ""));
      assert.equal(status, 200, `${path} ${text}`);
      return json;
    };
    const insert = (rows: readonly EntryRow[]) =>
      test.insert(
        Entry,
        rows.map((row) => ({ ...row, run })),
      );
    const idsOf = ({ results }: Page) => results.map(({ id }) => id);

    /** The keys of the rows in the order that is asked, by comparing them here. */
    const sorted = async (order: readonly string[]): Promise<unknown[]> => {
      const { json: rows } = await test.client("GET", `/api/v1/all/?run=${run}`);
      const nullFirst = name === "SQLite" ? -1 : 1;
      // Where rows are still equal the key decides; an index that is walked backwards turns it around.
      const total = [...order, order.join() === "-whole" ? "-id" : "id"];
      return (rows as EntryRow[])
        .toSorted((a, b) => {
          for (const each of total) {
            const column = each.replace("-", "");
            const [x, y] = [a[column] ?? null, b[column] ?? null];
            const ascending = x === y ? 0 : x === null ? nullFirst : y === null ? -nullFirst : compare(column, x, y);
            if (ascending !== 0) return each === column ? ascending : -ascending;
          }
          return 0;
        })
        .map(({ id }) => id);
    };

    /** The pages from one on; `between` is done before each next one is fetched. */
    const walk = async (path: string, to: "next" | "previous", between?: () => Promise<void>): Promise<Page[]> => {
      const pages = [await get(path)];
      for (let link = pages[0]?.[to]; link; link = pages.at(-1)?.[to]) {
        await between?.();
        pages.push(await get(link));
        assert.ok(pages.length < 100, "the walk has no end");
      }
      return pages;
    };
    const pathOf = (list: string, order: readonly string[], more: string) =>
      `/api/v1/${list}/?run=${run}&${more}${order.length ? `&ordering=${order.join(",")}` : ""}`;

    /** Forward through every page, and back again from the last: the same rows, on pages of at most that size. */
    const assertWalks = async (path: string, expected: readonly unknown[], size: number): Promise<Page[]> => {
      const pages = await walk(path, "next");
      assert.deepEqual(pages.flatMap(idsOf), expected);
      assert.ok(pages.every(({ results }) => results.length <= size));
      const before = pages.at(-1)?.previous;
      const back = before ? await walk(before, "previous") : [];
      const last = pages.at(-1);
      assert.deepEqual([...back.toReversed().flatMap(idsOf), ...(last ? idsOf(last) : [])], expected);
      return pages;
    };

    it("by number see every row once, whichever page one begins with", async () => {
      await fc.assert(
        fc.asyncProperty(lists, async ({ rows, order, size }) => {
          run++;
          await insert(rows);
          const expected = await sorted(order);
          const path = pathOf("numbers", order, `page_size=${size}`);
          const pages = await assertWalks(path, expected, size);
          assert.equal(pages.length, Math.max(1, Math.ceil(rows.length / size)));
          for (const [i, page] of pages.entries()) {
            assert.deepEqual(await get(`${path}&page=${i + 1}`), { ...page, count: rows.length });
          }
          assert.deepEqual(idsOf(await get(`${path}&page=last`)), pages.slice(-1).flatMap(idsOf));
          const beyond = await test.client("GET", `${path}&page=${pages.length + 1}`);
          assert.equal(beyond.status, 404);
        }),
        { numRuns: 40 },
      );
    });

    it("by limit and offset see every row once, and any slice is that of the whole", async () => {
      await fc.assert(
        fc.asyncProperty(lists, fc.nat(20), async ({ rows, order, size }, offset) => {
          run++;
          await insert(rows);
          const expected = await sorted(order);
          const path = pathOf("slices", order, `limit=${size}`);
          await assertWalks(path, expected, size);
          const slice = await get(`${path}&offset=${offset}`);
          assert.deepEqual(idsOf(slice), expected.slice(offset, offset + size));
          assert.equal(slice.count, rows.length);
        }),
        { numRuns: 40 },
      );
    });

    it("by cursor see every row once, forwards and backwards", async () => {
      await fc.assert(
        fc.asyncProperty(lists, async ({ rows, order, size }) => {
          run++;
          await insert(rows);
          await assertWalks(pathOf("cursors", order, `page_size=${size}`), await sorted(order), size);
        }),
        { numRuns: 60 },
      );
    });

    it("by cursor see every row once that stays, while others come and go", async () => {
      const changes = fc.array(fc.tuple(fc.array(entry, { maxLength: 3 }), fc.option(fc.nat(20))), { maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(lists, changes, async ({ rows, order, size }, changes) => {
          run++;
          await insert(rows);
          const atStart = await sorted(order);
          const gone = new Set<unknown>();
          const left = [...changes];
          const change = async (): Promise<void> => {
            const [arriving = [], leaving] = left.shift() ?? [];
            await insert(arriving);
            const id = atStart[leaving ?? Number.POSITIVE_INFINITY];
            if (id === undefined || gone.has(id)) return;
            gone.add(id);
            await test.client("DELETE", `/api/v1/all/${id}/`);
          };
          /** Whoever was there all the time, in the order of the start; others once at most. */
          const assertSeen = (pages: readonly Page[], ids: readonly unknown[]): void => {
            const seen = pages.flatMap(idsOf);
            assert.equal(new Set(seen).size, seen.length, `seen twice: ${seen.join(", ")}`);
            const stayed = (id: unknown) => ids.includes(id) && !gone.has(id);
            assert.deepEqual(seen.filter(stayed), ids.filter(stayed));
          };
          const path = pathOf("cursors", order, `page_size=${size}`);
          const forward = await walk(path, "next", change);
          assertSeen(forward, atStart);
          const last = forward.at(-1);
          const between = await sorted(order);
          if (!last?.previous) return;
          // Back from the first row of the last page, so what stands before it now is what must be seen.
          const first = between.indexOf(last.results[0]?.id);
          left.push(...changes);
          const back = await walk(last.previous, "previous", change);
          if (first >= 0)
            assertSeen(
              back.map((page) => ({ ...page, results: page.results.toReversed() })),
              between.slice(0, first).toReversed(),
            );
        }),
        { numRuns: 60 },
      );
      assert.deepEqual(test.faults, []);
    });
  });
}
