/** A rule between two fields, whichever of them is sent. */
import assert from "node:assert/strict";
import { after, before as beforeAll, beforeEach, describe, it } from "node:test";
import { defineApp, field, model, permission, type RowOf, resource } from "../../src/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Trip = model("trip", { fields: { begins: field.date(), ends: field.date(), note: field.text({ blank: true }) } });

const told: (RowOf<typeof Trip> | undefined)[] = [];
const app = defineApp({
  resources: {
    trips: resource(Trip, {
      permissions: [permission.allowAny()],
      bulk: true,
      validate(values, { before }) {
        told.push(before);
        const { begins, ends } = { ...before, ...values };
        if (begins && ends && ends < begins)
          return { ends: [{ code: "order", message: "Expected a day after the first." }] };
      },
    }),
  },
});

for (const { name, create } of databases) {
  describe(`validate on ${name}`, () => {
    let test: TestApp;
    let path: string;
    beforeAll(async () => {
      test = await startTestApp(app, await create());
    });
    after(async () => {
      await test.stop();
      assert.deepEqual(test.faults, []);
    });
    const trip = { begins: "2024-06-05", ends: "2024-06-09", note: "" };
    const refusal = { ends: ["Expected a day after the first."] };
    let id: number;
    beforeEach(async () => {
      const made = await test.client("POST", "/api/v1/trips/", { json: trip });
      assert.equal(made.status, 201, made.text);
      id = made.json.id;
      path = `/api/v1/trips/${id}/`;
      told.length = 0;
    });

    it("there is no row before one is created", async () => {
      const { status, json } = await test.client("POST", "/api/v1/trips/", { json: { ...trip, ends: "2024-06-01" } });
      assert.deepEqual([status, json], [400, refusal]);
      assert.deepEqual(told, [undefined]);
    });

    it("a PATCH of one field is checked against the other one", async () => {
      const refused = await test.client("PATCH", path, { json: { ends: "2024-06-01" } });
      assert.deepEqual([refused.status, refused.json], [400, refusal]);
      assert.deepEqual(told, [{ id, ...trip }]);
      assert.equal((await test.client("PATCH", path, { json: { ends: "2024-06-06" } })).status, 200);
      assert.equal((await test.client("PATCH", path, { json: { begins: "2024-06-08" } })).status, 400);
    });

    it("a PUT and the items of a bulk request know their rows, too", async () => {
      assert.equal((await test.client("PUT", path, { json: trip })).status, 200);
      const many = await test.client("PATCH", "/api/v1/trips/", { json: [{ id, begins: "2024-07-01" }] });
      assert.deepEqual([many.status, many.json], [400, [refusal]]);
      assert.deepEqual(
        told.map((before) => before?.id),
        [id, id],
      );
    });
  });
}
