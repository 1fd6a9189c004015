import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp, field, model, permission, resource } from "../../src/index.ts";
import { start, startTestApp, type TestApp, type TestUser } from "../app.ts";
import { databases } from "../databases.ts";

const Payment = model("bank.payment", {
  fields: {
    reference: field.text({ maxLength: 40, unique: true }),
    amount: field.float(),
    details: field.json({ null: true }),
  },
});

let saved = 0;
const app = defineApp({
  resources: {
    payments: resource(Payment, {
      permissions: [permission.allowAny()],
      idempotencyKey: "optional",
      bulk: true,
      hooks: {
        onCommit: () => {
          saved++;
        },
      },
    }),
    strict: resource(Payment, {
      permissions: [permission.allowAny()],
      idempotencyKey: "required",
      requireIfMatch: true,
      bulk: true,
    }),
  },
});

for (const { name, create } of databases) {
  describe(`a create with an Idempotency-Key, on ${name}`, () => {
    let test: TestApp;
    let alice: TestUser;
    let bob: TestUser;
    before(async () => {
      test = await startTestApp(app, await create());
      [alice, bob] = [await test.user("alice"), await test.user("bob")];
    });
    after(async () => {
      await test.stop();
      assert.deepEqual(test.faults, []);
    });
    const pay = (key: string, json: unknown, user?: TestUser, path = "payments") =>
      test.client("POST", `/api/v1/${path}/`, { json, headers: { ...user?.bearer, "idempotency-key": key } });
    const count = async () => (await test.client("GET", "/api/v1/payments/")).json.count;

    it("that is sent again is done once, and answered to the letter as the first time", async () => {
      saved = 0;
      const body = { reference: "a", amount: 4, details: { "10": 1, "9": 12345678901234567890n.toString() } };
      const first = await pay("k1", body);
      assert.equal(first.status, 201);
      assert.match(first.text, /"amount":4\.0/);
      assert.equal(first.headers.get("idempotency-replayed"), null);
      const again = await pay("k1", body);
      assert.deepEqual([again.status, again.text], [201, first.text]);
      assert.equal(again.headers.get("idempotency-replayed"), "true");
      assert.deepEqual([await count(), saved], [1, 1]);
    });

    it("is another one with another key, by another user, from somebody unknown, at another URL", async () => {
      const before = await count();
      for (const [i, [key, user, path]] of (
        [
          ["x1", alice],
          ["x2", alice],
          ["x1", bob],
          ["x1", undefined],
          ["x1", alice, "strict"],
        ] as const
      ).entries())
        assert.equal((await pay(key, { reference: `x${i}`, amount: 1 }, user, path)).status, 201);
      assert.equal(await count(), before + 5);
    });

    it("is refused with another body", async () => {
      await pay("k2", { reference: "b", amount: 1 });
      const { status, json } = await pay("k2", { reference: "c", amount: 1 });
      assert.equal(status, 422);
      assert.match(json.detail, /another body/);
    });

    it("that was refused may be corrected with the same key", async () => {
      assert.equal((await pay("k3", { reference: "d" })).status, 400);
      assert.equal((await pay("k3", { reference: "d", amount: 1 })).status, 201);
    });

    it("of many at once is done by one, and all get its answer", async () => {
      const before = await count();
      const answers = await Promise.all(
        Array.from({ length: 30 }, () => pay("k4", { reference: "many", amount: 2 }, alice)),
      );
      assert.deepEqual(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1);
      assert.equal(answers[0]?.status, 201);
      assert.equal(answers.filter(({ headers }) => headers.get("idempotency-replayed") === null).length, 1);
      assert.equal(await count(), before + 1);
    });

    it("of many rows holds for all of them together", async () => {
      const before = await count();
      const body = [
        { reference: "one", amount: 1.5 },
        { reference: "two", amount: 2 },
      ];
      const answers = await Promise.all(Array.from({ length: 8 }, () => pay("k6", body, alice)));
      assert.deepEqual(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1);
      assert.equal(answers[0]?.json.length, 2);
      assert.equal(await count(), before + 2);
      assert.equal((await pay("k6", [body[0]], alice)).status, 422);
    });

    it("is forgotten after a day", async () => {
      await pay("k5", { reference: "e", amount: 1 });
      test.clock.now = start + 24 * 3_600_000 - 1;
      assert.equal((await pay("k5", { reference: "e", amount: 1 })).status, 201);
      test.clock.now = start + 24 * 3_600_000;
      const { status, json } = await pay("k5", { reference: "e", amount: 1 });
      assert.deepEqual([status, Object.keys(json)], [400, ["reference"]]);
      test.clock.now = start;
    });

    it("of many rows, each on its own, is not one of all or nothing; where none was done it may be corrected", async () => {
      const body = [{ reference: "three", amount: 1 }, { reference: "four" }];
      const ask = (json: unknown, key: string, prefer?: string) =>
        test.client("POST", "/api/v1/payments/", {
          json,
          headers: { ...alice.bearer, "idempotency-key": key, ...(prefer ? { prefer } : {}) },
        });
      const first = await ask(body, "k7", "handling=lenient");
      const again = await ask(body, "k7", "handling=lenient");
      assert.deepEqual([first.status, again.status, again.text], [207, 207, first.text]);
      assert.equal(again.headers.get("preference-applied"), "handling=lenient");
      assert.equal((await ask(body, "k7")).status, 422);
      assert.equal((await ask([{}], "k8", "handling=lenient")).status, 207);
      assert.equal((await ask([{ reference: "five", amount: 1 }], "k8", "handling=lenient")).status, 207);
      assert.equal((await ask([{ reference: "five", amount: 1 }], "k8", "handling=lenient")).json[0].status, 201);
    });

    it("is answered with a page where a page is asked for", async () => {
      const body = { reference: "page", amount: 4 };
      await pay("k9", body, alice);
      const page = await test.client("POST", "/api/v1/payments/", {
        json: body,
        headers: { ...alice.bearer, "idempotency-key": "k9", accept: "text/html" },
      });
      assert.equal(page.status, 201);
      assert.match(page.text, /amount&quot;<\/span>: <span class="number">4/);
    });

    it("must not be got around by an array", async () => {
      const { headers } = await test.client("GET", "/api/v1/strict/");
      assert.equal(headers.get("allow"), "GET, POST, HEAD, OPTIONS");
      assert.equal(
        (await test.client("POST", "/api/v1/strict/", { json: [{ reference: "g", amount: 1 }] })).status,
        400,
      );
    });

    it("must have a key where the resource says so, and one of a sensible length", async () => {
      const json = { reference: "f", amount: 1 };
      assert.equal((await test.client("POST", "/api/v1/strict/", { json })).status, 400);
      assert.equal((await test.client("POST", "/api/v1/payments/", { json })).status, 201);
      for (const key of ["", "x".repeat(256)]) assert.equal((await pay(key, json)).status, 400);
    });
  });
}

it("is declared where rows are created, in words that are known", () => {
  assert.throws(() => resource(Payment, { only: ["list"], idempotencyKey: "optional" }), /idempotencyKey: .*"create"/);
  // @ts-expect-error  a word that is not known
  assert.throws(() => resource(Payment, { idempotencyKey: "always" }), /expected "optional" or "required"/);
});
