/** Rows that belong to a row, written with it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineApp } from "../../src/app.ts";
import { field, model } from "../../src/model/index.ts";
import { permission, resource } from "../../src/resource/index.ts";
import { startTestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Box = model("store.box", { fields: { label: field.text() } });
const Thing = model("store.thing", {
  fields: {
    box: field.foreignKey(Box),
    name: field.text(),
    weight: field.integer(),
    fragile: field.boolean({ default: false }),
  },
});
const app = defineApp({
  resources: {
    boxes: resource(Box, { extra: { things: field.children(Thing, "box") }, permissions: [permission.allowAny()] }),
  },
});

for (const { name, create } of databases) {
  describe(`children on ${name}`, () => {
    it("a PATCH that sends them sends them whole, for they replace those that were there", async () => {
      const test = await startTestApp(app, await create());
      try {
        const lamp = { name: "lamp", weight: 2 };
        const { json: box } = await test.client("POST", "/api/v1/boxes/", { json: { label: "a", things: [lamp] } });
        const path = `/api/v1/boxes/${box.id}/`;

        const refused = await test.client("PATCH", path, { json: { things: [{ name: "vase" }] } });
        assert.equal(refused.status, 400, refused.text);
        assert.deepEqual(Object.keys(refused.json.things[0]), ["weight"]);
        assert.deepEqual((await test.client("GET", path)).json, box);

        const changed = await test.client("PATCH", path, { json: { things: [{ name: "vase", weight: 1 }] } });
        assert.equal(changed.status, 200, changed.text);
        assert.deepEqual(
          changed.json.things.map(({ name, weight, fragile }: Record<string, unknown>) => [name, weight, fragile]),
          [["vase", 1, false]],
        );
      } finally {
        await test.stop();
      }
    });
  });
}
