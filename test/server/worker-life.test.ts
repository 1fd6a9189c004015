/** How workers live and die: blocked, killed, used up; and a port that answers as long as the primary lives. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { restartDelay } from "../../src/server/pool.ts";
import { ask, eventually, isLog, pidOf, type Running, readyUrl, run } from "./running.ts";

const start = (t: TestContext, environment?: Readonly<Record<string, string>>): Running => {
  const running = run(environment);
  t.after(() => running.child.kill("SIGKILL"));
  return running;
};

describe("workers", { timeout: 120_000, concurrency: 4 }, () => {
  it("while all are dead the port stays open: who asks then is answered by the next one", async (t) => {
    const running = start(t, { WORKERS: "1" });
    const url = await readyUrl(running);
    for (let i = 0; i < 3; i++) {
      const killed = await pidOf(url);
      process.kill(killed, "SIGKILL");
      await running.line((line) => isLog("a worker ended and is replaced")(line) && line.includes(`"pid":${killed}`));
      assert.notEqual(await pidOf(url), killed);
    }
  });

  it("one whose event loop is blocked is found, its stack is printed, it is killed and replaced", async (t) => {
    const running = start(t, { WORKERS: "2", WORKER_TIMEOUT: "2" });
    const url = await readyUrl(running);
    const blocked = assert.rejects(ask(`${url}/block`), { code: "ECONNRESET" });
    await running.line(isLog("a worker is blocked and is killed; its stack follows"));
    await blocked;
    assert.match(running.errors(), /at computeForever \(.*worker-fixture\.ts:\d+/);
    await running.line(isLog("a worker ended and is replaced"));
    assert.ok((await pidOf(url)) > 0);
  });

  it("one that was stopped is found and killed", async (t) => {
    const running = start(t, { WORKERS: "1", WORKER_TIMEOUT: "1" });
    const url = await readyUrl(running);
    const stopped = await pidOf(url);
    process.kill(stopped, "SIGSTOP");
    await running.line(isLog("a worker ended and is replaced"));
    assert.notEqual(await pidOf(url), stopped);
    running.child.kill("SIGTERM");
    assert.equal(await running.ended, 0, "what had to be killed before the stop is no failure of the stop");
  });

  it("a request that is not answered in time gets 503 alone, and its worker goes on", async (t) => {
    const running = start(t, { WORKERS: "1", RESPONSE_TIMEOUT: "0.5" });
    const url = await readyUrl(running);
    const begun = await ask(`${url}/never`);
    let isCut = false;
    begun.body.catch(() => {
      isCut = true;
    });
    const late = await ask(`${url}/late`);
    assert.deepEqual([late.status, late.connection], [503, "close"]);
    assert.equal(await late.body, '{"detail":"The server took too long to answer."}');
    assert.equal(running.lines.filter(isLog("a worker is ready")).length, 1);
    assert.equal(isCut, false);
  });

  for (const [what, environment] of [
    ["requests", { MAX_REQUESTS: "5" }],
    ["memory", { MAX_MEMORY: String(250 * 2 ** 20) }],
  ] as const) {
    it(`those that used up their ${what} are replaced one by one, without a failed request`, async (t) => {
      const running = start(t, environment);
      const url = await readyUrl(running);
      const first = new Set<number>();
      await eventually(async () => {
        first.add(Number(await (await ask(`${url}/${what === "memory" ? "grow" : "pid"}`)).body));
        return first.size === 4 ? true : undefined;
      });
      const steps = running.lines
        .map((line) => JSON.parse(line.startsWith("{") ? line : "{}").message)
        .filter((message) => /is ready|has served enough/.test(message));
      // A worker ends only after one that was made for it is ready, and the next begins to be replaced after that.
      const begun = steps.flatMap((message, i) => (/served enough/.test(message) ? [i] : []));
      assert.ok(begun.length >= 2);
      for (const i of begun.slice(0, -1)) assert.match(steps[i + 1], /is ready/);
    });
  }

  it("those that die at boot again and again are made again ever more slowly, until the mistake is mended", async (t) => {
    const broken = join(await mkdtemp(join(tmpdir(), "drf-auth-")), "broken");
    t.after(() => rm(dirname(broken), { recursive: true }));
    const running = start(t, { WORKERS: "1", FAIL_FILE: broken });
    const url = await readyUrl(running);
    const pid = await pidOf(url);
    await writeFile(broken, "");
    process.kill(pid, "SIGKILL");
    const deaths = (): readonly string[] => running.lines.filter((line) => line.startsWith("deaths in a row: "));
    await eventually(() => (deaths().length >= 3 ? true : undefined));
    await rm(broken);
    assert.ok((await pidOf(url)) > 0);
    assert.deepEqual(deaths().slice(0, 3), ["deaths in a row: 1", "deaths in a row: 2", "deaths in a row: 3"]);
    assert.deepEqual([1, 2, 3, 4, 5, 8, 20].map(restartDelay), [0, 0.5, 1, 2, 4, 30, 30]);
  });
});
