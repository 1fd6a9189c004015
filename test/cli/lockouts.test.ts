import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createProject, type TestProject } from "./project.ts";

describe("who is locked", () => {
  let project: TestProject;
  let base = "";
  before(async () => {
    project = await createProject();
    await project.run(["makemigrations"]);
    await project.run(["migrate"]);
    await project.run(["createuser", "alice"], { input: "correct horse" });
    const running = project.start(["serve"], { WEB_CONCURRENCY: "2", LOCKOUT_DELAY: "1h" });
    [base = ""] = await running.says(/http:\/\/127\.0\.0\.1:\d+/);
  });
  after(() => project.remove());

  const tokenFor = (username: string, password: string, client = "203.0.113.7") =>
    fetch(`${base}/api/token/`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": client },
      body: JSON.stringify({ username, password }),
    });
  const lock = async (username: string): Promise<void> => {
    for (let i = 0; i < 5; i++) assert.equal((await tokenFor(username, "wrong horse")).status, 401);
    const refused = await tokenFor(username, "correct horse");
    assert.equal(refused.status, 429);
    assert.match(refused.headers.get("retry-after") ?? "", /^3(600|59\d)$/);
  };
  const list = async () => JSON.parse((await project.run(["lockouts", "--json"])).out);

  it("is nobody at first", async () => {
    assert.deepEqual(await list(), []);
    const { out, err } = await project.run(["lockouts"]);
    assert.deepEqual([out, err], ["", "Nobody is locked.\n"]);
  });

  it("is listed by the account's name; a name without an account is not told, since it may be a password", async () => {
    await lock("alice");
    await lock("hunter2");
    const locks = await list();
    assert.deepEqual(locks.map(({ username }: { username: unknown }) => username).toSorted(), ["alice", null]);
    const {
      nameDigest: _,
      lockedUntil,
      ...shown
    } = locks.find(({ username }: { username: unknown }) => username === "alice");
    assert.deepEqual(shown, { kind: "pair", username: "alice", address: "203.0.113.7", failures: 5 });
    assert.match(lockedUntil, /^\d{4}-\d\d-\d\dT.*Z$/);
    const { out } = await project.run(["lockouts"]);
    assert.match(out, /^USER +ADDRESS +WRONG +UNTIL\n/);
    assert.match(out, /^alice +203\.0\.113\.7 +5 +\d/m);
    assert.doesNotMatch(out, /hunter2/);
  });

  it("is let in again by name, by address, or with everybody else", async () => {
    const unlock = async (who: string) => (await project.run(["unlock", who])).code;
    assert.equal(await unlock("alice"), 0);
    assert.equal((await tokenFor("alice", "correct horse")).status, 200);
    await lock("alice");
    assert.equal(await unlock("203.0.113.7"), 0);
    assert.equal((await tokenFor("alice", "correct horse")).status, 200);
    await lock("alice");
    assert.equal((await project.run(["unlock", "--all"])).code, 0);
    assert.equal((await tokenFor("alice", "correct horse")).status, 200);
    assert.deepEqual(await list(), []);
  });

  it("is asked for by a name, an address or --all, and by one of them", async () => {
    for (const words of [[], ["alice", "--all"]]) assert.equal((await project.run(["unlock", ...words])).code, 2);
    const { code, err } = await project.run(["unlock", "nobody"]);
    assert.deepEqual([code, err], [1, 'Nothing was counted for "nobody".\n']);
  });
});
