/** Deleting a row that others are about. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineApp, field, model, permission, query, resource } from "drf-auth";
import { startTestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Publisher = model("publisher", { fields: { name: field.text() } });
const Count = query("publisher_count", {
  fields: { publisher: field.foreignKey(Publisher, { primaryKey: true }), letters: field.integer() },
  from: (db) => db.selectFrom("publisher as p").select((each) => ["p.id as publisher_id", each.lit(1).as("letters")]),
});
const permissions = [permission.allowAny()];
const app = defineApp({ resources: { publishers: resource(Publisher, { permissions }), counts: resource(Count) } });

for (const { name, create } of databases) {
  describe(`deleting on ${name}`, () => {
    it("takes along what a query says of the row", async () => {
      const test = await startTestApp(app, await create());
      await test.insert(Publisher, [{ name: "Alder" }]);
      assert.equal((await test.client("GET", "/api/v1/counts/")).json.count, 1);
      assert.equal((await test.client("DELETE", "/api/v1/publishers/1/")).status, 204);
      assert.equal((await test.client("GET", "/api/v1/counts/")).json.count, 0);
      await test.stop();
    });
  });
}
