import assert from "node:assert/strict";
import { resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import app from "../../examples/library/app.ts";
import { openProject } from "../../src/project/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";

it("tables of somebody else need no migration", async () => {
  const file = resolve(import.meta.dirname, "../../examples/library/app.ts");
  assert.deepEqual(await (await openProject(file, { environment: {} })).findMissingMigrations(), []);
});

const tables = `
CREATE TABLE "T_PUBLISHER" ("PUB_NO" integer PRIMARY KEY, "PUB_NAME" text, "COUNTRY" text);
CREATE TABLE "T_TITLE" ("ISBN" text PRIMARY KEY, "TITLE" text, "PUB_NO" integer, "PRICE_CENTS" integer);
CREATE TABLE "T_LOAN" ("ID" integer PRIMARY KEY, "ISBN" text, "MEMBER" text, "BACK_ON" text);
INSERT INTO "T_PUBLISHER" VALUES (1, 'Alder', 'CH'), (2, 'Birch', 'FR');
INSERT INTO "T_TITLE" VALUES ('a1', 'Apples', 1, 1250), ('b2', 'Beans', 2, NULL), ('c3', 'Cress', NULL, 300);
INSERT INTO "T_LOAN" VALUES (1, 'a1', 'Ann', NULL), (2, 'a1', 'Ben', NULL), (3, 'b2', 'Ann', '2024-05-01'), (4, 'b2', 'Cid', NULL);
`;

for (const { name, create } of databases) {
  describe(`tables made by somebody else, on ${name}`, () => {
    let test: TestApp;
    const get = (path: string, headers?: Readonly<Record<string, string>>) =>
      test.client("GET", `/api/v1/${path}`, { headers });
    before(async () => {
      const database = await create();
      await database.database.script(tables);
      test = await startTestApp(app, database);
    });
    after(async () => {
      assert.deepEqual(test.faults, []);
      await test.stop();
    });

    it("rows have the names that the declaration gives them, and a row is found by its own key", async () => {
      const { json } = await get("titles/a1/");
      assert.deepEqual(json, {
        isbn: "a1",
        title: "Apples",
        publisher: { number: 1, name: "Alder", country: "CH" },
        price_cents: 1250,
        price: "12.50",
      });
      assert.equal((await get("titles/c3/")).json.publisher, null);
    });

    it("filters, search and order go through relations", async () => {
      const isbns = async (query: string) =>
        (await get(`titles/?${query}`)).json.results.map(({ isbn }: { isbn: string }) => isbn);
      assert.deepEqual(await isbns("country=FR"), ["b2"]);
      assert.deepEqual(await isbns("search=alder"), ["a1"]);
      assert.deepEqual(await isbns("ordering=-title"), ["c3", "b2", "a1"]);
    });

    it("a query with aggregates is filtered and ordered like a table", async () => {
      const all = await get("on-loan/");
      assert.deepEqual(all.json.results, [
        { publisher: 1, open_loans: 2, publisher_name: "Alder" },
        { publisher: 2, open_loans: 1, publisher_name: "Birch" },
      ]);
      assert.equal((await get("on-loan/?open_loans__gte=2")).json.count, 1);
      assert.equal((await get("on-loan/2/")).json.open_loans, 1);
    });

    it("a loan shows what is asked for: some of its fields, its title and the publisher of that", async () => {
      const { bearer } = await test.user("bob");
      assert.deepEqual((await get("loans/1/?fields=member,id", bearer)).json, { id: 1, member: "Ann" });
      const publisher = { number: 1, name: "Alder", country: "CH" };
      assert.deepEqual((await get("loans/1/?fields=id,title&expand=title.publisher", bearer)).json, {
        id: 1,
        title: { isbn: "a1", title: "Apples", publisher, price_cents: 1250 },
      });
      const { status, json } = await get("loans/?fields=members", bearer);
      const message = 'Expected some of id, title, member, back_on, title_name; got "members".';
      assert.deepEqual([status, json], [400, { fields: [message] }]);
    });

    it("nobody writes, not even who is signed in; loans are for who is", async () => {
      const { bearer } = await test.user("alice");
      assert.equal((await test.client("POST", "/api/v1/publishers/", { json: {}, headers: bearer })).status, 403);
      assert.equal((await test.client("DELETE", "/api/v1/titles/a1/", { headers: bearer })).status, 403);
      assert.equal((await get("loans/")).status, 401);
      assert.equal((await get("loans/?open=true", bearer)).json.count, 3);
    });
  });
}
