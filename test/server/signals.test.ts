/** Gunicorn's table of signals, each sent to a real server. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { ask, eventually, isLog, pidOf, type Running, readyUrl, run } from "./running.ts";

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "drf-auth-signals-"));
});
after(() => rm(directory, { recursive: true }));

const start = (t: TestContext, environment?: Readonly<Record<string, string>>): Running => {
  const running = run(environment);
  t.after(() => running.child.kill("SIGKILL"));
  return running;
};
const readyCount = ({ lines }: Running): number => lines.filter(isLog("a worker is ready")).length;
const hasReady = (running: Running, count: number) =>
  eventually(() => (readyCount(running) >= count ? true : undefined));
const status = async (control: string): Promise<{ result: { workers: { pid: number; state: string }[] } }> =>
  JSON.parse(await (await ask("http://server/status", control)).body);
const countWorkers = async (control: string): Promise<number> => (await status(control)).result.workers.length;

describe("signals", { timeout: 120_000 }, () => {
  it("TTIN and TTOU: one worker more, one less, and never none", async (t) => {
    const control = join(directory, "control.sock");
    const running = start(t, { WORKERS: "1", CONTROL: control });
    await readyUrl(running);
    running.child.kill("SIGTTIN");
    await hasReady(running, 2);
    assert.equal(await countWorkers(control), 2);
    running.child.kill("SIGTTOU");
    await eventually(async () => ((await countWorkers(control)) === 1 ? true : undefined));
    running.child.kill("SIGTTOU");
    await running.line((line) => line.includes('"from":1,"to":1'));
    assert.equal(await countWorkers(control), 1);
  });

  it("WINCH: no worker is left, the port stays open, and who asks is answered once HUP brings them back", async (t) => {
    const control = join(directory, "winch.sock");
    const running = start(t, { CONTROL: control });
    const url = await readyUrl(running);
    running.child.kill("SIGWINCH");
    await eventually(async () => ((await countWorkers(control)) === 0 ? true : undefined));
    const waiting = pidOf(url);
    running.child.kill("SIGHUP");
    assert.ok((await waiting) > 0);
    await hasReady(running, 4);
    assert.equal(await countWorkers(control), 2);
  });

  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    it(`${signal}: ends at once, cuts what is in flight, and closes the app`, async (t) => {
      const running = start(t, { WORKERS: "1", DRAIN_SECONDS: "60", GRACEFUL: "60" });
      const cut = assert.rejects((await ask(`${await readyUrl(running)}/never`)).body, { code: "ECONNRESET" });
      running.child.kill(signal);
      await cut;
      assert.equal(await running.ended, 0);
      assert.match(running.errors(), /app closed/);
    });
  }

  it("USR1: a log that was moved away is written anew", async (t) => {
    const log = join(directory, "access.log");
    const running = start(t, { WORKERS: "1", LOG_FILE: log });
    const url = await readyUrl(running);
    await pidOf(url);
    await rename(log, `${log}.1`);
    running.child.kill("SIGUSR1");
    await eventually(() => stat(log));
    await pidOf(url);
    await eventually(async () => (/"\/pid","status":200/.test(await readFile(log, "utf8")) ? true : undefined));
    assert.equal((await readFile(`${log}.1`, "utf8")).split("\n").length, 2);
    assert.doesNotMatch(running.errors(), /Debugger/);
  });

  it("HUP with code that does not start: the old workers go on, and the log says why", async (t) => {
    const broken = join(directory, "broken");
    const running = start(t, { FAIL_FILE: broken });
    const url = await readyUrl(running);
    await writeFile(broken, "");
    running.child.kill("SIGHUP");
    const line = await running.line(isLog("reloading stopped: a new worker could not start; the old ones go on"));
    assert.match(line, /a mistake in the new code/);
    for (let i = 0; i < 10; i++) assert.ok((await pidOf(url)) > 0);
    await rm(broken);
    running.child.kill("SIGHUP");
    await running.line(isLog("reloaded"));
    assert.equal(readyCount(running), 4);
  });

  it("HUP while a reload runs: another one follows, since the code may have changed again", async (t) => {
    const running = start(t);
    await readyUrl(running);
    running.child.kill("SIGHUP");
    await running.line(isLog("reloading the workers"));
    running.child.kill("SIGHUP");
    await hasReady(running, 6);
    await eventually(() => (running.lines.filter(isLog("reloaded")).length === 2 ? true : undefined));
    assert.equal(readyCount(running), 6);
  });

  it("sent to a worker by mistake, HUP, TTIN, TTOU, USR1, USR2 and WINCH do nothing", async (t) => {
    const running = start(t, { WORKERS: "1" });
    const url = await readyUrl(running);
    const pid = await pidOf(url);
    for (const signal of ["SIGHUP", "SIGTTIN", "SIGTTOU", "SIGUSR1", "SIGUSR2", "SIGWINCH"] as const)
      process.kill(pid, signal);
    for (let i = 0; i < 10; i++) assert.equal(await pidOf(url), pid);
    assert.doesNotMatch(running.errors(), /Debugger/);
  });

  it("USR2: the new version serves beside the old one, on its socket, and takes its name when that ends", async (t) => {
    const pidFile = join(directory, "server.pid");
    const control = join(directory, "usr2.sock");
    const running = start(t, { WORKERS: "1", PID_FILE: pidFile, CONTROL: control });
    const url = await readyUrl(running);
    const old = Number(await readFile(pidFile, "utf8"));
    assert.equal(old, running.child.pid);
    running.child.kill("SIGUSR2");
    const next = await eventually(async () => Number(await readFile(`${pidFile}.2`, "utf8")) || undefined);
    t.after(() => {
      try {
        process.kill(next, "SIGKILL");
      } catch {
        // It has ended, as it should.
      }
    });
    await hasReady(running, 2);
    await eventually(() => (running.lines.filter((line) => line.startsWith("ready ")).length === 2 ? true : undefined));
    assert.equal(Number(await readFile(pidFile, "utf8")), old);
    running.child.kill("SIGTERM");
    await running.line(isLog("stopped"));
    assert.ok((await pidOf(url)) > 0);
    await eventually(() => (existsSync(`${pidFile}.2`) ? undefined : true));
    assert.equal(Number(await readFile(pidFile, "utf8")), next);
    await eventually(async () => ((await countWorkers(control)) === 1 ? true : undefined));
    process.kill(next, "SIGTERM");
    assert.equal(await running.ended, 0);
    assert.equal(existsSync(pidFile), false);
  });
});
