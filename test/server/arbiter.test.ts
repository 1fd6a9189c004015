import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { ask, pidOf, type Running, readyUrl, run } from "./running.ts";

const start = (t: TestContext, environment?: Readonly<Record<string, string>>): Running => {
  const running = run(environment);
  t.after(() => running.child.kill("SIGKILL"));
  return running;
};

const isLog = (message: string) => (line: string) => line.includes(`"message":"${message}"`);

/** Asks until the answer is right; bounded by the test's own limit. */
async function eventually<T>(get: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const value = await get().catch(() => undefined);
    if (value !== undefined) return value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("the arbiter", { timeout: 60_000 }, () => {
  it("says once that every worker serves, and serves from workers, not itself", async (t) => {
    const running = start(t);
    const url = await readyUrl(running);
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.notEqual(await pidOf(url), running.child.pid);
    assert.equal(running.lines.filter(isLog("listening")).length, 1);
    running.child.kill("SIGTERM");
    assert.equal(await running.ended, 0);
    assert.equal(running.errors().match(/app closed/g)?.length, 2);
  });

  it("replaces a worker that was killed, and requests go on", async (t) => {
    const running = start(t);
    const url = await readyUrl(running);
    const killed = await pidOf(url);
    process.kill(killed, "SIGKILL");
    await running.line(isLog("a worker ended and is replaced"));
    const successor = await eventually(async () => {
      const ready = running.lines.filter(isLog("a worker is ready"));
      return ready.length === 3 ? ready[2] : undefined;
    });
    assert.doesNotMatch(successor, new RegExp(`"pid":${killed}\\b`));
    for (let i = 0; i < 20; i++) assert.notEqual(await pidOf(url), killed);
  });

  it("works with one worker", async (t) => {
    const running = start(t, { WORKERS: "1" });
    const url = await readyUrl(running);
    const first = await pidOf(url);
    assert.equal(await pidOf(url), first);
    running.child.kill("SIGINT");
    assert.equal(await running.ended, 0);
  });

  it("finishes the request in flight at SIGTERM", async (t) => {
    const running = start(t);
    const url = await readyUrl(running);
    const answer = await ask(`${url}/slow-message`);
    running.child.kill("SIGTERM");
    assert.equal(await answer.body, "begun done");
    assert.equal(await running.ended, 0);
    await assert.rejects(ask(url), { code: "ECONNREFUSED" });
    assert.match(
      running.lines.find((line) => line.includes('"path":"/slow-message"')) ?? "",
      /"status":200,.*"bytes":\d{3}/,
    );
  });

  it("cuts a request that takes longer than it may, and says so", async (t) => {
    const running = start(t, { DRAIN_SECONDS: "0" });
    const answer = await ask(`${await readyUrl(running)}/never`);
    const cut = assert.rejects(answer.body, { code: "ECONNRESET" });
    running.child.kill("SIGTERM");
    await cut;
    assert.equal(await running.ended, 0);
    assert.match(running.errors(), /requests were cut/);
  });

  it("kills workers that do not end in time, and fails", async (t) => {
    const running = start(t, { GRACEFUL: "0", DRAIN_SECONDS: "60" });
    const answer = await ask(`${await readyUrl(running)}/never`);
    answer.body.catch(() => {});
    running.child.kill("SIGTERM");
    assert.equal(await running.ended, 1);
    assert.ok(running.lines.some(isLog("a worker did not end in time and is killed")));
  });

  it("stops at once at a second signal", async (t) => {
    const running = start(t, { GRACEFUL: "60", DRAIN_SECONDS: "60" });
    const answer = await ask(`${await readyUrl(running)}/never`);
    answer.body.catch(() => {});
    running.child.kill("SIGTERM");
    await running.line(isLog("stopping; a second signal stops at once"));
    running.child.kill("SIGTERM");
    assert.equal(await running.ended, 1);
  });

  it("replaces every worker at SIGHUP without losing a request", async (t) => {
    const running = start(t);
    const url = await readyUrl(running);
    const before = running.lines.filter(isLog("a worker is ready"));
    const answer = await ask(`${url}/slow-message`);
    running.child.kill("SIGHUP");
    let served = 0;
    while (running.lines.filter(isLog("a worker is ready")).length < 4) {
      assert.ok((await pidOf(url)) > 0);
      served++;
    }
    assert.ok(served > 0);
    assert.equal(await answer.body, "begun done");
    const old = before.map((line) => Number(/"pid":(\d+)/.exec(line)?.[1]));
    await eventually(async () => (old.includes(await pidOf(url)) ? undefined : true));
    running.child.kill("SIGTERM");
    assert.equal(await running.ended, 0);
  });

  it("a worker that gets SIGTERM itself finishes its request and is replaced", async (t) => {
    const running = start(t, { WORKERS: "1", PORT: String(await freePort()) });
    const url = await readyUrl(running);
    const answer = await ask(`${url}/slow`);
    const [ready = ""] = running.lines.filter(isLog("a worker is ready"));
    process.kill(Number(/"pid":(\d+)/.exec(ready)?.[1]), "SIGTERM");
    assert.equal(await answer.body, "begun done");
    await running.line(isLog("a worker was told to end, and another takes its place"));
    assert.ok((await eventually(() => pidOf(url))) > 0);
  });

  it("workers end when the primary is killed", async (t) => {
    const running = start(t);
    const url = await readyUrl(running);
    running.child.kill("SIGKILL");
    // The pipes close when the last process that holds them has ended.
    assert.equal(await running.ended, "SIGKILL");
    await assert.rejects(ask(url), { code: "ECONNREFUSED" });
  });
});

describe("a start that fails", { timeout: 60_000 }, () => {
  it("is one line and exit code 1 for a wrong configuration", async (t) => {
    const running = start(t, { FAIL: "configuration" });
    assert.equal(await running.ended, 1);
    assert.equal(running.errors(), 'DATABASE_URL="x": expected a URL\n');
  });

  it("is one line for a port that is taken", async (t) => {
    const other = createServer().listen(0, "127.0.0.1");
    t.after(() => other.close());
    await once(other, "listening");
    const address = other.address();
    assert.ok(typeof address === "object" && address !== null);
    const running = start(t, { PORT: String(address.port) });
    assert.equal(await running.ended, 1);
    assert.equal(
      running.errors(),
      `HOST=127.0.0.1 PORT=${address.port}: expected a free port; another process listens there\n`,
    );
  });

  it("shows the stack of a mistake in the app once", async (t) => {
    const running = start(t, { FAIL: "error" });
    assert.equal(await running.ended, 1);
    assert.equal(running.errors().match(/a mistake in the app/g)?.length, 1);
    assert.match(running.errors(), /worker-fixture\.ts/);
  });

  it("is given up after a few workers that die without a word", async (t) => {
    const running = start(t, { FAIL: "crash", WORKERS: "1" });
    assert.equal(await running.ended, 1);
    assert.equal(running.errors(), "workers end before they are ready (SIGKILL), 3 in a row\n");
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
