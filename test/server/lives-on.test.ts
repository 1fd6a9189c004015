/** What a server does when something around it is not as it should be: no memory, no primary, signals at the wrong moment. */
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { readSettings, silentLogger } from "../../src/config/index.ts";
import { createEnvironment } from "../../src/server/env-files.ts";
import { serverSettings } from "../../src/server/index.ts";
import { createPool } from "../../src/server/pool.ts";
import { changedInVain, primarySettingsOf } from "../../src/server/primary-settings.ts";
import { ask, eventually, isLog, pidOf, type Running, readyUrl, run } from "./running.ts";

const start = (t: TestContext, environment?: Readonly<Record<string, string>>): Running => {
  const running = run({ WORKERS: "1", ...environment });
  t.after(() => running.child.kill("SIGKILL"));
  return running;
};
const temporary = async (t: TestContext, name: string): Promise<string> => {
  const path = join(await mkdtemp(join(tmpdir(), "drf-auth-")), name);
  t.after(() => rm(dirname(path), { recursive: true }));
  return path;
};

describe("a primary", { timeout: 60_000 }, () => {
  it("lives on where the system makes it no process, and says what the system said", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    // No system takes a variable of that length.
    createPool({
      ...{ exec: "none.js", args: [], environment: { LONG: "x".repeat(3_000_000) }, sockets: [], workers: 1 },
      ...{ gracefulTimeoutSeconds: 1, log: silentLogger, now: () => 0, restartDelaySeconds: () => 0 },
      ...{ onReady() {}, onEmpty() {}, onBootFailure: resolve },
    });
    assert.match(await promise, /E2BIG.*3 in a row/);
  });

  it("that lets all workers rest is not woken by TTOU", async (t) => {
    const running = start(t);
    await readyUrl(running);
    running.child.kill("SIGWINCH");
    await running.line((line) => line.includes('"from":1,"to":0'));
    running.child.kill("SIGTTOU");
    await running.line((line) => line.includes('"from":0,"to":0'));
  });

  it("that is told to reload while it starts reloads once it serves", async (t) => {
    const running = start(t, { HUP_EARLY: "1" });
    await running.line(isLog("reloaded"));
  });
});

describe("a worker", { timeout: 60_000 }, () => {
  it("ends where its primary went while it was loading its code", async (t) => {
    const script = await temporary(t, "late.mts");
    const server = new URL("../../src/server/index.ts", import.meta.url).href;
    await writeFile(
      script,
      `import { once } from "node:events";
       const alive = setInterval(() => {}, 1_000);
       await once(process, "disconnect");
       const { startWorker } = await import(${JSON.stringify(server)});
       await startWorker(() => new Promise(() => {}));`,
    );
    const child = fork(script, { env: { ...process.env, WORKER_SOCKETS: "0" } });
    t.after(() => child.kill("SIGKILL"));
    await once(child, "spawn");
    child.disconnect();
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });

  it("ends when its primary is killed, though its app does not close", async (t) => {
    const running = start(t, { NEVER_CLOSES: "1", DRAIN_SECONDS: "0" });
    const pid = await pidOf(await readyUrl(running));
    running.child.kill("SIGKILL");
    await eventually(() => {
      try {
        process.kill(pid, 0);
        return undefined;
      } catch {
        return true;
      }
    });
  });

  it("whose event loop is blocked ends when its primary is killed, with its stack, and its port is free", async (t) => {
    const running = start(t, { GRACEFUL: "0" });
    const url = await readyUrl(running);
    const blocked = assert.rejects(ask(`${url}/block`), { code: "ECONNRESET" });
    await eventually(() => (running.lines.some((line) => line.includes("blocks")) ? true : undefined));
    running.child.kill("SIGKILL");
    await blocked;
    // The pipes are closed by the last one.
    assert.equal(await running.ended, "SIGKILL");
    assert.match(running.errors(), /at computeForever \(.*worker-fixture\.ts:\d+/);
    await assert.rejects(ask(url), { code: "ECONNREFUSED" });
  });

  it("that somebody tells to end has its successor at once, not when it has finished", async (t) => {
    const running = start(t, { DRAIN_SECONDS: "60", GRACEFUL: "60" });
    const url = await readyUrl(running);
    const slow = await ask(`${url}/never`);
    slow.body.catch(() => {});
    const [ready = ""] = running.lines.filter(isLog("a worker is ready"));
    const old = Number(/"pid":(\d+)/.exec(ready)?.[1]);
    // It has a minute for that answer, and the test waits for whoever may still write to its pipes.
    t.after(() => process.kill(old, "SIGKILL"));
    process.kill(old, "SIGTERM");
    await running.line(isLog("a worker was told to end, and another takes its place"));
    assert.notEqual(await pidOf(url), old);
  });
});

describe("what a reload finds", () => {
  const settings = (environment: Record<string, string>) =>
    primarySettingsOf(readSettings(serverSettings, { environment }));

  it("names the settings that only a restart takes up", () => {
    const [before, after] = [settings({}), settings({ PORT: "9000", HOST: "::1", WEB_CONCURRENCY: "7" })];
    assert.deepEqual(changedInVain(before, after), ["HOST", "PORT"]);
    assert.deepEqual(changedInVain(before, settings({})), []);
  });

  it("are also variables of files that Node has read, unless the environment says another value", async (t) => {
    const file = await temporary(t, ".env");
    await writeFile(file, "FROM_FILE=1\nOVERRULED=1\n");
    for (const options of [[`--env-file=${file}`], ["--env-file-if-exists", file]])
      assert.deepEqual(createEnvironment(options)({ FROM_FILE: "1", OVERRULED: "2", PATH: "/bin" }), {
        OVERRULED: "2",
        PATH: "/bin",
      });
    assert.deepEqual(createEnvironment([])({ FROM_FILE: "1" }), { FROM_FILE: "1" });
  });
});
