/**
 * Settings of `serve`, by a real server: what a HUP takes up of a file that Node has read (`node --env-file`), and an answer that comes
 * too late.
 */
import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { createProject, launchScript, main, type Running, type TestProject } from "../cli/project.ts";
import { ask, eventually } from "./running.ts";

const source = `
  import { defineApp, endpoint, permission } from "drf-auth";
  const late = { permissions: [permission.allowAny()], methods: { GET: { run: () => new Promise(() => {}) } } };
  export default defineApp({ resources: {}, endpoints: { late: endpoint(late) } });
`;

describe("serve", { timeout: 60_000 }, () => {
  let project: TestProject;
  let server: Running;
  let url: string;
  const write = (variables: string): Promise<void> => writeFile(project.path("production.env"), variables);
  const hasWorkers = (count: number) =>
    eventually(async () => {
      const { body } = await ask("http://server/status", project.path(".control.sock"));
      const { workers } = JSON.parse(await body).result;
      return (
        (workers.length === count && workers.every(({ state }: { state: string }) => state === "ready")) || undefined
      );
    });
  const logOf = (name: string) => eventually(async () => (await readFile(project.path(name), "utf8")) || undefined);
  before(async () => {
    project = await createProject(source);
    await write(`WEB_CONCURRENCY=1\nLOG_FILE=${project.path("first.log")}\n`);
    server = launchScript(
      ["--env-file=production.env", main, "serve", "--migrate"],
      project.directory,
      { SECRET_KEY: "a secret of tests, thirty-two characters", RESPONSE_TIMEOUT: "0.5", UMASK: "027" },
      ["env", "-u", "WEB_CONCURRENCY"],
    );
    url = await eventually(async () => /"url":"([^"]+)"/.exec(await logOf("first.log"))?.[1]);
    await hasWorkers(1);
  });
  after(async () => {
    await server.stop();
    await project.remove();
  });

  it("answers a request that takes longer than RESPONSE_TIMEOUT with an id, by which its line in the access log is found", async () => {
    const { status, headers } = await fetch(`${url}/api/v1/late/`);
    const id = headers.get("x-request-id") ?? "";
    assert.equal(status, 503);
    assert.match(id, /^[\w-]{10,}$/);
    await server.says(new RegExp(`"path":"/api/v1/late/","status":503,.*"request_id":"${id}"`));
  });

  it("makes its files with the rights that UMASK leaves", async () => {
    assert.equal((await stat(project.path("first.log"))).mode & 0o777, 0o640);
  });

  it("takes up, with a HUP, the number of workers and the file of the log", async () => {
    await write(`WEB_CONCURRENCY=2\nLOG_FILE=${project.path("second.log")}\n`);
    server.process.kill("SIGHUP");
    await hasWorkers(2);
    assert.match(await logOf("second.log"), /"message":"reloaded"/);
    assert.doesNotMatch(await logOf("first.log"), /"message":"reloaded"/);
  });

  it("takes them up where a HUP ends a rest, too", async () => {
    server.process.kill("SIGWINCH");
    await hasWorkers(0);
    await write(`WEB_CONCURRENCY=3\nLOG_FILE=${project.path("third.log")}\n`);
    server.process.kill("SIGHUP");
    await hasWorkers(3);
    assert.match(await logOf("third.log"), /"from":2,"to":3/);
  });
});
