/** Processes that are killed under load: what is lost is what the killed one was answering, and nothing else. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eventually, isLog, pidOf, readyUrl, run } from "../server/running.ts";
import { type Load, startLoad } from "./load.ts";
import { range, report, stopwatch } from "./report.ts";

const connections = 8;

/** Waits for so many answers more. */
const hasAnswered = (load: Load, count: number): Promise<true> => {
  const before = load.answered();
  return eventually(() => (load.answered() >= before + count ? true : undefined));
};

describe("kill -9 under load", { timeout: 120_000 }, () => {
  it("of a worker costs each of its connections one request at most, and the port stays open", async (t) => {
    const running = run({ WORKERS: "2" });
    t.after(() => running.child.kill("SIGKILL"));
    const url = await readyUrl(running);
    const load = startLoad(`${url}/pid`, { kept: connections, closed: connections });
    const kills = 3;
    const times: number[] = [];
    for (let i = 1; i <= kills; i++) {
      const killed = await pidOf(url);
      const elapsed = stopwatch();
      process.kill(killed, "SIGKILL");
      await running.line((line) => isLog("a worker ended and is replaced")(line) && line.includes(`"pid":${killed}`));
      await eventually(() => (running.lines.filter(isLog("a worker is ready")).length === 2 + i ? true : undefined));
      times.push(elapsed());
      await hasAnswered(load, 200);
    }
    const { failures, answered } = await load.end();
    report(t, {
      lost: `${failures.length} of ${answered + failures.length} requests by ${kills} kills, all inside the killed workers`,
      recovered: `another worker in its place after ${range(times)}`,
    });
    assert.ok(failures.length <= kills * 2 * connections, `${failures.length} failures`);
    assert.deepEqual(
      [...new Set(failures)].filter((failure) => !/ECONNRESET|socket hang up|EPIPE/.test(failure)),
      [],
    );
    assert.ok(!failures.includes("ECONNREFUSED"));
    running.child.kill("SIGTERM");
    assert.equal(await running.ended, 0);
  });

  it("of the primary costs nothing that is under way: workers finish it and end, the port is free, a new start serves", async (t) => {
    const running = run({ WORKERS: "2" });
    const url = await readyUrl(running);
    const { port } = new URL(url);
    const load = startLoad(`${url}/pid`, { kept: connections, closed: connections });
    t.after(() => load.end());
    await hasAnswered(load, 200);
    const elapsed = stopwatch();
    running.child.kill("SIGKILL");
    // Their standard output is closed when the last of the workers has ended.
    assert.equal(await running.ended, "SIGKILL");
    const ended = elapsed();
    await assert.rejects(pidOf(url), { code: "ECONNREFUSED" });
    const next = run({ WORKERS: "2", PORT: port });
    t.after(() => next.child.kill("SIGKILL"));
    assert.equal(await readyUrl(next), url);
    const served = elapsed();
    await hasAnswered(load, 200);
    const { failures } = await load.end();
    // Connections that waited for a worker to take them are reset when the last one closes the port.
    const lost = failures.filter((failure) => failure !== "ECONNREFUSED");
    report(t, {
      lost: `no request that a worker had; ${lost.length} connections that no worker had taken yet`,
      recovered: `the port was free after ${ended} ms, a new start served after ${served} ms`,
    });
    assert.deepEqual(
      lost.filter((failure) => !/^(ECONNRESET|socket hang up|EPIPE)$/.test(failure)),
      [],
    );
    assert.ok(lost.length <= 2 * connections, `${lost.length} connections`);
    next.child.kill("SIGTERM");
    assert.equal(await next.ended, 0);
  });
});
