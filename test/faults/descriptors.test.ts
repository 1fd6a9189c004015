/** More connections than a process may have files open: those that are there go on, and new ones are taken when some have gone. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { ask, eventually, pidOf } from "../server/running.ts";
import { report, stopwatch } from "./report.ts";

const fixture = fileURLToPath(new URL("../server/arbiter-fixture.ts", import.meta.url));

describe("the limit of open files", { timeout: 120_000 }, () => {
  it("costs nobody who is connected anything, and passes with those who go", async (t) => {
    const child = spawn("sh", ["-c", `ulimit -n 64 && exec "$0" "$1"`, process.execPath, fixture], {
      env: { ...process.env, WORKERS: "1" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(() => child.kill("SIGKILL"));
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    const url = await eventually(() => /ready (\S+)/.exec(said)?.[1]);
    const begun = await ask(`${url}/slow-message`);
    const sockets: Socket[] = [];
    for (let i = 0; i < 100; i++) {
      const socket = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => {});
      sockets.push(socket);
      await Promise.race([once(socket, "connect"), once(socket, "close")]);
    }
    const elapsed = stopwatch();
    for (const socket of sockets) socket.destroy();
    assert.ok((await eventually(() => pidOf(url))) > 0);
    const recovered = `new connections taken ${elapsed()} ms after others had gone`;
    assert.equal(said.match(/a worker is ready/g)?.length, 1);
    child.kill("SIGTERM");
    assert.equal(await begun.body, "begun done");
    report(t, { lost: "no request under way", recovered });
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });
});
