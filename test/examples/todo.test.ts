import assert from "node:assert/strict";
import { resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import app from "../../examples/todo/app.ts";
import { openProject } from "../../src/project/index.ts";
import { startTestApp, type TestApp, type TestUser } from "../app.ts";
import { databases } from "../databases.ts";

it("the to-do example has a migration for every change of its models", async () => {
  const file = resolve(import.meta.dirname, "../../examples/todo/app.ts");
  assert.deepEqual(await (await openProject(file, { environment: {} })).findMissingMigrations(), []);
});

for (const { name, create } of databases) {
  describe(`to-do lists of several users, on ${name}`, () => {
    let test: TestApp;
    let alice: TestUser;
    let bob: TestUser;
    let hers: number;
    let his: number;
    const ask = (method: string, path: string, user: TestUser, json?: unknown) =>
      test.client(method, `/api/v1/${path}`, { json, headers: user.bearer });
    before(async () => {
      test = await startTestApp(app, await create());
      [alice, bob] = [await test.user("alice"), await test.user("bob")];
      hers = (await ask("POST", "lists/", alice, { name: "Home" })).json.id;
      his = (await ask("POST", "lists/", bob, { name: "Work" })).json.id;
      for (const [user, list, title] of [
        [alice, hers, "sweep"],
        [alice, hers, "cook"],
        [bob, his, "report"],
      ] as const)
        assert.equal((await ask("POST", "tasks/", user, { list, title, due: "2024-06-02" })).status, 201);
    });
    after(async () => {
      assert.deepEqual(test.faults, []);
      await test.stop();
    });

    it("a list and its count show only what is one's own, also through a relation", async () => {
      const lists = await ask("GET", "lists/", alice);
      assert.deepEqual([lists.json.count, lists.json.results[0].name], [1, "Home"]);
      const tasks = await ask("GET", "tasks/?search=o", alice);
      assert.deepEqual(
        tasks.json.results.map(({ title }: { title: string }) => title),
        ["cook"],
      );
    });

    it("somebody else's row is not there: not to read, to change, to delete, or to act on", async () => {
      for (const [method, path] of [
        ["GET", `lists/${his}/`],
        ["PATCH", `lists/${his}/`],
        ["DELETE", `lists/${his}/`],
        ["POST", `lists/${his}/clear/`],
      ] as const)
        assert.equal((await ask(method, path, alice, method === "PATCH" ? { name: "x" } : undefined)).status, 404);
    });

    it("somebody else's list cannot be chosen for a task, and the answer is that of one that does not exist", async () => {
      const other = await ask("POST", "tasks/", alice, { list: his, title: "spy" });
      const none = await ask("POST", "tasks/", alice, { list: 999_999, title: "spy" });
      assert.deepEqual([other.status, none.status], [400, 400]);
      assert.deepEqual(Object.keys(other.json), ["list"]);
      assert.equal(other.text.replaceAll(String(his), "?"), none.text.replaceAll("999999", "?"));
    });

    it("a filter by somebody else's list says what it says of one that does not exist", async () => {
      const other = await ask("GET", `tasks/?list=${his}`, alice);
      const none = await ask("GET", "tasks/?list=999999", alice);
      assert.equal(other.status, none.status);
      assert.equal(other.text.replaceAll(String(his), "?"), none.text.replaceAll("999999", "?"));
    });

    it("a change that would move a row out of one's sight is undone", async () => {
      const { json } = await ask("GET", "tasks/?search=sweep", alice);
      const [{ id }] = json.results;
      assert.equal((await ask("PATCH", `tasks/${id}/`, alice, { list: his })).status, 400);
      assert.equal((await ask("GET", `tasks/${id}/`, alice)).json.list, hers);
    });

    it("a hook refuses what lies in the past, with the field's name, and only at creation", async () => {
      const { status, json } = await ask("POST", "tasks/", alice, { list: hers, title: "late", due: "2024-05-31" });
      assert.deepEqual([status, Object.keys(json)], [400, ["due"]]);
    });

    it("own actions on a row and on the list: done, clear, overdue", async () => {
      const [first, second] = (await ask("GET", "tasks/?ordering=created_at", alice)).json.results;
      assert.equal((await ask("POST", `tasks/${first.id}/done/`, alice)).json.done, true);
      test.clock.now += 3 * 24 * 3600 * 1000;
      alice = { ...alice, ...(await signedInAgain(alice)) };
      const overdue = await ask("GET", "tasks/overdue/", alice);
      assert.deepEqual(
        overdue.json.map(({ id }: { id: number }) => id),
        [second.id],
      );
      assert.deepEqual((await ask("POST", `lists/${hers}/clear/`, alice)).json, { removed: 1 });
      assert.equal((await ask("GET", "tasks/", alice)).json.count, 1);
    });

    it("nobody creates for nobody: without a token it is a 401", async () => {
      assert.equal((await test.client("POST", "/api/v1/lists/", { json: { name: "x" } })).status, 401);
      assert.equal((await test.client("GET", "/api/v1/tasks/")).status, 401);
    });

    const signedInAgain = async ({ username, password }: TestUser) => {
      const { json } = await test.client("POST", "/api/token/", { json: { username, password } });
      return { bearer: { authorization: `Bearer ${json.access}` } };
    };
  });
}
