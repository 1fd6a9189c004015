/** Which form an answer has, where the links of the root lead, and what OPTIONS tells: as clients of the reference know it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { field, model } from "../../src/model/index.ts";
import { permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Note = model("notes.note", { fields: { title: field.text({ maxLength: 20 }), owner: field.owner() } });

const app = defineApp({
  resources: {
    notes: resource(Note, {
      permissions: [permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner")],
      actions: { archive: { method: "POST", on: "detail", run: () => ({}) } },
    }),
  },
});

let notes: TestApp;
before(async () => {
  const [sqlite] = databases;
  assert.ok(sqlite);
  notes = await startTestApp(app, await sqlite.create());
});
after(() => notes.stop());

const typeFor = async (accept: string, path = "/api/v1/notes/") => {
  const { status, headers } = await notes.client("GET", path, { headers: { accept } });
  return status === 200 ? headers.get("content-type")?.split(";")[0] : status;
};

test("media ranges are compared without case, and either half of one may be any", async () => {
  for (const accept of [
    "application/json",
    "APPLICATION/JSON",
    "*/json",
    "application/*",
    "*/*",
    "Application/Json;q=1",
  ])
    assert.equal(await typeFor(accept), "application/json", accept);
  for (const accept of ["TEXT/HTML", "text/*", "*/html"]) assert.equal(await typeFor(accept), "text/html", accept);
  for (const accept of ["application/json/x", "*", "*/xml", "json", "application/"])
    assert.equal(await typeFor(accept), 406, accept);
});

test("the login page is a page whatever is accepted", async () => {
  for (const accept of ["text/html", "application/json", "image/png"])
    assert.equal(await typeFor(accept, "/api-auth/login/"), "text/html", accept);
});

test("the links of the root keep the format that was asked for", async () => {
  const linkFrom = async (path: string) => (await notes.client("GET", path)).json.notes.replace(notes.client.base, "");
  assert.equal(await linkFrom("/api/v1/"), "/api/v1/notes/");
  assert.equal(await linkFrom("/api/v1/?format=json&page=2"), "/api/v1/notes/?format=json");
  assert.equal(await linkFrom("/api/v1/.json"), "/api/v1/notes.json");
});

test("OPTIONS tells what a user may send: rows are asked about for PUT alone", async () => {
  const [alice, bob] = [await notes.user("alice"), await notes.user("bob")];
  const { json } = await notes.client("POST", "/api/v1/notes/", { json: { title: "a" }, headers: alice.bearer });
  const told = async (path: string, headers = {}) =>
    Object.keys((await notes.client("OPTIONS", path, { headers })).json.actions ?? {});
  const path = `/api/v1/notes/${json.id}/`;
  assert.deepEqual(await told(path, alice.bearer), ["PUT"]);
  assert.deepEqual(await told(path, bob.bearer), []);
  assert.deepEqual(await told(`${path}archive/`, bob.bearer), ["POST"]);
  assert.deepEqual(await told("/api/v1/notes/999/archive/", bob.bearer), ["POST"]);
  assert.deepEqual(await told(`${path}archive/`), []);
});

test("OPTIONS of the token endpoints tells their fields", async () => {
  const fieldsOf = async (path: string) => (await notes.client("OPTIONS", path)).json.actions.POST;
  assert.deepEqual(await fieldsOf("/api/token/"), {
    username: { type: "string", required: true, read_only: false, label: "Username" },
    password: { type: "string", required: true, read_only: false, label: "Password" },
  });
  assert.deepEqual(Object.keys(await fieldsOf("/api/token/refresh/")), ["refresh", "access"]);
  assert.deepEqual(Object.keys(await fieldsOf("/api/token/verify/")), ["token"]);
});
