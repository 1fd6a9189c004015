/** A primary key that gets another type or column, with everything that points at it. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { type Database, defineStatement, makeMigrations, migrate } from "../../../src/db/index.ts";
import { type Field, field, type Model, model } from "../../../src/model/index.ts";
import { databases, type TestDatabase } from "../../databases.ts";
import { now } from "./bookshop.ts";

/** A tag that its own table, another label, a table between models and a key that is a relation point at. */
const tagged = (id: Field): readonly Model[] => [
  model("shop.tag", {
    fields: {
      id,
      name: field.text(),
      parent: field.foreignKey("shop.tag", { null: true }),
      like: field.manyToMany("shop.tag"),
    },
  }),
  model("shop.seal", { fields: { tag: field.foreignKey("shop.tag", { primaryKey: true }) } }),
  model("library.book", {
    fields: {
      title: field.text(),
      tag: field.foreignKey("shop.tag"),
      seal: field.foreignKey("shop.seal", { null: true }),
      tags: field.manyToMany("shop.tag"),
    },
    unique: [["title", "tag"]],
  }),
];
const integer = field.integer({ primaryKey: true });
const big = field.integer({ primaryKey: true, big: true });
const text = field.text({ primaryKey: true, maxLength: 40, readOnly: false });
const named = field.integer({ primaryKey: true, big: true, column: "number" });

/** Columns that hold a key, in the order of `tagged`. */
const holders = [
  ["shop_tag", "parent_id"],
  ["shop_tag_like", "to_tag_id"],
  ["shop_seal", "tag_id"],
  ["library_book", "tag_id"],
  ["library_book", "seal_id"],
  ["library_book_tags", "tag_id"],
] as const;

const schemas = {
  sqlite: [
    `SELECT name, replace(sql, '"', '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' AND name NOT LIKE 'django%' ORDER BY name`,
  ],
  postgres: [
    `SELECT table_name, column_name, data_type, character_maximum_length, is_identity, is_nullable FROM information_schema.columns
      WHERE table_schema = 'public' AND table_name NOT LIKE 'django%' ORDER BY 1, 2`,
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'django%' ORDER BY 1",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype IN ('f', 'u', 'p') AND conname NOT LIKE 'django%' ORDER BY 1, 2",
  ],
};

for (const { name, create } of databases) {
  describe(`a primary key on ${name}`, () => {
    let test: TestDatabase;
    let database: Database;
    beforeEach(async () => {
      test = await create();
      database = test.database;
    });
    afterEach(() => test.drop());

    const run = async (sql: string): Promise<number> => database.run(defineStatement(sql));
    const rows = async (sql: string, from = database): Promise<unknown[][]> =>
      (await from.all(defineStatement(sql))).map((row) => [...row]);
    const schemaOf = async (of: Database): Promise<unknown> =>
      Promise.all(schemas[of.dialect].map((sql) => rows(sql, of)));
    const held = async (): Promise<unknown> => {
      const found: unknown[] = [];
      for (const [table, column] of holders) found.push(...(await rows(`SELECT max(${column}) FROM ${table}`)));
      return found.flat().map(String);
    };

    async function fill(one: string, two: string): Promise<void> {
      await run(`INSERT INTO shop_tag (id, name, parent_id) VALUES (${one}, 'a', ${two}), (${two}, 'b', NULL)`);
      await run(`INSERT INTO shop_tag_like (from_tag_id, to_tag_id) VALUES (${one}, ${two})`);
      await run(`INSERT INTO shop_seal (tag_id) VALUES (${two})`);
      await run(`INSERT INTO library_book (title, tag_id, seal_id) VALUES ('x', ${two}, ${two}), ('y', ${one}, NULL)`);
      await run(`INSERT INTO library_book_tags (book_id, tag_id) VALUES (1, ${two})`);
    }

    /** From one key to another and back, on filled tables. */
    async function change(from: Field, to: Field, [one, two]: readonly [string, string]): Promise<void> {
      const first = makeMigrations([], tagged(from));
      const all = [...first, ...makeMigrations(first, tagged(to))];
      await migrate(database, first, { now });
      await fill(one, two);
      const [before, keys] = [await schemaOf(database), await held()];
      await migrate(database, all, { now });
      const fresh = await create();
      try {
        await migrate(fresh.database, makeMigrations([], tagged(to)), { now });
        assert.deepEqual(await schemaOf(database), await schemaOf(fresh.database));
      } finally {
        await fresh.drop();
      }
      assert.deepEqual(await held(), keys);
      const other = to.kind === "text" ? "'77'" : "77";
      for (const [table, column] of holders)
        await assert.rejects(
          async () => run(`UPDATE ${table} SET ${column} = ${other}`),
          { code: "foreign_key" },
          table,
        );
      await migrate(database, all, { now, to: { label: "shop", name: "0001" } });
      assert.deepEqual(await schemaOf(database), before);
      assert.deepEqual(await held(), keys);
    }

    it("becomes a larger number, and back", () => change(integer, big, ["1", "2"]));
    it("becomes a text, and back", () => change(big, text, ["1", "2"]));
    it("becomes a number of texts that are numbers, and back", () => change(text, integer, ["'1'", "'2'"]));
    it("gets another column and a larger number, and back", () => change(integer, named, ["1", "2"]));

    it("that is given out goes on behind the last one, whoever counts", async () => {
      const first = makeMigrations([], tagged(integer));
      await migrate(database, first, { now });
      // As Django 3.2 counts on PostgreSQL.
      if (name === "PostgreSQL")
        for (const sql of [
          "ALTER TABLE shop_tag ALTER id DROP IDENTITY",
          "CREATE SEQUENCE shop_tag_id_seq AS integer OWNED BY shop_tag.id",
          "ALTER TABLE shop_tag ALTER id SET DEFAULT nextval('shop_tag_id_seq')",
        ])
          await run(sql);
      await run("INSERT INTO shop_tag (name) VALUES ('a'), ('b')");
      await run("DELETE FROM shop_tag WHERE name = 'b'");
      await migrate(database, [...first, ...makeMigrations(first, tagged(big))], { now });
      await run("INSERT INTO shop_tag (name) VALUES ('c')");
      assert.deepEqual(await rows("SELECT max(id) FROM shop_tag"), [[3]]);
      if (name === "PostgreSQL") await rows("SELECT setval('shop_tag_id_seq', 3000000000)");
      else await run("UPDATE sqlite_sequence SET seq = 3000000000 WHERE name = 'shop_tag'");
      await run("INSERT INTO shop_tag (name) VALUES ('d')");
      assert.deepEqual(await rows("SELECT max(id) FROM shop_tag"), [[3_000_000_001]]);
    });

    it("that holds what is no number stays a text", async () => {
      const first = makeMigrations([], tagged(text));
      await migrate(database, first, { now });
      await fill("'one'", "'two'");
      await assert.rejects(migrate(database, [...first, ...makeMigrations(first, tagged(big))], { now }));
      assert.deepEqual(await held(), ["two", "two", "two", "two", "two", "two"]);
    });
  });
}

describe("another field", () => {
  it("does not become the primary key, and what to do is said", () => {
    const Tag = (isKey: boolean): Model =>
      model("shop.tag", { fields: { code: field.text({ maxLength: 9, ...(isKey ? { primaryKey: true } : {}) }) } });
    for (const isKey of [true, false])
      assert.throws(
        () => makeMigrations(makeMigrations([], [Tag(!isKey)]), [Tag(isKey)]),
        /model "shop\.tag", field "(code|id)": another field cannot become the primary key/,
      );
  });
});
