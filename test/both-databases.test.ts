/** What is tested on a database is tested on both: a file that opens one goes through `databases`, or says here why not. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";

const exceptions: Readonly<Record<string, string>> = {
  "auth/canary.test.ts": "looks for secrets of a URL, which SQLite has none of",
  "examples/from-django.test.ts":
    "begins with the SQLite file that Django made; conformance does the same on PostgreSQL",
};

const opens = /\b(startTestApp|startTest|startDocuments|createDatabase|connect)\(|\bcreate\(\)/;
const both = /\bof databases\b|\bdatabases\.(map|forEach)\b/;

it("every test of models, resources and auth that opens a database runs on both", () => {
  const files = globSync("{auth,browsable,examples,journeys,model,properties,resource}/**/*.test.ts", {
    cwd: import.meta.dirname,
  });
  assert.ok(files.length > 50, `${files.length} files`);
  const alone = files.filter((file) => {
    const source = readFileSync(join(import.meta.dirname, file), "utf8");
    return opens.test(source) && !both.test(source);
  });
  assert.deepEqual(alone.sort(), Object.keys(exceptions).sort());
});
