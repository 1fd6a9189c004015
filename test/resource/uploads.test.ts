/** Files that clients send: kept with the row that names them, under a name that can do no harm, or not at all. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { TestUser } from "../app.ts";
import { databases } from "../databases.ts";
import { formOf, png, startDocuments } from "./documents.ts";

const path = "/api/v1/documents/";

for (const { name, create } of databases) {
  describe(name, () => {
    let started: Awaited<ReturnType<typeof startDocuments>>;
    let alice: TestUser;
    before(async () => {
      started = await startDocuments(await create());
      alice = await started.user("alice");
    });
    after(() => started.stop());

    const send = (method: string, at: string, values: Parameters<typeof formOf>[0], headers = {}) =>
      alice.client<any>(method, at, { body: formOf(values), headers });
    const contentOf = (file: string) => readFile(join(started.mediaRoot, file), "utf8");

    test("a file is kept in its folder, and shown as its absolute URL", async () => {
      const { status, json } = await send("POST", path, { title: "one", file: ["one.txt", "first"] });
      assert.equal(status, 201);
      assert.equal(json.file, `${started.client.base}/media/docs/one.txt`);
      assert.equal(json.cover, null);
      assert.equal(json.anything, null);
      assert.equal(await contentOf("docs/one.txt"), "first");
    });
  });
}
