/**
 * Who may do what in the examples, as the files say. UPDATE_AUTHORIZATION=1 writes them anew.
 *
 * The to-do lists have a test of their own beside them, as an app of a user's has; it is run with these.
 */
import { test } from "node:test";
import shop from "../../examples/shop/app.ts";
import "../../examples/todo/app.test.ts";
import thesaurus from "../../examples/thesaurus/app.ts";
import todo from "../../examples/todo/app.ts";
import { assertAuthorization } from "../../src/testing/index.ts";
import { databases } from "../databases.ts";

const apps = {
  todo: { app: todo, snapshot: "../../examples/todo/authorization.txt" },
  shop: {
    ...{ app: shop, snapshot: "./shop.txt" },
    // An order takes from the stock, and a product has none unless it is said.
    samples: { "shop.product": { stock: 3 }, "shop.item": { quantity: 1 } },
  },
  thesaurus: { app: thesaurus, snapshot: "./thesaurus.txt" },
};

for (const { name, url } of databases) {
  for (const [example, { app, snapshot, ...options }] of Object.entries(apps)) {
    test(`${example}: everybody may do what the file says, on ${name}`, async () => {
      const file = new URL(snapshot, import.meta.url);
      await assertAuthorization(app, { ...options, snapshot: file, databaseUrl: await url() });
    });
  }
}
