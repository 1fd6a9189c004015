/** `startTest`: what the tests of an app begin with. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { defineApp, endpoint, field, model, permission, type RowOf, resource } from "drf-auth";
import { startTest } from "drf-auth/testing";
import library, { Publisher } from "../../examples/library/app.ts";
import { connect, sqlitePath } from "../../src/db/index.ts";
import { createDatabase } from "../../src/testing/database.ts";
import { databases } from "../databases.ts";

const Snack = model("snack", {
  fields: { name: field.text({ maxLength: 20 }), owner: field.owner(), created_at: field.createdAt() },
});
const app = defineApp({
  settings: { databaseUrl: "sqlite:////nowhere/at/all.sqlite3" },
  resources: { snacks: resource(Snack) },
  endpoints: {
    broken: endpoint({
      methods: {
        GET: {
          run() {
            throw new Error("out of order");
          },
        },
      },
    }),
  },
});

for (const { name, create, url } of databases) {
  describe(`a test of an app on ${name}`, () => {
    it("has tables, a server, accounts that are signed in, and a client of each", async () => {
      const test = await startTest(app, { databaseUrl: await url() });
      const alice = await test.user("alice");
      const made = await alice.client<RowOf<typeof Snack>>("POST", "/api/v1/snacks/", { json: { name: "nuts" } });
      assert.equal(made.status, 201);
      assert.deepEqual(made.json, { id: 1, name: "nuts", owner: alice.id, created_at: "2024-06-01T12:00:00Z" });
      assert.equal((await test.client("DELETE", "/api/v1/snacks/1/")).status, 401);
      assert.equal((await test.client("DELETE", "/api/v1/snacks/1/", { headers: alice.bearer })).status, 204);
      assert.deepEqual(test.faults, []);
      await test.stop();
      await assert.rejects(test.client("GET", "/api/v1/snacks/"));
    });

    it("accounts have flags; one that is switched off was signed in before", async () => {
      const permissions = [permission.admin()];
      const test = await startTest(defineApp({ resources: { snacks: resource(Snack, { permissions }) } }), {
        databaseUrl: await url(),
      });
      const statusOf = async (flags: Parameters<typeof test.user>[1]) => {
        const { client } = await test.user(`user-${JSON.stringify(flags).length}`, flags);
        return (await client("GET", "/api/v1/snacks/")).status;
      };
      assert.equal(await statusOf({}), 403);
      assert.equal(await statusOf({ is_staff: true }), 200);
      assert.equal(await statusOf({ is_staff: true, is_active: false }), 401);
      await test.stop();
    });

    it("rows are inserted past the API, with what the server sets; their keys come back", async () => {
      const test = await startTest(app, { databaseUrl: await url() });
      const { id: owner } = await test.user("alice");
      assert.deepEqual(
        await test.insert(Snack, [
          { name: "a", owner },
          { name: "b", owner },
        ]),
        [1, 2],
      );
      const { json } = await test.client<{ created_at: string }>("GET", "/api/v1/snacks/2/");
      assert.equal(json.created_at, "2024-06-01T12:00:00Z");
      await test.stop();
    });

    it("time passes when the clock is set; tokens stay valid unless the app says how long they are", async () => {
      const databaseUrl = await url();
      for (const [settings, expected] of [
        [{}, 201],
        [{ accessLifetimeSeconds: 60 }, 401],
      ] as const) {
        const test = await startTest(app, { settings, databaseUrl });
        const alice = await test.user("alice");
        test.clock.now = Date.UTC(2025, 0, 1);
        const { status, text } = await alice.client("POST", "/api/v1/snacks/", { json: { name: "nuts" } });
        assert.equal(status, expected);
        if (status === 201) assert.match(text, /"created_at":"2025-01-01T00:00:00Z"/);
        await test.stop();
      }
    });

    it("what was thrown behind a 500 is at hand", async () => {
      const test = await startTest(app, { databaseUrl: await url() });
      assert.equal((await test.client("GET", "/api/v1/broken/")).status, 500);
      assert.deepEqual(test.faults, [new Error("out of order")]);
      await test.stop();
    });

    it("tables of somebody else are there as well", async () => {
      const test = await startTest(library, { databaseUrl: await url() });
      await test.insert(Publisher, [{ number: 7, name: "Alder" }]);
      const { json } = await test.client("GET", "/api/v1/publishers/7/");
      assert.deepEqual(json, { number: 7, name: "Alder", country: null });
      await test.stop();
    });

    it("the database is made beside the one that is named, and nothing of it is left", async () => {
      const made = await create();
      const others = await Promise.all([createDatabase(made.url), createDatabase(made.url)]);
      const urls = [made.url, ...others.map((other) => other.url)];
      assert.equal(new Set(urls).size, 3);
      for (const { drop } of [...others, made]) await drop();
      for (const gone of urls) {
        const path = sqlitePath(gone);
        if (path !== undefined) assert.equal(existsSync(path), false);
        else {
          const database = await connect(gone);
          await assert.rejects(database.script("SELECT 1"), /does not exist/);
          await database.close();
        }
      }
    });
  });
}

it("an app that does not start leaves no database behind", async () => {
  const { TMPDIR: known } = process.env;
  const directory = await mkdtemp(join(tmpdir(), "drf-auth-not-started-"));
  process.env.TMPDIR = directory;
  try {
    const broken = defineApp({ resources: { snacks: resource(Snack, { search: ["nam"] }) } });
    await assert.rejects(startTest(broken), { name: "ConfigurationError", message: /nam/ });
    assert.deepEqual(await readdir(directory), []);
  } finally {
    if (known === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = known;
    await rm(directory, { recursive: true });
  }
});
