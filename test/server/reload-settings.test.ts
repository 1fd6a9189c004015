/** What a reload takes up of the settings, by a real HUP: those of a file that Node has read. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { createProject, launchScript, type Running, type TestProject } from "../cli/project.ts";
import { ask, eventually } from "./running.ts";

const main = resolve(import.meta.dirname, "../../src/cli/main.ts");

describe("HUP with other settings", { timeout: 60_000 }, () => {
  let project: TestProject;
  let server: Running;
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
    project = await createProject();
    await project.run(["makemigrations"]);
    await write(`WEB_CONCURRENCY=1\nLOG_FILE=${project.path("first.log")}\n`);
    server = launchScript(
      ["--env-file=production.env", main, "serve", "--migrate"],
      project.directory,
      { SECRET_KEY: "a secret of tests, thirty-two characters" },
      ["env", "-u", "WEB_CONCURRENCY"],
    );
    await logOf("first.log");
    await hasWorkers(1);
  });
  after(async () => {
    await server.stop();
    await project.remove();
  });

  it("takes up the number of workers and the file of the log", async () => {
    await write(`WEB_CONCURRENCY=2\nLOG_FILE=${project.path("second.log")}\n`);
    server.process.kill("SIGHUP");
    await hasWorkers(2);
    assert.match(await logOf("second.log"), /"message":"reloaded"/);
    assert.doesNotMatch(await logOf("first.log"), /"message":"reloaded"/);
  });

  it("takes them up where it ends a rest, too", async () => {
    server.process.kill("SIGWINCH");
    await hasWorkers(0);
    await write(`WEB_CONCURRENCY=3\nLOG_FILE=${project.path("third.log")}\n`);
    server.process.kill("SIGHUP");
    await hasWorkers(3);
    assert.match(await logOf("third.log"), /"from":2,"to":3/);
  });
});
