/** A permission may look into the body: it is read once, however often it is asked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Context, defineApp, field, model, type Permission, permission, resource } from "../../src/index.ts";
import { startTestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Note = model("note", { fields: { text: field.text() } });

const readsTheBody: Permission = {
  name: "nothing secret",
  check: async (context: Context) => {
    const body = context.isSafe ? undefined : await context.body();
    return JSON.stringify(body ?? null).includes("secret") === false;
  },
};

for (const { name, create } of databases) {
  test(`a page is answered whose permissions read the body of a form, ${name}`, async () => {
    const permissions = [permission.authenticated(), readsTheBody];
    const app = await startTestApp(
      defineApp({ resources: { notes: resource(Note, { permissions }) } }),
      await create(),
    );
    const { bearer } = await app.user("alice");
    const headers = { ...bearer, accept: "text/html", "content-type": "application/x-www-form-urlencoded" };
    const { status } = await app.client("POST", "/api/v1/notes/", { body: "text=", headers });
    assert.equal(status, 400);
    const json = await app.client("POST", "/api/v1/notes/", { json: { text: "a secret" }, headers: bearer });
    assert.equal(json.status, 403);
    assert.equal((await app.client("POST", "/api/v1/notes/", { json: { text: "a" }, headers: bearer })).status, 201);
    await app.stop();
  });
}
