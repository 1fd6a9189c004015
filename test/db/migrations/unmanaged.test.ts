/** Tables of somebody else's, `managed: false`: pointed at, never made, changed or dropped. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  type Database,
  defineStatement,
  describeOperation,
  type Migration,
  makeMigrations,
  migrate,
  migrationSource,
} from "../../../src/db/index.ts";
import { type FieldMap, field, type Model, model } from "../../../src/model/index.ts";
import { databases, type TestDatabase } from "../../databases.ts";
import { now } from "./bookshop.ts";

const title = { title: field.text() };
const Book = (managed: boolean, fields: FieldMap = title): Model =>
  model("shop.book", { table: "their_books", managed, fields });
const Review = model("club.review", {
  fields: { body: field.text(), book: field.foreignKey("shop.book"), alike: field.manyToMany("shop.book") },
});
const words = (migrations: readonly Migration[]): string[] =>
  migrations.flatMap(({ label, name, operations }) =>
    operations.map((operation) => `${label}.${name}: ${describeOperation(operation)}`),
  );

describe("a model that is managed by others", () => {
  it("makes no migration, whatever changes in it", () => {
    assert.deepEqual(makeMigrations([], [Book(false)]), []);
    const first = makeMigrations([], [Book(false), Review]);
    assert.deepEqual(makeMigrations(first, [Book(false, { ...title, pages: field.integer() }), Review]), []);
  });

  it("is known by its table and key where others point at it, under a name that Django has not recorded", () => {
    const first = makeMigrations([], [Book(false), Review]);
    assert.deepEqual(words(first), [
      "shop.0001_drf_auth: point at shop.book",
      "club.0001_initial: create model club.review",
    ]);
    assert.match(
      first.map((each) => migrationSource(each)).join(""),
      /createModel\("shop\.book", \{\n +managed: false,\n +table: "their_books",\n +fields: \{\n +id: field\.id\(\),\n +\},\n/,
    );
    const other = model("shop.book", { table: "others", managed: false, fields: {} });
    assert.deepEqual(words(makeMigrations(first, [other, Review])), ["shop.0002_book: point at shop.book"]);
  });

  it("is never taken for a renamed one, and its table never for one that is gone", () => {
    const first = makeMigrations([], [Book(true)]);
    const Tome = model("shop.tome", { table: "their_books", managed: false, fields: title });
    assert.throws(
      () => makeMigrations(first, [Tome]),
      /"their_books" is that of "shop\.tome", which is managed: false/,
    );
  });
});

for (const { name, create } of databases) {
  describe(`a table of others on ${name}`, () => {
    let test: TestDatabase;
    let database: Database;
    beforeEach(async () => {
      test = await create();
      database = test.database;
      const key = name === "SQLite" ? "integer PRIMARY KEY AUTOINCREMENT" : "bigserial PRIMARY KEY";
      await database.script(
        `CREATE TABLE their_books (id ${key}, title text); INSERT INTO their_books (title) VALUES ('A')`,
      );
    });
    afterEach(() => test.drop());
    const run = async (sql: string): Promise<number> => database.run(defineStatement(sql));
    const books = async (): Promise<unknown[][]> =>
      (await database.all(defineStatement("SELECT title FROM their_books"))).map((row) => [...row]);

    it("is pointed at and left alone, forwards and backwards", async () => {
      const first = makeMigrations([], [Book(false), Review]);
      await migrate(database, first, { now });
      await run("INSERT INTO club_review (body, book_id) VALUES ('Good', 1)");
      await assert.rejects(async () => run("INSERT INTO club_review (body, book_id) VALUES ('Bad', 7)"), {
        code: "foreign_key",
      });
      await run("DELETE FROM club_review");
      for (const label of ["club", "shop"]) await migrate(database, first, { now, to: { label } });
      assert.deepEqual(await books(), [["A"]]);
    });

    it("may be taken over, and given away with what it holds", async () => {
      const first = makeMigrations([], [Book(false), Review]);
      await migrate(database, first, { now });
      const taken = [...first, ...makeMigrations(first, [Book(true), Review])];
      assert.deepEqual(words(taken.slice(2)), ["shop.0002_book: create model shop.book"]);
      await assert.rejects(migrate(database, taken, { now }), /already exists/);
      await migrate(database, taken, { now, fake: true });
      const changed = [
        ...taken,
        ...makeMigrations(taken, [Book(true, { ...title, pages: field.integer({ default: 1 }) }), Review]),
      ];
      await migrate(database, changed, { now });
      const given = [...changed, ...makeMigrations(changed, [Book(false), Review])];
      assert.deepEqual(words(given.slice(4)), ["shop.0004_release_book: leave the table of shop.book to others"]);
      await migrate(database, given, { now });
      assert.deepEqual(await books(), [["A"]]);
      assert.deepEqual(makeMigrations(given, [Book(false), Review]), []);
    });
  });
}
