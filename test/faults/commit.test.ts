/** The connection to PostgreSQL is lost in the middle of a COMMIT: what is said, what is kept, and what sending it again does. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { connect, type Database, defineStatement, OutcomeUnknown } from "../../src/db/index.ts";
import type { TestUser } from "../app.ts";
import { databases } from "../databases.ts";
import { formOf, png, startDocuments } from "../resource/documents.ts";
import { openWire } from "../wire.ts";
import { report, stopwatch } from "./report.ts";

const postgres = databases.find(({ name }) => name === "PostgreSQL") ?? assert.fail();
const path = "/api/v1/documents/";

describe("a COMMIT whose answer is lost", () => {
  let wire: Awaited<ReturnType<typeof openWire>>;
  let database: Database;
  let test: Awaited<ReturnType<typeof startDocuments>>;
  let alice: TestUser;
  before(async () => {
    const own = await postgres.create();
    wire = await openWire(own.url);
    database = await connect(wire.url, { connectTimeoutMs: 1000, maxConnections: 4 });
    test = await startDocuments(own, { wrap: () => database });
    alice = await test.user("alice");
  });
  afterEach(() => wire.mend());
  after(async () => {
    await database.close();
    await test.stop();
    wire.close();
  });

  const send = (title: string, more: Record<string, string> = {}) =>
    test.client("POST", path, {
      body: formOf({ title, file: [`${title}.txt`, title] }),
      headers: { ...alice.bearer, ...more },
    });
  const titled = async (title: string) => {
    const { json } = await test.client("GET", `${path}?page_size=100`, { headers: alice.bearer });
    return json.results.filter((row: { title: string }) => row.title === title);
  };
  const contentOf = (url: string) =>
    readFile(join(test.mediaRoot, new URL(url).pathname.slice("/media/".length)), "utf8");

  for (const when of ["before", "after"] as const) {
    const isKept = when === "after";

    it(`${when} the server has it, is said to be unknown: 503 with Retry-After and a code`, async () => {
      wire.cutAt("COMMIT", when);
      const { status, headers, json } = await send(`unknown-${when}`);
      assert.equal(status, 503);
      assert.ok(Number(headers.get("retry-after")) > 0);
      assert.equal(json.code, "outcome_unknown");
      assert.match(json.detail, /it was saved or it was not/);
      wire.mend();
      const found = await titled(`unknown-${when}`);
      assert.equal(found.length, isKept ? 1 : 0);
      // The file of a row that is there after all is there, too.
      for (const { file } of found) assert.equal(await contentOf(file), `unknown-${when}`);
    });

    it(`${when} the server has it, is done once when it is sent again with its Idempotency-Key`, async (t) => {
      const key = { "idempotency-key": `key-${when}` };
      wire.cutAt("COMMIT", when);
      const first = await send(`again-${when}`, key);
      assert.deepEqual([first.status, first.json.code], [503, "outcome_unknown"]);
      wire.mend();
      const elapsed = stopwatch();
      const second = await send(`again-${when}`, key);
      report(t, {
        lost: "one answer, and nothing that was written",
        recovered: `sent again, answered after ${elapsed()} ms`,
      });
      assert.equal(second.status, 201);
      assert.equal(second.headers.get("idempotency-replayed"), isKept ? "true" : null);
      const found = await titled(`again-${when}`);
      assert.deepEqual(found, [second.json]);
      assert.equal(await contentOf(found[0].file), `again-${when}`);
    });
  }

  it("keeps the file of a change, and the one before it", async () => {
    const { json } = await send("changed");
    const at = `${path}${json.id}/`;
    const change = () =>
      test.client("PATCH", at, { body: formOf({ cover: ["cover.png", png] }), headers: alice.bearer });
    const { json: first } = await change();
    wire.cutAt("COMMIT", "after");
    assert.equal((await change()).status, 503);
    wire.mend();
    const { json: second } = await test.client("GET", at);
    assert.notEqual(second.cover, first.cover);
    for (const { cover } of [first, second]) assert.ok(await contentOf(cover));
  });

  it("is unknown of a statement outside of a transaction as well, but not where nothing was sent", async () => {
    const write = defineStatement("UPDATE auth_user SET first_name = 'Al' WHERE username = 'alice'");
    await database.run(write);
    wire.cutAt(write.name, "after");
    await assert.rejects(async () => database.run(write), OutcomeUnknown);
    await assert.rejects(
      async () => database.run(write),
      (error: Error) => error.name === "DatabaseUnavailable",
    );
    wire.mend();
    assert.equal(await database.run(write), 1);
    await assert.rejects(
      database.transaction(async (transaction) => {
        await transaction.run(write);
        wire.cut();
        await assert.rejects(async () => transaction.run(write), /terminated/);
      }),
      (error: Error) => error.name === "DatabaseUnavailable",
    );
  });
});
