/** Which rows have pages, and which lists rows are looked up in. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { createSiteMap } from "../../src/browsable/site-map.ts";
import { field, model } from "../../src/model/index.ts";
import { pagination, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";

const modelOf = (name: string) => model(`desk.${name}`, { fields: { name: field.text({ maxLength: 40 }) } });

describe("the map of a site", () => {
  let test: TestApp;
  before(async () => {
    const [sqlite] = databases;
    assert.ok(sqlite);
    const search = ["name"];
    const app = defineApp({
      resources: {
        books: resource(modelOf("book"), { search }),
        words: resource(modelOf("word"), { search, pagination: pagination.none() }),
        notes: resource(modelOf("note")),
        logs: resource(modelOf("log"), { search, pages: false }),
        marks: resource(modelOf("mark"), { search, only: ["create", "retrieve"] }),
      },
    });
    test = await startTestApp(app, await sqlite.create());
  });
  after(() => test.stop());

  it("has the rows that people can look at", () => {
    const pages = createSiteMap(() => test.endpoints);
    assert.equal(pages.rowsOf("desk.book"), "/api/v1/books/");
    assert.equal(pages.rowsOf("desk.mark"), "/api/v1/marks/");
    assert.equal(pages.rowsOf("desk.log"), undefined, "its pages are switched off");
    assert.equal(pages.rowsOf("desk.nothing"), undefined);
  });

  it("has rows looked up where a list is searched and comes in pages, never where it would come as a whole", () => {
    const pages = createSiteMap(() => test.endpoints);
    assert.equal(pages.lookUpOf("desk.book")?.path, "/api/v1/books/");
    assert.equal(pages.lookUpOf("desk.log")?.path, "/api/v1/logs/", "programs, and our scripts, may ask it");
    assert.equal(pages.lookUpOf("desk.word"), undefined, "not in pages");
    assert.equal(pages.lookUpOf("desk.note"), undefined, "not searched");
    assert.equal(pages.lookUpOf("desk.mark"), undefined, "not listed");
  });
});
