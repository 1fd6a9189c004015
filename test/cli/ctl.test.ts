import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { runCli } from "../../src/cli/cli.ts";
import type { Status } from "../../src/server/index.ts";
import { appSource, createProject, type Finished, type Running, type TestProject } from "./project.ts";

describe("ctl", { timeout: 120_000 }, () => {
  let project: TestProject;
  let server: Running;
  before(async () => {
    project = await createProject();
    await project.run(["makemigrations"]);
    server = project.start(["serve", "--migrate"]);
    await server.says(/"message":"listening"/);
  });
  after(() => project.remove());

  /** The command in this process, since each of its own takes a second to start. */
  async function ctl(...words: string[]): Promise<Finished> {
    const out: string[] = [];
    const err: string[] = [];
    const code = await runCli({
      argv: ["", "", "ctl", ...words, "--app", project.path("app.ts")],
      env: {},
      stdout: { write: (text) => out.push(text) },
      stderr: { write: (text) => err.push(text) },
    });
    return { code, out: out.join(""), err: err.join("") };
  }
  const statusOf = async (...words: string[]): Promise<Status> => JSON.parse((await ctl(...words, "--json")).out);

  it("status shows the server and its workers as a table, and as JSON", async () => {
    const { code, out } = await ctl("status");
    assert.equal(code, 0);
    const [head = "", ready, columns, worker] = out.split("\n");
    assert.match(
      head,
      new RegExp(`^server ${server.process.pid}: serving at http://127\\.0\\.0\\.1:\\d+, up \\d+s, \\d+ MB$`),
    );
    assert.equal(ready, "1 of 1 workers ready");
    assert.match(columns ?? "", /^WORKER +STATE +UP +REQUESTS +IN FLIGHT +MEMORY +LOOP DELAY$/);
    assert.match(worker ?? "", /^\d+ +ready +\d+s +0 +0 +[1-9]\d+ MB +\d+ ms$/);
    const status = await statusOf("status");
    assert.deepEqual([status.pid, status.phase, status.workersWanted], [server.process.pid, "serving", 1]);
    assert.deepEqual(
      status.workers.map(({ state }) => state),
      ["ready"],
    );
  });

  it("scale and reload change the workers, and answer when it is done", async () => {
    assert.equal((await statusOf("scale", "2")).workersWanted, 2);
    const before = (await statusOf("status")).workers.map(({ pid }) => pid);
    const after = await statusOf("reload");
    const ready = after.workers.filter(({ state }) => state === "ready").map(({ pid }) => pid);
    assert.equal(ready.length, 2);
    assert.equal(before.filter((pid) => ready.includes(pid)).length, 0);
    assert.equal((await statusOf("scale", "1")).workersWanted, 1);
  });

  it("reload fails with the reason where the new code does not start, and the server serves on", async () => {
    await writeFile(project.path("app.ts"), "export default 1;");
    const { code, err } = await ctl("reload");
    assert.equal(code, 1);
    assert.match(err, /^drf-auth: .*app\.ts: expected `export default defineApp/);
    const { workers } = await statusOf("status");
    assert.ok(workers.some(({ state }) => state === "ready"));
    await writeFile(project.path("app.ts"), appSource());
    assert.equal((await ctl("reload")).err, "Reloaded.\n");
  });

  it("says what it expected", async () => {
    for (const [words, said] of [
      [["restart"], 'expected status, reload, scale, reopen, stop, got "restart"'],
      [["scale"], "expected a number, as in ctl scale 4"],
      [["status", "4"], '"4" is one argument too many'],
    ] as const) {
      const { code, err } = await ctl(...words);
      assert.equal(code, 2);
      assert.ok(err.includes(said), err);
    }
    assert.match((await ctl("scale", "0")).err, /expected \{"workers": N\}, a whole number from 1 to 1024/);
    const elsewhere = project.path("none.sock");
    assert.equal(
      (await ctl("status", "--control-socket", elsewhere)).err,
      `drf-auth: CONTROL_SOCKET=${elsewhere}: no server listens there\n`,
    );
  });

  it("stop ends the server well, and its socket goes", async () => {
    const ended = once(server.process, "exit");
    assert.equal((await ctl("stop")).err, "The server stops.\n");
    assert.deepEqual(await ended, [0, null]);
    assert.match((await ctl("status")).err, /no server listens there/);
  });
});
