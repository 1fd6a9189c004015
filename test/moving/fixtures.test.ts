/** Rows that are dumped from one database and loaded into another are the same rows. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineStatement } from "../../src/db/index.ts";
import { LoadFailed } from "../../src/moving/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases, type TestDatabase } from "../databases.ts";
import { app, City, Country, dumped, Label, loaded, Thing } from "./fixtures.ts";

const full = {
  ...{
    id: 7,
    flag: true,
    text: 'Ünï "quoted" \\ \n \u2028 💡',
    short: "",
    email: "a@example.org",
    url: "https://example.org/",
  },
  ...{
    slug: "a-b",
    ref: "b80c8fef-a677-5340-85fb-2c162d75df03",
    ip: "2001:db8::1",
    count: -5,
    big: 9_223_372_036_854_775_807n,
  },
  ...{
    weight: 0.1,
    price: "12345678901.5000",
    at: "2024-02-29T23:59:59.000001Z",
    day: "0001-01-01",
    clock: "08:30:00.500000",
  },
  ...{
    span: "-1 23:59:59.999999",
    pick: "b",
    level: 2,
    data: { 10: [1.5, null, true], 9: 12345678901234567890n, é: "\\" },
  },
  ...{ bytes: "AP8Kdw==", few: -32_768 },
  ...{ paper: "a/b.png", point: [3, -4], parent: 9, labels: [1, 3], friends: [7, 9] },
};
/** Points at what comes later, and itself; everything else is missing. */
const empty = { id: 9, text: "", parent: 9, data: null };

/** JSON in a text column of SQLite has its characters escaped; jsonb has none of that. */
const unescaped = (text: string): string => text.replaceAll("\\u00e9", "é");

const everything = async (test: TestApp): Promise<void> => {
  await test.user("alice");
  await test.insert(
    Label,
    ["x", "y", "z"].map((name) => ({ name })),
  );
  await test.insert(Thing, [{ ...empty, parent: null }]);
  await test.insert(Thing, [{ ...full, maker: 1 }]);
  await test.database.run(defineStatement("UPDATE shelf_thing SET parent_id = 9 WHERE id = 9"));
  await test.database.run(defineStatement("UPDATE shelf_thing SET void = 'null' WHERE id = 9"));
  await test.insert(Country, [{ code: "fr", capital: null }]);
  await test.insert(City, [{ id: 40, name: "Paris", country: "fr" }]);
  await test.database.run(defineStatement("UPDATE shelf_country SET capital_id = 40"));
};

for (const { name: from, create: createFrom } of databases) {
  for (const { name: to, create: createTo } of databases) {
    describe(`from ${from} to ${to}`, () => {
      let source: TestApp;
      let target: TestApp;
      let [a, b]: (TestDatabase | undefined)[] = [];
      const both = () => {
        assert.ok(a && b);
        return [a, b] as const;
      };
      before(async () => {
        [a, b] = [await createFrom(), await createTo()];
        [source, target] = [await startTestApp(app, a), await startTestApp(app, b)];
        await everything(source);
      });
      after(async () => {
        await source.stop();
        await target.stop();
      });

      for (const format of ["json", "jsonl"] as const)
        it(`every kind of column arrives as it was, as ${format}`, async () => {
          const [here, there] = both();
          const text = await dumped(here, ["auth.user", "shelf"], format);
          const { models, skipped } = await loaded(target.database, text);
          assert.deepEqual([models["shelf.thing"], models["shelf.city"], skipped], [2, 1, 0]);
          assert.equal(unescaped(await dumped(there, ["auth.user", "shelf"], format)), unescaped(text));
          assert.match(text, /"big": 9223372036854775807,/);
          assert.match(text, /"at": "2024-02-29T23:59:59.000001Z"/);
          assert.match(text, /12345678901234567890/);
          assert.match(text, /"labels": \[1, 3\], "friends": \[7, 9\]/);
          // A kind of one's own stands there as its column does, for whoever does not know it.
          assert.match(text, /"point": "3 -4"/);
          // Where JSON's null is no NULL.
          assert.match(text, /"void": null/);
        });

      it("the next key comes behind those that were loaded", async () => {
        await target.insert(City, [{ name: "Lyon", country: "fr" }]);
        const [, there] = both();
        assert.match(await dumped(there, ["shelf.city"]), /"pk": 41, "fields": \{"name": "Lyon"/);
      });

      it("what is loaded twice is there once, and links are those of the fixture", async () => {
        const [here, there] = both();
        const text = await dumped(here, ["shelf.thing"]);
        await loaded(target.database, text.replace('"labels": [1, 3]', '"labels": [2]'));
        assert.match(await dumped(there, ["shelf.thing"]), /"labels": \[2\]/);
        await loaded(target.database, text);
        assert.equal(unescaped(await dumped(there, ["shelf.thing"])), unescaped(text));
      });
    });
  }
}

for (const { name, create } of databases) {
  describe(`a fixture that does not fit, on ${name}`, () => {
    let test: TestApp;
    let database: TestDatabase;
    before(async () => {
      database = await create();
      test = await startTestApp(app, database);
    });
    after(() => test.stop());
    const label = (pk: unknown, name: unknown = `l${pk}`) => ({ model: "shelf.label", pk, fields: { name } });
    const refuses = async (objects: readonly object[], expected: RegExp, options = {}): Promise<void> => {
      await assert.rejects(loaded(test.database, JSON.stringify(objects), options), (error) => {
        assert.ok(error instanceof LoadFailed, String(error));
        assert.match(error.message, expected);
        return true;
      });
      assert.equal(await dumped(database), "[\n]\n", "nothing was kept");
    };

    it("a row that points at nothing is found at the end", () =>
      refuses(
        [label(1), { model: "shelf.city", pk: 3, fields: { name: "Rome", country: "it" } }],
        /^shelf\.city, field "country": rows point at rows of shelf\.country that are not there: 3 at it$/,
      ));
    it("so is a link", () =>
      refuses([{ model: "shelf.thing", pk: 1, fields: { text: "", labels: [5] } }], /field "labels": .* 1 at 5$/));
    it("a model or a field that the app does not have is named", async () => {
      await refuses(
        [label(1), { model: "zoo.lion", pk: 1, fields: {} }],
        /^object 2 \(zoo\.lion 1\): the app has no such model/,
      );
      await refuses(
        [{ model: "shelf.label", pk: 1, fields: { nam: "x" } }],
        /"nam" is not a field of shelf\.label; fields: id, name$/,
      );
    });
    it("so is a value of another kind", async () => {
      const thing = (fields: object) => [label(1), { model: "shelf.thing", pk: 2, fields: { text: "", ...fields } }];
      await refuses(thing({ count: "five" }), /^object 2 \(shelf\.thing 2\): field "count": expected a whole number$/);
      await refuses(thing({ at: "yesterday" }), /field "at": expected a time such as/);
      await refuses(thing({ labels: 5 }), /field "labels": expected a list of keys/);
      await refuses([{ model: "shelf.label", pk: 1, fields: [] }], /^object 1: expected \{"model"/);
    });
    const unfit: readonly (readonly [string, string, RegExp])[] = [
      ["day", '"2023-02-29"', /there is no 2023-02-29$/],
      ["at", '"2024-01-01T24:00:00Z"', /there is no 2024-01-01T24:00:00Z$/],
      ["at", '"2024-01-01T00:00:00+99:00"', /there is no /],
      ["at", '"0001-01-01T00:00:00+01:00"', /there is no /],
      ["clock", '"25:00:00"', /there is no 25:00:00$/],
      ["span", '"999999999 00:00:00"', /expected a duration of less than/],
      ["ip", '"10.0.0"', /expected an IP address$/],
      ["count", "2147483648", /expected a whole number up to 2147483647$/],
      ["big", "9223372036854775808", /expected a whole number up to 9223372036854775807$/],
      ["price", '"123456789012"', /expected at most 11 digits before the point$/],
      ["text", '"\\ud800"', /got half of a surrogate pair$/],
    ];
    for (const [field, json, expected] of unfit)
      it(`so is ${json} for ${field}, which SQLite would keep and nobody could read`, async () => {
        const text = `[{"model": "shelf.thing", "pk": 2, "fields": {"text": "", "${field}": ${json}}}]`;
        await assert.rejects(loaded(test.database, text), (error) => {
          assert.ok(error instanceof LoadFailed, String(error));
          assert.match(error.message, new RegExp(`^object 1 \\(shelf\\.thing 2\\): field "${field}": `));
          assert.match(error.message, expected);
          return true;
        });
      });
    if (name === "PostgreSQL")
      it("so is the character zero, which PostgreSQL does not keep", async () => {
        const thing = (fields: object) => [{ model: "shelf.thing", pk: 2, fields: { text: "", ...fields } }];
        await refuses(thing({ text: "a\0" }), /field "text": PostgreSQL keeps no character zero/);
        await refuses(thing({ data: ["\0"] }), /field "data": PostgreSQL keeps no character zero/);
      });
    it("rows that cannot both be there are told with their place", () =>
      refuses(
        [label(1, "same"), label(2, "same")],
        /^rows of shelf\.label up to object 2: shelf_label: name must be unique$/,
      ));

    it("unknown models and fields are left out where that is asked for", async () => {
      const objects = [
        { model: "zoo.lion", pk: 1, fields: {} },
        { ...label(1), fields: { name: "x", nam: 1 } },
      ];
      const { skipped, models } = await loaded(test.database, JSON.stringify(objects), { ignoreUnknown: true });
      assert.deepEqual([skipped, models], [1, { "shelf.label": 1 }]);
      assert.match(await dumped(database), /"name": "x"/);
    });
  });

  it(`what Django writes in another way is taken, on ${name}`, async () => {
    const database = await create();
    const test = await startTestApp(app, database);
    try {
      const fields = {
        text: "x",
        price: "0E-8",
        void: 1.5,
        at: "2024-01-01T10:00:00.123+02:00",
        clock: "08:30:00.250",
        span: "00:00:01",
      };
      await loaded(test.database, JSON.stringify([{ model: "shelf.Thing", pk: "3", fields }]));
      const text = await dumped(database);
      for (const part of [
        '"price": "0.0000"',
        '"void": 1.5',
        '"at": "2024-01-01T08:00:00.123000Z"',
        '"clock": "08:30:00.250000"',
        '"pk": 3',
      ])
        assert.ok(text.includes(part), `${part} in ${text}`);
    } finally {
      await test.stop();
    }
  });

  it(`rights go to the models that they name, whatever their numbers are, on ${name}`, async () => {
    const database = await create();
    const test = await startTestApp(app, database);
    try {
      const type = (pk: number | undefined, model: string) => ({
        model: "contenttypes.contenttype",
        pk,
        fields: { app_label: "shelf", model },
      });
      const right = (pk: number | undefined, content_type: unknown, codename: string) => ({
        model: "auth.permission",
        pk,
        fields: { name: codename, content_type, codename },
      });
      const group = (name: string, permissions: readonly unknown[]) => ({
        model: "auth.group",
        fields: { name, permissions },
      });
      // As Django dumps them without and with --natural-foreign.
      await loaded(
        test.database,
        JSON.stringify([right(1, 1, "add_city"), group("numbers", [1]), type(900, "thing"), type(1, "city")]),
      );
      await loaded(test.database, JSON.stringify([group("names", [["add_city", "shelf", "city"]])]));
      const text = await dumped(database, ["auth.group"]);
      assert.equal(text.match(/\[\["add_city","shelf","city"\]\]/g)?.length, 2, text);
      assert.equal((await dumped(database, ["contenttypes"])).match(/"city"/g)?.length, 1);
    } finally {
      await test.stop();
    }
  });

  it(`users and groups may be called by their names, as by Django's --natural-foreign, on ${name}`, async () => {
    const database = await create();
    const test = await startTestApp(app, database);
    try {
      const user = (username: string) => ({
        model: "auth.user",
        pk: 70,
        fields: { username, password: "!", date_joined: "2024-01-01T00:00:00Z", groups: [["writers"]] },
      });
      const thing = (pk: number, maker: string) => ({ model: "shelf.thing", pk, fields: { text: "", maker: [maker] } });
      const group = { model: "auth.group", pk: 30, fields: { name: "writers", permissions: [] } };
      await loaded(test.database, JSON.stringify([group, user("zoe"), thing(1, "zoe"), thing(2, "zoe")]));
      assert.equal((await dumped(database)).match(/"maker": 70/g)?.length, 2);
      assert.match(await dumped(database, ["auth.user"]), /"groups": \[30\]/);
      await assert.rejects(
        loaded(test.database, JSON.stringify([thing(3, "nobody")])),
        /there is no auth\.user "nobody"/,
      );
    } finally {
      await test.stop();
    }
  });
}
