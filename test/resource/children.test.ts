/** Rows that belong to a row, written with it. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { field, model } from "../../src/model/index.ts";
import { permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Box = model("store.box", { fields: { label: field.text() } });
const Thing = model("store.thing", {
  fields: {
    box: field.foreignKey(Box),
    name: field.text(),
    weight: field.integer(),
    fragile: field.boolean({ default: false }),
  },
});
const Shelf = model("store.shelf", { fields: { label: field.text() } });
const Slot = model("store.slot", {
  fields: {
    shelf: field.foreignKey(Shelf),
    code: field.text({ unique: true }),
    place: field.integer(),
    note: field.text({ blank: true, default: "" }),
    made: field.createdAt(),
    changed: field.updatedAt(),
  },
  unique: [["shelf", "place"]],
});
const Sticker = model("store.sticker", { fields: { slot: field.foreignKey(Slot), text: field.text() } });
/** Needs its slot. */
const Bolt = model("store.bolt", { fields: { slot: field.foreignKey(Slot, { onDelete: "protect" }) } });
const Bin = model("store.bin", {
  fields: {
    code: field.slug({ primaryKey: true, readOnly: false }),
    shelf: field.foreignKey(Shelf),
    size: field.integer(),
  },
});
const app = defineApp({
  resources: {
    raced: resource(Shelf, {
      extra: { slots: field.children(Slot, "shelf") },
      permissions: [permission.allowAny()],
      hooks: {
        // What somebody else does between the check and the write.
        preSave: async ({ table }) => {
          const other = await table(Shelf).insert({ label: "other" });
          await table(Slot).insert({ shelf: other.id, code: "late", place: 1 });
        },
      },
    }),
    racks: resource(Shelf, { extra: { bins: field.children(Bin, "shelf") }, permissions: [permission.allowAny()] }),
    bolts: resource(Bolt, { permissions: [permission.allowAny()] }),
    shelves: resource(Shelf, {
      ...{ extra: { slots: field.children(Slot, "shelf") }, permissions: [permission.allowAny()], bulk: true },
    }),
    stickers: resource(Sticker, { permissions: [permission.allowAny()] }),
    boxes: resource(Box, { extra: { things: field.children(Thing, "box") }, permissions: [permission.allowAny()] }),
  },
});

interface Slotted {
  readonly id: number;
  readonly code: string;
  readonly place: number;
  readonly made: string;
}
interface Shelved {
  readonly id: number;
  readonly slots: readonly Slotted[];
}

for (const { name, create } of databases) {
  describe(`children on ${name}`, () => {
    it("a PATCH that sends them sends them whole, for they replace those that were there", async () => {
      const test = await startTestApp(app, await create());
      try {
        const lamp = { name: "lamp", weight: 2 };
        const { json: box } = await test.client("POST", "/api/v1/boxes/", { json: { label: "a", things: [lamp] } });
        const path = `/api/v1/boxes/${box.id}/`;

        const refused = await test.client("PATCH", path, { json: { things: [{ name: "vase" }] } });
        assert.equal(refused.status, 400, refused.text);
        assert.deepEqual(Object.keys(refused.json.things[0]), ["weight"]);
        assert.deepEqual((await test.client("GET", path)).json, box);

        const changed = await test.client("PATCH", path, { json: { things: [{ name: "vase", weight: 1 }] } });
        assert.equal(changed.status, 200, changed.text);
        assert.deepEqual(
          changed.json.things.map(({ name, weight, fragile }: Record<string, unknown>) => [name, weight, fragile]),
          [["vase", 1, false]],
        );
      } finally {
        await test.stop();
      }
    });

    it("keys that clients give are unique like other values, and told at the child", async () => {
      const test = await startTestApp(app, await create());
      const taken = "This value is taken already.";
      try {
        const rack = (method: string, bins: readonly [code: string, size: number][], at = "") =>
          test.client(method, `/api/v1/racks/${at}`, {
            json: { label: "rack", bins: bins.map(([code, size]) => ({ code, size })) },
          });
        const [one, two] = [await rack("POST", [["a", 1]]), await rack("POST", [["b", 2]])];
        const theirs = await rack(
          "PUT",
          [
            ["c", 1],
            ["a", 9],
          ],
          `${two.json.id}/`,
        );
        assert.deepEqual([theirs.status, theirs.json], [400, { bins: [{}, { code: [taken] }] }]);
        const twice = await rack(
          "PUT",
          [
            ["b", 3],
            ["b", 4],
          ],
          `${two.json.id}/`,
        );
        assert.deepEqual([twice.status, twice.json], [400, { bins: [{}, { code: [taken] }] }]);
        const own = await rack(
          "PUT",
          [
            ["d", 4],
            ["b", 3],
          ],
          `${two.json.id}/`,
        );
        assert.deepEqual(own.json.bins.map(Object.values), [
          ["b", 3],
          ["d", 4],
        ]);
        assert.deepEqual((await test.client("GET", `/api/v1/racks/${one.json.id}/`)).json, one.json);
      } finally {
        await test.stop();
      }
    });

    describe("with values that only one may have", () => {
      let test: TestApp;
      let shelf: Shelved;
      before(async () => {
        test = await startTestApp(app, await create());
      });
      beforeEach(async () => {
        for (const { id } of (await test.client("GET", "/api/v1/shelves/")).json.results)
          await test.client("DELETE", `/api/v1/shelves/${id}/`);
        const slots = [
          { code: "a", place: 1 },
          { code: "b", place: 2 },
        ];
        const made = await test.client("POST", "/api/v1/shelves/", { json: { label: "top", slots } });
        assert.equal(made.status, 201, made.text);
        shelf = made.json;
      });
      after(async () => {
        assert.deepEqual(test.faults, []);
        await test.stop();
      });
      const put = (slots: unknown) =>
        test.client("PUT", `/api/v1/shelves/${shelf.id}/`, { json: { label: "top", slots } });
      const short = (slots: readonly Slotted[]) => slots.map(({ id, code, place }) => [id, code, place]);
      const [first, second] = [0, 1].map((at) => () => shelf.slots[at]?.id ?? 0) as [() => number, () => number];

      it("what GET gave is what PUT takes, and nothing is another row then", async () => {
        const path = `/api/v1/shelves/${shelf.id}/`;
        const { json } = await test.client("GET", path);
        const sticker = { slot: first(), text: "fragile" };
        const stuck = await test.client("POST", "/api/v1/stickers/", { json: sticker });
        test.clock.now += 1000;
        const answer = await test.client("PUT", path, { json });
        assert.equal(answer.status, 200, answer.text);
        assert.deepEqual(short(answer.json.slots), short(json.slots));
        assert.equal(answer.json.slots[0].made, json.slots[0].made);
        assert.notEqual(answer.json.slots[0].changed, json.slots[0].changed);
        assert.equal((await test.client("GET", `/api/v1/stickers/${stuck.json.id}/`)).status, 200);
      });

      it("without keys the same values are new rows", async () => {
        const { status, json, text } = await put([
          { code: "a", place: 1 },
          { code: "b", place: 2 },
        ]);
        assert.equal(status, 200, text);
        assert.ok(json.slots.every(({ id }: Slotted) => id > second()));
      });

      it("one that has no key is new, one that is not sent goes", async () => {
        const { json, text } = await put([
          { id: second(), code: "c", place: 1 },
          { id: null, code: "a", place: 2 },
        ]);
        assert.equal(json.slots.length, 2, text);
        assert.deepEqual(short(json.slots)[0], [second(), "c", 1]);
        assert.ok(json.slots[1].id > second());
      });

      it("two may exchange what only one may have, and keep their keys", async () => {
        const { status, json, text } = await put([
          { id: first(), code: "b", place: 2 },
          { id: second(), code: "a", place: 1 },
        ]);
        assert.equal(status, 200, text);
        assert.deepEqual(short(json.slots), [
          [first(), "b", 2],
          [second(), "a", 1],
        ]);
        assert.equal(json.slots[0].made, shelf.slots[0]?.made);
      });

      it("what hangs on children that exchange values stays with them", async () => {
        const hanging = [
          { slot: first(), text: "fragile" },
          { slot: second(), text: "heavy" },
        ];
        const stuck = [];
        for (const json of hanging) stuck.push((await test.client("POST", "/api/v1/stickers/", { json })).json);
        const bolt = await test.client("POST", "/api/v1/bolts/", { json: { slot: first() } });
        assert.equal(bolt.status, 201, bolt.text);
        const { status, text } = await put([
          { id: first(), code: "b", place: 2 },
          { id: second(), code: "a", place: 1 },
        ]);
        assert.equal(status, 200, text);
        assert.deepEqual((await test.client("GET", "/api/v1/stickers/")).json.results, stuck);
        assert.equal((await test.client("DELETE", `/api/v1/bolts/${bolt.json.id}/`)).status, 204);
      });

      it("findings stand at the child that they are about", async () => {
        const other = { label: "low", slots: [{ code: "x", place: 1 }] };
        const { json: low } = await test.client("POST", "/api/v1/shelves/", { json: other });
        const keysAt = async (slots: unknown) => {
          const { status, json, text } = await put(slots);
          assert.equal(status, 400, text);
          return json.slots.map((item: Record<string, unknown>) => Object.keys(item));
        };
        const [a, b] = [
          { code: "a", place: 1 },
          { code: "b", place: 2 },
        ];
        assert.deepEqual(await keysAt([a, { ...b, code: "x" }]), [[], ["code"]]);
        assert.deepEqual(await keysAt([a, { ...b, code: "a" }]), [[], ["code"]]);
        assert.deepEqual(await keysAt([a, { ...b, place: 1 }]), [[], ["non_field_errors"]]);
        assert.deepEqual(await keysAt([{ ...a, id: low.slots[0].id }, b]), [["id"], []]);
        assert.deepEqual(
          await keysAt([
            { ...a, id: first() },
            { ...b, id: first() },
          ]),
          [[], ["id"]],
        );
        assert.deepEqual(
          await keysAt([
            { ...a, id: 999_999 },
            { ...b, id: "x" },
          ]),
          [[], ["id"]],
        );
        assert.deepEqual((await test.client("GET", `/api/v1/shelves/${shelf.id}/`)).json, shelf);
      });

      it("so do those about a row that is made, whatever keys its children are sent with", async () => {
        const made = (slots: unknown, label = "new") =>
          test.client("POST", "/api/v1/shelves/", { json: { label, slots } });
        const twice = await made([
          { code: "m", place: 7 },
          { code: "n", place: 7 },
        ]);
        assert.equal(twice.status, 400, twice.text);
        assert.deepEqual(Object.keys(twice.json.slots[1]), ["non_field_errors"]);
        const copied = await made([{ id: first(), code: "m", place: 7 }]);
        assert.equal(copied.status, 201, copied.text);
        assert.notEqual(copied.json.slots[0].id, first());
        assert.deepEqual((await test.client("GET", `/api/v1/shelves/${shelf.id}/`)).json, shelf);
      });

      it("a value that is taken between the check and the write is told at its place, and nothing is kept", async () => {
        const count = async () => (await test.client("GET", "/api/v1/shelves/")).json.count;
        const before = await count();
        const slots = [
          { code: "free", place: 1 },
          { code: "late", place: 2 },
        ];
        const told = async (method: string, path: string, sent: unknown) => {
          const json = { label: "top", slots: sent };
          const { status, json: answer, text } = await test.client(method, path, { json });
          assert.equal(status, 400, text);
          return answer.slots.map(Object.keys);
        };
        assert.deepEqual(await told("POST", "/api/v1/raced/", slots), [[], ["code"]]);
        assert.equal(await count(), before);
        const path = `/api/v1/raced/${shelf.id}/`;
        const [a, b] = shelf.slots;
        assert.deepEqual(await told("PATCH", path, [{ ...a, code: "late" }]), [["code"]]);
        assert.deepEqual(await told("PATCH", path, [a, { ...b, code: "late" }]), [[], ["code"]]);
        assert.deepEqual((await test.client("GET", path)).json, shelf);
      });

      it("more than a thousand are refused, unless the declaration says otherwise", async () => {
        const slots = Array.from({ length: 1001 }, (_, i) => ({ code: `c${i}`, place: i }));
        const { status, json } = await test.client("POST", "/api/v1/shelves/", { json: { label: "many", slots } });
        assert.deepEqual([status, json], [400, { slots: { non_field_errors: ["At most 1000 items are allowed."] } }]);
        const { options } = field.children(Slot, "shelf", { maxItems: 5 });
        assert.equal(options.maxItems, 5);
      });

      it("rows that are made together may have the same places, each for its own", async () => {
        const slots = (code: string) => [{ code, place: 1 }];
        const { status, text } = await test.client("POST", "/api/v1/shelves/", {
          json: [
            { label: "one", slots: slots("p") },
            { label: "two", slots: slots("q") },
          ],
        });
        assert.equal(status, 201, text);
      });
    });
  });
}
