/**
 * A PostgreSQL server that is stopped, and one that is killed, and started again, while two workers of the shop example serve several
 * clients: every answer comes, what cannot be done is a 503, and afterwards each order is there once and whole.
 */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { createProject, type TestProject } from "../cli/project.ts";
import { type Client, clientOf } from "../http-client.ts";
import { type PostgresServer, startPostgres } from "../postgres.ts";
import { customersOf, isAway, tea } from "./customers.ts";
import { report, stopwatch } from "./report.ts";

const count = 6;

describe("a PostgreSQL server that goes under load and comes back", () => {
  let postgres: PostgresServer;
  let project: TestProject;
  let client: Client;
  let headers: { authorization: string };
  let customers: ReturnType<typeof customersOf>;
  let log = "";
  const credentials = { username: "root", password: "correct horse" };
  before(async () => {
    // Without this a commit is told before it is written down.
    postgres = await startPostgres({ settings: { synchronous_commit: "on", max_connections: "14" } });
    project = await createProject();
    const environment = {
      ...{ DATABASE_URL: postgres.url, SECRET_KEY: "a secret of tests, thirty-two characters", WEB_CONCURRENCY: "2" },
      ...{ DATABASE_POOL_SIZE: "8", DATABASE_CONNECT_TIMEOUT: "2s", DATABASE_STATEMENT_TIMEOUT: "5s" },
      ...{ ACCESS_LOG: "off", LOG_LEVEL: "debug" },
    };
    const file = ["--app", resolve(import.meta.dirname, "../../examples/shop/app.ts")];
    const server = project.start(["serve", "--migrate", ...file], environment);
    server.process.stderr?.on("data", (lines) => {
      log += lines;
    });
    const [, url = ""] = await server.says(/"url":"([^"]+)"/);
    await server.says(/2 workers with 8 connections each may ask PostgreSQL for more than the 14 it takes/);
    await server.says(/"a worker is ready"[\s\S]*"a worker is ready"/);
    client = clientOf(url);
    const input = credentials.password;
    await project.run(["createsuperuser", "root", "--password-stdin", ...file], { input, environment });
    const { json } = await client("POST", "/api/token/", { json: credentials });
    headers = { authorization: `Bearer ${json.access}` };
    customers = customersOf(client, headers);
    const made = await client("POST", "/api/v1/products/", { json: tea, headers });
    assert.equal(made.status, 201, made.text);
  });
  after(async () => {
    await project.remove();
    await postgres.stop();
  });

  for (const how of ["fast", "kill"] as const) {
    it(`${how === "fast" ? "stopped" : "killed"}: each answer is an order or a 503, and both workers go on`, async (t) => {
      const { answers, stop } = customers.begin(count);
      await answers(30, "taken");
      await postgres.end(how);
      await answers(3 * count, "away");
      const others = [
        client("GET", "/api/v1/orders/", { headers }),
        client("GET", "/api/v1/products/1/", { headers }),
        client("POST", "/api/token/", { json: credentials }),
      ];
      for (const answer of await Promise.all(others)) assert.ok(isAway(answer), `${answer.status} ${answer.text}`);
      await postgres.start();
      const elapsed = stopwatch();
      await answers(1, "taken");
      const recovered = `an order taken ${elapsed()} ms after the database was back`;
      await answers(30, "taken");
      await stop();
      report(t, { lost: "no order; each request was answered, with 503 while the database was away", recovered });
      assert.doesNotMatch(log, /a worker ended|unhandled|uncaught/i);
    });
  }

  it("every order that was sent is there once, with its item and what it took from the stock", () => customers.check());
});
