import assert from "node:assert/strict";
import { resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import app, { Item, Order, Product } from "../../examples/shop/app.ts";
import { orderTheCheapest } from "../../examples/shop/client.ts";
import { openProject } from "../../src/project/index.ts";
import { startTestApp, type TestApp, type TestUser } from "../app.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";

it("the shop example has a migration for every change of its models", async () => {
  const file = resolve(import.meta.dirname, "../../examples/shop/app.ts");
  assert.deepEqual(await (await openProject(file, { environment: {} })).findMissingMigrations(), []);
});

for (const { name, create } of databases) {
  describe(`orders with their items, on ${name}`, () => {
    let test: TestApp;
    let alice: TestUser;
    let bob: TestUser;
    let staff: TestUser;
    const statements = countStatements();
    const ask = (method: string, path: string, user: TestUser, json?: unknown) =>
      test.client(method, `/api/v1/${path}`, { json, headers: user.bearer });
    const stock = async (product: number) => (await ask("GET", `products/${product}/`, staff)).json.stock;
    before(async () => {
      test = await startTestApp(app, await create(), { wrap: statements.wrap });
      [alice, bob, staff] = [
        await test.user("alice"),
        await test.user("bob"),
        await test.user("stacy", { is_staff: true }),
      ];
      await test.user("carl");
      await test.insert(Product, [
        { name: "Tea", sku: "tea", price: "2.50", stock: 10 },
        { name: "Mug", sku: "mug", price: "7.00", stock: 1 },
        { name: "Old", sku: "old", price: "1.00", stock: 1, active: false },
      ]);
    });
    after(async () => {
      assert.deepEqual(test.faults, []);
      await test.stop();
    });

    it("staff see what was sold: nothing yet", async () => {
      assert.deepEqual((await ask("GET", "sales/", staff)).json, { orders: 0, customers: 0, products: [] });
      assert.equal((await ask("GET", "sales/", alice)).status, 403);
    });

    it("an order is created with its items, priced and taken from the stock", async () => {
      const { status, json } = await ask("POST", "orders/", alice, {
        items: [
          { product: 1, quantity: 2 },
          { product: "2", quantity: 1 },
        ],
      });
      assert.equal(status, 201);
      assert.deepEqual(json.items, [
        { product: 1, product_name: "Tea", quantity: 2, unit_price: "2.50" },
        { product: 2, product_name: "Mug", quantity: 1, unit_price: "7.00" },
      ]);
      assert.equal(json.total, "12.00");
      assert.deepEqual([await stock(1), await stock(2)], [8, 0]);
      assert.deepEqual((await ask("GET", "sales/", staff)).json, {
        ...{ orders: 1, customers: 1 },
        products: [
          { name: "Tea", sold: 2 },
          { name: "Mug", sold: 1 },
        ],
      });
    });

    it("the page offers an order as a form with its first item, and as raw JSON to fill in", async () => {
      const { text } = await test.client("GET", "/api/v1/orders/", {
        headers: { ...alice.bearer, accept: "text/html" },
      });
      const [, template = ""] = /<details class="raw">.*?<textarea[^>]*>\n(.*?)<\/textarea>/s.exec(text) ?? [];
      assert.deepEqual(JSON.parse(template.replaceAll("&quot;", '"')), { items: [{ product: "", quantity: "" }] });
      const [section = ""] = /<section class="panel form".*?<\/section>/s.exec(text) ?? [];
      const names = Array.from(section.matchAll(/ name="(items[^"]*)"/g), ([, name]) => name);
      assert.deepEqual(names, ["items[0]product", "items[0]quantity"]);
    });

    it("what a hook refuses leaves nothing behind", async () => {
      const { status, json } = await ask("POST", "orders/", bob, {
        items: [
          { product: 1, quantity: 1 },
          { product: 2, quantity: 1 },
        ],
      });
      assert.deepEqual([status, Object.keys(json)], [400, ["items"]]);
      assert.equal(await stock(1), 8);
      assert.equal((await ask("GET", "orders/", bob)).json.count, 0);
    });

    it("findings about items stand at their place; what is not on sale is not there", async () => {
      const { status, json } = await ask("POST", "orders/", alice, {
        items: [
          { product: 1, quantity: 1 },
          { product: 3, quantity: 1 },
        ],
      });
      assert.equal(status, 400);
      assert.deepEqual([json.items[0], Object.keys(json.items[1])], [{}, ["product"]]);
      const wrong = await ask("POST", "orders/", alice, { items: [{ quantity: 0 }] });
      assert.deepEqual(Object.keys(wrong.json.items[0]).sort(), ["product", "quantity"]);
      const none = await ask("POST", "orders/", alice, { items: [] });
      assert.equal(none.status, 400);
    });

    it("customers see their own orders, staff see all", async () => {
      assert.equal((await ask("GET", "orders/", bob)).json.count, 0);
      assert.equal((await ask("GET", "orders/1/", bob)).status, 404);
      assert.equal((await ask("GET", "orders/", staff)).json.count, 1);
    });

    it("an order is cancelled once, and gives its stock back", async () => {
      const { status, json } = await ask("POST", "orders/1/cancel/", alice);
      assert.deepEqual([status, json.status], [200, "cancelled"]);
      assert.deepEqual([await stock(1), await stock(2)], [10, 1]);
      assert.equal((await ask("POST", "orders/1/cancel/", alice)).status, 409);
    });

    it("of many orders at once as many succeed as there is stock for", async () => {
      await test.insert(Product, [{ name: "Rare", sku: "rare", price: "1.00", stock: 4 }]);
      const [{ id }] = (await ask("GET", "products/?sku=rare", staff)).json.results;
      const order = { items: [{ product: id, quantity: 1 }] };
      const answers = await Promise.all(Array.from({ length: 8 }, () => ask("POST", "orders/", bob, order)));
      const statuses = answers.map(({ status }) => status).sort();
      assert.deepEqual(statuses, [201, 201, 201, 201, 400, 400, 400, 400]);
      assert.equal(await stock(id), 0);
    });

    it("whoever saves a product that was ordered meanwhile is refused, and the stock stays right", async () => {
      const made = await ask("POST", "products/", staff, { name: "Pot", sku: "pot", price: "9.00", stock: 5 });
      const path = `products/${made.json.id}/`;
      const save = (etag: string | null, price: string) =>
        test.client("PUT", `/api/v1/${path}`, {
          json: { ...made.json, price },
          headers: { ...staff.bearer, ...(etag !== null && { "if-match": etag }) },
        });
      assert.equal((await save(null, "8.00")).status, 428);
      assert.equal(
        (await ask("POST", "orders/", bob, { items: [{ product: made.json.id, quantity: 2 }] })).status,
        201,
      );
      assert.equal((await save(made.headers.get("etag"), "8.00")).status, 412);
      assert.equal(await stock(made.json.id), 3);
      assert.equal((await save((await ask("GET", path, staff)).headers.get("etag"), "8.00")).status, 200);
    });

    it("a list takes as many statements for many orders as for one", async () => {
      const count = async () => {
        statements.count = 0;
        const { json } = await ask("GET", "orders/", staff);
        return { orders: json.count, statements: statements.count };
      };
      const one = await count();
      await test.insert(Order, [{ customer: alice.id }, { customer: alice.id }, { customer: bob.id }]);
      const { json } = await ask("GET", "orders/?page_size=100", staff);
      await test.insert(
        Item,
        json.results.map(({ id }: { id: number }) => ({ order: id, product: 1, quantity: 1 })),
      );
      assert.deepEqual(await count(), { orders: one.orders + 3, statements: one.statements });
    });

    it("a program of a customer orders by the typed client", async () => {
      await test.insert(Product, [{ name: "Pen", sku: "pen", price: "0.50", stock: 5 }]);
      const lines = await orderTheCheapest(test.client.base, "carl", "carl-pass");
      assert.deepEqual(lines, ["new, 0.50"]);
    });
  });
}
