/** Names: those that need quotes, those that two models share, those that change, and those that no database would keep. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { defineApp } from "../../../src/app/index.ts";
import { authMigrations, authModels, ensurePermissions } from "../../../src/auth/index.ts";
import { type Database, defineStatement, type Migration, makeMigrations, migrate } from "../../../src/db/index.ts";
import { field, type Model, model } from "../../../src/model/index.ts";
import { permission, resource } from "../../../src/resource/index.ts";
import { startTestApp } from "../../app.ts";
import { databases, type TestDatabase } from "../../databases.ts";
import { now } from "./bookshop.ts";

const add = (
  existing: readonly Migration[],
  models: readonly Model[],
  renames: Readonly<Record<string, string>> = {},
): readonly Migration[] => [
  ...existing,
  ...makeMigrations(existing, models, { renames: new Map(Object.entries(renames)) }),
];

const LibraryBook = model("library.book", { fields: { title: field.text() } });
const ShopBook = model("shop.book", { fields: { title: field.text(), same: field.manyToMany(LibraryBook) } });

for (const { name, create } of databases) {
  describe(`names on ${name}`, () => {
    let test: TestDatabase;
    let database: Database;
    beforeEach(async () => {
      test = await create();
      database = test.database;
    });
    afterEach(() => test.drop());

    const run = async (sql: string): Promise<number> => database.run(defineStatement(sql));
    const rows = async (sql: string): Promise<unknown[][]> =>
      (await database.all(defineStatement(sql))).map((row) => [...row]);

    it("with capitals, quotes and what else SQL means something by are names all the same", async () => {
      const Author = (null_: boolean): Model =>
        model("shop.author", {
          table: `My "Au'thor"`,
          fields: {
            name: field.text({ column: `Na"m'e`, unique: true, ...(null_ ? { null: true } : { default: "x'y" }) }),
          },
        });
      const Book = (table: string, after: boolean): Model =>
        model("shop.book", {
          table,
          fields: {
            title: field.text({ column: "T $$ x", index: !after, unique: after }),
            pages: field.integer({ column: "P", default: 1, ...(after ? { big: true } : { min: 0 }) }),
            author: field.foreignKey("shop.author", { column: "Au thor", null: after }),
            authors: field.manyToMany("shop.author", { through: `Th"rough` }),
            parent: field.foreignKey("shop.book", { column: `S"elf`, null: true }),
          },
          unique: [["title", "pages"]],
          indexes: [{ fields: ["pages", "-title"], where: { pages: { gt: 0 } } }],
          constraints: [{ name: "Few_Pages", check: { pages: { lt: 100 } } }],
        });
      const first = add([], [Author(true), Book("Bücher $$", false)]);
      await migrate(database, first, { now });
      await run(`INSERT INTO "My ""Au'thor""" ("Na""m'e") VALUES ('a'), (NULL)`);
      await run(
        `INSERT INTO "Bücher $$" ("T $$ x", "P", "Au thor", "S""elf") VALUES ('a', 1, 1, NULL), ('b', 2, 2, 1)`,
      );
      await run(`INSERT INTO "Th""rough" (book_id, author_id) VALUES (1, 2)`);
      const second = add(first, [Author(false), Book(`B"ooks`, true)]);
      await migrate(database, second, { now });
      assert.deepEqual(await rows(`SELECT "T $$ x", "P", "Au thor", "S""elf" FROM "B""ooks" ORDER BY id`), [
        ["a", 1, 1, null],
        ["b", 2, 2, 1],
      ]);
      assert.deepEqual(await rows(`SELECT "Na""m'e" FROM "My ""Au'thor""" ORDER BY id`), [["a"], ["x'y"]]);
      await assert.rejects(async () => run(`INSERT INTO "B""ooks" ("T $$ x", "P") VALUES ('a', 9)`), {
        code: "unique",
      });
      await migrate(database, second, { now, to: { label: "shop" } });
      await migrate(database, first, { now });
    });

    it("that two labels share are told apart in the table between their models, as Django does", async () => {
      const permissions = [permission.allowAny()];
      const app = await startTestApp(
        defineApp({
          resources: {
            books: resource(ShopBook, { permissions }),
            others: resource(LibraryBook, { permissions }),
          },
        }),
        await create(),
      );
      try {
        for (const title of ["A", "B"]) await app.client("POST", "/api/v1/others/", { json: { title } });
        const { status, json } = await app.client("POST", "/api/v1/books/", { json: { title: "C", same: [2] } });
        assert.deepEqual([status, json], [201, { id: 1, title: "C", same: [2] }]);
        const links = await app.database.all(defineStatement("SELECT from_book_id, to_book_id FROM shop_book_same"));
        assert.deepEqual([...(links[0] ?? [])], [1, 2]);
      } finally {
        await app.stop();
      }
    });

    it("of a renamed model go along with the rights on it, and back", async () => {
      const before = add(authMigrations, [...authModels, model("shop.book", { fields: { title: field.text() } })]);
      const Volume = model("shop.volume", { fields: { title: field.text() } });
      const after = add(before, [...authModels, Volume], { "shop.book": "shop.volume" });
      await migrate(database, before, { now });
      await ensurePermissions(database, [model("shop.book", { fields: { title: field.text() } })]);
      await run("INSERT INTO auth_group (name) VALUES ('sellers')");
      await run(
        "INSERT INTO auth_group_permissions (group_id, permission_id) SELECT 1, id FROM auth_permission WHERE codename = 'change_book'",
      );
      await migrate(database, after, { now });
      await ensurePermissions(database, [Volume]);
      const rights = (): Promise<unknown[][]> =>
        rows(`SELECT t.model, p.codename, p.name, (SELECT count(*) FROM auth_permission WHERE content_type_id = t.id)
          FROM auth_group_permissions AS g JOIN auth_permission AS p ON p.id = g.permission_id
          JOIN django_content_type AS t ON t.id = p.content_type_id`);
      assert.deepEqual(await rights(), [["volume", "change_volume", "Can change volume", 4]]);
      await migrate(database, after, { now, to: { label: "shop", name: "0001" } });
      assert.deepEqual(await rights(), [["book", "change_book", "Can change book", 4]]);
    });
  });
}

describe("names that are refused when migrations are made", () => {
  const Book = (fields: Parameters<typeof model>[1]["fields"]): Model => model("shop.book", { fields });

  it("are those that PostgreSQL would cut", () => {
    const long = "a_name_of_more_than_a_few_words_that_goes_on_and_on";
    assert.throws(
      () =>
        makeMigrations(
          [],
          [
            model("shop.book", {
              fields: { [long]: field.manyToMany("shop.book"), [`${long}_and_on_and_on`]: field.text() },
            }),
          ],
        ),
      /longer than the 63 bytes of a name on PostgreSQL; give another with table:/,
    );
    assert.equal(makeMigrations([], [Book({ [long]: field.manyToMany("shop.book", { through: "links" }) })]).length, 1);
  });

  it("are columns that another field has", () => {
    const first = makeMigrations([], [Book({ a: field.text(), b: field.text() })]);
    assert.throws(
      () => makeMigrations(first, [Book({ a: field.text({ column: "b" }), b: field.text({ column: "a" }) })]),
      /field "a": its column "b" is that of field "b"/,
    );
  });

  it("but not a column that stays, under a name and a type that are new", () => {
    const first = makeMigrations([], [Book({ title: field.text() })]);
    const [second] = makeMigrations(first, [Book({ name: field.text({ column: "title", maxLength: 9 }) })]);
    assert.deepEqual(
      second?.operations.map(({ kind }) => kind),
      ["renameField", "alterField"],
    );
  });
});
