/** What a page loads of the client. */
import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { clientScript, modulesOf } from "./script.ts";

test("a page loads the client alone, and nothing of the server", () => {
  const folder = join(import.meta.dirname, "../../src/client");
  const outside = [...modulesOf()].filter((file) => relative(folder, file).startsWith(".."));
  assert.deepEqual(outside, []);
});

test("compressed it is under 5 kB, without shorter names", () => {
  const code = clientScript()
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*(\/\/.*)?\n/gm, "")
    .replace(/^ +/gm, "");
  const { length } = gzipSync(code);
  assert.ok(length < 5_000, `${length} bytes`);
});
