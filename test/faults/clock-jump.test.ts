/** The clock of a machine that is set forward by an hour, and back, while a server of two workers is busy. */
import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { openBrowser } from "../browsable/browser.ts";
import { createProject, type Running, type TestProject } from "../cli/project.ts";
import { type Client, clientOf } from "../http-client.ts";
import { ask } from "../server/running.ts";
import { startLoad } from "./load.ts";
import { range, report, stopwatch } from "./report.ts";

const source = `
  import { defineApp, endpoint, permission } from "drf-auth";
  import { setTimeout as sleep } from "node:timers/promises";
  /** Begins before a jump and ends after it. */
  const across = async () => {
    console.error("a request is under way");
    for (const begun = Date.now(); Math.abs(Date.now() - begun) < 60_000; ) await sleep(10);
    return {};
  };
  const open = { permissions: [permission.allowAny()], methods: { GET: { run: () => ({ time: Date.now() }) } } };
  export default defineApp({
    resources: {},
    endpoints: {
      time: endpoint(open),
      across: endpoint({ ...open, methods: { GET: { run: across } } }),
      few: endpoint({ ...open, throttleScope: "few" }),
      me: endpoint({ permissions: [permission.authenticated()], methods: { GET: { run: () => ({}) } } }),
    },
    throttle: { few: "2/min" },
  });
`;
const hour = 3_600_000;
const credentials = { username: "alice", password: "correct horse" };

describe("a clock that jumps by an hour", { timeout: 120_000 }, () => {
  let project: TestProject;
  let server: Running;
  let client: Client;
  let said = "";
  const jump = (milliseconds: number): void => {
    writeFileSync(project.path("next"), String(milliseconds));
    renameSync(project.path("next"), project.path("clock"));
  };
  before(async () => {
    project = await createProject(source);
    const environment = {
      ...{ SECRET_KEY: "a secret of tests, thirty-two characters", WEB_CONCURRENCY: "2", WORKER_TIMEOUT: "2" },
      ...{ SESSION_COOKIE_AGE: "1800", REFRESH_TOKEN_LIFETIME: "1800", CLOCK_FILE: project.path("clock") },
      NODE_OPTIONS: `--import=${new URL("jumping-clock.ts", import.meta.url)}`,
    };
    server = project.start(["serve", "--migrate"], environment);
    for (const stream of [server.process.stdout, server.process.stderr])
      stream?.on("data", (chunk) => {
        said += chunk;
      });
    const [, url = ""] = await server.says(/"url":"([^"]+)"/);
    client = clientOf(url);
    await project.run(["createuser", credentials.username, "--password-stdin"], {
      ...{ input: credentials.password, environment },
    });
  });
  after(() => project.remove());

  const me = async (headers: Record<string, string>): Promise<number> =>
    (await client("GET", "/api/v1/me/", { headers })).status;
  const few = async (): Promise<number> => (await client("GET", "/api/v1/few/")).status;
  const signIn = async () => {
    const { status, json, text } = await client("POST", "/api/token/", { json: credentials });
    assert.equal(status, 200, text);
    const browser = openBrowser(client.base);
    await browser.press(await browser.visit("/api-auth/login/"), "Log in", credentials);
    const bearer = { authorization: `Bearer ${json.access}` };
    const session = { cookie: `sessionid=${browser.cookies.get("sessionid")}` };
    const refresh = async (): Promise<number> =>
      (await client("POST", "/api/token/refresh/", { json: { refresh: json.refresh } })).status;
    /** What each of them is answered. */
    return { known: async () => [await me(bearer), await me(session)], refresh };
  };

  it("costs no request and no worker; tokens, sessions and rates are judged by the time that it shows", async (t) => {
    const load = startLoad(`${client.base}/api/v1/time/`, { kept: 2, closed: 2 });
    t.after(() => load.end());
    const times: number[] = [];
    /** What the workers have told the primary with their last heartbeats. */
    const told = async (): Promise<string> => {
      const { body } = await ask("http://server/status", project.path(".control.sock"));
      return JSON.parse(await body)
        .result.workers.map(({ requests }: { readonly requests: number }) => requests)
        .join();
    };
    /** Sets the clock, and waits until all workers go by it and the heartbeat has looked at them. */
    const set = async (milliseconds: number): Promise<void> => {
      const elapsed = stopwatch();
      jump(milliseconds);
      for (let right = 0; right < 10; ) {
        const { json } = await client("GET", "/api/v1/time/");
        right = Math.abs(json.time - Date.now() - milliseconds) < 60_000 ? right + 1 : 0;
      }
      times.push(elapsed());
      for (let beats = 0, last = await told(); beats < 2; ) {
        const next = await told();
        if (next !== last) beats++;
        last = next;
      }
    };

    const first = await signIn();
    assert.deepEqual(await first.known(), [200, 200]);
    assert.deepEqual([await few(), await few(), await few()], [200, 200, 429]);

    const across = client("GET", "/api/v1/across/");
    await server.says(/a request is under way/);
    await set(hour);
    assert.equal((await across).status, 200);
    assert.deepEqual([await first.known(), await first.refresh()], [[401, 401], 401]);
    const second = await signIn();
    assert.deepEqual(await second.known(), [200, 200]);
    assert.deepEqual([await few(), await few(), await few()], [200, 200, 429]);

    await set(0);
    // A token of an hour that has not come is not valid yet; a session is, until it ends.
    assert.deepEqual([await first.known(), await first.refresh()], [[200, 200], 200]);
    assert.deepEqual(await second.known(), [401, 200]);
    const third = await signIn();
    assert.deepEqual([await third.known(), await third.refresh()], [[200, 200], 200]);
    assert.deepEqual([await few(), await few(), await few()], [200, 200, 429]);

    const { failures, answered } = await load.end();
    report(t, {
      lost: `${failures.length} of ${answered + failures.length} requests, no worker`,
      recovered: `the new time was told everywhere after ${range(times)}`,
    });
    assert.deepEqual(failures, []);
    assert.equal(said.match(/"message":"a worker is ready"|is blocked|a worker ended/g), null);
    const durations = [...said.matchAll(/"duration_ms":([-\d.]+)/g)].map(([, duration]) => Number(duration));
    assert.ok(durations.length > 0 && durations.every((duration) => duration >= 0 && duration < 60_000));
  });
});
