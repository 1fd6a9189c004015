/** `assertAuthorization`: the file of the matrix, and writes that everybody may do. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { defineApp, endpoint, field, model, type Permission, permission, resource } from "drf-auth";
import { assertAuthorization } from "../../src/testing/index.ts";
import { databases } from "../databases.ts";

const Note = model("note", { fields: { text: field.text(), owner: field.owner() } });
const appOf = (...permissions: readonly Permission[]) =>
  defineApp({ resources: { notes: resource(Note, { permissions, only: ["list", "delete"] }) } });

const guarded = appOf(permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner"));
const forgotten = appOf(permission.authenticatedOrReadOnly());
const open = appOf(permission.allowAny());

for (const { name, url } of databases) {
  describe(`who may do what, kept in a file, on ${name}`, () => {
    let directory: string;
    let databaseUrl: string | undefined;
    before(async () => {
      directory = await mkdtemp(join(tmpdir(), "drf-auth-authorization-"));
      databaseUrl = await url();
    });
    after(() => rm(directory, { recursive: true }));

    it("is written where it is missing, and holds from then on", async () => {
      const snapshot = join(directory, "written.txt");
      await assertAuthorization(guarded, { snapshot, databaseUrl });
      const text = await readFile(snapshot, "utf8");
      assert.match(text, /^notes\.delete +denied +denied +allowed +denied +denied +denied +denied$/m);
      await assertAuthorization(guarded, { snapshot: pathToFileURL(snapshot), databaseUrl });
      assert.equal(await readFile(snapshot, "utf8"), text);
    });

    it("a permission that was forgotten is found: each cell that changed is named", async () => {
      const snapshot = join(directory, "changed.txt");
      await assertAuthorization(guarded, { snapshot, databaseUrl });
      const text = await readFile(snapshot, "utf8");
      await assert.rejects(assertAuthorization(forgotten, { snapshot, databaseUrl }), (error: Error) => {
        assert.equal(error.name, "AssertionError");
        assert.deepEqual(error.message.split("\n").slice(1, -1), [
          "  notes.delete, user: denied -> allowed",
          "  notes.delete, other: denied -> allowed",
          "  notes.delete, staff: denied -> allowed",
          "  notes.delete, admin: denied -> allowed",
        ]);
        assert.match(error.message, /UPDATE_AUTHORIZATION=1/);
        return true;
      });
      assert.equal(await readFile(snapshot, "utf8"), text);
    });

    it("actions that are new or gone are named, and line ends do not matter", async () => {
      const snapshot = join(directory, "actions.txt");
      await assertAuthorization(guarded, { snapshot, databaseUrl });
      const text = await readFile(snapshot, "utf8");
      await writeFile(snapshot, text.replaceAll("\n", "\r\n"));
      await assertAuthorization(guarded, { snapshot, databaseUrl });
      await writeFile(snapshot, text.replace("notes.delete", "notes.burn"));
      await assert.rejects(assertAuthorization(guarded, { snapshot, databaseUrl }), {
        message:
          /^ {2}notes\.burn, owner: allowed -> not there$[\s\S]*^ {2}notes\.delete, owner: not there -> allowed$/m,
      });
    });

    it("UPDATE_AUTHORIZATION=1 writes it anew", async () => {
      const snapshot = join(directory, "updated.txt");
      await assertAuthorization(guarded, { snapshot, databaseUrl });
      const { UPDATE_AUTHORIZATION: known } = process.env;
      process.env.UPDATE_AUTHORIZATION = "1";
      try {
        await assertAuthorization(forgotten, { snapshot, openToOthers: ["notes.delete"], databaseUrl });
      } finally {
        if (known === undefined) delete process.env.UPDATE_AUTHORIZATION;
        else process.env.UPDATE_AUTHORIZATION = known;
      }
      assert.match(await readFile(snapshot, "utf8"), /^notes\.delete +denied +allowed +allowed +allowed /m);
      await assertAuthorization(forgotten, { snapshot, openToOthers: ["notes.delete"], databaseUrl });
    });

    it("a write that is open to any other account fails, whatever the file says, unless it is named", async () => {
      const snapshot = join(directory, "others.txt");
      const asked = { snapshot, databaseUrl };
      await assert.rejects(assertAuthorization(forgotten, asked), {
        name: "AssertionError",
        message: /row that is another's:\n {2}notes\.delete\n.*openToOthers: \["notes\.delete"\]/,
      });
      await assert.rejects(readFile(snapshot), { code: "ENOENT" });
      await assertAuthorization(forgotten, { ...asked, openToOthers: ["notes.delete"] });
      await assert.rejects(assertAuthorization(forgotten, asked), /row that is another's/);
      await assert.rejects(assertAuthorization(guarded, { ...asked, openToOthers: ["notes.list"] }), {
        name: "ConfigurationError",
        message: 'openToOthers: "notes.list" is no write; writes: notes.delete',
      });
    });

    it("a write that is open to everybody fails, whatever the file says, unless it is named", async () => {
      const snapshot = join(directory, "open.txt");
      await assertAuthorization(open, { snapshot, open: ["notes.delete"], databaseUrl });
      await assert.rejects(assertAuthorization(open, { snapshot, databaseUrl }), {
        name: "AssertionError",
        message: /not signed in may write:\n {2}notes\.delete\n.*open: \["notes\.delete"\]/,
      });
      const missing = join(directory, "never.txt");
      await assert.rejects(assertAuthorization(open, { snapshot: missing, databaseUrl }));
      await assert.rejects(readFile(missing), { code: "ENOENT" });
    });

    it("an endpoint of one's own is a write like any other", async () => {
      const permissions = [permission.allowAny()];
      const app = defineApp({
        resources: {},
        endpoints: { mail: endpoint({ permissions, methods: { POST: { run: () => ({}) } } }) },
      });
      const snapshot = join(directory, "mail.txt");
      await assert.rejects(assertAuthorization(app, { snapshot, databaseUrl }), /mail\.post/);
      await assertAuthorization(app, { snapshot, open: ["mail.post"], databaseUrl });
    });

    it("what is named as open must be a write", async () => {
      const snapshot = join(directory, "unknown.txt");
      await assert.rejects(assertAuthorization(open, { snapshot, open: ["notes.delet"], databaseUrl }), {
        name: "ConfigurationError",
        message: 'open: "notes.delet" is no write; writes: notes.delete',
      });
    });
  });
}
