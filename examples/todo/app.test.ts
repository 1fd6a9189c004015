/** The to-do lists, tested as an app of one's own is: TEST_DATABASE_URL names a PostgreSQL server, where SQLite is not meant. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAuthorization, startTest } from "drf-auth/testing";
import app, { List } from "./app.ts";

const databaseUrl = process.env.TEST_DATABASE_URL;

test("everybody does what authorization.txt says, and nothing else", async () => {
  await assertAuthorization(app, { snapshot: new URL("./authorization.txt", import.meta.url), databaseUrl });
});

test("a task that is not done is overdue on the next day", async () => {
  const { user, insert, clock, stop } = await startTest(app, { databaseUrl });
  const alice = await user("alice");
  const [list] = await insert(List, [{ name: "Home", owner: alice.id }]);
  const created = await alice.client("POST", "/api/v1/tasks/", { json: { list, title: "Water", due: "2024-06-01" } });
  assert.equal(created.status, 201, created.text);

  const overdue = async () => (await alice.client<unknown[]>("GET", "/api/v1/tasks/overdue/")).json.length;
  assert.equal(await overdue(), 0);
  clock.now = Date.UTC(2024, 5, 2);
  assert.equal(await overdue(), 1);
  await stop();
});
