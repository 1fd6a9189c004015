/** Conditional requests: nothing is sent twice that has not changed, and nobody overwrites what they have not seen. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { field, model } from "../../src/model/index.ts";
import { endpoint, permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp, type TestUser } from "../app.ts";
import { databases } from "../databases.ts";
import type { Answer } from "../http-client.ts";

const Author = model("desk.author", { fields: { name: field.text({ maxLength: 100 }) } });
const Tag = model("desk.tag", { fields: { name: field.text({ maxLength: 100 }) } });
const Pad = model("desk.pad", { fields: { name: field.text({ maxLength: 100 }) } });
/** Sorted by what may be equal. */
const Page = model("desk.page", {
  fields: { pad: field.foreignKey(Pad), text: field.text(), hidden: field.integer({ default: 0 }) },
  order: ["text"],
});
const Note = model("desk.note", {
  fields: {
    text: field.text({ maxLength: 100 }),
    rating: field.float({ default: 1 }),
    author: field.foreignKey(Author, { null: true }),
    tags: field.manyToMany(Tag, { blank: true }),
    secret: field.boolean({ default: false }),
    owner: field.owner(),
    updated_at: field.updatedAt(),
  },
});

const permissions = [permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner")];
const extra = { author_name: field.from("author.name") };
/** The texts that hooks were run for. */
const saved: unknown[] = [];

const desk = defineApp({
  resources: {
    authors: resource(Author, { permissions: [permission.allowAny()] }),
    tags: resource(Tag, { permissions: [permission.allowAny()] }),
    pads: resource(Pad, {
      permissions: [permission.allowAny()],
      extra: { pages: field.children(Page, "pad", { fields: { id: Page.fields.id, text: Page.fields.text } }) },
    }),
    pages: resource(Page, { permissions: [permission.allowAny()] }),
    notes: resource(Note, {
      permissions,
      extra,
      filter: { text: ["exact"] },
      hooks: {
        preSave({ values: { text } }) {
          saved.push(text);
          return undefined;
        },
      },
      actions: {
        shout: { method: "POST", on: "detail", run: ({ object }) => ({ text: object.text.toUpperCase() }) },
        latest: { method: "GET", on: "list", run: ({ list }) => list({ limit: 1 }) },
      },
    }),
    open: resource(Note, {
      permissions,
      scope: ({ user }) => (user?.is_staff ? { and: [] } : { path: "secret", value: false }),
    }),
    kept: resource(Note, { permissions, requireIfMatch: true }),
  },
  endpoints: { time: endpoint({ methods: { GET: { run: ({ now }) => ({ now }) } } }) },
});

for (const { name, create } of databases) {
  describe(`conditional requests on ${name}`, () => {
    let test: TestApp;
    let alice: TestUser;
    let bob: TestUser;
    before(async () => {
      test = await startTestApp(desk, await create());
      alice = await test.user("alice");
      bob = await test.user("bob");
      await test.insert(Author, [{ name: "Ann" }, { name: "Ben" }]);
      await test.insert(Tag, [{ name: "one" }, { name: "two" }]);
    });
    after(async () => {
      await test.stop();
      assert.deepEqual(test.faults, []);
    });

    type Headers = Readonly<Record<string, string>>;
    const ask = (method: string, path: string, headers: Headers = {}, json?: unknown): Promise<Answer> =>
      test.client(method, `/api/v1/${path}`, { json, headers: { ...alice.bearer, ...headers } });
    const patch = (path: string, etag: string, json: unknown) => ask("PATCH", path, { "if-match": etag }, json);
    const etagIn = ({ headers }: Answer): string => headers.get("etag") ?? "none";
    const etagOf = async (path: string): Promise<string> => etagIn(await ask("GET", path));
    const note = async (json: object = {}): Promise<string> => {
      const { json: made } = await ask("POST", "notes/", {}, { text: "first", author: 1, tags: [1], ...json });
      return `notes/${made.id}/`;
    };

    describe("an ETag", () => {
      it("comes with a row and with a list, strong, the same until something changes", async () => {
        const path = await note();
        for (const url of [path, "notes/", `notes/?text=first`, path.replace(/\/$/, ".json"), `${path}?format=json`]) {
          const { status, headers } = await ask("GET", url);
          assert.equal(status, 200);
          assert.match(headers.get("etag") ?? "", /^"[\w-]{27}"$/, url);
          assert.equal(await etagOf(url), headers.get("etag"));
          assert.equal(etagIn(await ask("HEAD", url)), headers.get("etag"));
        }
        const [row, list] = [await etagOf(path), await etagOf("notes/")];
        await ask("PATCH", path, {}, { text: "second" });
        assert.notEqual(await etagOf(path), row);
        assert.notEqual(await etagOf("notes/"), list);
      });

      it("changes with what is shown of other rows: links, and fields of a related row", async () => {
        const path = await note({ author: 2 });
        const first = await etagOf(path);
        await ask("PATCH", path, {}, { tags: [1, 2] });
        const second = await etagOf(path);
        await ask("PATCH", "authors/2/", {}, { name: crypto.randomUUID() });
        assert.equal(new Set([first, second, await etagOf(path)]).size, 3);
      });

      it("is the same while what is shown is the same, whatever else is written", async () => {
        const text = "same";
        const { json } = await ask("POST", "pads/", {}, { name: "x", pages: [{ text }, { text }, { text }] });
        const other = (await ask("POST", "pads/", {}, { name: "y", pages: [] })).json.id;
        const etag = await etagOf(`pads/${json.id}/`);
        for (const { id } of json.pages) {
          // Away and back: the database may keep it in another place now.
          for (const pad of [other, json.id]) await ask("PATCH", `pages/${id}/`, {}, { pad, hidden: 1 });
          assert.equal(await etagOf(`pads/${json.id}/`), etag);
        }
      });

      it("is another one for another text of the same row", async () => {
        const path = await note();
        const indented = await ask("GET", path, { accept: "application/json; indent=4" });
        assert.match(indented.text, /\n {4}"id"/);
        assert.notEqual(etagIn(indented), await etagOf(path));
      });

      it("is not made for pages, own actions, endpoints, the root, tokens, OPTIONS and errors", async () => {
        const path = await note();
        const answers = [
          await ask("GET", path, { accept: "text/html" }),
          await ask("GET", "notes/", { accept: "text/html" }),
          await ask("POST", `${path}shout/`),
          await ask("GET", "notes/latest/"),
          await ask("GET", "time/"),
          await ask("GET", ""),
          await ask("OPTIONS", path),
          await test.client("POST", "/api/token/", { json: { username: "alice", password: "alice-pass" } }),
        ];
        for (const { status, headers } of answers) assert.deepEqual([status, headers.get("etag")], [200, null]);
        for (const { status, headers } of [
          await ask("GET", "notes/999/"),
          await ask("PATCH", path, {}, { rating: "much" }),
        ])
          assert.deepEqual([status >= 400, headers.get("etag")], [true, null]);
      });

      it("of the row comes with what was written, so that a client can go on without a GET", async () => {
        const made = await ask("POST", "notes/", {}, { text: "first", rating: 2 });
        const path = `notes/${made.json.id}/`;
        assert.equal(etagIn(made), await etagOf(path));
        const put = await ask("PUT", path, { "if-match": etagIn(made) }, { text: "second" });
        assert.equal(put.status, 200);
        assert.equal(etagIn(put), await etagOf(path));
        const indented = { "if-match": etagIn(put), accept: "application/json; indent=2" };
        const patched = await ask("PATCH", path, indented, { text: "third" });
        assert.match(patched.text, /\n {2}"text": "third"/);
        assert.equal(etagIn(patched), await etagOf(path));
        assert.equal((await ask("DELETE", path, { "if-match": etagIn(patched) })).status, 204);
      });
    });

    describe("If-None-Match", () => {
      it("of what a client has already is a 304 without a body", async () => {
        const path = await note();
        for (const url of [path, "notes/"]) {
          for (const method of ["GET", "HEAD"]) {
            const whole = await ask(method, url);
            const { status, text, headers } = await ask(method, url, { "if-none-match": etagIn(whole) });
            assert.deepEqual([status, text], [304, ""]);
            assert.deepEqual([headers.get("content-type"), headers.get("content-length")], [null, null]);
            for (const name of ["etag", "vary", "allow", "x-content-type-options"])
              assert.equal(headers.get(name), whole.headers.get(name), name);
          }
        }
      });

      it("is compared weakly, and may be a list or anything", async () => {
        const path = await note();
        const etag = await etagOf(path);
        for (const same of [`W/${etag}`, `"a,b", ${etag}`, `"x",W/${etag} ,"y"`, "*"])
          assert.equal((await ask("GET", path, { "if-none-match": same })).status, 304, same);
        for (const other of ['"other"', etag.replaceAll('"', ""), `"x${etag}`, `w/${etag.slice(0, -2)}"`, ""])
          assert.equal((await ask("GET", path, { "if-none-match": other })).status, 200, other);
      });

      it("never makes a 304 of an error, of a page, or of what is no longer so", async () => {
        const path = await note();
        const etag = await etagOf(path);
        assert.equal((await ask("GET", "notes/999/", { "if-none-match": "*" })).status, 404);
        assert.equal((await ask("GET", path, { "if-none-match": "*", accept: "text/html" })).status, 200);
        assert.equal((await ask("GET", "notes/latest/", { "if-none-match": "*" })).status, 200);
        await ask("PATCH", path, {}, { text: "second" });
        assert.equal((await ask("GET", path, { "if-none-match": etag })).status, 200);
      });

      it("in a write is a 412 where it names what is there", async () => {
        const path = await note();
        const etag = await etagOf(path);
        for (const header of ["*", etag, `W/${etag}`])
          for (const method of ["PUT", "PATCH", "DELETE"])
            assert.equal((await ask(method, path, { "if-none-match": header }, { text: "x" })).status, 412);
        assert.equal(await etagOf(path), etag);
        assert.equal((await ask("PATCH", path, { "if-none-match": '"other"' }, { text: "x" })).status, 200);
        assert.equal((await ask("PUT", "notes/999/", { "if-none-match": "*" }, { text: "x" })).status, 404);
      });

      it("in a POST to a list is a 412, as a list is always there", async () => {
        for (const header of ["*", '"a"'])
          assert.equal((await ask("POST", "tags/", { "if-none-match": header }, { name: "x" })).status, 412);
        assert.equal((await ask("GET", "tags/")).json.count, 2);
      });
    });

    describe("If-Match", () => {
      it("lets through whoever saw what is there, and nobody else", async () => {
        const path = await note();
        const seen = await etagOf(path);
        assert.equal((await patch(path, seen, { text: "second" })).status, 200);
        for (const method of ["PUT", "PATCH", "DELETE"]) {
          const { status, json } = await ask(method, path, { "if-match": seen }, { text: "third" });
          assert.equal(status, 412);
          assert.match(json.detail, /expected its present ETag in If-Match/);
        }
        assert.equal((await ask("GET", path)).json.text, "second");
      });

      it("is compared strongly, and may be a list or anything", async () => {
        const path = await note();
        const etag = await etagOf(path);
        for (const other of [`W/${etag}`, '"other"', etag.replaceAll('"', ""), "", `"a" W/${etag}`])
          assert.equal((await patch(path, other, { text: "second" })).status, 412, other);
        assert.equal(await etagOf(path), etag);
        assert.equal((await patch(path, `"a,b", ${etag}`, { text: "second" })).status, 200);
        assert.equal((await patch(path, "*", { text: "third" })).status, 200);
        assert.equal((await ask("DELETE", path, { "if-match": " * " })).status, 204);
        assert.equal((await patch(path, "*", { text: "fourth" })).status, 404);
      });

      it("takes the ETag that an answer to a query string, a suffix or a HEAD carried", async () => {
        const path = await note();
        for (const url of [`${path}?format=json`, `${path}?text=first`, path.replace(/\/$/, ".json")])
          assert.equal((await patch(path, await etagOf(url), { rating: Math.random() })).status, 200, url);
        const head = etagIn(await ask("HEAD", path));
        assert.equal((await patch(`${path}?format=json`, head, { rating: 5 })).status, 200);
      });

      it("is refused where a link or a related row that is shown has changed", async () => {
        const path = await note();
        const seen = await etagOf(path);
        await ask("PATCH", path, {}, { tags: [2] });
        assert.equal((await patch(path, seen, { text: "second" })).status, 412);
        const again = await etagOf(path);
        await ask("PATCH", "authors/1/", {}, { name: crypto.randomUUID() });
        assert.equal((await patch(path, again, { text: "second" })).status, 412);
      });

      it("holds for the rows within a row, which one writer of many replaces", async () => {
        const { json } = await ask("POST", "pads/", {}, { name: "x", pages: [{ text: "first" }] });
        const path = `pads/${json.id}/`;
        const etag = await etagOf(path);
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, i) => patch(path, etag, { pages: [{ text: `${i}` }, { text: `${i}` }] })),
        );
        const won = answers.filter(({ status }) => status === 200);
        assert.deepEqual([won.length, answers.filter(({ status }) => status === 412).length], [1, 19]);
        assert.deepEqual((await ask("GET", path)).json, won[0]?.json);
      });

      it("comes after permission and before everything of the write", async () => {
        const path = await note();
        const etag = await etagOf(path);
        saved.length = 0;
        assert.equal((await patch(path, '"other"', { text: "second" })).status, 412);
        assert.deepEqual(saved, []);
        assert.equal((await ask("PATCH", path, { ...bob.bearer, "if-match": etag }, { text: "x" })).status, 403);
        assert.equal((await ask("PATCH", path, { authorization: "", "if-match": etag }, { text: "x" })).status, 401);
        assert.equal((await patch(path, etag, { text: "second" })).status, 200);
        assert.deepEqual(saved, ["second"]);
      });

      it("says nothing of a row out of sight", async () => {
        const path = await note({ secret: true });
        const etag = await etagOf(path);
        assert.equal((await patch(path.replace("notes", "open"), etag, { text: "x" })).status, 404);
        const seen = (await note()).replace("notes", "open");
        assert.equal((await patch(seen, await etagOf(seen), { text: "x" })).status, 200);
        assert.equal((await patch(seen, await etagOf(seen), { secret: true })).status, 403);
      });

      it("holds for a GET too", async () => {
        const path = await note();
        const etag = await etagOf(path);
        assert.equal((await ask("GET", path, { "if-match": etag })).status, 200);
        const { status, json, headers } = await ask("GET", path, { "if-match": '"other"' });
        assert.equal(status, 412);
        assert.match(json.detail, /If-Match/);
        assert.deepEqual([headers.get("etag"), headers.get("content-type")], [null, "application/json"]);
      });

      it("in a POST to a list can only ask that it is there", async () => {
        const list = await etagOf("tags/");
        assert.equal((await ask("POST", "tags/", { "if-match": list }, { name: "x" })).status, 412);
        const made = await ask("POST", "tags/", { "if-match": "*" }, { name: "x" });
        assert.equal(made.status, 201);
        await ask("DELETE", `tags/${made.json.id}/`);
      });

      it("of twenty writers who saw the same lets one through; nothing is lost", async () => {
        const path = await note({ rating: 0 });
        const etag = await etagOf(path);
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            patch(path, etag, { text: `writer ${i}`, rating: i, tags: [1 + (i % 2)] }),
          ),
        );
        const won = answers.filter(({ status }) => status === 200);
        assert.deepEqual([won.length, answers.filter(({ status }) => status === 412).length], [1, 19]);
        assert.deepEqual((await ask("GET", path)).json, won[0]?.json);
      });

      it("makes a counter of writers who try again exact", async () => {
        const path = await note({ rating: 0 });
        const count = async (): Promise<void> => {
          const seen = await ask("GET", path);
          const { status } = await patch(path, etagIn(seen), { rating: seen.json.rating + 1 });
          if (status === 412) await count();
          else assert.equal(status, 200);
        };
        await Promise.all(Array.from({ length: 8 }, count));
        assert.equal((await ask("GET", path)).json.rating, 8);
      });

      it("of twenty who delete and change at once lets one through", async () => {
        const path = await note();
        const etag = await etagOf(path);
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            ask(i % 2 ? "DELETE" : "PATCH", path, { "if-match": etag }, i % 2 ? undefined : { text: `writer ${i}` }),
          ),
        );
        const statuses = answers.map(({ status }) => status);
        assert.equal(statuses.filter((status) => status < 300).length, 1);
        // Who comes after a delete finds no row, or, in the middle of it, another state.
        assert.deepEqual(
          statuses.filter((status) => status >= 300 && status !== 412 && status !== 404),
          [],
        );
      });
    });

    describe("a resource with requireIfMatch", () => {
      it("answers a change without If-Match with 428, once it is allowed", async () => {
        const path = (await note()).replace("notes", "kept");
        for (const method of ["PUT", "PATCH", "DELETE"]) {
          const { status, json } = await ask(method, path, {}, { text: "second" });
          assert.equal(status, 428);
          assert.match(json.detail, /If-Match/);
          assert.equal((await ask(method, path, bob.bearer, { text: "second" })).status, 403);
          assert.equal((await ask(method, "kept/999/", {}, { text: "second" })).status, 404);
        }
        assert.equal((await ask("GET", path)).json.text, "first");
        assert.equal((await ask("PATCH", path, { "if-none-match": '"a"' }, { text: "second" })).status, 428);
      });

      it("takes a change with it, and a POST without", async () => {
        const made = await ask("POST", "kept/", {}, { text: "first" });
        assert.equal(made.status, 201);
        const path = `kept/${made.json.id}/`;
        const put = await ask("PUT", path, { "if-match": etagIn(made) }, { text: "second" });
        assert.equal(put.status, 200);
        assert.equal((await patch(path, etagIn(made), { text: "third" })).status, 412);
        assert.equal((await ask("DELETE", path, { "if-match": etagIn(put) })).status, 204);
      });
    });
  });
}
