/** A permission on rows holds for whoever reads them, too. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { defineApp, field, model, permission, resource } from "../../src/index.ts";
import { startTestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Note = model("note", { fields: { text: field.text(), owner: field.owner() } });

const ownerOnly = {
  name: "owner",
  needs: "owner",
  checkObject: ({ user }: { user?: { id: number } }, row: Readonly<Record<string, unknown>>) => row.owner === user?.id,
};

/** As somebody writes it who has no compiler. */
const silent = {
  ...ownerOnly,
  checkObject: (...asked: Parameters<typeof ownerOnly.checkObject>) => ownerOnly.checkObject(...asked) || undefined,
} as typeof ownerOnly;

for (const database of databases) {
  describe(`permissions on rows, ${database.name}`, () => {
    for (const [name, permissions] of [
      ["that says nothing instead of no", [permission.authenticated(), silent]],
      ["alone", [permission.authenticated(), ownerOnly]],
      ["in all()", [permission.all(permission.authenticated(), ownerOnly)]],
      ["in any()", [permission.any(permission.admin(), ownerOnly)]],
      ["negated twice", [permission.authenticated(), permission.not(permission.not(ownerOnly))]],
    ] as const) {
      test(`${name}: a row of somebody else can neither be read, changed nor deleted`, async () => {
        const app = await startTestApp(
          defineApp({ resources: { notes: resource(Note, { permissions }) } }),
          await database.create(),
        );
        const [alice, bob] = [await app.user("alice"), await app.user("bob")];
        const { json } = await app.client("POST", "/api/v1/notes/", { json: { text: "mine" }, headers: alice.bearer });
        const path = `/api/v1/notes/${json.id}/`;
        assert.equal((await app.client("GET", path, { headers: alice.bearer })).status, 200);
        for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
          const json = method === "GET" ? undefined : { text: "x" };
          assert.equal((await app.client(method, path, { json, headers: bob.bearer })).status, 403, method);
        }
        assert.equal((await app.client("GET", path, { headers: alice.bearer })).json.text, "mine");
        await app.stop();
      });
    }
  });
}
