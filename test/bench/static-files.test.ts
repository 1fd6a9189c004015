/** The static files of the bench: the same bytes each time, and rows that name them get the URL under which they are collected. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { rows } from "../../bench/rows.ts";
import { makeStaticFiles, type StaticFiles } from "../../bench/static-files.ts";

describe("the static files of the bench", () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-static-"));
  let files: StaticFiles;
  before(async () => {
    files = await makeStaticFiles(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const [example] = rows;
  const located = (path: string) => files.locate({ ...(example ?? assert.fail()), path }).path;

  it("stand under the hash of their bytes, which are the same each time", () => {
    const [css, film] = [located("{css/site.css}"), located("{film.webm}?part=1")];
    assert.equal(css, "/static/css/site.c419975df9aa.css");
    assert.equal(film, "/static/film.147bafaabaf5.webm?part=1");
    const bytes = readFileSync(join(files.root, css.slice("/static/".length)));
    assert.deepEqual(bytes, readFileSync(join(files.sources, "css", "site.css")));
  });

  it("are named by every row of a static file, and other rows stay as they are", () => {
    const named = rows.filter(({ path }) => path.startsWith("{"));
    assert.ok(named.length > 0);
    for (const row of named) assert.match(files.locate(row).path, /^\/static\//);
    for (const row of rows.filter((row) => !named.includes(row))) assert.deepEqual(files.locate(row), row);
  });

  it("are told where a row names none of them", () => {
    assert.throws(() => located("{css/gone.css}"), /css\/gone\.css.*not among the static files/);
  });
});
