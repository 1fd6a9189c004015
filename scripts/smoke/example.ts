/** The main example, as the README starts it: `npm start`, used, stopped as a supervisor stops it, started again. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "./client.ts";
import { root, start, type Tell } from "./process.ts";

/** @throws Error  anything that is not as it should be */
export async function tryExample(tell: Tell): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "drf-auth-smoke-"));
  const environment = {
    DATABASE_URL: `sqlite:///${join(directory, "db.sqlite3")}`,
    STATIC_ROOT: join(directory, "static"),
    PORT: "0",
  };
  const ready = /Thesaurus: (\S+) \(Ctrl-C stops it\)/;
  try {
    const first = start(["npm", "start"], root, { environment });
    const [, password = ""] = await first.says(/Sign in as "demo" with the password "([^"]+)"/);
    const [, url = ""] = await first.says(ready);
    tell(`npm start serves ${url}`);
    const client = createClient(url);
    await client.signIn("demo", password);
    const { id, owner } = await client.json("POST", "/api/v1/synonyms/", 201, { word: "swift", synonym: "rapid" });
    assert.equal(owner, "demo");
    const path = `/api/v1/synonyms/${id}/`;
    assert.equal((await client.json("GET", path, 200)).synonym, "rapid");
    tell("a token is obtained, a synonym created and read");
    assert.equal((await first.terminate()).code, 0);
    await assert.rejects(fetch(url));
    tell("SIGTERM stops it, with 0, and nothing listens any more");

    const second = start(["npm", "start"], root, { environment });
    const [, again = ""] = await second.says(ready);
    assert.equal((await createClient(again).json("GET", path, 200)).word, "swift");
    const { code, all } = await second.terminate();
    assert.equal(code, 0);
    assert.doesNotMatch(all, /Sign in as/);
    tell("the second start keeps the data");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
