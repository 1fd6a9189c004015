/** What `count` says of a list over HTTP: exact, about, or nothing; pages are right with each. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp, field, model, pagination, permission, resource } from "../../src/index.ts";
import { startTestApp, type TestApp, type TestUser } from "../app.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";

const MANY = 12_000;

const Visit = model("count.visit", { fields: { site: field.integer(), city: field.text({ maxLength: 20 }) } });
const visits = (options: Parameters<typeof pagination.pageNumber>[0]) =>
  resource(Visit, {
    ...{ filter: { site: ["exact"], city: ["exact"] }, defaultOrder: ["id"], only: ["list"] },
    scope: ({ user }) => (user ? { and: [] } : { path: "city", value: "Bern" }),
    permissions: [permission.readOnly()],
    pagination: pagination.pageNumber({ maxPageSize: MANY, ...options }),
  });
const app = defineApp({
  resources: {
    exact: visits({}),
    about: visits({ count: "estimated" }),
    uncounted: visits({ count: "none" }),
    "about-offsets": resource(Visit, {
      ...{ filter: { site: ["exact"] }, defaultOrder: ["id"], permissions: [permission.readOnly()] },
      pagination: pagination.limitOffset({ maxLimit: MANY, count: "estimated" }),
    }),
    "uncounted-offsets": resource(Visit, {
      ...{ filter: { site: ["exact"] }, defaultOrder: ["id"], permissions: [permission.readOnly()] },
      pagination: pagination.limitOffset({ maxLimit: MANY, count: "none" }),
    }),
  },
});

for (const { name, create } of databases) {
  describe(`counts of lists on ${name}`, () => {
    const counter = countStatements();
    let test: TestApp;
    let alice: TestUser;
    before(async () => {
      test = await startTestApp(app, await create(), { wrap: counter.wrap });
      alice = await test.user("alice");
      const { dialect } = test.database;
      const numbers = `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${MANY})`;
      // Bern has 30 rows, site 0 has 1714.
      await test.database.script(
        `${numbers} insert into count_visit (site, city) select i % 7, case when i % 400 = 0 then 'Bern' else 'Basel' end from n`,
      );
      if (dialect === "postgres") await test.database.script("analyze count_visit");
    });
    after(() => test.stop());

    const list = async (
      path: string,
      { headers }: { headers?: Record<string, string> } = { headers: alice.bearer },
    ) => {
      counter.texts = [];
      const { status, json } = await test.client("GET", `/api/v1/${path}`, { headers });
      const texts: readonly string[] = counter.texts;
      return { ...json, status, shown: json.results?.length, texts };
    };
    const shape = async (path: string, who?: { headers?: Record<string, string> }) => {
      const { status, count, shown, next, previous } = await list(path, who);
      return [status, count, shown, next !== null, previous !== null];
    };
    const nobody = { headers: {} };

    it("nothing is counted where nothing is to be counted", async () => {
      const { texts, ...page } = await list("uncounted/?page_size=5");
      assert.deepEqual([page.count, page.shown], [null, 5]);
      assert.match(page.next, /\?page=2&page_size=5$/);
      assert.ok(
        texts.every((text: string) => !/count\(/i.test(text)),
        texts.join("\n"),
      );
      assert.deepEqual(Object.keys(page).slice(0, 4), ["count", "next", "previous", "results"]);
      const offsets = await list("uncounted-offsets/?limit=5&offset=5");
      assert.deepEqual([offsets.count, offsets.shown], [null, 5]);
      assert.ok(offsets.texts.every((text: string) => !/count\(/i.test(text)));
      assert.ok((await list("exact/")).texts.some((text: string) => /count\(/i.test(text)));
    });

    it("every page has its rows and its neighbours, with each kind of count", async () => {
      for (const [path, count] of [
        ["exact", 30],
        ["about", 30],
        ["uncounted", null],
      ] as const) {
        const asked = `${path}/?city=Bern&page_size=10`;
        assert.deepEqual(await shape(asked), [200, count, 10, true, false], path);
        assert.deepEqual(await shape(`${asked}&page=2`), [200, count, 10, true, true], path);
        assert.deepEqual(await shape(`${asked}&page=3`), [200, count, 10, false, true], path);
        assert.deepEqual(await shape(`${path}/?city=Nowhere`), [200, count && 0, 0, false, false], path);
        const behind = await list(`${asked}&page=4`);
        assert.deepEqual([behind.status, behind.detail], [404, "Invalid page."], path);
      }
      for (const [path, count] of [
        ["about-offsets", 1714],
        ["uncounted-offsets", null],
      ] as const) {
        const asked = `${path}/?site=0&limit=1000`;
        assert.deepEqual(await shape(asked), [200, count, 1000, true, false], path);
        assert.deepEqual(await shape(`${asked}&offset=1000`), [200, count, 714, false, true], path);
        assert.deepEqual(await shape(`${asked}&offset=1714`), [200, count, 0, false, true], path);
      }
    });

    it("an estimate is of the rows in sight alone, and exact for few", async () => {
      assert.deepEqual(await shape("about/?page_size=30", nobody), [200, 30, 30, false, false]);
      assert.deepEqual(await shape("about/?city=Basel", nobody), [200, 0, 0, false, false]);
    });

    it("above 10,000 rows an estimate is the planner's, or says that there are more", async () => {
      const { count, next } = await list("about/");
      assert.ok(next);
      if (test.database.dialect === "sqlite") assert.equal(count, 10_001);
      else assert.ok(count > 11_000 && count < 13_000, String(count));
      const some = await list("about/?city=Basel");
      if (test.database.dialect === "postgres")
        assert.ok(some.count > 10_900 && some.count < 13_000, String(some.count));
    });

    it("on the last page an estimate is right", async () => {
      assert.deepEqual(await shape("about/?page_size=4000&page=3"), [200, MANY, 4000, false, true]);
      assert.deepEqual(await shape("about-offsets/?limit=4000&offset=8000"), [200, MANY, 4000, false, true]);
    });

    it("the last page has a name where rows are counted, and the refusal says why it has none", async () => {
      for (const path of ["exact", "about"])
        assert.deepEqual(await shape(`${path}/?page=last&page_size=5000`), [200, MANY, 2000, false, true], path);
      const { status, detail } = await list("uncounted/?page=last");
      assert.equal(status, 404);
      assert.match(detail, /not counted/);
    });

    it("pages for people show the number, or how many rows they show", async () => {
      const page = async (path: string) =>
        (await test.client("GET", `/api/v1/${path}`, { headers: { accept: "text/html" } })).text;
      assert.match(await page("about/?page_size=7"), /7 of 30</);
      const uncounted = await page("uncounted/?page_size=7");
      assert.match(uncounted, /7 shown</);
      assert.match(uncounted, /rel="next"/);
    });
  });
}

describe("the option count", () => {
  it("is one of three, or the start ends", () => {
    const wrong = "some" as "none";
    assert.throws(() => pagination.pageNumber({ count: wrong }), /pagination.pageNumber, count: expected exact, est/);
    assert.throws(() => pagination.limitOffset({ count: wrong }), /pagination.limitOffset, count: .* got "some"/);
  });
});
