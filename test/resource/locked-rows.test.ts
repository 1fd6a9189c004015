/** What is asked of a row before it is written holds when it is written, whoever changes it in between. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { type Database, defineStatement } from "../../src/db/index.ts";
import { defineApp, field, model, permission, resource, scope } from "../../src/index.ts";
import { startTestApp, type TestApp, type TestUser } from "../app.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";

const fields = { text: field.text(), owner: field.owner() };
const Plain = model("plain", { fields });
const Guarded = model("guarded", { fields });
const Scoped = model("scoped", { fields });

const open = [permission.allowAny()];
const befores: unknown[] = [];
const unlocked = defineStatement("SELECT id FROM scoped FOR UPDATE SKIP LOCKED");

let release: (() => Promise<unknown>) | undefined;

const app = defineApp({
  resources: {
    plain: resource(Plain, { permissions: open }),
    guarded: resource(Guarded, {
      permissions: [permission.ownerOrReadOnly("owner")],
      actions: { shout: { method: "POST", on: "detail", run: ({ update }) => update({ text: "LOUD" }) } },
    }),
    scoped: resource(Scoped, {
      permissions: open,
      scope: scope.owner("owner"),
      hooks: {
        async preSave({ before }) {
          befores.push(before?.text);
          await release?.();
          return undefined;
        },
      },
      actions: { shout: { method: "POST", on: "detail", run: ({ update }) => update({ text: "LOUD" }) } },
    }),
  },
});

for (const database of databases) {
  describe(`rows that are about to be written, ${database.name}`, () => {
    const statements = countStatements();
    let [host, alice, bob]: [TestApp, TestUser, TestUser] = [] as never;
    /** What somebody else does after a row was read, before the transaction that writes it begins. */
    let meanwhile: ((database: Database) => Promise<unknown>) | undefined;
    const interrupted = (open: Database): Database =>
      new Proxy(open, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          if (typeof value !== "function") return value;
          if (name !== "transaction") return value.bind(target);
          return async (work: unknown) => {
            const now = meanwhile;
            meanwhile = undefined;
            await now?.(target);
            return value.call(target, work);
          };
        },
      });
    before(async () => {
      const wrap = (open: Database): Database => interrupted(statements.wrap(open));
      host = await startTestApp(app, await database.create(), { wrap });
      [alice, bob] = [await host.user("alice"), await host.user("bob")];
    });
    beforeEach(() => {
      [meanwhile, release] = [undefined, undefined];
    });
    after(() => host.stop());

    const own = async (name: string): Promise<string> => {
      const { status, json } = await host.client("POST", `/api/v1/${name}/`, {
        json: { text: "mine" },
        headers: alice.bearer,
      });
      assert.equal(status, 201);
      return `/api/v1/${name}/${json.id}/`;
    };
    const give = (table: string) => (open: Database) => open.script(`UPDATE ${table} SET owner_id = ${bob.id}`);
    const text = async (path: string) => (await host.client("GET", path, { headers: bob.bearer })).json.text;

    for (const [name, refusal] of [
      ["scoped", 404],
      ["guarded", 403],
    ] as const) {
      for (const [method, action, json] of [
        ["PATCH", "", { text: "changed" }],
        ["PUT", "", { text: "changed" }],
        ["DELETE", "", undefined],
        ["POST", "shout/", {}],
      ] as const) {
        test(`${name}: ${method} ${action} of a row that becomes somebody else's meanwhile is a ${refusal}`, async () => {
          const path = await own(name);
          meanwhile = give(name);
          const { status } = await host.client(method, path + action, { json, headers: alice.bearer });
          assert.equal(meanwhile, undefined, "it did not happen meanwhile");
          assert.equal(status, refusal);
          assert.equal(await text(path), "mine");
        });
      }
    }

    test("a row that goes meanwhile is not found", async () => {
      const path = await own("guarded");
      meanwhile = (open) => open.script("DELETE FROM guarded");
      const { status } = await host.client("PATCH", path, { json: { text: "changed" }, headers: alice.bearer });
      assert.equal(status, 404);
    });

    test("a hook is given the row as it is then", async () => {
      const path = await own("scoped");
      meanwhile = (open) => open.script("UPDATE scoped SET text = 'new'");
      const { status } = await host.client("PATCH", path, { json: { text: "changed" }, headers: alice.bearer });
      assert.deepEqual([status, befores.at(-1)], [200, "new"]);
    });

    test("who changes it while it is being written has to wait", async () => {
      const path = await own("scoped");
      const [writing, asked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      release = () => {
        writing.resolve();
        return asked.promise;
      };
      const answer = host.client("PATCH", path, { json: { text: "changed" }, headers: alice.bearer });
      await writing.promise;
      // On SQLite the transaction is the only writer.
      const free = host.database.dialect === "postgres" ? await host.database.all(unlocked) : [];
      const given = give("scoped")(host.database);
      asked.resolve();
      assert.ok(!free.some(([id]) => path.endsWith(`/${id}/`)));
      const { status, json } = await answer;
      assert.deepEqual([status, json.text, json.owner], [200, "changed", alice.id]);
      await given;
      assert.equal(await text(path), "changed");
    });

    test("an update takes one statement more for a permission on rows, three for a scope, and none where there is neither", async () => {
      const taken: number[] = [];
      for (const name of ["plain", "guarded", "scoped"]) {
        const path = await own(name);
        statements.count = 0;
        const { status } = await host.client("PATCH", path, { json: { text: "changed" }, headers: alice.bearer });
        assert.equal(status, 200);
        taken.push(statements.count);
      }
      // Who asks, then the row: found, written; within a scope it is looked for again to be shown.
      assert.deepEqual(taken, [3, 4, 6]);
    });

    test("nothing of it was a fault of ours", () => assert.deepEqual(host.faults, []));
  });
}
