/** Rules that the database keeps, as a client meets them: told before the write, and in the same words where only the database could tell. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { defineApp, field, model, permission, resource } from "../../src/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";

const Booking = model("hotel.booking", {
  fields: {
    room: field.text({ maxLength: 10 }),
    guest: field.text({ maxLength: 10 }),
    starts: field.date(),
    ends: field.date({ null: true }),
    state: field.choice({ choices: ["asked", "held"], default: "asked", maxLength: 10 }),
    price: field.decimal({ maxDigits: 6, decimalPlaces: 2, default: "10.00", column: "cost" }),
    cancelled: field.boolean({ default: false }),
    code: field.text({ maxLength: 10, default: "m" }),
  },
  constraints: [
    {
      name: "ends_after_start",
      check: [{ ends: null }, { ends: { gt: { field: "starts" } } }],
      ...{ message: "A stay ends after its first day.", code: "order" },
    },
    { name: "costs_something", check: { price: { gt: "0.00" } } },
    { name: "code_from_m", check: { code: { gte: "m" } } },
    {
      name: "one_held",
      unique: ["room"],
      where: { state: "held", cancelled: false },
      message: "This room is held already.",
    },
    { name: "one_a_guest", unique: ["room", "guest"], where: { cancelled: false } },
  ],
});

const permissions = [permission.allowAny()];
const app = defineApp({
  resources: {
    bookings: resource(Booking, { permissions, bulk: true }),
    changed: resource(Booking, {
      permissions,
      hooks: {
        preSave({ values: { code, starts } }) {
          if (code === "break") return { price: "0.00", code: "m" };
          return code === "day" && starts ? { ends: `${starts.slice(0, 4)}-12-31`, code: "m" } : undefined;
        },
      },
    }),
  },
});

for (const { name, create } of databases) {
  describe(`rules of a table, ${name}`, () => {
    let test: TestApp;
    const statements = countStatements();
    before(async () => {
      test = await startTestApp(app, await create(), { wrap: statements.wrap });
    });
    beforeEach(() => test.database.script("DELETE FROM hotel_booking"));
    after(() => test.stop());

    const stay = { room: "1", guest: "ann", starts: "2024-06-01" };
    const post = async (json: unknown, path = "bookings") => {
      const answer = await test.client("POST", `/api/v1/${path}/`, { json });
      return [answer.status, answer.json] as const;
    };
    const patch = async (id: number, json: unknown) => {
      const answer = await test.client("PATCH", `/api/v1/bookings/${id}/`, { json });
      return [answer.status, answer.json] as const;
    };
    const made = async (more: object): Promise<number> => {
      const [status, json] = await post({ ...stay, ...more });
      assert.equal(status, 201, JSON.stringify(json));
      return json.id;
    };

    it("a rule on one field is told at that field, one on several of the whole, in its own words", async () => {
      assert.deepEqual(await post({ ...stay, price: "0.00" }), [
        400,
        { price: ['These values break the rule "costs_something".'] },
      ]);
      assert.deepEqual(await post({ ...stay, ends: "2024-06-01", price: "-1" }), [
        400,
        {
          non_field_errors: ["A stay ends after its first day."],
          price: ['These values break the rule "costs_something".'],
        },
      ]);
      assert.equal((await post({ ...stay, ends: null }))[0], 201);
    });

    it("an update is held to it with what was there", async () => {
      const id = await made({ ends: "2024-06-03" });
      const late = [400, { non_field_errors: ["A stay ends after its first day."] }];
      assert.deepEqual(await patch(id, { starts: "2024-06-03" }), late);
      assert.deepEqual(await patch(id, { ends: "2024-05-01" }), late);
      assert.equal((await patch(id, { starts: "2024-06-03", ends: "2024-06-04" }))[0], 200);
      assert.equal((await patch(id, { ends: null }))[0], 200);
    });

    it("what is wrong in itself is told first, and nothing is written", async () => {
      statements.texts.length = 0;
      assert.deepEqual(Object.keys((await post({ ...stay, starts: "soon", ends: "2000-01-01" }))[1]), ["starts"]);
      await post({ ...stay, ends: "2024-05-01" });
      assert.deepEqual(
        statements.texts.filter((text) => text.startsWith("insert")),
        [],
      );
    });

    it("where only the database can tell, and where a hook broke it, the answer reads the same", async () => {
      assert.deepEqual(await post({ ...stay, code: "a" }), [
        400,
        { code: ['These values break the rule "code_from_m".'] },
      ]);
      assert.deepEqual(await post({ ...stay, code: "break" }, "changed"), [
        400,
        { price: ['These values break the rule "costs_something".'] },
      ]);
      assert.deepEqual(test.faults, []);
    });

    it("what a hook sets is not judged before it has", async () => {
      const id = await made({ ends: "2024-06-03" });
      const { status, json } = await test.client("PATCH", `/api/v1/changed/${id}/`, {
        json: { starts: "2024-11-01", code: "day" },
      });
      assert.deepEqual([status, json.ends], [200, "2024-12-31"]);
    });

    it("a value is taken only where the condition holds, of the new row as of the old one", async () => {
      const held = [400, { room: ["This room is held already."] }];
      const first = await made({ state: "held" });
      const second = await made({ guest: "bo" });
      assert.deepEqual(await post({ ...stay, guest: "cy", state: "held" }), held);
      assert.deepEqual(await patch(second, { state: "held" }), held);
      const third = await made({ guest: "cy", state: "held", cancelled: true });
      assert.deepEqual(await patch(third, { cancelled: false }), held);
      assert.equal((await patch(first, { state: "held", price: "12.00" }))[0], 200);
      assert.equal((await patch(first, { cancelled: true }))[0], 200);
      assert.equal((await patch(second, { state: "held" }))[0], 200);
    });

    it("fields that are taken together are told together", async () => {
      await made({});
      const taken = [400, { non_field_errors: ["The fields room, guest must be unique together."] }];
      assert.deepEqual(await post(stay), taken);
      assert.deepEqual(await post(stay, "changed"), taken);
      assert.equal((await post({ ...stay, cancelled: true }))[0], 201);
    });

    it("of two that come at once one is refused, with the same words", async () => {
      const answers = await Promise.all([
        post({ ...stay, state: "held" }, "changed"),
        post({ ...stay, guest: "bo", state: "held" }, "changed"),
      ]);
      assert.deepEqual(answers.map(([status]) => status).sort(), [201, 400]);
      assert.deepEqual(answers.find(([status]) => status === 400)?.[1], { room: ["This room is held already."] });
    });

    it("of many rows each is told its own", async () => {
      const [status, json] = await post([
        { ...stay, state: "held" },
        { ...stay, guest: "bo", ends: "2024-01-01" },
        { ...stay, guest: "cy", state: "held" },
      ]);
      assert.deepEqual(
        [status, json],
        [
          400,
          [{}, { non_field_errors: ["A stay ends after its first day."] }, { room: ["This room is held already."] }],
        ],
      );
      assert.equal((await test.client("GET", "/api/v1/bookings/")).json.count, 0);
    });
  });
}
