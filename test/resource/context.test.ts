/** What a permission is given may be taken out of the context by its name. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defineApp, field, model, type Permission, permission, resource } from "../../src/index.ts";
import { startTestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Note = model("note", { fields: { text: field.text() } });

/** At most two notes, none of them secret, but from those who have the model's permission. */
const modest: Permission = {
  name: "modest",
  async check({ isSafe, user, table, body, hasPermission }) {
    if (isSafe || (user && (await hasPermission("app.add_note")))) return true;
    return (await table(Note).count()) < 2 && !JSON.stringify(await body()).includes("secret");
  },
};

for (const { name, create } of databases) {
  test(`user, table, body and hasPermission work when they are taken out of the context, ${name}`, async () => {
    const permissions = [permission.allowAny(), modest];
    const app = await startTestApp(
      defineApp({ resources: { notes: resource(Note, { permissions }) } }),
      await create(),
    );
    try {
      const admin = await app.user("admin", { is_superuser: true });
      const bob = await app.user("bob");
      const post = async (text: string, headers = bob.bearer) =>
        (await app.client("POST", "/api/v1/notes/", { json: { text }, headers })).status;
      assert.equal(await post("secret"), 403);
      assert.equal(await post("one"), 201);
      assert.equal(await post("two"), 201);
      assert.equal(await post("three"), 403);
      assert.equal(await post("secret", admin.bearer), 201);
    } finally {
      await app.stop();
    }
    assert.deepEqual(app.faults, []);
  });
}
