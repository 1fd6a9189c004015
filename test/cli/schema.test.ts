import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { lineDiff } from "../../src/cli/line-diff.ts";
import { createProject, type TestProject } from "./project.ts";

describe("the schema command", () => {
  let project: TestProject;
  before(async () => {
    project = await createProject();
  });
  after(() => project.remove());

  it("writes the document to standard output, or to a file that everybody may read", async () => {
    const { code, out } = await project.run(["schema", "--format", "yaml"]);
    assert.equal(code, 0);
    assert.match(out, /^openapi: "3\.1\.1"\ninfo:\n {2}title: Snacks\n/);
    const written = await project.run(["schema", "--file", "openapi.json"]);
    assert.deepEqual([written.code, written.out], [0, ""]);
    assert.equal(statSync(project.path("openapi.json")).mode & 0o444, 0o444);
  });

  it("--check is content with that document, and says what differs from another", async () => {
    const text = await readFile(project.path("openapi.json"), "utf8");
    // Whatever indents it, the document is the same.
    await project.write("openapi.json", JSON.stringify(JSON.parse(text)));
    const kept = await project.run(["schema", "--check", "openapi.json"]);
    assert.deepEqual([kept.code, kept.out], [0, ""]);
    await project.write("openapi.json", text.replace('"title": "Snacks"', '"title": "Sweets"'));
    const { code, out, err } = await project.run(["schema", "--check", "openapi.json"]);
    assert.equal(code, 1);
    assert.equal(out, '-    "title": "Sweets",\n+    "title": "Snacks",\n');
    assert.match(
      err,
      /openapi\.json is not the document of this app; "drf-auth schema --file openapi\.json" writes it anew/,
    );
  });

  it("touches neither the database nor the secret key", () => {
    assert.equal(existsSync(project.path("db.sqlite3")), false);
    assert.equal(existsSync(project.path(".secret-key")), false);
  });
});

describe("a difference in lines", () => {
  it("has the lines that only one of the texts has", () => {
    assert.deepEqual(lineDiff("a\nb\nc\nd\n", "a\nc\nx\nd\n"), ["-b", "+x"]);
    assert.deepEqual(lineDiff("a", "a"), []);
    assert.deepEqual(lineDiff("", "a\n"), ["+a"]);
  });
});
