/** The files that pages load: few, small, and under names that may be kept for ever. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { assetsDirectory } from "../../src/browsable/index.ts";
import { collect, createCatalogue, urlOf } from "../../src/static/index.ts";

describe("the files of pages", () => {
  const folders: string[] = [];
  after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

  it("are served under names with a hash once they are collected", async () => {
    const target = await mkdtemp(join(tmpdir(), "drf-auth-assets-"));
    folders.push(target);
    await collect({ sources: [{ directory: assetsDirectory }], target, now: () => 0 });
    const catalogue = createCatalogue({ directories: [{ directory: target }] });
    for (const name of await readdir(assetsDirectory)) {
      const [base = "", end = ""] = name.split(".");
      assert.match(urlOf(catalogue, name), new RegExp(`^/static/${base}\\.[0-9a-f]{12}\\.${end}$`));
    }
  });

  it("are less than 16 kB together on the way", async () => {
    const files = await Promise.all(
      (await readdir(assetsDirectory)).map((name) => readFile(join(assetsDirectory, name))),
    );
    const bytes = files.reduce((sum, file) => sum + gzipSync(file).length, 0);
    assert.ok(bytes < 16_000, `${bytes} bytes`);
  });

  it("ask no other host", async () => {
    for (const name of await readdir(assetsDirectory)) {
      const text = await readFile(join(assetsDirectory, name), "utf8");
      assert.doesNotMatch(text, /https?:\/\/|@import|url\(|\beval\b|innerHTML|outerHTML|insertAdjacentHTML/, name);
    }
  });

  it("have every property that the guide names for a theme", async () => {
    const style = await readFile(join(assetsDirectory, "pages.css"), "utf8");
    const guide = await readFile(join(import.meta.dirname, "../../docs/guide/browsable.md"), "utf8");
    const named = new Set(guide.match(/--[a-z-]+(?=`|:)/g));
    const declared = new Set([...style.matchAll(/^\s+(--[\w-]+):/gm)].map(([, name]) => name));
    assert.deepEqual([...named].toSorted(), [...declared].toSorted());
  });
});
