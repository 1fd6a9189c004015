import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { createProject, type TestProject } from "./project.ts";

describe("the table of routes", () => {
  let project: TestProject;
  before(async () => {
    project = await createProject();
  });
  after(() => project.remove());

  it("says of each method whether it needs a token", async () => {
    const { code, out } = await project.run(["routes"]);
    assert.equal(code, 0);
    const rows = out.split("\n").map((line) => line.split(/ {2,}/));
    assert.deepEqual(rows[0], ["METHOD", "PATH", "TOKEN", "ACTION"]);
    assert.ok(out.includes("/api/token/refresh/"));
    const of = (method: string, path: string) => rows.find((row) => row[0] === method && row[1] === path)?.slice(2);
    assert.deepEqual(of("GET", "/api/v1/snacks/"), ["no", "list"]);
    assert.deepEqual(of("POST", "/api/v1/snacks/"), ["required", "create"]);
    assert.deepEqual(of("DELETE", "/api/v1/snacks/:pk/"), ["required", "delete"]);
    assert.equal(of("POST", "/api/token/")?.[0], "no");
  });

  it("is there for programs and for a README", async () => {
    const rows: unknown = JSON.parse((await project.run(["routes", "--json"])).out);
    assert.ok(Array.isArray(rows));
    assert.deepEqual(
      rows.find(({ method, path }) => method === "PATCH" && path === "/api/v1/snacks/:pk/"),
      {
        method: "PATCH",
        path: "/api/v1/snacks/:pk/",
        isTokenRequired: true,
        action: "partialUpdate",
        permissions: ["authenticated or read-only", "owner or read-only"],
      },
    );
    const { out } = await project.run(["routes", "--markdown"]);
    assert.match(out, /^\| Method \| Path \| Token \| Action \|\n\| --- \| --- \| --- \| --- \|\n/);
    assert.match(out, /\| POST \| `\/api\/v1\/snacks\/` \| required \| create \|/);
    assert.equal((await project.run(["routes", "--json", "--markdown"])).code, 2);
  });

  it("touches neither the database nor the secret key", () => {
    assert.equal(existsSync(project.path("db.sqlite3")), false);
    assert.equal(existsSync(project.path(".secret-key")), false);
  });
});
