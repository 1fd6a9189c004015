/** Keys that are rotated while a server of several workers is busy: no request is lost, and no worker is started again. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { readToken } from "../auth/forge.ts";
import { createProject, type Running, type TestProject } from "../cli/project.ts";
import { databases, type TestDatabase } from "../databases.ts";
import { type Client, clientOf } from "../http-client.ts";
import { report, stopwatch } from "./report.ts";

for (const { name, create } of databases) {
  describe(`keys that are rotated under load, on ${name}`, () => {
    let own: TestDatabase;
    let project: TestProject;
    let server: Running;
    let client: Client;
    let environment: Record<string, string>;
    before(async () => {
      own = await create();
      project = await createProject();
      environment = {
        ...{ DATABASE_URL: own.url, SECRET_KEY: "a secret of tests, thirty-two characters", WEB_CONCURRENCY: "2" },
        ...{ JWT_KEYS_FILE: project.path("keys.json"), ACCESS_LOG: "off", LOG_LEVEL: "debug" },
      };
      const { code, err } = await project.run(["keys", "generate"], { environment });
      assert.equal(code, 0, err);
      await project.run(["makemigrations"], { environment });
      server = project.start(["serve", "--migrate"], environment);
      const [, url = ""] = await server.says(/"url":"([^"]+)"/);
      client = clientOf(url);
      await project.run(["createuser", "alice"], { input: "correct horse", environment });
    });
    after(async () => {
      await project.remove();
      await own.drop();
    });

    it("loses no request, of tokens old and new, and no refresh", async (t) => {
      const statuses = new Map<string, number>();
      const count = (what: string): void => void statuses.set(what, (statuses.get(what) ?? 0) + 1);
      const kids = new Set<unknown>();
      let isOver = false;
      const write = async (access: string): Promise<void> => {
        const snack = { name: crypto.randomUUID() };
        const headers = { authorization: `Bearer ${access}` };
        count(`write ${(await client("POST", "/api/v1/snacks/", { json: snack, headers })).status}`);
      };
      /** Signs in, writes and refreshes until it is over; the first token of all is used to the end. */
      const busy = async (): Promise<void> => {
        const { status, json } = await client("POST", "/api/token/", {
          json: { username: "alice", password: "correct horse" },
        });
        assert.equal(status, 200);
        let { access, refresh } = json;
        const first = access;
        while (!isOver) {
          await write(first);
          await write(access);
          const renewed = await client("POST", "/api/token/refresh/", { json: { refresh } });
          count(`refresh ${renewed.status}`);
          if (renewed.status !== 200) return;
          ({ access, refresh } = renewed.json);
          kids.add(readToken(access).header.kid);
          // The new key signs, and its tokens were taken by workers that may not be the one that signed.
          if (kids.size > 1) for (let i = 0; i < 10; i++) await write(access);
          isOver ||= kids.size > 1 && (statuses.get("write 201") ?? 0) > 200;
        }
      };
      const clients = Array.from({ length: 4 }, busy);
      const elapsed = stopwatch();
      const { code, out } = await project.run(["keys", "rotate", "--activate-in", "5s", "--json"], { environment });
      assert.equal(code, 0);
      await Promise.all(clients);
      report(t, {
        lost: "nothing",
        recovered: `tokens of the new key, which begins after 5 s, were taken ${elapsed()} ms after the command`,
      });
      assert.deepEqual([...statuses.keys()].toSorted(), ["refresh 200", "write 201"]);
      assert.deepEqual(kids, new Set(JSON.parse(out).map((key: { readonly kid: string }) => key.kid)));
      const { json } = await client("GET", "/.well-known/jwks.json");
      assert.deepEqual(new Set(json.keys.map((key: { readonly kid: string }) => key.kid)), kids);
    });

    it("were seen by the workers that there were", async () => {
      const { err } = await server.stop();
      assert.ok((err.match(/keys of tokens changed/g) ?? []).length >= 2, err);
      assert.equal((err.match(/"a worker is ready"/g) ?? []).length, 2, err);
    });
  });
}

describe("drf-auth keys", () => {
  let project: TestProject;
  before(async () => {
    project = await createProject();
  });
  after(() => project.remove());
  const run = (...words: string[]) => project.run(["keys", ...words, "--keys-file", "keys.json"]);

  it("makes a set, rotates it and shows it, and never prints what is private", async () => {
    const made = await run("generate", "--alg", "EdDSA", "--json");
    const [first] = JSON.parse(made.out);
    assert.deepEqual([made.code, first.alg, first.state], [0, "EdDSA", "active"]);
    const again = await run("generate");
    assert.deepEqual([again.code, again.out], [1, ""]);
    assert.match(again.err, /keys\.json: is there already; "drf-auth keys rotate" adds a key/);

    const rotated = await run("rotate");
    assert.equal(rotated.code, 0);
    const listed = JSON.parse((await run("list", "--json")).out);
    assert.deepEqual(
      listed.map(({ state, alg }: { state: string; alg: string }) => [state, alg]),
      [
        ["active", "EdDSA"],
        ["next", "EdDSA"],
      ],
    );
    // The old key outlives the new one's begin by the life of a refresh token.
    assert.equal(Date.parse(listed[0].retired) - Date.parse(listed[1].active), 86_400_000);
    const set = JSON.parse(readFileSync(project.path("keys.json"), "utf8"));
    const said = made.out + again.err + rotated.out + rotated.err + (await run("list")).out;
    for (const { d } of set.keys) assert.ok(!said.includes(d));
    assert.match((await run("rotate")).err, /expected no rotation before that/);
  });

  it("says what it expects", async () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [["make"], /expected generate, rotate or list, got "make"/],
      [["generate", "--alg", "none"], /--alg: expected one of HS256/],
      [["rotate", "--activate-in", "1s"], /--activate-in: expected seconds of at least 5/],
      [["list", "--alg", "ES256"], /--alg has no meaning for list/],
    ];
    for (const [words, message] of wrong) {
      const { code, err } = await run(...words);
      assert.equal(code, 2, err);
      assert.match(err, message);
    }
    const { code, err } = await project.run(["keys", "list"]);
    assert.equal(code, 1);
    assert.match(err, /JWT_KEYS_FILE: must be set, or given as --keys-file FILE/);
  });
});
