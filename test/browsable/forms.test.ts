/** Forms of more than simple fields, without scripts: objects, lists of objects, keys that make a create happen once, files. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { defineStatement } from "../../src/db/index.ts";
import { Conflict, ServiceUnavailable, Throttled } from "../../src/errors.ts";
import { field, model } from "../../src/model/index.ts";
import { permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { png } from "../resource/documents.ts";
import { type Browser, openBrowser, type Page } from "./browser.ts";

const Product = model("desk.product", { fields: { name: field.text({ maxLength: 40 }) } });
const Order = model("desk.order", {
  fields: { note: field.text({ maxLength: 40, blank: true }), photo: field.image({ null: true, uploadTo: "photos" }) },
});
const Line = model("desk.line", {
  fields: {
    order: field.foreignKey(Order),
    product: field.foreignKey(Product),
    copies: field.integer({ min: 1, default: 1 }),
    gift: field.boolean({ default: false }),
  },
});

const Remark = model("desk.remark", {
  fields: { order: field.foreignKey(Order), text: field.text({ maxLength: 40 }) },
});

const Door = model("desk.door", {
  fields: {
    name: field.text({ maxLength: 40 }),
    code: field.text({ maxLength: 40, blank: true, writeOnly: true }),
    opens: field.time({ default: "08:00:00.500000" }),
  },
});

const app = defineApp({
  resources: {
    doors: resource(Door, {
      permissions: [permission.authenticatedOrReadOnly()],
      validate: ({ name }) => {
        if (name === "taken") throw new Conflict("This door is taken.");
        if (name === "busy") throw new Throttled(30);
        if (name === "down") throw new ServiceUnavailable();
        if (name === "broken") throw new Error("broken on purpose");
      },
      actions: { open: { method: "POST", on: "detail", run: () => ({ open: true }) } },
    }),
    products: resource(Product, { search: ["name"] }),
    orders: resource(Order, {
      permissions: [permission.authenticatedOrReadOnly()],
      idempotencyKey: "required",
      extra: {
        remarks: field.children(Remark, "order", { required: false }),
        lines: field.children(Line, "order", {
          minItems: 1,
          fields: {
            id: Line.fields.id,
            product: Line.fields.product,
            copies: Line.fields.copies,
            gift: Line.fields.gift,
          },
        }),
      },
      actions: {
        ship: {
          method: "POST",
          on: "detail",
          input: {
            address: field.nested({
              fields: { street: field.text(), floor: field.integer({ null: true }), lift: field.boolean() },
            }),
            gift_to: field.nested({ required: false, fields: { name: field.text(), wrapped: field.boolean() } }),
            marks: field.list({ of: field.text({ maxLength: 10 }), required: false }),
          },
          run: ({ input }) => input,
        },
      },
    }),
  },
});

const readCodes = defineStatement("SELECT code FROM desk_door", true);
const orders = "/api/v1/orders/";

for (const { name: database, create } of databases) {
  describe(`forms of more than simple fields, on ${database}`, () => {
    let test: TestApp;
    let browser: Browser;
    before(async () => {
      test = await startTestApp(app, await create());
      await test.user("alice");
      await test.insert(Product, [{ name: "Nuts" }, { name: "Dates" }]);
      browser = openBrowser(test.client.base);
      await browser.press(await browser.visit(`/api-auth/login/?next=${orders}`), "Log in", {
        ...{ username: "alice", password: "alice-pass" },
      });
    });
    after(async () => {
      assert.deepEqual(test.faults.map(String), [
        "ServiceUnavailable: The service is not available just now.",
        "Error: broken on purpose",
      ]);
      await test.stop();
    });
    const json = async (path: string) => (await test.client("GET", path)).json;
    const keyOf = ({ body }: Page): string => /name="_idempotency_key" value="([^"]+)"/.exec(body)?.[1] ?? "";
    const created = ({ body }: Page): string => /Created\. <a href="([^"]+)">/.exec(body)?.[1] ?? "";

    it("a resource that demands a key gets one from its form, and a button pressed twice creates once", async () => {
      const list = await browser.visit(orders);
      const first = await browser.press(list, "Create", { note: "once", "lines[0]product": "1" });
      assert.equal(first.status, 201);
      const again = await browser.press(list, "Create", { note: "once", "lines[0]product": "1" });
      assert.equal(created(again), created(first));
      assert.notEqual(keyOf(first), keyOf(list), "the next form means another order");
      const raw = await browser.press(await browser.visit(orders), "POST", {
        _content: '{"note": "raw", "lines": [{"product": 2}]}',
      });
      assert.equal(raw.status, 201);
    });

    it("what is written and never read stays as it is where its control was left empty", async () => {
      const path = created(
        await browser.press(await browser.visit("/api/v1/doors/"), "Create", { name: "Front", code: "4711" }),
      );
      const page = await browser.visit(path);
      assert.match(page.body, /id="patch-code"[^>]*>.*Left empty, it stays as it is\./s);
      assert.equal((await browser.press(page, "Save", { name: "Back" })).status, 200);
      const stored = async () => (await test.database.all(readCodes)).map(([code]) => code);
      assert.deepEqual(await stored(), ["4711"]);
      assert.equal((await browser.press(page, "Save", { code: "0815" })).status, 200);
      assert.deepEqual(await stored(), ["0815"]);
    });

    it("what was typed is kept by every refusal, such as a conflict", async () => {
      const list = await browser.visit("/api/v1/doors/");
      const refused = await browser.press(list, "Create", { name: "taken" });
      assert.equal(refused.status, 409);
      assert.match(refused.body, /Nothing was saved\.<\/strong><\/p>\s*<p>This door is taken\./);
      assert.match(refused.body, /name="name" value="taken"/);
      const long = await browser.press(list, "Create", { name: "x".repeat(50), code: "4711-secret" });
      assert.equal(long.status, 400);
      assert.doesNotMatch(long.body, /4711-secret/, "but for what is never shown");
    });

    it("what was typed is kept by what failed on our side, and where there was too much", async () => {
      const list = await browser.visit("/api/v1/doors/");
      for (const [name, status, told] of [
        ["busy", 429, /Nothing was saved\.<\/strong><\/p>\s*<p>Too many requests; try again in 30 s\./],
        ["down", 503, /That did not work\.<\/strong><\/p>\s*<p>The service is not available just now\./],
        ["broken", 500, /That did not work\.<\/strong><\/p>\s*<p>Something went wrong on our side\./],
      ] as const) {
        const failed = await browser.press(list, "Create", { name, code: "4711-secret" });
        assert.equal(failed.status, status);
        assert.match(failed.body, told);
        assert.match(failed.body, new RegExp(`name="name" value="${name}"`));
        assert.doesNotMatch(failed.body, /4711-secret/);
        assert.equal((await browser.press(failed, "Create", { name: "Mended" })).status, 201);
      }
    });

    it("what was typed is kept where a form is out of date, and can be sent again", async () => {
      const list = await browser.visit("/api/v1/doors/");
      const old = { ...list, body: list.body.replaceAll(/(name="csrfmiddlewaretoken" value=)"[^"]+"/g, '$1"x"') };
      const refused = await browser.press(old, "Create", { name: "Late <door>" });
      assert.equal(refused.status, 403);
      assert.match(refused.body, /<p>CSRF: the token is missing or wrong\./);
      assert.match(refused.body, /name="name" value="Late &lt;door&gt;"/);
      assert.equal((await browser.press(refused, "Create")).status, 201);
    });

    it("what was typed is kept where somebody is signed out meanwhile, and tells nothing but what was typed", async () => {
      const other = openBrowser(test.client.base);
      const signIn = async (path: string) =>
        other.press(await other.visit(`/api-auth/login/?next=${path}`), "Log in", {
          ...{ username: "alice", password: "alice-pass" },
        });
      const list = await signIn("/api/v1/doors/");
      await other.press(list, "Log out");
      const refused = await other.press(list, "Create", { name: "Signed <out>", code: "4711-secret" });
      assert.equal(refused.status, 401);
      assert.match(refused.body, /<h2 id="form-post">What you typed<\/h2>/);
      assert.match(refused.body, /name="name" value="Signed &lt;out&gt;"/);
      assert.doesNotMatch(refused.body, /4711-secret|id="post-name"/);
      await signIn("/api/v1/");
      const late = await other.press(refused, "Send it again");
      assert.equal(late.status, 403, "its token was of another sign-in");
      assert.equal((await other.press(late, "Create", { code: "1" })).status, 201);
      const raw = await other
        .press(await other.visit("/api/v1/doors/"), "Log out")
        .then(() => other.press(late, "POST", { _content: '{"name": "raw"}' }));
      assert.match(raw.body, /name="_content" value="\{&quot;name&quot;: &quot;raw&quot;\}"/);
    });

    it("what another site made a browser send is not filled in", async () => {
      const list = await browser.visit("/api/v1/doors/");
      const response = await fetch(`${test.client.base}/api/v1/doors/`, {
        method: "POST",
        body: new URLSearchParams({ _method: "POST", name: "planted" }),
        headers: {
          accept: "text/html",
          origin: "https://evil.example",
          cookie: [...browser.cookies].map((pair) => pair.join("=")).join("; "),
        },
      });
      assert.equal(response.status, 403);
      assert.doesNotMatch(await response.text(), /value="planted"/);
      assert.equal(list.status, 200);
    });

    it("a time with parts of a second can be sent as it is shown", async () => {
      const { body } = await browser.visit("/api/v1/doors/");
      assert.match(body, /<input type="time" name="opens" value="08:00:00\.5"[^>]* step="0\.001">/);
    });

    it("an action is linked for those who may use it", async () => {
      await test.insert(Door, [{ name: "Side", code: "", opens: "08:00:00" }]);
      const path = "/api/v1/doors/1/";
      assert.match((await browser.visit(path)).body, /href="\/api\/v1\/doors\/1\/open\/"/);
      assert.doesNotMatch((await openBrowser(test.client.base).visit(path)).body, /doors\/1\/open\//);
    });

    it("who corrects a refused form still means the same row", async () => {
      const list = await browser.visit(orders);
      const refused = await browser.press(list, "Create", { note: "x".repeat(50), "lines[0]product": "1" });
      assert.equal(refused.status, 400);
      assert.equal(keyOf(refused), keyOf(list));
      assert.equal((await browser.press(refused, "Create", { note: "short" })).status, 201);
    });

    it("a list of objects is filled in item by item; a button asks for one more and keeps what was typed", async () => {
      const list = await browser.visit(orders);
      const more = await browser.press(list, "One more", {
        note: "typed",
        "lines[0]product": "1",
        "lines[0]copies": "3",
      });
      assert.equal(more.status, 200);
      assert.match(more.body, /name="note" value="typed"/);
      assert.match(more.body, /name="lines\[0\]copies" value="3"/);
      assert.match(more.body, /name="lines\[2\]product" value=""/);
      assert.equal((await json(`${orders}?note=typed`)).count, (await json(orders)).count, "nothing was sent yet");
      const done = await browser.press(more, "Create", { "lines[1]product": "2", "lines[1]gift": true });
      assert.equal(done.status, 201);
      const { lines } = await json(created(done));
      assert.deepEqual(
        lines.map(({ product, copies, gift }: Record<string, unknown>) => ({ product, copies, gift })),
        [
          { product: 1, copies: 3, gift: false },
          { product: 2, copies: 1, gift: true },
        ],
      );
    });

    it("what is wrong in an item is told at its own control", async () => {
      const list = await browser.visit(orders);
      const two = await browser.press(list, "One more", { "lines[0]product": "1" });
      const refused = await browser.press(two, "Create", { "lines[1]product": "none", "lines[1]copies": "0" });
      assert.equal(refused.status, 400);
      assert.match(
        refused.body,
        /Please correct: <a href="#post-lines\[1\]product">Lines 2, Product<\/a>, <a href="#post-lines\[1\]copies">Lines 2, Copies<\/a>\./,
      );
      assert.match(refused.body, /id="post-lines\[1\]product"[^>]* aria-invalid="true"/);
      assert.match(refused.body, /<ul class="errors" id="post-lines\[1\]copies-errors"><li>/);
      assert.match(refused.body, /name="lines\[1\]copies" value="0"/);
      const none = await browser.press(list, "Create", { note: "no lines" });
      assert.match(none.body, /<ul class="errors" id="post-lines-errors"><li>/);
    });

    it("an item that is emptied goes, one that is edited stays the row it was", async () => {
      const list = await browser.press(await browser.visit(orders), "One more", { "lines[0]product": "1" });
      const path = created(await browser.press(list, "Create", { "lines[1]product": "2" }));
      const [kept] = (await json(path)).lines;
      const detail = await browser.visit(path);
      assert.match(detail.body, new RegExp(`<input type="hidden" name="lines\\[0\\]id" value="${kept.id}" data-row>`));
      const saved = await browser.press(detail, "Save", {
        ...{ "lines[0]copies": "7", "lines[1]product": "", "lines[1]copies": "" },
      });
      assert.equal(saved.status, 200);
      assert.deepEqual((await json(path)).lines, [{ id: kept.id, product: 1, copies: 7, gift: false }]);
    });

    it("a list that may be empty is emptied with its last item", async () => {
      const list = await browser.visit(orders);
      const path = created(await browser.press(list, "Create", { "lines[0]product": "1", "remarks[0]text": "soon" }));
      assert.equal((await json(path)).remarks.length, 1);
      const kept = await browser.press(await browser.visit(path), "Save", { note: "kept" });
      assert.equal((await json(path)).remarks.length, 1);
      assert.equal((await browser.press(kept, "Save", { "remarks[0]text": "" })).status, 200);
      assert.deepEqual((await json(path)).remarks, []);
    });

    it("an object is a group of fields, and an action reads it", async () => {
      const path = `${created(await browser.press(await browser.visit(orders), "Create", { "lines[0]product": "1" }))}ship/`;
      const page = await browser.visit(path);
      assert.match(page.body, /<fieldset class="group" id="post-address">\s*<legend>Address/);
      const refused = await browser.press(page, "Ship", { "address.street": "", marks: "a\nmuch too long for it" });
      assert.match(refused.body, /id="post-address\.street-errors"/);
      assert.match(refused.body, /much too long for it<\/textarea>/);
      const shipped = await browser.press(refused, "Ship", {
        "address.street": "High <st>",
        "address.lift": true,
        marks: "a\nb",
      });
      assert.equal(shipped.status, 200);
      assert.match(shipped.body, /&quot;street&quot;<\/span>: <span class="string">&quot;High &lt;st&gt;&quot;/);
      assert.match(shipped.body, /&quot;lift&quot;<\/span>: <span class="boolean">true/);
      assert.doesNotMatch(shipped.body, /&quot;gift_to&quot;<\/span>: \{/, "an object that need not be was left empty");
    });

    it("a file is kept by a form that leaves it alone, and emptied by its box", async () => {
      const path = created(
        await browser.press(await browser.visit(orders), "Create", {
          "lines[0]product": "1",
          photo: new File([png], "me.png"),
        }),
      );
      const kept = await browser.press(await browser.visit(path), "Save", { note: "renamed" });
      assert.equal(kept.status, 200);
      assert.match(
        kept.body,
        /<p class="hint">Now: <a class="file" href="[^"]+\/photos\/me\.png">me\.png<\/a> <label class="emptying">/,
      );
      assert.match(
        kept.body,
        /<dt>Photo<\/dt><dd><a class="file" href="[^"]+"><img src="[^"]+\/photos\/me\.png" alt="" loading="lazy">/,
      );
      const emptied = await browser.press(kept, "Save", { _empty: "photo" });
      assert.equal(emptied.status, 200);
      assert.equal((await json(path)).photo, null);
    });
  });
}
