/** Where a server listens, who started it and who it becomes: Unix sockets, service managers, process 1, users. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { becomeUser } from "../../src/server/index.ts";
import { writePidFile } from "../../src/server/pid-file.ts";
import { ask, eventually, isLog, pidOf, type Running, readyUrl, run } from "./running.ts";

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "drf-auth-places-"));
});
after(() => rm(directory, { recursive: true }));

const start = (t: TestContext, environment?: Readonly<Record<string, string>>): Running => {
  const running = run({ WORKERS: "1", ...environment });
  t.after(() => running.child.kill("SIGKILL"));
  return running;
};
const fixture = fileURLToPath(new URL("arbiter-fixture.ts", import.meta.url));

describe("a Unix socket", { timeout: 120_000 }, () => {
  it("is served, replaced where its server is dead, refused where it lives, and removed at the end", async (t) => {
    const path = join(directory, "app.sock");
    const running = start(t, { UNIX_SOCKET: path });
    assert.equal(await readyUrl(running), `unix:${path}`);
    assert.ok(Number(await (await ask("http://server/pid", path)).body) > 0);
    const second = start(t, { UNIX_SOCKET: path });
    assert.equal(await second.ended, 1);
    assert.equal(second.errors(), `UNIX_SOCKET=${path}: another process listens there\n`);
    running.child.kill("SIGKILL");
    await running.ended;
    const third = start(t, { UNIX_SOCKET: path });
    await readyUrl(third);
    third.child.kill("SIGTERM");
    await third.ended;
    await assert.rejects(stat(path), { code: "ENOENT" });
  });
});

describe("a service manager", { timeout: 120_000 }, () => {
  it("hands over its sockets, which are served, and drained when the server stops", async (t) => {
    const managers = [createServer(), createServer()].map((manager) => manager.listen(0, "127.0.0.1"));
    t.after(() => managers.map((manager) => manager.close()));
    for (const manager of managers) if (!manager.listening) await once(manager, "listening");
    const ports = managers.map((manager) => {
      const address = manager.address();
      return typeof address === "object" ? address?.port : undefined;
    });
    // A shell, since LISTEN_PID is known to the process itself alone.
    const child = spawn("sh", ["-c", `LISTEN_PID=$$ exec "$0" "$1"`, process.execPath, fixture], {
      env: { ...process.env, WORKERS: "1", LISTEN_FDS: "2" },
      stdio: ["ignore", "pipe", "inherit", ...managers.map((manager) => Reflect.get(manager, "_handle").fd)],
    });
    t.after(() => child.kill("SIGKILL"));
    let said = "";
    child.stdout?.on("data", (chunk) => {
      said += chunk;
    });
    await eventually(() => (said.includes("ready ") ? true : undefined));
    // Whoever made a socket accepts there, too, as long as it listens: then only the server is left.
    for (const manager of managers) manager.close();
    assert.match(said, new RegExp(`ready http://127\\.0\\.0\\.1:${ports[0]}\n`));
    const pids = await Promise.all(ports.map((port) => pidOf(`http://127.0.0.1:${port}`)));
    assert.equal(new Set(pids).size, 1);
    const slow = await ask(`http://127.0.0.1:${ports[1]}/slow-message`);
    child.kill("SIGTERM");
    assert.equal(await slow.body, "begun done");
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });

  it("is told by systemd-notify that the server is ready, reloads and stops", async (t) => {
    const told = join(directory, "told");
    await writeFile(join(directory, "systemd-notify"), `#!/bin/sh\necho "$@" >> ${told}\n`);
    await chmod(join(directory, "systemd-notify"), 0o755);
    const running = start(t, { NOTIFY_SOCKET: "/run/none", PATH: `${directory}:${process.env.PATH}` });
    await readyUrl(running);
    running.child.kill("SIGHUP");
    await running.line(isLog("reloaded"));
    running.child.kill("SIGTERM");
    assert.equal(await running.ended, 0);
    const lines = (await readFile(told, "utf8")).trim().split("\n");
    assert.deepEqual(
      lines.map((line) => line.split(" ")[0]),
      ["READY=1", "RELOADING=1", "READY=1", "STOPPING=1"],
    );
    for (const line of lines) assert.match(line, new RegExp(` MAINPID=${running.child.pid}$`));
  });
});

describe("process 1", { timeout: 120_000 }, () => {
  const isAble = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status === 0;
  const skip = !isAble && "this user cannot make process namespaces";
  it("takes its signals, and does not mind children that are not its own", { skip }, async (t) => {
    // The shell of a worker leaves a process behind, which the system gives to process 1.
    const child = spawn("unshare", ["--pid", "--fork", "--kill-child", "--mount-proc", process.execPath, fixture], {
      env: { ...process.env, WORKERS: "1", ORPHAN: "1" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(() => child.kill("SIGKILL"));
    let said = "";
    child.stdout?.on("data", (chunk) => {
      said += chunk;
    });
    const url = await eventually(() => /ready (\S+)/.exec(said)?.[1]);
    await eventually(async () => ((await (await ask(`${url}/orphan`)).body) === "gone" ? true : undefined));
    assert.ok((await pidOf(url)) > 1);
    assert.doesNotMatch(said, /replaced/);
    const primary = Number(await readFile(`/proc/${child.pid}/task/${child.pid}/children`, "utf8"));
    assert.ok(primary > 1);
    process.kill(primary, "SIGTERM");
    assert.deepEqual(await once(child, "exit"), [0, null]);
    assert.match(said, /"message":"stopped"/);
  });
});

describe("the process id file", () => {
  it("is refused while its server lives, replaced when it is dead, and removed by its own server alone", async () => {
    const path = join(directory, "one.pid");
    await writeFile(path, `${process.ppid}\n`);
    assert.throws(() => writePidFile(path, false), {
      message: `PID_FILE=${path}: a server runs already, with process id ${process.ppid}`,
    });
    await writeFile(path, "999999999\n");
    const file = writePidFile(path, false);
    assert.equal(await readFile(path, "utf8"), `${process.pid}\n`);
    await writeFile(path, "1\n");
    file.remove();
    assert.equal(await readFile(path, "utf8"), "1\n");
  });

  it("that cannot be written is told as that", () => {
    assert.throws(() => writePidFile("/nowhere/one.pid", false), {
      message: "PID_FILE=/nowhere/one.pid: expected a file that this user may write",
    });
  });
});

describe("another user", () => {
  const isRoot = process.getuid?.() === 0;
  it("is refused where there is none of that name", () => {
    assert.throws(() => becomeUser({ runAsUser: "nobody-of-that-name", runAsGroup: "" }, []), {
      message: "RUN_AS_USER=nobody-of-that-name: there is no such user",
    });
  });

  it("is taken on whole: user, group and groups", { skip: !isRoot && "for root alone" }, () => {
    const script = `
      import { becomeUser } from ${JSON.stringify(new URL("../../src/server/index.ts", import.meta.url).href)};
      becomeUser({ runAsUser: "nobody", runAsGroup: "nogroup" }, []);
      // As the next version of the server does, which this one starts (USR2).
      becomeUser({ runAsUser: "nobody", runAsGroup: "nogroup" }, []);
      console.log(process.getuid(), process.getgid() > 0, process.getgroups().includes(0));
      try { process.setuid(0); } catch (error) { console.log(error.code); }`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    assert.equal(stdout, "65534 true false\nEPERM\n");
  });
});
