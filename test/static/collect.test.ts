import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { ConfigurationError } from "../../src/errors.ts";
import { ChangedMeanwhile, CircularReference, collect, MissingReference, NotText } from "../../src/static/index.ts";
import { addFile, makeTree, namesIn, newYear, stampsIn, textIn } from "./tree.ts";

const now = () => newYear.getTime();
const long = "body { color: rebeccapurple }\n".repeat(200);

// The names are those that Django 3.2's ManifestStaticFilesStorage gives the same files.
const djangoTree = {
  "img/logo.svg": "logo\n",
  "img/my logo.svg": "space\n",
  "fonts/a.eot": "font\n",
  "js/app.js": "console.log(1);\n",
  "js/a.tar.gz": "tar\n",
  LICENSE: "no extension\n",
  "css/base.css": '@charset "utf-8";\nbody { background: url(../img/logo.svg) }\n',
  "css/vendor/grid.css": ".grid { background: URL('../../img/logo.svg') }\n",
  "css/site.css": `@import "base.css" screen;
@import url('vendor/grid.css');
@font-face { src: url("../fonts/a.eot?#iefix"), url(../fonts/a.eot?v=1) }
.a { background: url( ../img/logo.svg#part) }
.b { background: url("/static/img/logo.svg") }
.c { background: url(/elsewhere/x.svg) }
.d { background: url("data:image/svg+xml;utf8,<svg/>") }
.e { background: url(https://example.com/x.svg), url(//example.com/x.svg) }
.f { filter: url(#blur) }
.g { background: url("../img/my%20logo.svg") }
.h { background: url(../img/) }
`,
};
const djangoPaths = {
  LICENSE: "LICENSE.4ee67816d4dc",
  "css/base.css": "css/base.5361699933ae.css",
  "css/site.css": "css/site.60da4bf8d8fa.css",
  "css/vendor/grid.css": "css/vendor/grid.b5f55b51c5d4.css",
  "fonts/a.eot": "fonts/a.0daf79671e01.eot",
  "img/logo.svg": "img/logo.98d8d6a239ae.svg",
  "img/my logo.svg": "img/my logo.f945ece6b359.svg",
  "js/a.tar.gz": "js/a.tar.e1ba042520a0.gz",
  "js/app.js": "js/app.626a12773851.js",
};

test("names, hashes and manifest are those of Django", async (t) => {
  const target = join(makeTree(t), "made", "here");
  const result = await collect({ sources: [{ directory: makeTree(t, djangoTree) }], target, now });
  assert.deepEqual(JSON.parse(textIn(target, "staticfiles.json")), { paths: djangoPaths, version: "1.0" });
  const files = namesIn(target).filter((name) => !/\.(css|js|svg)\.(gz|br|zst)$/.test(name));
  assert.deepEqual(files, [...Object.entries(djangoPaths).flat(), "staticfiles.json"].sort());
  assert.equal(result.copied, 9);
  assert.equal(result.hashed, 9);
  assert.equal(result.unmodified, 0);
});

test("the manifest has the very form that Python writes", async (t) => {
  const target = makeTree(t);
  await collect({ sources: [{ directory: makeTree(t, { "a.txt": "a", "b.txt": "b" }) }], target, now });
  assert.equal(
    textIn(target, "staticfiles.json"),
    '{"paths": {"a.txt": "a.0cc175b9c0f1.txt", "b.txt": "b.92eb5ffee6ae.txt"}, "version": "1.0"}',
  );
});

test("a second run touches nothing", async (t) => {
  const [source, target] = [makeTree(t, { ...djangoTree, "long.css": long }), makeTree(t)];
  await collect({ sources: [{ directory: source }], target, now });
  const before = stampsIn(target);
  const result = await collect({ sources: [{ directory: source }], target, now: () => now() + 5000 });
  assert.deepEqual(stampsIn(target), before);
  assert.deepEqual(result, { copied: 0, unmodified: 10, hashed: 0, compressed: 0, hidden: 0 });
});

test("a changed file changes its own name and that of every stylesheet that leads to it", async (t) => {
  const source = makeTree(t, {
    "a.css": '@import "b.css"',
    "b.css": "a{background:url(c.svg)}",
    "c.svg": "1",
    "d.js": "d",
  });
  const target = makeTree(t);
  const collectInto = () => collect({ sources: [{ directory: source }], target, now });
  const paths = (): Record<string, string> => JSON.parse(textIn(target, "staticfiles.json")).paths;
  await collectInto();
  const before = paths();
  addFile(source, "c.svg", "2");
  const result = await collectInto();
  const changed = Object.keys(before).filter((name) => before[name] !== paths()[name]);
  assert.deepEqual(changed, ["a.css", "b.css", "c.svg"]);
  assert.equal(result.copied, 1);
  assert.equal(result.hashed, 3);
});

test("variants hold the same content, and are made for both names", async (t) => {
  const [source, target] = [makeTree(t, { "long.css": long }), makeTree(t)];
  const result = await collect({ sources: [{ directory: source }], target, now });
  assert.equal(result.compressed, 6);
  const hashed = JSON.parse(textIn(target, "staticfiles.json")).paths["long.css"];
  for (const name of ["long.css", hashed]) {
    assert.equal(gunzipSync(readFileSync(join(target, `${name}.gz`))).toString(), long);
    assert.equal(zstdDecompressSync(readFileSync(join(target, `${name}.zst`))).toString(), long);
    assert.equal(brotliDecompressSync(readFileSync(join(target, `${name}.br`))).toString(), long);
  }
});

test("what compression does not make smaller, and images, fonts and archives, get no variants", async (t) => {
  const target = makeTree(t);
  const source = makeTree(t, {
    "tiny.txt": "a",
    "empty.txt": "",
    "photo.JPG": long,
    "font.woff2": long,
    "x.zip": long,
  });
  assert.equal((await collect({ sources: [{ directory: source }], target, now })).compressed, 0);
  assert.deepEqual(
    namesIn(target).filter((name) => /\.(gz|br|zst)$/.test(name)),
    [],
  );
});

test("what no compression makes smaller is not compressed again", async (t) => {
  const noise = Buffer.concat(Array.from({ length: 64 }, (_, i) => createHash("sha256").update(`${i}`).digest()));
  const [source, target] = [makeTree(t, { "noise.bin": noise, "long.css": long }), makeTree(t)];
  const record = ".incompressible.json";
  await collect({ sources: [{ directory: source }], target, now });
  const learned: string[] = JSON.parse(textIn(target, record));
  assert.deepEqual(
    learned.map((key) => key.split(" ")[0]),
    ["br", "gzip", "zstd"],
  );
  const before = stampsIn(target);
  await collect({ sources: [{ directory: source }], target, now: () => now() + 5000 });
  assert.deepEqual(stampsIn(target), before);

  // Had it been tried again, it would have been made: this record says so of a text that all of them make smaller.
  const md5 = (bytes: string | Buffer) => createHash("md5").update(bytes).digest("hex");
  const told = learned.map((key) => key.replace(md5(noise), md5(long)));
  const other = makeTree(t, { [record]: JSON.stringify(told) });
  const texts = [{ directory: makeTree(t, { "long.css": long }) }];
  assert.equal((await collect({ sources: texts, target: other, now })).compressed, 0);
  addFile(other, record, "[broken");
  assert.equal((await collect({ sources: texts, target: other, now })).compressed, 6);
});

test("what is copied is what the name was made of, whoever writes meanwhile", async (t) => {
  const names = ["a", "b", "c", "d", "e", "f", "z"];
  const [source, target] = [
    makeTree(t, Object.fromEntries(names.map((name) => [`${name}.txt`, "before"]))),
    makeTree(t),
  ];
  const writing = (name: string) => ({
    sources: [{ directory: source }],
    target,
    now,
    // The first file is done, the last is not begun.
    onProgress: (done: number) => done === 1 && addFile(source, name, "after"),
  });
  await assert.rejects(collect(writing("z.txt")), (error) => {
    return error instanceof ChangedMeanwhile && error.message.startsWith(join(source, "z.txt"));
  });
  assert.ok(!namesIn(target).includes("staticfiles.json"));
  addFile(source, "z.css", "before");
  await collect(writing("z.css"));
  const hashed: string = JSON.parse(textIn(target, "staticfiles.json")).paths["z.css"];
  assert.deepEqual(
    [textIn(source, "z.css"), textIn(target, "z.css"), textIn(target, hashed)],
    ["after", "before", "before"],
  );
});

test("variants of an earlier content do not survive it", async (t) => {
  const [source, target] = [makeTree(t, { "a.txt": long }), makeTree(t)];
  await collect({ sources: [{ directory: source }], target, now });
  addFile(source, "a.txt", "short");
  await collect({ sources: [{ directory: source }], target, now });
  assert.equal(namesIn(target).includes("a.txt.gz"), false);
  addFile(source, "a.txt", long.toUpperCase());
  await collect({ sources: [{ directory: source }], target, now });
  assert.equal(gunzipSync(readFileSync(join(target, "a.txt.gz"))).toString(), long.toUpperCase());
});

test("variants in a source give way to our own", async (t) => {
  const [source, target] = [makeTree(t, { "a.css": long, "a.css.gz": "stale" }), makeTree(t)];
  await collect({ sources: [{ directory: source }], target, now });
  assert.equal(gunzipSync(readFileSync(join(target, "a.css.gz"))).toString(), long);
});

test("the first source with a name wins, and a prefix goes before the names", async (t) => {
  const target = makeTree(t);
  const mine = makeTree(t, { "a.txt": "mine" });
  const theirs = makeTree(t, { "a.txt": "theirs", "b.txt": "theirs" });
  const sources = [{ directory: mine }, { directory: theirs }, { directory: theirs, prefix: "/their/own/" }];
  const result = await collect({ sources, target, now });
  assert.equal(result.hidden, 1);
  assert.equal(textIn(target, "a.txt"), "mine");
  assert.equal(textIn(target, "b.txt"), "theirs");
  assert.equal(textIn(target, "their/own/a.txt"), "theirs");
});

test("dot files, backups and CVS folders are not collected", async (t) => {
  const target = makeTree(t);
  const source = makeTree(t, { ".env": "SECRET", ".git/config": "x", "a.txt~": "x", "CVS/Root": "x", "a.txt": "a" });
  await collect({ sources: [{ directory: source }], target, now });
  assert.deepEqual(namesIn(target), ["a.0cc175b9c0f1.txt", "a.txt", "staticfiles.json"]);
});

test("a symbolic link back to its own folder is followed once", async (t) => {
  const [source, target] = [makeTree(t, { "a.txt": "a" }), makeTree(t)];
  symlinkSync(source, join(source, "loop"));
  await collect({ sources: [{ directory: source }], target, now });
  assert.deepEqual(namesIn(target), ["a.0cc175b9c0f1.txt", "a.txt", "staticfiles.json"]);
});

test("a missing reference fails and leaves the target as it was", async (t) => {
  const [source, target] = [makeTree(t, { "css/a.css": "\na{background:url(gone.svg)}" }), makeTree(t)];
  await assert.rejects(collect({ sources: [{ directory: source }], target, now }), (error) => {
    return error instanceof MissingReference && error.file === "css/a.css" && error.line === 2;
  });
  assert.deepEqual(namesIn(target), []);
});

test("stylesheets in a circle are refused by name", async (t) => {
  const source = makeTree(t, { "a.css": '@import "b.css"', "b.css": '@import "c.css"', "c.css": '@import "b.css"' });
  await assert.rejects(
    collect({ sources: [{ directory: source }], target: makeTree(t), now }),
    (error) => error instanceof CircularReference && error.message.startsWith("b.css -> c.css -> b.css:"),
  );
});

test("a stylesheet that is not UTF-8 is refused by name", async (t) => {
  const source = makeTree(t, { "a.css": Uint8Array.of(0xff, 0xfe, 0x00) });
  await assert.rejects(
    collect({ sources: [{ directory: source }], target: makeTree(t), now }),
    (error) => error instanceof NotText && error.message.startsWith("a.css:"),
  );
});

test("a source that is missing, or lies in the target or around it, is refused", async (t) => {
  const root = makeTree(t, { "inner/a.txt": "a" });
  mkdirSync(join(root, "..inner"));
  const tryIt = (source: string, target: string) =>
    collect({ sources: [{ directory: join(root, source) }], target: join(root, target), now });
  await assert.rejects(tryIt("gone", "out"), ConfigurationError);
  await assert.rejects(tryIt("inner", "inner"), ConfigurationError);
  await assert.rejects(tryIt("inner", ""), ConfigurationError);
  await assert.rejects(tryIt("", "inner"), ConfigurationError);
  await tryIt("inner", "..inner");
});

test("nothing temporary stays behind", async (t) => {
  const target = makeTree(t);
  await collect({ sources: [{ directory: makeTree(t, { "a.css": long }) }], target, now });
  assert.deepEqual(
    namesIn(target).filter((name) => name.startsWith(".")),
    [],
  );
});

test("a link out of its folder ends collecting, and says what to do", async (t) => {
  const [outside, source] = [makeTree(t, { "secret.txt": "s" }), makeTree(t, { "in/a.txt": "a" })];
  symlinkSync(join(source, "in"), join(source, "again"));
  const target = makeTree(t);
  await collect({ sources: [{ directory: source }], target, now });
  assert.ok(namesIn(target).includes("again/a.txt"));
  for (const [name, to] of [
    ["file.txt", join(outside, "secret.txt")],
    ["folder", outside],
  ] as const) {
    const path = join(source, name);
    symlinkSync(to, path);
    await assert.rejects(
      collect({ sources: [{ directory: source }], target, now }),
      /a link out of the folder.*STATIC_DIRS/,
    );
    rmSync(path);
  }
});

test("what is to be ignored is left out: by name, or by path", async (t) => {
  const files = { "a.css": "", "a.scss": "", "src/b.ts": "", "src/c.css": "", "deep/src/d.css": "" };
  const target = makeTree(t);
  await collect({ sources: [{ directory: makeTree(t, files) }], target, now, ignore: ["*.scss", "src/**"] });
  const names = namesIn(target).filter((name) => name in files);
  assert.deepEqual(names, ["a.css", "deep/src/d.css"]);
});

test("progress is told to its end", async (t) => {
  const told: string[] = [];
  const onProgress = (done: number, total: number) => told.push(`${done}/${total}`);
  const sources = [{ directory: makeTree(t, { "a.css": "", "b.js": "", c: "" }) }];
  await collect({ sources, target: makeTree(t), now, onProgress });
  assert.deepEqual(told, ["1/3", "2/3", "3/3"]);
});
