/** Processes that are killed under load: what is lost is what the killed one was answering, and nothing else. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isLog, pidOf, readyUrl, run } from "../server/running.ts";
import { startLoad } from "./load.ts";

const connections = 8;

describe("kill -9 under load", { timeout: 120_000 }, () => {
  it("of a worker costs each of its connections one request at most, and the port stays open", async (t) => {
    const running = run({ WORKERS: "2" });
    t.after(() => running.child.kill("SIGKILL"));
    const url = await readyUrl(running);
    const load = startLoad(`${url}/pid`, { kept: connections, closed: connections });
    const kills = 3;
    for (let i = 1; i <= kills; i++) {
      const killed = await pidOf(url);
      process.kill(killed, "SIGKILL");
      await running.line((line) => isLog("a worker ended and is replaced")(line) && line.includes(`"pid":${killed}`));
      const before = load.answered();
      while (load.answered() < before + 200) await new Promise((resolve) => setImmediate(resolve));
    }
    const { failures, answered } = await load.end();
    t.diagnostic(`${kills} kills: ${failures.length} of ${answered + failures.length} requests lost`);
    assert.ok(failures.length <= kills * 2 * connections, `${failures.length} failures`);
    assert.deepEqual(
      [...new Set(failures)].filter((failure) => !/ECONNRESET|socket hang up|EPIPE/.test(failure)),
      [],
    );
    assert.ok(!failures.includes("ECONNREFUSED"));
    running.child.kill("SIGTERM");
    assert.equal(await running.ended, 0);
  });

  it("of the primary costs nothing that is under way: workers finish it, then end", async (t) => {
    const running = run({ WORKERS: "2" });
    const url = await readyUrl(running);
    const load = startLoad(`${url}/pid`, { kept: connections, closed: 0 });
    t.after(() => load.end());
    while (load.answered() < 200) await new Promise((resolve) => setImmediate(resolve));
    running.child.kill("SIGKILL");
    assert.equal(await running.ended, "SIGKILL");
    const { failures } = await load.end();
    // Who asks after that finds nobody; who had asked has an answer.
    assert.deepEqual(
      [...new Set(failures)].filter((failure) => failure !== "ECONNREFUSED"),
      [],
    );
  });
});
