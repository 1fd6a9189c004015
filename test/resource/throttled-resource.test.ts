/** A resource with a rate of its own: all that is asked of it counts together, by who asks. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { defineApp, endpoint, model, permission, resource } from "../../src/index.ts";
import { field } from "../../src/model/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Report = model("report", { fields: { title: field.text() } });
const permissions = [permission.allowAny()];
const app = defineApp({
  resources: {
    reports: resource(Report, {
      permissions,
      throttleScope: "heavy",
      actions: { count: { method: "GET", on: "list", run: ({ table }) => table(Report).count() } },
    }),
    free: resource(Report, { permissions, throttleScope: "free" }),
  },
  endpoints: {
    summary: endpoint({ permissions, throttleScope: "heavy", methods: { GET: { run: () => ({}) } } }),
  },
  throttle: { heavy: "3/min", free: null },
});

for (const { name, create } of databases) {
  describe(`the rate of a resource on ${name}`, () => {
    let test: TestApp;
    before(async () => {
      test = await startTestApp(app, await create());
    });
    beforeEach(() => {
      test.clock.now += 120_000;
    });
    after(async () => {
      await test.stop();
      assert.deepEqual(test.faults, []);
    });
    const status = async (path: string, method = "GET", headers?: Record<string, string>) =>
      (await test.client(method, `/api/v1/${path}`, { headers, ...(method === "POST" && { json: { title: "a" } }) }))
        .status;

    it("its list, its rows and its actions count together, and so does whatever shares the scope", async () => {
      assert.equal(await status("reports/", "POST"), 201);
      assert.equal(await status("reports/count/"), 200);
      assert.equal(await status("reports/1/"), 200);
      for (const path of ["reports/", "reports/1/", "reports/count/", "summary/"])
        assert.equal(await status(path), 429, path);
      test.clock.now += 60_000;
      assert.equal(await status("summary/"), 200);
    });

    it("another user is counted apart", async () => {
      const { bearer } = await test.user("alice");
      for (let i = 0; i < 3; i++) assert.equal(await status("reports/"), 200);
      assert.equal(await status("reports/"), 429);
      assert.equal(await status("reports/", "GET", bearer), 200);
    });

    it("null is no limit", async () => {
      for (let i = 0; i < 9; i++) assert.equal(await status("free/"), 200);
    });
  });
}
