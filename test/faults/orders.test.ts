/**
 * Orders of the shop example while the world fails: workers killed, the connection to the database cut. An order, its items, their
 * prices and what they take from the stock are written by the framework, by `field.children` and by a hook: all of it or nothing.
 */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import app, { Product } from "../../examples/shop/app.ts";
import { connect, type Database } from "../../src/db/index.ts";
import { startTestApp, type TestApp, type TestUser } from "../app.ts";
import { createProject, type Running, type TestProject } from "../cli/project.ts";
import { databases, type TestDatabase } from "../databases.ts";
import { type Client, clientOf } from "../http-client.ts";
import { openWire } from "../wire.ts";
import { range, report, stopwatch } from "./report.ts";

const stockAtFirst = 1_000;
const products = [
  { name: "Tea", sku: "tea", price: "2.50", stock: stockAtFirst },
  { name: "Mug", sku: "mug", price: "7.00", stock: stockAtFirst },
];

const kills = 3;

/** One order of both products; its quantities tell it from others. */
const items = (quantity: number) => [
  { product: 1, quantity },
  { product: 2, quantity: quantity + 1 },
];

type Headers = TestUser["bearer"];

/** Every order that is there, as staff sees it. */
async function allOrders(client: Client, staff: Headers) {
  const orders = [];
  for (let path = "/api/v1/orders/?page_size=100"; path; ) {
    const { status, json } = await client("GET", path, { headers: staff });
    assert.equal(status, 200);
    orders.push(...json.results);
    path = json.next === null ? "" : json.next.slice(client.base.length);
  }
  return orders;
}

/** Nothing is half there: each order has its items and their prices, and the stock lacks what was sold and not cancelled, and no more. */
async function checkWhole(client: Client, staff: Headers): Promise<Set<number>> {
  const sold = new Map<number, number>();
  const orders = await allOrders(client, staff);
  for (const { id, items, status } of orders) {
    assert.equal(items.length, 2, `items of order ${id}`);
    for (const { product, quantity, unit_price } of items) {
      assert.equal(unit_price, product === 1 ? "2.50" : "7.00", `a price of order ${id}`);
      if (status === "new") sold.set(product, (sold.get(product) ?? 0) + quantity);
    }
  }
  for (const product of [1, 2]) {
    const { json } = await client("GET", `/api/v1/products/${product}/`, { headers: staff });
    assert.equal(json.stock, stockAtFirst - (sold.get(product) ?? 0), `stock of product ${product}`);
  }
  return new Set(orders.map(({ id }) => id));
}

for (const { name, create } of databases) {
  describe(`a worker that is killed in the middle of orders, on ${name}`, () => {
    let own: TestDatabase;
    let project: TestProject;
    let server: Running;
    let client: Client;
    let alice: Headers;
    let staff: Headers;
    /** Workers that became ready, the youngest last. */
    const workers: number[] = [];
    before(async () => {
      own = await create();
      project = await createProject();
      const environment = {
        ...{ DATABASE_URL: own.url, SECRET_KEY: "a secret of tests, thirty-two characters", WEB_CONCURRENCY: "2" },
        ...{ LOG_LEVEL: "debug", ACCESS_LOG: "off" },
      };
      const file = ["--app", resolve(import.meta.dirname, "../../examples/shop/app.ts")];
      server = project.start(["serve", "--migrate", ...file], environment);
      server.process.stderr?.on("data", (lines) => {
        for (const [, pid] of String(lines).matchAll(/"a worker is ready","pid":(\d+)/g)) workers.push(Number(pid));
      });
      const [, url = ""] = await server.says(/"url":"([^"]+)"/);
      client = clientOf(url);
      await project.run(["createsuperuser", "root", "--password-stdin", ...file], {
        input: "correct horse",
        environment,
      });
      await project.run(["createuser", "alice", ...file], { input: "correct horse", environment });
      const signIn = async (username: string): Promise<Headers> => {
        const { json } = await client("POST", "/api/token/", { json: { username, password: "correct horse" } });
        return { authorization: `Bearer ${json.access}` };
      };
      [alice, staff] = [await signIn("alice"), await signIn("root")];
      for (const product of products)
        assert.equal((await client("POST", "/api/v1/products/", { json: product, headers: staff })).status, 201);
    });
    after(async () => {
      await project.remove();
      await own.drop();
    });

    it("loses no order that is sent again with its key, and makes none of it twice", async (t) => {
      const answered = new Set<number>();
      let sent = 0;
      let lost = 0;
      const times: number[] = [];
      /** Sent until it is answered, as a client does that knows how. */
      const order = async (i: number): Promise<void> => {
        const headers = { ...alice, "idempotency-key": `order ${++sent}` };
        for (;;) {
          try {
            const { status, json } = await client("POST", "/api/v1/orders/", {
              json: { items: items(1 + (i % 2)) },
              headers,
            });
            assert.equal(status, 201);
            answered.add(json.id);
            return;
          } catch (error) {
            // `fetch failed`: the connection of a killed worker.
            if (!(error instanceof TypeError)) throw error;
            lost++;
          }
        }
      };
      for (let killed = 0; killed < kills; killed++) {
        // Both are there: what is left goes on while the other is replaced.
        await server.says(new RegExp(`(?:"a worker is ready"[^]*?){${killed + 2}}`));
        for (let round = 0; round < 3; round++) {
          const orders = Array.from({ length: 8 }, (_, i) => order(i));
          // One answer has come, the others are on their way.
          await Promise.race(orders);
          if (round === 1) process.kill(workers.shift() ?? 0, "SIGKILL");
          const elapsed = stopwatch();
          await Promise.all(orders);
          if (round === 1) times.push(elapsed());
        }
      }
      const there = await checkWhole(client, staff);
      assert.deepEqual([...answered.symmetricDifference(there)], []);
      assert.equal(there.size, sent);
      report(t, {
        lost: `no order; ${lost} requests inside ${kills} killed workers, which were sent again`,
        recovered: `every order under way was taken after ${range(times)}`,
      });
      assert.ok(lost > 0, "no worker was killed in the middle");
    });
  });
}

const [, postgres] = databases;
assert.ok(postgres);

describe("a connection to PostgreSQL that is cut in the middle of orders", () => {
  let wire: Awaited<ReturnType<typeof openWire>>;
  let database: Database;
  let test: TestApp;
  let alice: TestUser;
  let staff: TestUser;
  before(async () => {
    const own = await postgres.create();
    wire = await openWire(own.url);
    database = await connect(wire.url, { connectTimeoutMs: 400, statementTimeoutMs: 2_000, maxConnections: 4 });
    test = await startTestApp(app, own, { wrap: () => database });
    [alice, staff] = [await test.user("alice"), await test.user("stacy", { is_staff: true })];
    await test.insert(Product, products);
  });
  after(async () => {
    wire.mend();
    await database.close();
    await test.stop();
    wire.close();
  });

  const order = (i: number) =>
    test.client("POST", "/api/v1/orders/", { json: { items: items(1 + (i % 2)) }, headers: alice.bearer });

  const cancel = (id: number) => test.client("POST", `/api/v1/orders/${id}/cancel/`, { headers: alice.bearer });

  it("is a 503 for those orders; no half of one is kept, and a cancelled one gives back its stock once", async (t) => {
    const answered = new Set<number>();
    const times: number[] = [];
    let refused = 0;
    for (let round = 0; round < 6; round++) {
      const orders = Array.from({ length: 8 }, (_, i) => order(i));
      const cancellations = [...answered].slice(-4).map(cancel);
      await Promise.race([...orders, ...cancellations]);
      wire.cut();
      wire.mend();
      for (const { status, json, text } of await Promise.all(orders)) {
        assert.ok(status === 201 || status === 503, text);
        if (status === 201) answered.add(json.id);
        else refused++;
      }
      // 409: it was cancelled in a round before.
      for (const { status, text } of await Promise.all(cancellations))
        assert.ok([200, 409, 503].includes(status), text);
      const elapsed = stopwatch();
      for (let i = 0; (await order(i)).status !== 201; i++) assert.ok(i < 10, "still not back");
      times.push(elapsed());
    }
    const there = await checkWhole(test.client, staff.bearer);
    report(t, {
      lost: `no order that was taken; ${refused} were answered 503`,
      recovered: `an order taken after ${range(times)}`,
    });
    assert.deepEqual([...answered.difference(there)], []);
  });
});
