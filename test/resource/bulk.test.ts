/** Many rows in one request: POST, PUT, PATCH and DELETE of an array on the list route. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { defineApp, field, model, pagination, permission, resource, scope, ValidationError } from "../../src/index.ts";
import { startTestApp, type TestApp, type TestUser } from "../app.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";

const Shelf = model("shop.shelf", { fields: { name: field.text({ maxLength: 50 }) } });
const Tag = model("shop.tag", { fields: { name: field.slug({ unique: true }) } });
const Snack = model("shop.snack", {
  fields: {
    name: field.text({ maxLength: 20, unique: true }),
    shelf: field.foreignKey(Shelf, { null: true, onDelete: "protect" }),
    price: field.decimal({ maxDigits: 6, decimalPlaces: 2, default: "1.00" }),
    tags: field.manyToMany(Tag, { blank: true }),
    changed_at: field.updatedAt(),
  },
});
const Seat = model("shop.seat", {
  fields: { shelf: field.foreignKey(Shelf), place: field.integer(), note: field.text({ blank: true }) },
  unique: [["shelf", "place"]],
});
const Note = model("shop.note", { fields: { text: field.text({ maxLength: 50 }), owner: field.owner() } });
const Log = model("shop.log", { fields: { line: field.text() } });
const Box = model("shop.box", {
  fields: { name: field.text({ maxLength: 20 }), total: field.integer({ default: 0 }) },
});
const Part = model("shop.part", {
  fields: { box: field.foreignKey(Box), code: field.text({ maxLength: 20, unique: true }), tag: field.foreignKey(Tag) },
});
const Pick = model("shop.pick", {
  fields: {
    id: field.integer({ primaryKey: true, readOnly: false, required: false }),
    name: field.text({ maxLength: 20 }),
  },
});
const Country = model("shop.country", {
  fields: { code: field.slug({ primaryKey: true, readOnly: false }), name: field.text({ maxLength: 50 }) },
});

/** What `onCommit` was told, since it was last emptied. */
const committed: string[] = [];

const long = { pagination: pagination.pageNumber({ pageSize: 20, maxPageSize: 1000 }) };
const open = { permissions: [permission.allowAny()], ...long };
const app = defineApp({
  resources: {
    shelves: resource(Shelf, { ...open, bulk: true }),
    tags: resource(Tag, { ...open, bulk: {} }),
    snacks: resource(Snack, { ...open, bulk: true, filter: { shelf: ["exact"] } }),
    seen: resource(Shelf, { ...open, bulk: true, scope: () => ({ not: { path: "name", value: "hidden" } }) }),
    seats: resource(Seat, { ...open, bulk: true }),
    plain: resource(Snack, open),
    few: resource(Snack, { ...open, bulk: { maxItems: 3 }, only: ["list", "create", "delete"] }),
    picks: resource(Pick, { ...open, bulk: true }),
    logs: resource(Log, { ...open, bulk: true }),
    countries: resource(Country, { ...open, bulk: true }),
    notes: resource(Note, { ...long, bulk: true, scope: scope.owner("owner", { staff: true }) }),
    guarded: resource(Note, {
      ...long,
      bulk: true,
      permissions: [permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner")],
    }),
    boxes: resource(Box, {
      ...open,
      bulk: true,
      extra: { parts: field.children(Part, "box", { fields: { code: Part.fields.code, tag: Part.fields.tag } }) },
      hooks: {
        async preSave({ values, table }) {
          if (values.name === "refused") throw new ValidationError({ name: [{ code: "no", message: "Not this." }] });
          if (values.name === "broken") throw new Error("a fault of the hook");
          await table(Log).insert({ line: `preSave ${values.name}` });
          return { total: 7 };
        },
        postSave: ({ row, before, table }) => table(Log).insert({ line: `postSave ${before?.name} ${row.name}` }),
        preDelete: ({ row, table }) => table(Log).insert({ line: `preDelete ${row.name}` }),
        postDelete: ({ row, table }) => table(Log).insert({ line: `postDelete ${row.name}` }),
        onCommit({ row, before }) {
          committed.push(`${before?.name} -> ${row?.name}`);
        },
      },
    }),
  },
});

// biome-ignore lint/suspicious/noExplicitAny: tests look into rows of every shape
type Row = Record<string, any>;

const path = (name: string): string => `/api/v1/${name}/`;
const taken = ["This value is taken already."];

for (const database of databases) {
  describe(`bulk on ${database.name}`, () => {
    const counter = countStatements();
    let shop: TestApp;
    let [alice, bob]: TestUser[] = [];
    before(async () => {
      shop = await startTestApp(app, await database.create(), { wrap: counter.wrap });
      [alice, bob] = [await shop.user("alice"), await shop.user("bob")];
      for (const name of ["Left", "Right"]) await post("shelves", { name });
      await post("tags", [{ name: "sweet" }, { name: "salty" }]);
    });
    after(() => shop.stop());

    const ask = (method: string, name: string, json?: unknown, headers = {}) =>
      shop.client(method, path(name), { json, headers });
    const post = (name: string, json: unknown, headers = {}) => ask("POST", name, json, headers);
    /** Every row of a resource. */
    const all = async (name: string, headers = {}): Promise<Row[]> =>
      (await shop.client("GET", `${path(name)}?page_size=1000`, { headers })).json.results;
    /** Creates rows with these names; gives their keys. */
    const made = async (name: string, ...names: string[]): Promise<number[]> => {
      const { json } = await post(
        name,
        names.map((one) => ({ name: one })),
      );
      return json.map(({ id }: Row) => id);
    };
    const there = async (name: string, keys: readonly unknown[]): Promise<unknown[]> => {
      const found = await Promise.all(keys.map((key) => shop.client("GET", `${path(name)}${key}/`)));
      return found.map(({ status, json }) => (status === 200 ? json.name : status));
    };
    const lines = async (): Promise<string[]> => (await all("logs")).map(({ line }) => String(line));
    const lenient = { prefer: "respond-async, handling=lenient" };

    describe("POST of an array", () => {
      test("creates every item and answers 201 with all of them, in order, as one POST each would", async () => {
        const { status, json } = await post("snacks", [
          { name: "Nuts", shelf: 1, tags: [2, 1] },
          { name: "Figs", price: "2.5" },
        ]);
        assert.equal(status, 201);
        const [nuts, figs] = json;
        const changed_at = "2024-06-01T12:00:00Z";
        assert.deepEqual(nuts, { id: nuts.id, name: "Nuts", shelf: 1, price: "1.00", tags: [1, 2], changed_at });
        assert.deepEqual(figs, { id: figs.id, name: "Figs", shelf: null, price: "2.50", tags: [], changed_at });
        assert.deepEqual((await shop.client("GET", `${path("snacks")}${nuts.id}/`)).json, nuts);
      });

      test("one finding refuses all; every item's findings come at once, by index", async () => {
        const count = (await all("snacks")).length;
        const { status, json } = await post("snacks", [
          { name: "Good" },
          { name: "" },
          { name: "Nuts", shelf: 99, tags: [1, 98] },
          "text",
          { price: "x" },
        ]);
        assert.equal(status, 400);
        assert.deepEqual(json, [
          {},
          { name: ["This may not be empty."] },
          {
            name: taken,
            shelf: ['There is no object with key "99" here.'],
            tags: ['There is no object with key "98" here.'],
          },
          { non_field_errors: ["Expected an object, got text."] },
          { name: ["This field is required."], price: ["Expected a decimal number such as 12.50."] },
        ]);
        assert.equal((await all("snacks")).length, count);
      });

      test("two items that cannot both be there are found before anything is written", async () => {
        const twins = await post("snacks", [{ name: "Twin" }, { name: "Other" }, { name: "Twin" }]);
        assert.deepEqual([twins.status, twins.json], [400, [{}, {}, { name: taken }]]);
        await post("seats", [{ shelf: 2, place: 1 }]);
        const seats = await post("seats", [
          { shelf: 2, place: 5 },
          { shelf: 2, place: 5 },
          { shelf: 1, place: 5 },
          { shelf: 2, place: 1 },
        ]);
        const together = { non_field_errors: ["The fields shelf, place must be unique together."] };
        assert.deepEqual([seats.status, seats.json], [400, [{}, together, {}, together]]);
      });

      test("an empty array, one that is too long, and what is no array are a 400; the database is not asked", async () => {
        const refused = async (method: string, name: string, json: unknown) => {
          counter.count = 0;
          const answer = await ask(method, name, json);
          assert.equal(answer.status, 400, `${method} ${name}`);
          assert.equal(counter.count, 0);
          return answer.json.non_field_errors;
        };
        assert.deepEqual(await refused("POST", "few", []), ["This list may not be empty."]);
        assert.deepEqual(await refused("DELETE", "few", [1, 2, 3, 4]), ["At most 3 items are allowed."]);
        assert.deepEqual(await refused("PATCH", "snacks", { name: "x" }), ["Expected a list, got an object."]);
        const many = Array.from({ length: 1001 }, (_, i) => ({ name: `n${i}` }));
        assert.deepEqual(await refused("POST", "snacks", many), ["At most 1000 items are allowed."]);
        assert.deepEqual(await refused("POST", "plain", [{ name: "x" }]), ["Expected an object, got a list."]);
      });

      test("an object creates one row, as ever; so does a form", async () => {
        assert.equal((await post("snacks", { name: "Alone" })).json.name, "Alone");
        const headers = { "content-type": "application/x-www-form-urlencoded" };
        assert.equal((await shop.client("POST", path("snacks"), { body: "name=Formed", headers })).status, 201);
      });

      test("a thousand plain rows take about as many statements as ten", async () => {
        const statementsFor = async (count: number): Promise<number> => {
          const items = Array.from({ length: count }, (_, i) => ({ shelf: 1, place: count * 1000 + i, note: `${i}` }));
          counter.count = 0;
          const { status, json } = await post("seats", items);
          assert.equal(status, 201);
          assert.deepEqual(
            json.map(({ id, ...rest }: Row) => rest),
            items,
          );
          assert.equal(new Set(json.map(({ id }: Row) => id)).size, count);
          return counter.count;
        };
        const few = await statementsFor(10);
        const many = await statementsFor(1000);
        assert.ok(few < 10 && many < 20, `${few} and ${many} statements`);
      });

      test("rows of which only some give a key keep their order", async () => {
        const names = ["a", "b", "c", "d", "e", "f"];
        const items = names.map((name) =>
          name === "b" || name === "e" ? { id: name === "b" ? 900 : 990, name } : { name },
        );
        const { status, json } = await post("picks", items);
        assert.equal(status, 201);
        assert.deepEqual(
          json.map(({ name }: Row) => name),
          names,
        );
        assert.deepEqual([json[1].id, json[4].id], [900, 990]);
      });

      test("keys that clients give are checked like other unique values", async () => {
        const [austria, germany] = [
          { code: "at", name: "Austria" },
          { code: "de", name: "Germany" },
        ];
        assert.deepEqual((await post("countries", [germany, austria])).json, [germany, austria]);
        const { status, json } = await post("countries", [{ code: "ch", name: "Switzerland" }, austria]);
        assert.deepEqual([status, json], [400, [{}, { code: taken }]]);
        const renamed = await ask("PATCH", "countries", [{ code: "at", name: "Republic of Austria" }]);
        assert.deepEqual(renamed.json, [{ code: "at", name: "Republic of Austria" }]);
      });

      test("of 200 who create one unique value at the same time one wins, the others get a 400 by index", async () => {
        const before = (await all("snacks")).length;
        const answers = await Promise.all(
          Array.from({ length: 200 }, (_, i) => post("snacks", [{ name: `own ${i}` }, { name: "shared" }])),
        );
        const refused = answers.filter(({ status }) => status !== 201);
        assert.equal(refused.length, 199);
        for (const { status, json } of refused) assert.deepEqual([status, json], [400, [{}, { name: taken }]]);
        assert.equal((await all("snacks")).length, before + 2);
      });
    });

    describe("PATCH and PUT of an array", () => {
      test("PATCH changes what is sent, PUT the whole row; the answer is 200 with the rows as they are", async () => {
        const [a, b] = await made("snacks", "patch a", "patch b");
        const patched = await ask("PATCH", "snacks", [
          { id: b, price: "9.00" },
          { id: a, tags: [2] },
        ]);
        assert.equal(patched.status, 200);
        assert.deepEqual(
          patched.json.map(({ id, name, price, tags }: Row) => [id, name, price, tags]),
          [
            [b, "patch b", "9.00", []],
            [a, "patch a", "1.00", [2]],
          ],
        );
        const put = await ask("PUT", "snacks", [{ id: a, name: "put a" }, { id: b }]);
        assert.deepEqual([put.status, put.json], [400, [{}, { name: ["This field is required."] }]]);
        assert.equal((await ask("PUT", "snacks", [{ id: a, name: "put a" }])).json[0].name, "put a");
      });

      test("a row that is not there, one that was filtered out, a key twice, none, and no key are findings", async () => {
        const [a, b] = await made("snacks", "find a", "find b");
        const { status, json } = await ask("PATCH", "snacks", [
          { id: a, name: "kept?" },
          { id: 123456, name: "x" },
          { id: String(a), name: "again" },
          { name: "no key" },
          { id: "key", name: "x" },
          7,
          { id: b, name: "" },
        ]);
        assert.equal(status, 400);
        assert.deepEqual(json, [
          {},
          { id: ['There is no object with key "123456" here.'] },
          { id: ["This key is in the list more than once."] },
          { id: ["This field is required."] },
          { id: ["Expected a whole number."] },
          { non_field_errors: ["Expected an object, got a number."] },
          { name: ["This may not be empty."] },
        ]);
        assert.deepEqual(await there("snacks", [a, b]), ["find a", "find b"]);
        const filtered = await shop.client("PATCH", `${path("snacks")}?shelf=1`, { json: [{ id: a, name: "x" }] });
        assert.deepEqual(filtered.json, [{ id: [`There is no object with key "${a}" here.`] }]);
      });

      test("a row may keep its unique values, and may not take those of another row or another item", async () => {
        const [a, b, c] = await made("snacks", "uni a", "uni b", "uni c");
        assert.equal((await ask("PUT", "snacks", [{ id: a, name: "uni a" }])).status, 200);
        const { json } = await ask("PATCH", "snacks", [
          { id: a, name: "uni b" },
          { id: b, name: "new" },
          { id: c, name: "new" },
        ]);
        assert.deepEqual(json, [{ name: taken }, {}, { name: taken }]);
        const seats = (
          await post(
            "seats",
            [1, 2].map((place) => ({ shelf: 2, place: 100 + place })),
          )
        ).json;
        const moved = await ask("PATCH", "seats", [
          { id: seats[0].id, note: "stays" },
          { id: seats[1].id, place: 101 },
        ]);
        assert.deepEqual(moved.json, [{}, { non_field_errors: ["The fields shelf, place must be unique together."] }]);
        assert.equal((await ask("PATCH", "seats", [{ id: seats[0].id, place: 101, note: "same" }])).status, 200);
      });
    });

    test("many who change or delete the same rows at the same time, each in another order, do not wait for each other", async () => {
      const names = Array.from({ length: 12 }, (_, i) => `cross ${i}`);
      const made = (
        await post(
          "boxes",
          names.map((name) => ({ name, parts: [] })),
        )
      ).json;
      const turned = (by: number): Row[] => [...made.slice(by), ...made.slice(0, by)];
      const changes = await Promise.all(
        names.map((_, i) =>
          ask(
            "PATCH",
            "boxes",
            turned(i).map(({ id }) => ({ id, name: `by ${i}` })),
            i % 2 ? lenient : {},
          ),
        ),
      );
      assert.deepEqual(
        changes.map(({ status }) => status),
        names.map((_, i) => (i % 2 ? 207 : 200)),
      );
      const left = new Set((await all("boxes")).map(({ name }) => name));
      assert.equal(left.size, 1);
      const deletions = await Promise.all(names.map((_, i) => ask("DELETE", "boxes", turned(i))));
      for (const { status } of deletions) assert.ok(status === 204 || status === 400, String(status));
      assert.deepEqual(shop.faults, []);
      await ask("DELETE", "logs", await all("logs"));
    });

    describe("DELETE of an array", () => {
      test("deletes by key or by object, and answers 204", async () => {
        const [a, b, c] = await made("snacks", "del a", "del b", "del c");
        const { status, text } = await ask("DELETE", "snacks", [a, { id: b }, String(c)]);
        assert.deepEqual([status, text], [204, ""]);
        assert.deepEqual(await there("snacks", [a, b, c]), [404, 404, 404]);
      });

      test("a row that is not there or comes twice keeps all; so does one that others need, with a 409", async () => {
        const [a] = await made("snacks", "keep");
        const { status, json } = await ask("DELETE", "snacks", [a, 123456, { id: a }, null, {}]);
        assert.equal(status, 400);
        assert.deepEqual(json, [
          {},
          { id: ['There is no object with key "123456" here.'] },
          { id: ["This key is in the list more than once."] },
          { id: ["This field is required."] },
          { id: ["This field is required."] },
        ]);
        assert.deepEqual(await there("snacks", [a]), ["keep"]);
        const free = (await post("shelves", { name: "Free" })).json.id;
        assert.equal((await ask("DELETE", "shelves", [free, 1])).status, 409);
        assert.deepEqual(await there("shelves", [free, 1]), ["Free", "Left"]);
        assert.equal((await ask("DELETE", "shelves", [free])).status, 204);
      });

      test("a thousand rows take a constant number of statements", async () => {
        const items = Array.from({ length: 1000 }, (_, i) => ({ shelf: 2, place: 50_000 + i }));
        const { json } = await post("seats", items);
        counter.count = 0;
        assert.equal((await ask("DELETE", "seats", json)).status, 204);
        assert.ok(counter.count < 20, `${counter.count} statements`);
      });
    });

    describe("who may", () => {
      test("the user is set, and needed; rows out of sight are not there", async () => {
        assert.equal((await post("notes", [{ text: "nobody's" }])).status, 401);
        const own = (await post("notes", [{ text: "a" }, { text: "b" }], alice?.bearer)).json;
        assert.deepEqual(
          own.map(({ owner }: Row) => owner),
          [alice?.id, alice?.id],
        );
        const [foreign] = (await post("notes", [{ text: "bob's" }], bob?.bearer)).json;
        const missing = { id: [`There is no object with key "${foreign.id}" here.`] };
        for (const method of ["PATCH", "PUT", "DELETE"]) {
          const items = [
            { ...own[0], text: "x" },
            { ...foreign, text: "x" },
          ];
          const { status, json } = await ask(method, "notes", items, alice?.bearer);
          assert.deepEqual([status, json], [400, [{}, missing]], method);
        }
        assert.equal((await ask("DELETE", "notes", own, alice?.bearer)).status, 204);
      });

      test("permissions on rows are asked for each row, and one refusal refuses all", async () => {
        const [own] = (await post("guarded", [{ text: "alice's" }], alice?.bearer)).json;
        const [foreign] = (await post("guarded", [{ text: "bob's" }], bob?.bearer)).json;
        for (const method of ["PATCH", "PUT", "DELETE"]) {
          const items = [
            { ...own, text: "x" },
            { ...foreign, text: "x" },
          ];
          assert.equal((await ask(method, "guarded", items)).status, 401, method);
          assert.equal((await ask(method, "guarded", items, alice?.bearer)).status, 403, method);
        }
        const texts = (await all("guarded")).map(({ text }) => text);
        assert.ok(texts.includes("alice's") && texts.includes("bob's"));
        assert.equal((await ask("PATCH", "guarded", [{ ...own, text: "x" }], alice?.bearer)).status, 200);
      });
    });

    describe("hooks and children", () => {
      test("run for each row inside the one transaction, and onCommit after it", async () => {
        committed.length = 0;
        const parts = [{ code: "p1", tag: 1 }];
        const { json } = await post("boxes", [
          { name: "one", parts },
          { name: "two", parts: [] },
        ]);
        assert.deepEqual(
          json.map(({ name, total, parts }: Row) => [name, total, parts]),
          [
            ["one", 7, parts],
            ["two", 7, []],
          ],
        );
        const [one, two] = json;
        const changed = await ask("PATCH", "boxes", [
          { id: one.id, name: "uno", parts: [{ code: "p2", tag: 2 }] },
          { id: two.id, name: "due" },
        ]);
        assert.deepEqual(changed.json[0].parts, [{ code: "p2", tag: 2 }]);
        assert.equal((await ask("DELETE", "boxes", [two.id, one.id])).status, 204);
        assert.deepEqual(await lines(), [
          ...["preSave one", "postSave undefined one", "preSave two", "postSave undefined two"],
          ...["preSave uno", "postSave one uno", "preSave due", "postSave two due"],
          ...["preDelete due", "postDelete due", "preDelete uno", "postDelete uno"],
        ]);
        assert.deepEqual(committed, [
          ...["undefined -> one", "undefined -> two", "one -> uno", "two -> due"],
          ...["due -> undefined", "uno -> undefined"],
        ]);
      });

      test("what a hook refuses is told by index and undoes every row and what hooks wrote; nothing is told as kept", async () => {
        const [count, before] = [(await all("boxes")).length, await lines()];
        committed.length = 0;
        const items = [
          { name: "fine", parts: [] },
          { name: "refused", parts: [] },
        ];
        const { status, json } = await post("boxes", items);
        assert.deepEqual([status, json], [400, [{}, { name: ["Not this."] }]]);
        assert.deepEqual([(await all("boxes")).length, await lines(), committed], [count, before, []]);
      });

      test("findings of children stand at their item and their place, and are asked for all items together", async () => {
        const { json } = await post("boxes", [
          { name: "a", parts: [{ code: "c1", tag: 1 }] },
          {
            name: "b",
            parts: [
              { code: "c2", tag: 1 },
              { code: "c3", tag: 97 },
              { code: "c1", tag: 1 },
            ],
          },
        ]);
        const missing = { tag: ['There is no object with key "97" here.'] };
        assert.deepEqual(json, [{}, { parts: [{}, missing, { code: taken }] }]);
      });
    });

    describe("with Prefer: handling=lenient", () => {
      test("every item has an answer of its own, and what is right is kept: 207", async () => {
        const { status, headers, json } = await post(
          "snacks",
          [{ name: "len a" }, { name: "" }, { name: "len a" }, { name: "len b", tags: [1] }],
          lenient,
        );
        assert.equal(status, 207);
        assert.equal(headers.get("preference-applied"), "handling=lenient");
        const [first, second, third, fourth] = json;
        assert.deepEqual([first.status, first.data.name], [201, "len a"]);
        assert.deepEqual(second, { status: 400, errors: { name: ["This may not be empty."] } });
        assert.deepEqual(third, { status: 400, errors: { name: taken } });
        assert.deepEqual([fourth.status, fourth.data.tags], [201, [1]]);

        const changed = await ask("PATCH", "snacks", [{ id: first.data.id, price: "4.00" }, { id: 123456 }], lenient);
        assert.deepEqual([changed.json[0].status, changed.json[0].data.price], [200, "4.00"]);
        const missing = { status: 400, errors: { id: ['There is no object with key "123456" here.'] } };
        assert.deepEqual(changed.json[1], missing);

        const deleted = await ask("DELETE", "snacks", [123456, fourth.data.id], lenient);
        assert.deepEqual(deleted.json, [missing, { status: 204 }]);
        assert.deepEqual(await there("snacks", [first.data.id, fourth.data.id]), ["len a", 404]);
      });

      test("an item that is refused while it is written is undone alone, with what its hooks wrote", async () => {
        const before = await lines();
        committed.length = 0;
        const names = ["len one", "refused", "len two"];
        const { json } = await post(
          "boxes",
          names.map((name) => ({ name, parts: [] })),
          lenient,
        );
        assert.deepEqual(
          json.map(({ status }: Row) => status),
          [201, 400, 201],
        );
        assert.deepEqual(json[1].errors, { name: ["Not this."] });
        const written = ["len one", "len two"].flatMap((name) => [`preSave ${name}`, `postSave undefined ${name}`]);
        assert.deepEqual(await lines(), [...before, ...written]);
        assert.deepEqual(committed, ["undefined -> len one", "undefined -> len two"]);
      });

      test("rows that this user may not change, and rows that others need, are refused alone", async () => {
        const [own] = (await post("guarded", [{ text: "mine" }], alice?.bearer)).json;
        const [foreign] = (await post("guarded", [{ text: "yours" }], bob?.bearer)).json;
        const { json } = await ask("DELETE", "guarded", [foreign.id, own.id], { ...lenient, ...alice?.bearer });
        assert.deepEqual(json, [
          { status: 403, errors: { detail: "You are not allowed to do this." } },
          { status: 204 },
        ]);
        const free = (await post("shelves", { name: "Free" })).json.id;
        const shelves = (await ask("DELETE", "shelves", [1, free], lenient)).json;
        assert.deepEqual(
          shelves.map(({ status }: Row) => status),
          [409, 204],
        );
      });

      test("of 60 who create one unique value at the same time one wins it, and everybody keeps the rest", async () => {
        const answers = await Promise.all(
          Array.from({ length: 60 }, (_, i) => post("snacks", [{ name: "won" }, { name: `rest ${i}` }], lenient)),
        );
        const won = answers.filter(({ json }) => json[0].status === 201);
        assert.equal(won.length, 1);
        for (const { status, json } of answers) {
          assert.deepEqual([status, json[1].status], [207, 201]);
          if (json[0].status !== 201) assert.deepEqual(json[0], { status: 400, errors: { name: taken } });
        }
      });
    });

    test("a row that would be out of the writer's sight is refused with 403, and nothing of it is kept", async () => {
      const count = (await all("shelves")).length;
      const items = [{ name: "Seen" }, { name: "hidden" }];
      assert.equal((await post("seen", items)).status, 403);
      assert.equal((await all("shelves")).length, count);
      const { json } = await post("seen", items, lenient);
      assert.deepEqual(
        json.map(({ status }: Row) => status),
        [201, 403],
      );
      const hide = [{ id: json[0].data.id, name: "hidden" }];
      assert.equal((await ask("PATCH", "seen", hide)).status, 403);
      assert.deepEqual(await there("shelves", [json[0].data.id]), ["Seen"]);
    });

    test("Allow, OPTIONS and the endpoints offer what `only` offers, and nothing more without `bulk`", async () => {
      const allow = async (name: string) => (await ask("OPTIONS", name)).headers.get("allow");
      assert.equal(await allow("snacks"), "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS");
      assert.equal(await allow("few"), "GET, POST, DELETE, HEAD, OPTIONS");
      assert.equal(await allow("plain"), "GET, POST, HEAD, OPTIONS");
      assert.equal((await ask("PATCH", "few", [])).status, 405);
      assert.equal((await ask("DELETE", "plain", [1])).status, 405);
      const { actions } = (await ask("OPTIONS", "snacks")).json;
      assert.deepEqual(
        [actions.POST.id.read_only, actions.PUT.id.read_only, actions.PUT.id.required],
        [true, false, true],
      );
      const list = shop.endpoints.find((one) => one.path === path("few"));
      assert.deepEqual(
        Object.entries(list?.actions ?? {}).map(([method, { name }]) => `${method} ${name}`),
        ["GET list", "DELETE bulkDelete", "POST create"],
      );
    });

    test("the page of a list has the form that creates a row, and one for many, but none that changes or deletes the list", async () => {
      const accept = { accept: "text/html" };
      const list = await ask("GET", "snacks", undefined, accept);
      assert.equal(list.status, 200);
      assert.match(list.text, /id="form-post"/);
      assert.match(list.text, /id="form-bulk"/);
      assert.doesNotMatch(list.text, /id="form-put"|id="form-patch"|Yes, delete/);
      const [key] = await made("snacks", "page");
      const detail = await ask("GET", `snacks/${key}`, undefined, accept);
      assert.match(detail.text, /id="form-put"[\s\S]*value="PATCH"/);
      const refused = await post("snacks", [{ name: "" }], accept);
      assert.match(refused.text, /This may not be empty/);
      const token = "a".repeat(64);
      const sendRaw = (content: string) =>
        shop.client("POST", path("snacks"), {
          body: String(new URLSearchParams({ csrfmiddlewaretoken: token, _method: "POST", _content: content })),
          headers: { ...accept, cookie: `csrftoken=${token}`, "content-type": "application/x-www-form-urlencoded" },
        });
      const created = await sendRaw('[{"name": "raw a"}, {"name": "raw b"}]');
      assert.equal(created.status, 201);
      assert.match(created.text, /Created\./);
      const wrong = await sendRaw('[{"name": "raw c"}, {"name": ""}]');
      assert.equal(wrong.status, 400);
      assert.match(wrong.text, /<p>2, name: This may not be empty\.<\/p>/);
    });

    test("a fault of a hook is a 500 that keeps nothing, and is logged; nothing else was a fault of ours", async () => {
      assert.deepEqual(shop.faults, []);
      const count = (await all("boxes")).length;
      const items = [
        { name: "fine", parts: [] },
        { name: "broken", parts: [] },
      ];
      for (const headers of [{}, lenient]) assert.equal((await post("boxes", items, headers)).status, 500);
      assert.equal((await all("boxes")).length, count);
      assert.equal(shop.faults.length, 2);
    });
  });
}

for (const database of databases) {
  test(`the guide tells what is answered, on ${database.name}`, async () => {
    const Nut = model("guide.snack", { fields: { name: field.text({ maxLength: 50, unique: true }) } });
    const guided = defineApp({ resources: { snacks: resource(Nut, { ...open, bulk: { maxItems: 200 } }) } });
    const shop = await startTestApp(guided, await database.create());
    const guide = readFileSync(resolve(import.meta.dirname, "../../docs/guide/bulk.md"), "utf8");
    const exchanges = Array.from(guide.matchAll(/```http\n(.*?)\n\n(.*?)```/gs), ([, sent = "", told = ""]) => [
      sent,
      told,
    ]);
    assert.equal(exchanges.length, 5);
    for (const [sent = "", told = ""] of exchanges) {
      const [line = "", ...rest] = sent.split("\n");
      const [method = "", path = ""] = line.split(" ");
      const headers = Object.fromEntries(rest.slice(0, -1).map((header) => header.split(": ")));
      const { status, json } = await shop.client(method, path, { json: JSON.parse(rest.at(-1) ?? ""), headers });
      const [expected, body = ""] = told.split("\n");
      assert.deepEqual([status, json], [Number(expected), JSON.parse(body)], sent);
    }
    await shop.stop();
  });
}

describe("the declaration of bulk", () => {
  const refused = (bulk: object, only?: readonly ["list"]) => {
    try {
      resource(Tag, { bulk, ...(only && { only }) });
      return "nothing";
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
  };
  test("a wrong one ends the start, and names the place", () => {
    const place = 'resource of "shop.tag", bulk';
    assert.equal(refused({ maxItems: 0 }), `${place}: expected maxItems to be a whole number from 1, got 0`);
    assert.match(refused({ maxItem: 5 }), /^resource of "shop.tag", bulk.*maxItem/);
    assert.match(refused({}, ["list"]), /nothing is written here; expected `only` with create, update or delete$/);
    assert.equal(refused({}), "nothing");
  });
});
