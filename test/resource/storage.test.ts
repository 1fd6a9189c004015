/** Files that are kept elsewhere than in a folder: what a storage of one's own is asked, and what clients see of it. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import {
  defineApp,
  download,
  type FileStorage,
  field,
  model,
  permission,
  resource,
  ServiceUnavailable,
} from "../../src/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";

const files = new Map<string, Buffer>();
let fails: Error | undefined;
let reads: [number, number][] = [];
/** Bytes that it gives fewer than it is asked for. */
let keepsBack = 0;
let breaks = false;

const storage: FileStorage = {
  async save({ path, sizeBytes }, wanted) {
    if (fails) throw fails;
    if (files.has(wanted)) return false;
    const bytes = await readFile(path);
    assert.equal(bytes.length, sizeBytes);
    files.set(wanted, bytes);
    return true;
  },
  async find(path) {
    if (fails) throw fails;
    const bytes = files.get(path);
    return (
      bytes && {
        sizeBytes: bytes.length,
        modifiedMs: 86_400_000,
        async *read(first, last) {
          reads.push([first, last]);
          if (breaks) throw new Error("the line is broken");
          for (let at = first; at <= last - keepsBack; at += 4) {
            await turn();
            yield bytes.subarray(at, Math.min(at + 4, last + 1 - keepsBack));
          }
        },
      }
    );
  },
  async remove(path) {
    if (fails) throw fails;
    files.delete(path);
  },
};

const Paper = model("paper", {
  fields: {
    title: field.text({ unique: true }),
    file: field.file({ uploadTo: "papers", removeOld: true }),
    draft: field.file({ uploadTo: ".drafts", null: true, writeOnly: true }),
  },
});
const app = defineApp({
  storage,
  resources: {
    papers: resource(Paper, {
      permissions: [permission.allowAny()],
      actions: {
        draft: {
          method: "GET",
          on: "detail",
          output: field.file(),
          run: ({ object }) => download(object.draft ?? ""),
        },
      },
    }),
  },
});

/** The body of a multipart request. */
const form = (fields: Readonly<Record<string, string>>, sent: Readonly<Record<string, string>>): FormData => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  for (const [name, content] of Object.entries(sent)) data.append(name, new File([content], `${name}.txt`));
  return data;
};

for (const { name, create } of databases) {
  describe(`a storage of one's own, on ${name}`, () => {
    let test: TestApp;
    const papers = "/api/v1/papers/";
    const send = (method: string, path: string, data: FormData) => test.client(method, path, { body: data });
    const mediaRoot = mkdtempSync(join(tmpdir(), "drf-auth-storage-"));
    const temporary = (): string[] => readdirSync(mediaRoot, { recursive: true, encoding: "utf8" });
    before(async () => {
      test = await startTestApp(app, await create(), { settings: { mediaRoot } });
    });
    beforeEach(() => {
      [fails, reads, keepsBack, breaks] = [undefined, [], 0, false];
    });
    after(async () => {
      assert.deepEqual(test.faults, []);
      await test.stop();
      files.clear();
      rmSync(mediaRoot, { recursive: true });
    });

    it("keeps what is sent under the path that is wanted, or beside it where that is taken", async () => {
      const first = await send("POST", papers, form({ title: "a" }, { file: "0123456789", draft: "secret" }));
      assert.equal(first.status, 201, first.text);
      assert.match(first.json.file, /\/media\/papers\/file\.txt$/);
      const second = await send("POST", papers, form({ title: "b" }, { file: "other" }));
      assert.match(second.json.file, /\/media\/papers\/file_[0-9a-f]{7}\.txt$/);
      assert.deepEqual([...files.values()].map(String).sort(), ["0123456789", "other", "secret"]);
      assert.deepEqual(temporary(), [".uploads"], "nothing stays on the disk");
    });

    it("is read by clients: whole, a part, and not where they have it", async () => {
      const whole = await test.client("GET", "/media/papers/file.txt");
      assert.deepEqual([whole.status, whole.text, whole.headers.get("content-length")], [200, "0123456789", "10"]);
      const etag = whole.headers.get("etag") ?? "";
      const part = await test.client("GET", "/media/papers/file.txt", { headers: { range: "bytes=3-7" } });
      assert.deepEqual([part.status, part.text], [206, "34567"]);
      const known = await test.client("GET", "/media/papers/file.txt", { headers: { "if-none-match": etag } });
      assert.equal(known.status, 304);
      assert.equal((await test.client("HEAD", "/media/papers/file.txt")).headers.get("content-length"), "10");
      assert.deepEqual(reads, [
        [0, 9],
        [3, 7],
      ]);
      assert.equal((await test.client("GET", "/media/papers/none.txt")).status, 404);
      assert.equal((await test.client("GET", "/media/.drafts/draft.txt")).status, 404);
      assert.equal((await test.client("GET", `${papers}1/draft/`)).text, "secret");
    });

    it("forgets what a row that was refused would have named, and what no row names any more", async () => {
      const refused = await send("POST", papers, form({ title: "a" }, { file: "again" }));
      assert.equal(refused.status, 400);
      assert.equal(files.size, 3);
      const changed = await send("PATCH", `${papers}2/`, form({}, { file: "newer" }));
      assert.equal(changed.status, 200, changed.text);
      assert.deepEqual([...files.values()].map(String).sort(), ["0123456789", "newer", "secret"]);
    });

    it("that gives fewer bytes than there are ends the connection, so that nobody takes half a file for a whole", async () => {
      keepsBack = 3;
      await assert.rejects(test.client("GET", "/media/papers/file.txt"));
      assert.match(String(test.faults.splice(0)[0]), /fewer bytes/);
    });

    it("that breaks off before the first byte is a 503", async () => {
      breaks = true;
      const { status, headers } = await test.client("GET", "/media/papers/file.txt");
      assert.deepEqual([status, headers.get("content-length"), headers.get("retry-after")], [503, "0", "5"]);
      assert.match(String(test.faults.splice(0)[0]), /the line is broken/);
    });

    it("that is away is a 503 to who reads and who sends, and no row names a file that is not there", async () => {
      fails = new ServiceUnavailable();
      assert.equal((await test.client("GET", "/media/papers/file.txt")).status, 503);
      assert.equal((await send("POST", papers, form({ title: "c" }, { file: "lost" }))).status, 503);
      fails = undefined;
      assert.equal((await test.client("GET", papers)).json.count, 2);
      assert.deepEqual(temporary(), [".uploads"]);
      test.faults.splice(0);
    });
  });
}
