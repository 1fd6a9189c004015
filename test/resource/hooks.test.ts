/** Own code around a write: inside its transaction, and after its commit, which there is none of where the write is undone. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { ValidationError } from "../../src/errors.ts";
import { field, model } from "../../src/model/index.ts";
import { permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Parcel = model("post.parcel", { fields: { label: field.text(), stamp: field.text({ default: "none" }) } });
const Note = model("post.note", { fields: { text: field.text() } });
const refused = () => new ValidationError({ label: [{ code: "refused", message: "Not this one." }] });

for (const { name, create } of databases) {
  describe(`hooks on ${name}`, () => {
    let test: TestApp;
    /** What `onCommit` was told: the labels before and after, and how many rows everybody sees then. */
    let told: unknown[] = [];
    const app = defineApp({
      resources: {
        notes: resource(Note, { permissions: [permission.allowAny()] }),
        parcels: resource(Parcel, {
          permissions: [permission.allowAny()],
          hooks: {
            preSave: ({ values }) => (values.label === "stamped" ? { stamp: "blue" } : undefined),
            async postSave({ row, table }) {
              await table(Note).insert({ text: `saved ${row.label}` });
              if (row.label.startsWith("bad")) throw refused();
            },
            async postDelete({ row, table }) {
              await table(Note).insert({ text: `deleted ${row.label}` });
              if (row.label === "kept") throw refused();
            },
            onCommit: async ({ row, before, table }) => {
              told.push([before?.label, row?.label, await table(Parcel).count()]);
            },
          },
        }),
      },
    });
    before(async () => {
      test = await startTestApp(app, await create());
    });
    beforeEach(() => {
      told = [];
    });
    after(async () => {
      assert.deepEqual(test.faults, []);
      await test.stop();
    });
    const path = "/api/v1/parcels/";
    const notes = async () =>
      (await test.client("GET", "/api/v1/notes/")).json.results.map(({ text }: { text: string }) => text);
    const send = async (method: string, at: string, label?: string) => {
      const { status, json } = await test.client(method, at, { json: label === undefined ? undefined : { label } });
      return { status, json };
    };

    it("give values, write beside the row, and are told once it is kept", async () => {
      const made = await send("POST", path, "stamped");
      assert.deepEqual([made.status, made.json.stamp], [201, "blue"]);
      assert.deepEqual(await notes(), ["saved stamped"]);
      await send("PATCH", `${path}${made.json.id}/`, "changed");
      await send("DELETE", `${path}${made.json.id}/`);
      assert.deepEqual(told, [
        [undefined, "stamped", 1],
        ["stamped", "changed", 1],
        ["changed", undefined, 0],
      ]);
    });

    it("that refuse undo the row and what they wrote, and nobody is told of a commit", async () => {
      const { json: kept } = await send("POST", path, "kept");
      const written = await notes();
      told = [];
      const at = `${path}${kept.id}/`;
      for (const [method, where, label] of [
        ["POST", path, "bad new"],
        ["PATCH", at, "bad change"],
        ["PUT", at, "bad change"],
        ["DELETE", at, undefined],
      ] as const) {
        const { status, json } = await send(method, where, label);
        assert.deepEqual([status, json], [400, { label: ["Not this one."] }], method);
      }
      assert.deepEqual(told, []);
      assert.deepEqual(await notes(), written);
      assert.deepEqual((await test.client("GET", path)).json.results, [kept]);
    });
  });
}
