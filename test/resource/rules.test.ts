/** Rules that the database keeps, met by a client. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineApp, field, model, permission, resource } from "../../src/index.ts";
import { startTestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Offer = model("offer", {
  fields: { title: field.text(), price: field.integer(), sold: field.boolean({ default: false }) },
  constraints: [
    { name: "price_positive", check: { price: { gt: 0 } } },
    { name: "one_open", unique: ["title"], where: { sold: false } },
  ],
});
const app = defineApp({ resources: { offers: resource(Offer, { permissions: [permission.allowAny()] }) } });

for (const { name, create } of databases) {
  describe(`a rule of a model on ${name}`, () => {
    it("that a client breaks is answered with 400", async () => {
      const { client, stop } = await startTestApp(app, await create());
      try {
        const post = async (price: number, sold: boolean): Promise<number> =>
          (await client("POST", "/api/v1/offers/", { json: { title: "Nuts", price, sold } })).status;
        assert.deepEqual([await post(1, false), await post(1, true), await post(1, true)], [201, 201, 201]);
        assert.equal(await post(0, true), 400);
        assert.equal(await post(2, false), 400);
      } finally {
        await stop();
      }
    });
  });
}
