import assert from "node:assert/strict";
import { resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { defineStatement } from "../../src/db/index.ts";
import { openProject } from "../../src/project/index.ts";
import { launchScript, type Running } from "../cli/project.ts";
import { databases, type TestDatabase } from "../databases.ts";

const directory = resolve(import.meta.dirname, "../../examples/thesaurus");
const secretKey = "only for this test, and long enough for one";

/** What `npm start` runs. */
const start = (url: string): Running =>
  launchScript(["start.ts"], directory, {
    DATABASE_URL: url,
    SECRET_KEY: secretKey,
    ACCESS_LOG: "off",
    WEB_CONCURRENCY: "2",
  });

const address = /Thesaurus: (\S+) \(Ctrl-C stops it\)/;
const json = async (url: string, init?: RequestInit): Promise<unknown> => (await fetch(url, init)).json();

it("the example has a migration for every change of its models", async () => {
  const project = await openProject(resolve(directory, "app.ts"), { environment: {} });
  assert.deepEqual(await project.findMissingMigrations(), []);
});

for (const { name, create } of databases) {
  describe(`the example, started with nothing prepared, on ${name}`, () => {
    let test: TestDatabase;
    let running: Running;
    let root: string;
    let password: string;
    before(async () => {
      test = await create();
      running = start(test.url);
      await running.says(/applied thesaurus\.0001_initial/);
      [, password = ""] = await running.says(/Sign in as "demo" with the password "([^"]+)"; it is shown this once/);
      [, root = ""] = await running.says(address);
    });
    after(async () => {
      await running.stop();
      await test.drop();
    });

    it("shows every word beside its opposite, and null where it has none", async () => {
      assert.deepEqual(await json(`${root}words/?search=strange`), {
        ...{ count: 1, next: null, previous: null },
        results: [{ word: "odd", synonym: "strange", antonym: "usual" }],
      });
      assert.deepEqual(await json(`${root}words/?antonym__isnull=true&ordering=-word&page_size=2`), {
        count: 5,
        next: `${root}words/?antonym__isnull=true&ordering=-word&page=2&page_size=2`,
        previous: null,
        results: [
          { word: "wonder", synonym: "marvel", antonym: null },
          { word: "scared", synonym: "afraid", antonym: null },
        ],
      });
      const none = await json(`${root}words/?word=victory`);
      assert.deepEqual(none, { count: 0, next: null, previous: null, results: [] });
    });

    it("lets the demo account add a word, which then is its own", async () => {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ username: "demo", password });
      const tokens = await json(new URL("/api/token/", root).href, { method: "POST", headers, body });
      assert.ok(typeof tokens === "object" && tokens !== null && "access" in tokens);
      const added = await fetch(`${root}synonyms/`, {
        method: "POST",
        headers: { ...headers, authorization: `Bearer ${tokens.access}` },
        body: JSON.stringify({ word: "cold", synonym: "chilly" }),
      });
      assert.equal(added.status, 201);
      const word: unknown = await added.json();
      assert.ok(typeof word === "object" && word !== null && "owner" in word);
      assert.equal(word.owner, "demo");
    });

    it("keeps its data at the second start, and says nothing of the password", async () => {
      await running.stop();
      running = start(test.url);
      [, root = ""] = await running.says(address);
      assert.deepEqual(await json(`${root}words/?word=cold`), {
        ...{ count: 1, next: null, previous: null },
        results: [{ word: "cold", synonym: "chilly", antonym: "hot" }],
      });
      const { out, code } = await running.stop();
      assert.equal(code, 0);
      assert.doesNotMatch(out, /password|applied/);
      assert.deepEqual(
        (await test.database.all(defineStatement("SELECT count(*) FROM auth_user", true))).flat().map(Number),
        [1],
      );
    });
  });
}
