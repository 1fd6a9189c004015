/** What own code says in the log is found beside the request that it was said for. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp, endpoint, field, model, permission, resource } from "../../src/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Order = model("order", { fields: { note: field.text({ default: "" }) } });
const app = defineApp({
  resources: {
    orders: resource(Order, {
      permissions: [
        {
          name: "anybody, watched",
          check({ log }) {
            log.warning("somebody asks");
            return true;
          },
        },
      ],
      hooks: {
        postSave({ log, row }) {
          log.warning("an order was kept", { order: row.id, request_id: "forged" });
        },
        onCommit: ({ log }) => log.warning("and is sent"),
      },
      actions: {
        audit: {
          method: "POST",
          on: "list",
          run: ({ log: { warning }, transaction }) =>
            transaction(async ({ log }) => {
              warning("an audit begins");
              log.warning("and reads");
            }),
        },
      },
    }),
  },
  endpoints: {
    ping: endpoint({
      permissions: [permission.allowAny()],
      methods: { GET: { run: ({ log }) => log.warning("pinged") } },
    }),
  },
});

for (const { name: database, create } of databases)
  describe(`the log of own code, on ${database}`, () => {
    let test: TestApp;
    before(async () => {
      test = await startTestApp(app, await create());
    });
    after(async () => {
      assert.deepEqual(test.faults, []);
      await test.stop();
    });

    it("a line of a permission, a hook, an action or an endpoint has the id of its request", async () => {
      for (const [method, path, ...expected] of [
        ["POST", "orders/", "somebody asks", "an order was kept", "and is sent"],
        ["POST", "orders/audit/", "somebody asks", "an audit begins", "and reads"],
        ["GET", "ping/", "pinged"],
      ] as const) {
        const { headers } = await test.client(method, `/api/v1/${path}`, method === "POST" ? { json: {} } : {});
        const id = headers.get("x-request-id");
        assert.ok(id);
        const said = [...test.warnings].slice(-expected.length);
        assert.deepEqual(
          said.map(({ message, request_id }) => [message, request_id]),
          expected.map((message) => [message, id]),
        );
      }
    });
  });
