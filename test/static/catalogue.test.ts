import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError } from "../../src/errors.ts";
import { createCatalogue, UnknownStaticFile, urlOf } from "../../src/static/index.ts";
import { contentTypeOf } from "../../src/static/media-types.ts";
import { addFile, makeTree } from "./tree.ts";

test("several directories make one catalogue, the earlier one first", (t) => {
  const directories = [
    { directory: makeTree(t, { "a.txt": "mine" }) },
    { directory: makeTree(t, { "a.txt": "theirs", "b.txt": "theirs" }), prefix: "vendor" },
    { directory: makeTree(t, { "a.txt": "theirs", "b.txt": "theirs" }) },
  ];
  const catalogue = createCatalogue({ directories });
  const bodyOf = (name: string) => catalogue.find(name)?.representations[0]?.body?.toString();
  assert.equal(catalogue.size, 4);
  assert.deepEqual(["a.txt", "b.txt", "vendor/a.txt"].map(bodyOf), ["mine", "theirs", "theirs"]);
});

test("a directory that does not exist is reported at start", () => {
  assert.throws(() => createCatalogue({ directories: [{ directory: "/nowhere/at/all" }] }), ConfigurationError);
});

for (const text of ["{", "[]", '{"version": "1.0"}', '{"paths": {}, "version": "2.0"}']) {
  test(`a broken manifest is reported at start: ${text}`, (t) => {
    const directory = makeTree(t, { "staticfiles.json": text });
    assert.throws(() => createCatalogue({ directories: [{ directory }] }), ConfigurationError);
  });
}

test("a manifest of a later Django is understood", (t) => {
  const paths = { "a.txt": "a.0cc175b9c0f1.txt" };
  const manifest = JSON.stringify({ paths, version: "1.1", hash: "x" });
  const directory = makeTree(t, { "a.txt": "a", "a.0cc175b9c0f1.txt": "a", "staticfiles.json": manifest });
  const catalogue = createCatalogue({ directories: [{ directory }] });
  assert.equal(urlOf(catalogue, "a.txt"), "/static/a.0cc175b9c0f1.txt");
  assert.equal(urlOf(catalogue, "a.txt", "https://cdn.test/s/"), "https://cdn.test/s/a.0cc175b9c0f1.txt");
});

test("a file that was not collected is linked by its own name, an unknown one not at all", (t) => {
  const catalogue = createCatalogue({ directories: [{ directory: makeTree(t, { "a b.txt": "a" }) }] });
  assert.equal(urlOf(catalogue, "a b.txt"), "/static/a%20b.txt");
  assert.throws(() => urlOf(catalogue, "c.txt"), UnknownStaticFile);
});

test("an entry of the manifest whose file is gone does not become a link", (t) => {
  const manifest = '{"paths": {"a.txt": "a.0cc175b9c0f1.txt"}, "version": "1.0"}';
  const directory = makeTree(t, { "a.txt": "a", "staticfiles.json": manifest });
  assert.equal(urlOf(createCatalogue({ directories: [{ directory }] }), "a.txt"), "/static/a.txt");
});

test("the memory for files is bounded, one by one and together", (t) => {
  const directory = makeTree(t, { "a.txt": "12345", "b.txt": "12345", "c.txt": "1234567890", "d.txt": "1" });
  const catalogue = createCatalogue({ directories: [{ directory }], maxMemoryFileBytes: 9, maxMemoryBytes: 6 });
  const isHeld = (name: string) => catalogue.find(name)?.representations[0]?.body !== undefined;
  assert.deepEqual(["a.txt", "b.txt", "c.txt", "d.txt"].map(isHeld), [true, false, false, true]);
});

test("a reload that fails leaves the files of before", (t) => {
  const directory = makeTree(t, { "a.txt": "a" });
  const catalogue = createCatalogue({ directories: [{ directory }] });
  addFile(directory, "staticfiles.json", "{");
  assert.throws(() => catalogue.reload(), ConfigurationError);
  assert.equal(catalogue.size, 1);
});

test("cache time and common headers can be chosen", (t) => {
  const directory = makeTree(t, { "a.txt": "a" });
  const catalogue = createCatalogue({ directories: [{ directory }], maxAgeSeconds: 0, headers: { "X-A": "b" } });
  const headers = catalogue.find("a.txt")?.representations[0]?.headers ?? [];
  assert.equal(headers[headers.indexOf("Cache-Control") + 1], "max-age=0, public");
  assert.equal(headers[headers.indexOf("X-A") + 1], "b");
  assert.equal(headers.includes("Referrer-Policy"), false);
});

test("content types are those of WhiteNoise", () => {
  const types: Readonly<Record<string, string>> = {
    "a.css": 'text/css; charset="utf-8"',
    "a.JS": 'text/javascript; charset="utf-8"',
    "a.json": "application/json",
    "a.svg": "image/svg+xml",
    "a.woff2": "font/woff2",
    "deep/crossdomain.xml": 'text/x-cross-domain-policy; charset="utf-8"',
    "a.tar.gz": "application/octet-stream",
    LICENSE: "application/octet-stream",
    "a.css.map": "application/json",
  };
  for (const [name, type] of Object.entries(types)) assert.equal(contentTypeOf(name), type, name);
});
