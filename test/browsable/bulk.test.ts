/** Many rows at once, from the page of a list. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { field, model } from "../../src/model/index.ts";
import { permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { openBrowser } from "./browser.ts";

const Snack = model("snack", { fields: { name: field.text({ maxLength: 20, unique: true }) } });
const app = defineApp({
  resources: { snacks: resource(Snack, { bulk: true, permissions: [permission.authenticatedOrReadOnly()] }) },
});
const snacks = "/api/v1/snacks/";

for (const { name: database, create } of databases) {
  describe(`many rows at once from a page, on ${database}`, () => {
    let test: TestApp;
    const names = async () => {
      const { json } = await test.client("GET", snacks);
      return (json as { results: { name: string }[] }).results.map(({ name }) => name);
    };
    before(async () => {
      test = await startTestApp(app, await create());
      await test.user("alice");
      await test.insert(
        Snack,
        ["Nuts", "Figs", "Dates"].map((name) => ({ name })),
      );
    });
    after(async () => {
      assert.deepEqual(test.faults, []);
      await test.stop();
    });

    it("an array is sent with the method of a button, and kept where something is wrong with it", async () => {
      const alice = openBrowser(test.client.base);
      await alice.press(await alice.visit("/api-auth/login/"), "Log in", { username: "alice", password: "alice-pass" });
      const list = await alice.visit(snacks);
      const wrong = '[{"id": 1, "name": "Walnuts"},\n{"id": 9, "name": "Figs"}]';
      const refused = await alice.press(list, "PATCH", { _content: wrong });
      assert.equal(refused.status, 400);
      assert.match(refused.body, /<details class="panel form bulk" open>\s*<summary><h2 id="form-bulk">/);
      assert.match(refused.body, /<p>2, id: There is no object with key &quot;9&quot; here\.<\/p>/);
      assert.ok(refused.body.includes(wrong.replaceAll('"', "&quot;")), "what was typed is there");
      assert.doesNotMatch(refused.body, /<a [^>]*>\[/, "what is wrong with a key is no key");
      assert.deepEqual(await names(), ["Nuts", "Figs", "Dates"]);
      const saved = await alice.press(refused, "PATCH", { _content: '[{"id": 1, "name": "Walnuts"}]' });
      assert.equal(saved.status, 200);
      assert.deepEqual(await names(), ["Walnuts", "Figs", "Dates"]);
      const unread = await alice.press(list, "PUT", { _content: "[1," });
      assert.equal(unread.status, 400);
      assert.match(unread.body, />\s*\[1,<\/textarea>/);
      const deleted = await alice.press(list, "DELETE", { _content: "[1, 3]" });
      assert.equal(deleted.status, 200);
      assert.match(deleted.body, /204 No Content/);
      assert.deepEqual(await names(), ["Figs"]);
    });

    it("what was typed is there after a login that ran out, whatever it was to do", async () => {
      const alice = openBrowser(test.client.base);
      await alice.press(await alice.visit("/api-auth/login/"), "Log in", { username: "alice", password: "alice-pass" });
      const list = await alice.visit(snacks);
      await alice.press(list, "Log out");
      for (const method of ["PUT", "PATCH", "DELETE"]) {
        const late = await alice.press(list, method, { _content: `[2, "${method}"]` });
        assert.equal(late.status, 401, method);
        assert.match(late.body, /What you typed/);
        assert.ok(late.body.includes(`[2, &quot;${method}&quot;]`), method);
      }
    });

    it("is not offered to who may not", async () => {
      assert.doesNotMatch((await openBrowser(test.client.base).visit(snacks)).body, /Many rows/);
    });
  });
}
