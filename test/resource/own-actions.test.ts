/** A user's own action on a row, and rows put in by scripts: links are written like columns. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { defineApp, field, model, permission, resource } from "../../src/index.ts";
import { startTestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Tag = model("tag", { fields: { name: field.text() } });
const Note = model("note", { fields: { text: field.text(), tags: field.manyToMany(Tag, { blank: true }) } });

const permissions = [permission.allowAny()];
const app = defineApp({
  resources: {
    notes: resource(Note, {
      permissions,
      actions: {
        both: {
          method: "POST",
          on: "detail",
          run: ({ object, update, transaction }) =>
            transaction(async ({ table }) => {
              await table(Note).update(object.id, { text: "half" });
              return update({ text: "whole" });
            }),
        },
        reset: { method: "POST", on: "detail", run: ({ update }) => update({ text: "none", tags: [2] }) },
      },
    }),
    tags: resource(Tag, { permissions }),
  },
});

for (const { name, create } of databases) {
  describe(`own actions, ${name}`, () => {
    test("update() of an action writes links, as insert() of a script does", async () => {
      const { client, insert, stop } = await startTestApp(app, await create());
      await insert(Tag, [{ name: "one" }, { name: "two" }]);
      await insert(Note, [{ text: "all", tags: [1, 2] }]);
      assert.deepEqual((await client("GET", "/api/v1/notes/1/")).json.tags, [1, 2]);
      const { json } = await client("POST", "/api/v1/notes/1/reset/", { json: {} });
      assert.deepEqual(json, { id: 1, text: "none", tags: [2] });
      assert.deepEqual((await client("GET", "/api/v1/notes/1/")).json, json);
      await stop();
    });

    test("update() inside a transaction of the action is a fault at once, and keeps nothing", async () => {
      const { client, insert, faults, stop } = await startTestApp(app, await create());
      await insert(Note, [{ text: "before" }]);
      assert.equal((await client("POST", "/api/v1/notes/1/both/", { json: {} })).status, 500);
      assert.match(`${faults.splice(0)}`, /the transaction that was handed over/);
      assert.equal((await client("GET", "/api/v1/notes/1/")).json.text, "before");
      await stop();
    });
  });
}
