/** Kinds of field that an app makes: their values, findings, columns and types. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { defineStatement } from "../../src/db/index.ts";
import { ConfigurationError } from "../../src/errors.ts";
import { field, model } from "../../src/index.ts";
import { permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";

const colour = field.custom(field.text({ maxLength: 7, unique: true }), {
  parse: (sent, refuse) =>
    typeof sent === "string" && sent.startsWith("#")
      ? sent.toLowerCase()
      : refuse("invalid_colour", "Expected a colour such as #ff8800."),
});
const point = field.custom(field.text({ maxLength: 12, null: true }), {
  parse: (sent, refuse): readonly [number, number] =>
    Array.isArray(sent) && sent.length === 2 && sent.every(Number.isFinite)
      ? [sent[0], sent[1]]
      : refuse("invalid_point", "Expected two numbers."),
  toColumn: ([x, y]) => `${x} ${y}`,
  fromColumn: (stored): readonly [number, number] => {
    const [x = 0, y = 0] = stored.split(" ").map(Number);
    return [x, y];
  },
});
const Spot = model("map.spot", { fields: { colour, at: point } });

const sums: number[] = [];
const app = defineApp({
  resources: {
    spots: resource(Spot, {
      permissions: [permission.allowAny()],
      filter: { colour: ["exact"], at: ["isnull"] },
      order: ["id"],
      hooks: {
        postSave: ({ row }) => {
          // Typed: a pair of numbers, or null.
          if (row.at) sums.push(row.at[0] + row.at[1]);
        },
      },
      actions: {
        moved: {
          method: "POST",
          on: "detail",
          run: ({ object, update }) => update({ at: [(object.at?.[0] ?? 0) + 1, 0] }),
        },
      },
    }),
  },
});

for (const { name, create } of databases) {
  describe(`a kind of one's own on ${name}`, () => {
    let test: TestApp;
    before(async () => {
      test = await startTestApp(app, await create());
    });
    after(() => test.stop());
    const post = (json: unknown) => test.client("POST", "/api/v1/spots/", { json });

    it("has its own value everywhere but in the column", async () => {
      const made = await post({ colour: "#FF8800", at: [1.5, -2] });
      assert.deepEqual([made.status, made.json], [201, { id: 1, colour: "#ff8800", at: [1.5, -2] }]);
      const shown = await test.client("GET", "/api/v1/spots/1/");
      assert.deepEqual(shown.json, made.json);
      assert.equal(shown.headers.get("etag"), made.headers.get("etag"));
      const row = await test.database.get(defineStatement("select colour, at from map_spot where id = 1", true));
      assert.deepEqual(row, ["#ff8800", "1.5 -2"]);
      assert.equal(sums.at(-1), -0.5);
      assert.deepEqual((await test.client("POST", "/api/v1/spots/1/moved/", { json: {} })).json.at, [2.5, 0]);
      const { json } = await test.client("PATCH", "/api/v1/spots/1/", { json: { at: null } });
      assert.equal(json.at, null);
    });

    it("tells its findings with the others, and keeps to the limits of its column", async () => {
      const refused = await post({ colour: "red", at: "here" });
      assert.deepEqual(
        [refused.status, refused.json],
        [400, { colour: ["Expected a colour such as #ff8800."], at: ["Expected two numbers."] }],
      );
      const long = await post({ colour: "#1234567", at: [123_456_789, 123_456_789] });
      assert.deepEqual([long.status, Object.keys(long.json)], [400, ["colour", "at"]]);
      assert.equal((await post({ colour: "#aaaaaa" })).status, 201);
      const taken = await post({ colour: "#AAAAAA" });
      assert.deepEqual([taken.status, Object.keys(taken.json)], [400, ["colour"]]);
    });

    it("is found by the value it has, or by whether there is one", async () => {
      await post({ colour: "#bbbbbb", at: [0, 0] });
      const found = await test.client("GET", "/api/v1/spots/?colour=%23bbbbbb");
      assert.deepEqual(
        found.json.results.map(({ at }: { at: unknown }) => at),
        [[0, 0]],
      );
      const none = await test.client("GET", "/api/v1/spots/?at__isnull=false");
      assert.equal(
        none.json.results.every(({ at }: { at: unknown }) => at !== null),
        true,
      );
    });
  });
}

describe("a kind of one's own that cannot be", () => {
  it("ends the start", async () => {
    const identity = (value: unknown) => value;
    assert.throws(() => field.custom(field.list(), { parse: identity }), ConfigurationError);
    assert.throws(
      () => field.custom(field.text(), { parse: String, toColumn: String }),
      /toColumn and fromColumn, or neither/,
    );
    const [database] = databases;
    const wrong = defineApp({ resources: { spots: resource(Spot, { filter: { at: ["exact"] } }) } });
    const made = await database?.create();
    if (made) await assert.rejects(startTestApp(wrong, made), /"at".*lookups: isnull/);
  });
});
