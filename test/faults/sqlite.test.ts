/** The disk under an SQLite file is full, or takes no writes; workers that write to it at once. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Database, defineStatement } from "../../src/db/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { createProject, type Running, type TestProject } from "../cli/project.ts";
import { databases } from "../databases.ts";
import { type Client, clientOf } from "../http-client.ts";
import { Author, library, Tag } from "../resource/library.ts";
import { report, stopwatch } from "./report.ts";

const sqlite = databases.find(({ name }) => name === "SQLite") ?? assert.fail();

describe("an SQLite file", () => {
  let test: TestApp;
  let database: Database;
  let headers: Record<string, string>;
  before(async () => {
    const own = await sqlite.create();
    ({ database } = own);
    test = await startTestApp(library, own);
    ({ bearer: headers } = await test.user("alice"));
    await test.insert(Author, [{ name: "Ann" }]);
    await test.insert(Tag, [{ name: "one" }, { name: "two" }]);
  });
  after(() => test.stop());

  const book = (title: string) =>
    test.client("POST", "/api/v1/books/", { json: { title, author: 1, tags: [1, 2] }, headers });
  const isWhole = async (): Promise<number> => {
    const { status, json } = await test.client("GET", "/api/v1/books/?page_size=100", { headers });
    assert.equal(status, 200);
    for (const { tags, title } of json.results) assert.deepEqual(tags, [1, 2], title);
    return json.count;
  };
  const refused = async (title: string): Promise<void> => {
    const { status, headers: got, json, text } = await book(title);
    assert.equal(status, 503, text);
    assert.ok(Number(got.get("retry-after")) > 0);
    assert.equal(typeof json.detail, "string");
    assert.doesNotMatch(text, /sqlite|full|readonly|\/tmp/i);
  };

  it("on a disk that is full refuses writes with 503, keeps no half of one, is read on, and writes again when there is room", async (t) => {
    const [pages = 0] = (await database.get(defineStatement("PRAGMA page_count", true))) ?? [];
    await database.script(`PRAGMA max_page_count = ${Number(pages) + 2}`);
    let written = 0;
    for (let answer = await book("Book 0"); answer.status === 201; answer = await book(`Book ${written}`)) {
      written++;
      assert.ok(written < 1000, "the disk never was full");
    }
    for (const title of ["still", "and still"]) await refused(title);
    assert.equal(await isWhole(), written);
    await database.script("PRAGMA max_page_count = 1000000");
    const elapsed = stopwatch();
    assert.equal((await book("room again")).status, 201);
    report(t, { lost: "no row that was answered 201", recovered: `the first write, ${elapsed()} ms` });
    assert.equal(await isWhole(), written + 1);
    assert.deepEqual(await database.get(defineStatement("PRAGMA integrity_check", true)), ["ok"]);
  });

  it("that may not be written refuses writes with 503, and takes them again afterwards", async (t) => {
    const before = await isWhole();
    await database.script("PRAGMA query_only = ON");
    await refused("not now");
    assert.equal(await isWhole(), before);
    await database.script("PRAGMA query_only = OFF");
    const elapsed = stopwatch();
    assert.equal((await book("now")).status, 201);
    report(t, { lost: "no row that was answered 201", recovered: `the first write, ${elapsed()} ms` });
  });
});

describe("three workers on one SQLite file", () => {
  let project: TestProject;
  let server: Running;
  let client: Client;
  before(async () => {
    project = await createProject(`
      import { defineApp, field, model, permission, resource } from "drf-auth";
      const Note = model("note", {
        fields: { text: field.text({ maxLength: 64, unique: true }), worker: field.integer({ default: 0 }) },
      });
      export default defineApp({
        resources: { notes: resource(Note, { permissions: [], hooks: { preSave: () => ({ worker: process.pid }) } }) },
      });
    `);
    const environment = { WEB_CONCURRENCY: "3", SECRET_KEY: "a secret of tests, thirty-two characters" };
    await project.run(["makemigrations"], { environment });
    server = project.start(["serve", "--migrate"], environment);
    const [, url = ""] = await server.says(/"url":"([^"]+)"/);
    client = clientOf(url);
  });
  after(() => project.remove());

  it("write all at once, and none of them meets a lock", async () => {
    const count = 600;
    let next = 0;
    const workers = new Set<number>();
    const write = async (): Promise<void> => {
      while (next < count) {
        const i = next++;
        const made = await client("POST", "/api/v1/notes/", { json: { text: `note ${i}` } });
        assert.equal(made.status, 201, made.text);
        workers.add(made.json.worker);
        if (i % 3 === 0) {
          const path = `/api/v1/notes/${made.json.id}/`;
          assert.equal((await client("PATCH", path, { json: { text: `changed ${i}` } })).status, 200);
        }
      }
    };
    await Promise.all(Array.from({ length: 24 }, write));
    assert.equal((await client("GET", "/api/v1/notes/")).json.count, count);
    const { err, out } = await server.stop();
    assert.doesNotMatch(err + out, /locked|SQLITE_BUSY/);
    assert.ok(workers.size > 1, "one worker did it all");
  });
});
