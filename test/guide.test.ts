/** The pages of docs/guide: every passage of code stands in an example, a docstring or a test of one, so that it is checked with them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";

const root = resolve(import.meta.dirname, "..");

/** Lines without indentation and without the stars of a docstring: how deep a passage stands does not matter. */
const lines = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trim().replace(/^\* ?/, "").trim())
    .join("\n");

const sources = ["examples", "src", "test/testing"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => lines(readFileSync(join(root, folder, name), "utf8"))),
);

const stands = (code: string): boolean => sources.some((source) => source.includes(lines(code).trim()));

describe("the guide", () => {
  const index = "README.md";
  const pages = readdirSync(join(root, "docs/guide")).filter((name) => name !== index);

  it("has an index that names every page", () => {
    const text = readFileSync(join(root, "docs/guide", index), "utf8");
    const linked = Array.from(text.matchAll(/\]\(([\w-]+\.md)\)/g), ([, name]) => name);
    assert.deepEqual(linked.toSorted(), pages.toSorted());
  });

  for (const page of pages) {
    const text = readFileSync(join(root, "docs/guide", page), "utf8");
    const passages = Array.from(text.matchAll(/```ts\n(.*?)```/gs), ([, code = ""]) => code);
    it(`${page} shows only code that exists`, () => {
      // A page of settings and commands alone has none.
      assert.ok(passages.length > 0 || /^ {4}\S/m.test(text));
      for (const code of passages) assert.ok(stands(code), `not in an example:\n${code}`);
    });
  }

  it("would be found out", () => {
    assert.equal(stands('scope: scope.owner("nobody.at.all"),'), false);
  });
});
