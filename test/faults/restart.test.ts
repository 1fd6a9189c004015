/**
 * A PostgreSQL server that is stopped, and one that is killed, and started again, while two workers of the shop example serve several
 * clients: every answer comes, what cannot be done is a 503, and afterwards each order is there once and whole.
 */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { createProject, type Running, type TestProject } from "../cli/project.ts";
import { type Answer, type Client, clientOf } from "../http-client.ts";
import { type PostgresServer, startPostgres } from "../postgres.ts";

const clients = 6;
const stockAtFirst = 100_000;

describe("a PostgreSQL server that goes under load and comes back", () => {
  let postgres: PostgresServer;
  let project: TestProject;
  let server: Running;
  let client: Client;
  let log = "";
  let bearer: { authorization: string };
  before(async () => {
    // Without this a commit is told before it is written down.
    postgres = await startPostgres({ settings: { synchronous_commit: "on" } });
    project = await createProject();
    const environment = {
      ...{ DATABASE_URL: postgres.url, SECRET_KEY: "a secret of tests, thirty-two characters", WEB_CONCURRENCY: "2" },
      ...{ DATABASE_POOL_SIZE: "6", DATABASE_CONNECT_TIMEOUT: "2s", DATABASE_STATEMENT_TIMEOUT: "5s" },
      ...{ ACCESS_LOG: "off", LOG_LEVEL: "debug" },
    };
    const file = ["--app", resolve(import.meta.dirname, "../../examples/shop/app.ts")];
    server = project.start(["serve", "--migrate", ...file], environment);
    server.process.stderr?.on("data", (lines) => {
      log += lines;
    });
    const [, url = ""] = await server.says(/"url":"([^"]+)"/);
    await server.says(/"a worker is ready"[\s\S]*"a worker is ready"/);
    client = clientOf(url);
    const credentials = { username: "root", password: "correct horse" };
    await project.run(["createsuperuser", "root", "--password-stdin", ...file], {
      input: "correct horse",
      environment,
    });
    const { json } = await client("POST", "/api/token/", { json: credentials });
    bearer = { authorization: `Bearer ${json.access}` };
    const product = { name: "Tea", sku: "tea", price: "2.50", stock: stockAtFirst };
    const made = await client("POST", "/api/v1/products/", { json: product, headers: bearer });
    assert.equal(made.status, 201, made.text);
  });
  after(async () => {
    await project.remove();
    await postgres.stop();
  });

  const isAway = ({ status, headers, json, text }: Answer): boolean => {
    if (status !== 503) return false;
    assert.ok(Number(headers.get("retry-after")) > 0, text);
    assert.match(headers.get("content-type") ?? "", /^application\/json/);
    assert.equal(typeof json.detail, "string");
    assert.doesNotMatch(text, /127\.0\.0\.1|postgres:|ECONN/);
    return true;
  };

  /** Orders by their ids, as they were answered. */
  const answered = new Map<number, string>();
  let keys = 0;
  /** One client: it orders, sends each order until it is taken, and tells of each answer, until it is told to stop. */
  const keepOrdering = async (isOver: () => boolean, onAnswer: (isThere: boolean) => void): Promise<void> => {
    while (!isOver()) {
      const key = `order ${++keys}`;
      const headers = { ...bearer, "idempotency-key": key };
      for (;;) {
        const answer = await client("POST", "/api/v1/orders/", {
          json: { items: [{ product: 1, quantity: 2 }] },
          headers,
        });
        onAnswer(answer.status === 201);
        if (answer.status === 201) {
          assert.equal(answered.get(answer.json.id), undefined);
          answered.set(answer.json.id, key);
          break;
        }
        assert.ok(isAway(answer), answer.text);
      }
    }
  };

  for (const how of ["fast", "kill"] as const) {
    it(`${how === "fast" ? "stopped" : "killed"}: each answer is an order or a 503, and both workers go on`, async () => {
      let isOver = false;
      let waiting: { isThere: boolean; left: number; resolve: () => void } | undefined;
      const onAnswer = (isThere: boolean): void => {
        if (waiting?.isThere === isThere && --waiting.left === 0) waiting.resolve();
      };
      /** Resolves when so many more answers of a kind have come. */
      const answers = (count: number, isThere: boolean): Promise<void> => {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting = { isThere, left: count, resolve };
        return promise;
      };
      const work = Promise.all(Array.from({ length: clients }, () => keepOrdering(() => isOver, onAnswer)));
      await answers(30, true);
      await postgres.end(how);
      await answers(3 * clients, false);
      const others = [
        client("GET", "/api/v1/orders/", { headers: bearer }),
        client("GET", "/api/v1/products/1/", { headers: bearer }),
        client("GET", "/api/v1/orders/", { headers: { ...bearer, accept: "application/json" } }),
        client("POST", "/api/token/", { json: { username: "root", password: "correct horse" } }),
      ];
      for (const answer of await Promise.all(others)) assert.ok(isAway(answer), `${answer.status} ${answer.text}`);
      await postgres.start();
      await answers(30, true);
      isOver = true;
      await work;
      assert.doesNotMatch(log, /a worker ended|unhandled|uncaught/i);
    });
  }

  it("every order that was sent is there once, with its item and what it took from the stock", async () => {
    const there = new Set<number>();
    for (let path = "/api/v1/orders/?page_size=100"; path; ) {
      const { json } = await client("GET", path, { headers: bearer });
      for (const { id, items } of json.results) {
        assert.deepEqual([items.length, items[0]?.quantity], [1, 2]);
        there.add(id);
      }
      path = json.next === null ? "" : json.next.slice(client.base.length);
    }
    assert.deepEqual([...there.symmetricDifference(new Set(answered.keys()))], []);
    assert.equal(there.size, keys);
    const { json } = await client("GET", "/api/v1/products/1/", { headers: bearer });
    assert.equal(json.stock, stockAtFirst - 2 * keys);
  });
});
