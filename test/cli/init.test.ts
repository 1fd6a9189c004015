/** `serve` as process 1 of a container, here of a namespace of its own: signals, the exit status, and children of nobody. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { asProcessOne, noProcessOne } from "../faults/namespaces.ts";
import { clientOf } from "../http-client.ts";
import { ask, eventually } from "../server/running.ts";
import { createProject, launchScript, main, type Running, type TestProject } from "./project.ts";

const source = `
  import { defineApp, endpoint, permission } from "drf-auth";
  import { execFileSync } from "node:child_process";
  /** A shell that ends before what it has started does. */
  const leave = () => ({ pid: Number(execFileSync("sh", ["-c", "sleep 0.1 >/dev/null 2>&1 & echo $!"], { encoding: "utf8" })) });
  const open = { permissions: [permission.allowAny()] };
  export default defineApp({
    resources: {},
    endpoints: {
      leave: endpoint({ ...open, methods: { GET: { run: leave } } }),
      pid: endpoint({ ...open, methods: { GET: { run: () => ({ pid: process.pid, ppid: process.ppid }) } } }),
    },
  });
`;
const skip = noProcessOne();

describe("serve as process 1", { timeout: 60_000, skip }, () => {
  let project: TestProject;
  const environment = { SECRET_KEY: "a secret of tests, thirty-two characters", LOG_LEVEL: "debug" };
  before(async () => {
    project = await createProject(source);
  });
  after(() => project.remove());

  /** Process 1, as this side of its namespace numbers it. */
  const firstOf = ({ process: { pid } }: Running): number =>
    Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8"));
  const workersOf = async (): Promise<number> => {
    const { body } = await ask("http://server/status", project.path(".control.sock"));
    return JSON.parse(await body).result.workersWanted;
  };
  const statesOf = (first: number): readonly string[] =>
    readdirSync(`/proc/${first}/root/proc`)
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => /^State:\s+(\w)/m.exec(readFileSync(`/proc/${first}/root/proc/${pid}/status`, "utf8"))?.[1] ?? "");

  it("leaves nothing of processes whose parents have ended, takes all signals, and ends with 0", async () => {
    const server = project.start(["serve", "--migrate"], environment, asProcessOne);
    const [, url = ""] = await server.says(/"url":"([^"]+)"/);
    const first = firstOf(server);
    const client = clientOf(url);
    const get = async (path: string) => (await client("GET", `/api/v1/${path}/`)).json;
    for (let i = 0; i < 3; i++) assert.ok((await get("leave")).pid > 1);
    const { ppid } = await get("pid");
    assert.ok(ppid > 1, "the server itself is not process 1");
    await eventually(async () => {
      const states = statesOf(first);
      // Process 1, the server, its worker, and who ends that one if the server is killed.
      return states.length === 4 && !states.includes("Z") ? true : undefined;
    });

    process.kill(first, "SIGTTIN");
    await eventually(async () => ((await workersOf()) === 2 ? true : undefined));
    process.kill(first, "SIGTTOU");
    await eventually(async () => ((await workersOf()) === 1 ? true : undefined));
    process.kill(first, "SIGUSR1");
    await server.says(/the files of the logs were opened again/);
    process.kill(first, "SIGUSR2");
    await server.says(/a successor would end with this container's first process/);
    process.kill(first, "SIGWINCH");
    await eventually(async () => ((await workersOf()) === 0 ? true : undefined));
    process.kill(first, "SIGHUP");
    await eventually(async () => ((await workersOf()) === 1 ? true : undefined));
    assert.ok((await get("pid")).pid > 1);
    process.kill(first, "SIGTERM");
    assert.deepEqual(await server.stop().then(({ code, err }) => [code, /"message":"stopped"/.test(err)]), [0, true]);
  });

  it("keeps the exit status of a server that does not start", async () => {
    const refused = await launchScript([main, "serve", "--port", "http"], project.directory, environment, asProcessOne)
      .end;
    assert.equal(refused.code, 1, refused.err);
    assert.match(refused.err, /PORT|port/);
  });
});
