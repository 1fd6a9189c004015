/** Collected files go to a storage of their own as well, from which a CDN answers. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { after, before, it } from "node:test";
import { createProject, type TestProject } from "./project.ts";

/** A storage that is a folder beside the app, with a line for each file that it is given. */
const source = `
import { copyFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineApp } from "drf-auth";

const root = join(import.meta.dirname, "bucket");
const staticStorage = {
  async save({ path, sizeBytes }, wanted) {
    if (existsSync(join(root, "closed"))) throw new Error("the bucket is closed");
    if (existsSync(join(root, wanted))) return false;
    mkdirSync(dirname(join(root, wanted)), { recursive: true });
    // It may take away what it is given.
    copyFileSync(path, join(root, wanted));
    renameSync(path, path + ".taken");
    return statSync(join(root, wanted)).size === sizeBytes;
  },
  async find(path) {
    return existsSync(join(root, path)) ? { path: join(root, path), sizeBytes: 0, modifiedMs: 0 } : undefined;
  },
  async remove() {},
};
export default defineApp({
  resources: {},
  staticStorage,
  pages: false,
  settings: { staticUrl: "https://cdn.example.com/assets/", staticDirectories: ["web"] },
});
`;

let project: TestProject;
before(async () => {
  project = await createProject(source);
  await mkdir(project.path("web"));
  await mkdir(project.path("bucket"));
  await writeFile(project.path("web/site.css"), "a { background: url(dot.png) }");
  await writeFile(project.path("web/dot.png"), "dot");
});
after(() => project.remove());

const collect = async () => {
  const { code, out, err } = await project.run(["collectstatic"]);
  assert.equal(code, 0, err);
  return out;
};
const bucket = (): string[] =>
  readdirSync(project.path("bucket/assets"))
    .filter((name) => /^(site|dot)/.test(name))
    .sort();

it("each file is there under its hashed name, and is sent once", async () => {
  assert.match(await collect(), /hashed, .* in .*; [1-9]\d* uploaded/);
  const [dot = "", site = "", ...more] = bucket();
  assert.match(dot, /^dot\.[0-9a-f]{12}\.png$/);
  assert.match(site, /^site\.[0-9a-f]{12}\.css$/);
  assert.deepEqual(more, []);
  assert.equal(readFileSync(project.path("bucket/assets", site), "utf8"), `a { background: url("${dot}") }`);
  assert.ok(existsSync(project.path(".static", site)), "what was collected stays");
  assert.match(await collect(), /; 0 uploaded/);
});

it("a new release is sent beside the one before", async () => {
  await writeFile(project.path("web/site.css"), "a { color: red }");
  assert.match(await collect(), /; 1 uploaded/);
  assert.equal(bucket().length, 3);
});

it("what the storage refuses ends the command", async () => {
  await writeFile(project.path("bucket/closed"), "");
  await writeFile(project.path("web/site.css"), "a { color: blue }");
  const { code, err } = await project.run(["collectstatic"]);
  assert.notEqual(code, 0);
  assert.match(err, /the bucket is closed/);
  await rm(project.path("bucket/closed"));
  assert.match(await collect(), /; 1 uploaded/);
});
