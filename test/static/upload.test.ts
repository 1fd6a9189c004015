/** Collected files on their way to a storage that refuses one of them. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { formatManifest } from "../../src/static/manifest.ts";
import { upload } from "../../src/static/upload.ts";
import { makeTree } from "./tree.ts";

it("its refusal is what is told; nothing more is sent, and no copy is left", async (t) => {
  const names = Array.from({ length: 60 }, (_, i) => `page-${i}.0123456789ab.js`);
  const manifest = formatManifest(new Map(names.map((name) => [name, name])));
  const directory = makeTree(t, {
    ...Object.fromEntries(names.map((name) => [name, "x".repeat(100_000)])),
    "staticfiles.json": String(manifest),
  });
  const temporary = makeTree(t);
  process.env.TMPDIR = temporary;
  for (let allowed = 0; allowed < 20; allowed++) {
    let [saved, later] = [0, 0];
    const storage = {
      async find() {
        if (saved > allowed) later++;
        return undefined;
      },
      async save() {
        if (saved++ === allowed) throw new Error("the bucket is full");
        await wait(1);
        return true;
      },
      async remove() {},
    };
    await assert.rejects(upload({ directory, urlPrefix: "/static/", storage }), /the bucket is full/);
    await wait(5);
    assert.ok(later <= 3, `${later} were begun`);
  }
  assert.deepEqual(readdirSync(temporary), []);
});
