/** Folders that cannot be written end a start with one sentence that names the setting. A file stands where a folder should. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ConfigurationError } from "../../src/errors.ts";
import { openProject } from "../../src/project/index.ts";

const folder = await mkdtemp(join(tmpdir(), "drf-auth-folders-"));
after(() => rm(folder, { recursive: true }));
const file = join(folder, "a-file");
await writeFile(file, "");
const app = join(import.meta.dirname, "../../examples/thesaurus/app.ts");
const isAbout = (place: string) => (error: unknown) =>
  error instanceof ConfigurationError &&
  error.place === place &&
  error.message.includes("a part of the path is a file");

test("a database whose folder cannot be made is told by its setting", async () => {
  const project = await openProject(app, { environment: { DATABASE_URL: `sqlite:///${file}/x/db.sqlite3` } });
  await assert.rejects(project.migrate(), isAbout("DATABASE_URL"));
});

test("static files that cannot be collected are told by their setting", async () => {
  const project = await openProject(app, { environment: { STATIC_ROOT: join(file, "static") } });
  await assert.rejects(project.collectStatic(), isAbout("STATIC_ROOT"));
});
