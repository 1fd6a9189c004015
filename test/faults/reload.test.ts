/** Reloads under load: nothing is lost, and nothing is left behind. `RELOADS=100` makes the second test a long one. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { eventually, isLog, readyUrl, run } from "../server/running.ts";
import { startLoad } from "./load.ts";
import { range, report, stopwatch } from "./report.ts";

const reloads = Number(process.env.RELOADS ?? 6);

describe("reloads", { timeout: 300_000 }, () => {
  it("under constant load on kept and on short connections no request fails and no connection is reset", async (t) => {
    const running = run({ WORKERS: "2" });
    t.after(() => running.child.kill("SIGKILL"));
    const load = startLoad(`${await readyUrl(running)}/pid`, { kept: 8, closed: 8 });
    const times: number[] = [];
    for (let i = 1; i <= 3; i++) {
      const elapsed = stopwatch();
      running.child.kill("SIGHUP");
      await eventually(() => (running.lines.filter(isLog("reloaded")).length === i ? true : undefined));
      times.push(elapsed());
    }
    // The old ones have drained when as many have ended as were replaced.
    const before = load.answered();
    await eventually(() => (load.answered() > before + 500 ? true : undefined));
    running.child.kill("SIGTTIN");
    await eventually(() => (running.lines.filter(isLog("a worker is ready")).length >= 9 ? true : undefined));
    running.child.kill("SIGTTOU");
    const { failures, answered } = await load.end();
    report(t, {
      lost: `${failures.length} of ${answered + failures.length} requests`,
      recovered: `both workers new after ${range(times)}`,
    });
    assert.deepEqual(failures, []);
    assert.ok(answered > 1_000, `${answered} answers`);
    running.child.kill("SIGTERM");
    assert.equal(await running.ended, 0);
  });

  const skip = !existsSync("/proc/self/fd") && "this system does not show open files";
  it("however many, the primary has no more files open and no more memory than after the first", {
    skip,
  }, async (t) => {
    const running = run({ WORKERS: "1", DRAIN_SECONDS: "0" });
    t.after(() => running.child.kill("SIGKILL"));
    await readyUrl(running);
    const { pid } = running.child;
    const files = (): number => readdirSync(`/proc/${pid}/fd`).length;
    const megabytes = (): number =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
    const reload = async (count: number): Promise<void> => {
      running.child.kill("SIGHUP");
      await eventually(() => (running.lines.filter(isLog("reloaded")).length === count ? true : undefined));
    };
    await reload(1);
    await reload(2);
    const [filesBefore, memoryBefore] = [files(), megabytes()];
    for (let i = 3; i <= reloads; i++) await reload(i);
    await eventually(() => (files() <= filesBefore ? true : undefined));
    assert.ok(megabytes() < memoryBefore + 15, `${memoryBefore} MB, then ${megabytes()} MB`);
    t.diagnostic(
      `${reloads} reloads: ${filesBefore} files, then ${files()}; ${memoryBefore} MB, then ${megabytes()} MB`,
    );
  });
});
