import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { connect, type Database } from "../../src/db/index.ts";
import { defineApp } from "../../src/index.ts";
import { readinessChecks } from "../../src/project/readiness.ts";
import { createProject, type Running, type TestProject } from "../cli/project.ts";
import { eventually } from "./running.ts";

describe("what is asked by whoever looks after a server", { timeout: 120_000 }, () => {
  let project: TestProject;
  let server: Running;
  let url: string;
  before(async () => {
    project = await createProject();
    await project.run(["makemigrations"]);
    server = project.start(["serve", "--migrate"], { WEB_CONCURRENCY: "2", STOP_DELAY: "60" });
    [, url = ""] = await server.says(/"url":"([^"]+)"/);
  });
  after(async () => {
    // It waits for its balancer still.
    server.process.kill("SIGTERM");
    await project.remove();
  });

  const get = async (path: string, init?: RequestInit) => {
    const response = await fetch(url + path, init);
    return { status: response.status, headers: response.headers, body: await response.text() };
  };

  it("/livez answers whatever the host is called, and /readyz asks database, migrations and disk", async () => {
    const byAddress = request(`${url}/livez`, { headers: { host: "10.1.2.3" } }).end();
    const [livez] = await once(byAddress, "response");
    assert.deepEqual([livez.statusCode, await text(livez)], [200, "ok\n"]);
    const { status, body } = await get("/readyz");
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(body), { status: "ready", checks: { database: "ok", migrations: "ok", disk: "ok" } });
    assert.equal((await get("/livez", { method: "POST" })).status, 405);
  });

  it("/metrics counts over all workers, and goes on counting when one is gone", async () => {
    const asked = 'drf_auth_http_requests_total{route="/api/v1/snacks/",method="GET",status="200"}';
    const counted = async (): Promise<number> =>
      Number(
        (await get("/metrics")).body
          .split("\n")
          .find((line) => line.startsWith(`${asked} `))
          ?.slice(asked.length),
      );
    for (let i = 0; i < 20; i++)
      await (await fetch(`${url}/api/v1/snacks/`, { headers: { connection: "close" } })).text();
    assert.equal(await counted(), 20);
    const { headers, body } = await get("/metrics");
    assert.equal(headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert.match(body, /^drf_auth_workers\{state="ready"\} 2$/m);
    assert.match(body, /^drf_auth_password_hashes\{state="waiting"\} 0$/m);
    server.process.kill("SIGHUP");
    await server.says(/"message":"reloaded"/);
    await eventually(async () => (/why="drained"\} 2/.test((await get("/metrics")).body) ? true : undefined));
    assert.equal(await counted(), 20);
  });

  it("/metrics counts what the audit log tells", async () => {
    const wrong = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"username":"a","password":"b"}',
    };
    assert.equal((await get("/api/token/", wrong)).status, 401);
    assert.match((await get("/metrics")).body, /^drf_auth_auth_events_total\{event="authn_login_fail"\} 1$/m);
  });

  it("/metrics is for those who are allowed; others are told what the app tells of a path that is not there", async () => {
    const { status, body } = await get("/metrics", { headers: { "x-forwarded-for": "203.0.113.7" } });
    assert.equal(status, 404);
    assert.doesNotMatch(body, /drf_auth/);
  });

  it("/readyz says that the server stops from the moment it is told to, while requests are still taken", async () => {
    server.process.kill("SIGTERM");
    const { body } = await eventually(async () => {
      const answer = await get("/readyz");
      return answer.status === 503 ? answer : undefined;
    });
    assert.equal(JSON.parse(body).status, "stopping");
    assert.equal((await get("/api/v1/snacks/")).status, 200);
  });
});

describe("the checks of /readyz", () => {
  const source = {
    app: defineApp({ resources: {} }),
    settings: { databaseUrl: "sqlite:///db.sqlite3", mediaRoot: "", logFile: "", accessLogFile: "" },
    checkMigrations: async () => {},
  };
  let database: Database;
  before(async () => {
    database = await connect("sqlite://:memory:");
  });
  after(() => database.close());
  const checks = (given: Partial<Parameters<typeof readinessChecks>[0]>) =>
    readinessChecks({ ...source, database, ...given });

  it("tell of missing migrations, and ask again later only while they are applied", async () => {
    let asked = 0;
    let at = 0;
    let isApplied = false;
    const { migrations } = checks({
      now: () => at,
      async checkMigrations() {
        asked++;
        if (!isApplied) throw new Error("shop.0002 is not applied");
      },
    });
    assert.equal(await migrations?.(), "not applied");
    isApplied = true;
    assert.equal(await migrations?.(), undefined);
    assert.equal(await migrations?.(), undefined);
    assert.equal(asked, 2);
    at += 31_000;
    isApplied = false;
    assert.equal(await migrations?.(), "not applied");
  });

  it("tell of a disk that is nearly full", async () => {
    assert.equal(await checks({ freeBytes: async () => 63 * 2 ** 20 }).disk?.(), "nearly full");
    assert.equal(await checks({ freeBytes: async () => 65 * 2 ** 20 }).disk?.(), undefined);
  });

  it("look at the disks of the database and of the logs", async () => {
    const folders: string[] = [];
    const settings = { ...source.settings, logFile: "/var/log/app/server.log", accessLogFile: "access.log" };
    const freeBytes = async (folder: string): Promise<number> => {
      folders.push(folder);
      return folder === "/var/log/app" ? 0 : 2 ** 30;
    };
    assert.equal(await checks({ settings, freeBytes }).disk?.(), "nearly full");
    assert.deepEqual(folders, [".", "/var/log/app", "."]);
  });
});
