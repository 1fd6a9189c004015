/** The story of somebody with a browser and no scripts, through a real socket and a real database. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { appSettings, defineApp, startApp } from "../../src/app/index.ts";
import { authModels } from "../../src/auth/index.ts";
import { readSettings } from "../../src/config/index.ts";
import { makeMigrations, migrate } from "../../src/db/index.ts";
import { field, model } from "../../src/model/index.ts";
import { permission, resource } from "../../src/resource/index.ts";
import { databases, type TestDatabase } from "../databases.ts";
import { openBrowser } from "./browser.ts";

const Snack = model("shop.snack", {
  fields: {
    name: field.text({ maxLength: 40, unique: true }),
    recipe: field.text({ blank: true }),
    price: field.decimal({ maxDigits: 6, decimalPlaces: 2, min: 0 }),
    sweet: field.boolean({ default: true }),
    kind: field.choice({
      choices: [
        ["bar", "Bar"],
        ["nut", "Nut"],
      ],
      maxLength: 5,
    }),
    goes_with: field.manyToMany("shop.snack", { blank: true }),
    facts: field.json({ null: true }),
    owner: field.owner(),
  },
});

const app = defineApp({
  title: "Snack shop",
  resources: {
    snacks: resource(Snack, {
      permissions: [permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner")],
    }),
    "kept-snacks": resource(Snack, { requireIfMatch: true }),
  },
});

for (const { name: database, create } of databases) {
  describe(`with a browser without scripts, on ${database}`, () => {
    let test: TestDatabase;
    let base = "";
    let stop = async (): Promise<unknown> => undefined;

    before(async () => {
      test = await create();
      await migrate(test.database, makeMigrations([], [...authModels, Snack]), { now: Date.now });
      const settings = readSettings(appSettings, {
        environment: { SECRET_KEY: "a secret of tests, thirty-two characters" },
        flags: {},
      });
      const running = await startApp(app, { settings, database: test.database });
      await running.users.create({ username: "alice", password: "alice-pass" });
      await running.users.create({ username: "bob", password: "bob-pass" });
      const server = createServer(running.listener);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      stop = () => new Promise((resolve) => server.close(resolve));
    });
    after(async () => {
      await stop();
      await test.drop();
    });

    const signIn = async (username: string) => {
      const browser = openBrowser(base);
      const login = await browser.visit("/api-auth/login/?next=/api/v1/snacks/");
      return { browser, list: await browser.press(login, "Log in", { username, password: `${username}-pass` }) };
    };

    it("somebody logs in, creates with a mistake, corrects it, edits, deletes, and logs out", async () => {
      const browser = openBrowser(base);
      const anonymous = await browser.visit("/api/v1/snacks/");
      assert.equal(anonymous.status, 200);
      assert.doesNotMatch(anonymous.body, /value="POST"/);

      const login = await browser.visit("/api-auth/login/?next=/api/v1/snacks/");
      const mistyped = await browser.press(login, "Log in", { username: "alice", password: "nope" });
      assert.match(mistyped.body, /role="alert"/);
      const before = browser.cookies.get("csrftoken");
      const list = await browser.press(mistyped, "Log in", { username: "alice", password: "alice-pass" });
      assert.equal(list.path, "/api/v1/snacks/");
      assert.match(list.body, />alice</);
      assert.notEqual(browser.cookies.get("csrftoken"), before);

      const typed = {
        name: 'Nut & "honey" <bar>',
        recipe: "Mix.\r\nBake.",
        price: "1.234",
        kind: "bar",
        sweet: false,
        facts: "{oops",
      };
      const refused = await browser.press(list, "Create", typed);
      assert.equal(refused.status, 400);
      assert.match(refused.body, /id="post-price-errors"/);
      assert.match(refused.body, /id="post-facts-errors"/);

      // The rest is still filled in.
      const created = await browser.press(refused, "Create", {
        price: "1.20",
        facts: '{"kcal": 12345678901234567890}',
      });
      assert.equal(created.status, 201);
      const [, row = ""] = /Created\. <a href="([^"]+)">/.exec(created.body) ?? [];
      assert.match(row, /^\/api\/v1\/snacks\/\d+\/$/);

      const detail = await browser.visit(row);
      assert.match(detail.body, /Nut &amp; \\&quot;honey\\&quot; &lt;bar&gt;/);
      assert.match(detail.body, /&quot;Mix\.\\nBake\.&quot;/);
      assert.match(detail.body, /12345678901234567890/);
      assert.match(detail.body, /<span class="boolean">false<\/span>/);

      const key = row.split("/").at(-2) ?? "";
      const edited = await browser.press(detail, "Save", { price: "2.5", goes_with: ` ${key} ` });
      assert.equal(edited.status, 200);
      assert.match(edited.body, /Saved\./);
      assert.match(edited.body, /&quot;2\.50&quot;/);
      const untouched = await browser.press(edited, "Save");
      assert.match(untouched.body, new RegExp(`name="goes_with" value="${key}"`));
      assert.match(untouched.body, /&quot;Mix\.\\nBake\.&quot;/);

      const patched = await browser.press(untouched, "PATCH", { _content: '{"price": "3.00"}' });
      assert.equal(patched.status, 200);
      assert.match(patched.body, /&quot;3\.00&quot;/);

      const deleted = await browser.press(patched, "Yes, delete");
      assert.equal(deleted.status, 200);
      assert.match(deleted.body, /204 No Content/);
      assert.equal((await browser.visit(row)).status, 404);

      const out = await browser.press(list, "Log out");
      assert.equal(out.path, "/api-auth/login/");
      assert.equal(browser.cookies.has("sessionid"), false);
      assert.equal((await browser.press(list, "Create", { ...typed, price: "1.20", facts: "" })).status, 401);
    });

    it("who edits what must be seen before overwrites nobody's change, and is told so", async () => {
      const { browser, list } = await signIn("alice");
      const created = await browser.press(list, "Create", { name: "Dates", price: "1", kind: "nut" });
      const [, key = ""] = /Created\. <a href="[^"]*\/(\d+)\/">/.exec(created.body) ?? [];
      const path = `/api/v1/kept-snacks/${key}/`;
      const seen = await browser.visit(path);
      assert.match(seen.body, /<dt>etag<\/dt><dd>&quot;[\w-]{27}&quot;<\/dd>/);
      const saved = await browser.press(await browser.visit(path), "Save", { price: "2" });
      assert.equal(saved.status, 200);
      for (const button of ["Save", "PATCH", "Yes, delete"]) {
        const late = await browser.press(seen, button);
        assert.equal(late.status, 412);
        assert.match(late.body, /has changed/);
        assert.match(late.body, /<dt>Price<\/dt><dd><span class="number">2\.00</, "the row as it is now");
      }
      const late = await browser.press(seen, "Save", { name: "Dried dates" });
      assert.match(late.body, /Nothing was saved\..*The record shows the row as it is now\./s);
      assert.match(late.body, /name="name" value="Dried dates"/);
      assert.match(late.body, /<dt>Price<\/dt><dd><span class="number">2\.00</);
      assert.equal((await browser.press(late, "Save", { price: "2" })).status, 200);
      const unsaid = { ...seen, body: seen.body.replaceAll(/<input type="hidden" name="_if_match"[^>]*>/g, "") };
      const asked = await browser.press(unsaid, "Save", { name: "Stoned dates" });
      assert.equal(asked.status, 428);
      assert.match(asked.body, /name="name" value="Stoned dates"/);
      const again = await browser.press(asked, "Save", { price: "2" });
      assert.equal(again.status, 200);
      // A corrected form means the state that it was filled in for.
      const refused = await browser.press(again, "Save", { price: "much" });
      assert.equal(refused.status, 400);
      const patched = await browser.press(again, "PATCH", { _content: '{"price": "3.00"}' });
      assert.equal(patched.status, 200);
      assert.equal((await browser.press(refused, "Save", { price: "4" })).status, 412);
      assert.equal((await browser.press(patched, "Save", { price: "x" })).status, 400);
      assert.match((await browser.press(patched, "Save", { price: "5" })).body, /&quot;5\.00&quot;/);
      assert.doesNotMatch((await browser.press(patched, "OPTIONS")).body, /Yes, delete/);
      const changed = await browser.press(seen, "Yes, delete");
      assert.equal((await browser.press(changed, "Yes, delete")).status, 200, "now that it was seen");
    });

    it("what belongs to somebody else can be looked at and not changed", async () => {
      const { browser: alice, list } = await signIn("alice");
      const created = await alice.press(list, "Create", { name: "Raisins", price: "1", kind: "nut" });
      const [, row = ""] = /Created\. <a href="([^"]+)">/.exec(created.body) ?? [];
      const own = await alice.visit(row);
      const { browser: bob } = await signIn("bob");
      const page = await bob.visit(row);
      assert.equal(page.status, 200);
      assert.doesNotMatch(page.body, /value="(PUT|PATCH|DELETE)"/);
      // A form that he made himself: his own token beside Alice's buttons.
      const token = /name="csrfmiddlewaretoken" value="([^"]+)"/;
      const forged = {
        ...own,
        body: own.body.replaceAll(/(name="csrfmiddlewaretoken" value=)"[^"]+"/g, `$1"${token.exec(page.body)?.[1]}"`),
      };
      assert.equal((await bob.press(forged, "Yes, delete")).status, 403);
      assert.equal((await bob.press(own, "Yes, delete")).status, 403);
      assert.equal((await alice.visit(row)).status, 200);
    });

    it("the style of the pages is there", async () => {
      const [, href = ""] =
        /<link rel="stylesheet" href="([^"]+)">/.exec((await openBrowser(base).visit("/api/v1/")).body) ?? [];
      assert.match(href, /^\/static\//);
    });
  });
}
