import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  addField,
  addUnique,
  connect,
  createModel,
  type Database,
  defineStatement,
  deleteModel,
  ForeignKeyViolation,
  findApplied,
  type Migration,
  MigrationFailed,
  type MigrationOptions,
  makeMigrations,
  migrate,
  migration,
  namedMigration,
  removeField,
  removeUnique,
  renameField,
  type SqlValue,
} from "../../../src/db/index.ts";
import { field } from "../../../src/model/index.ts";
import { databases, type TestDatabase } from "../../databases.ts";
import { Author, Book, now, Review, Tag, User } from "./bookshop.ts";

const named = (label: string, name: string, options: MigrationOptions): Migration =>
  namedMigration(label, name, migration(options));

const shop = makeMigrations([], [User, Author, Tag, Book, Review]);

const first = named("shop", "0001_initial", {
  operations: [
    createModel("shop.author", { fields: { id: field.id(), name: field.text({ maxLength: 100 }) } }),
    createModel("shop.book", {
      fields: { id: field.id(), title: field.text(), author: field.foreignKey("shop.author") },
    }),
  ],
});
const second = (...operations: MigrationOptions["operations"]): readonly Migration[] => [
  first,
  named("shop", "0002_second", { operations }),
];

for (const { name, create } of databases) {
  describe(`migrations on ${name}`, () => {
    let test: TestDatabase;
    let database: Database;
    beforeEach(async () => {
      test = await create();
      database = test.database;
    });
    afterEach(() => test.drop());

    const rows = async (sql: string): Promise<unknown[][]> =>
      (await database.all(defineStatement(sql))).map((row) => [...row]);
    const run = async (sql: string, ...values: SqlValue[]) => database.run(defineStatement(sql), values);
    const fill = async (): Promise<void> => {
      await migrate(database, [first], { now });
      await run(`INSERT INTO shop_author (name) VALUES ('Ada'), ('Bob'), ('Eve')`);
      await run(`INSERT INTO shop_book (title, author_id) VALUES ('It''s a book', 1), ('Another', 2)`);
    };

    it("rename a field with what it holds, its indexes and its unique sets, and back", async () => {
      await fill();
      const wide = second(
        addField("shop.book", "pages", field.integer({ null: true, min: 0, index: true })),
        addUnique("shop.book", ["title", "author"]),
      );
      await migrate(database, wide, { now });
      const renamed = named("shop", "0003_third", {
        operations: [
          renameField("shop.book", "title", "name"),
          renameField("shop.book", "author", "writer"),
          renameField("shop.book", "pages", "length"),
          // Under the old names nothing is left that a new column would meet.
          addField("shop.book", "author", field.foreignKey("shop.author", { null: true })),
          addField("shop.book", "pages", field.integer({ null: true, min: 0, index: true })),
          removeUnique("shop.book", ["name", "writer"]),
        ],
      });
      await migrate(database, [...wide, renamed], { now });
      const books = await rows("SELECT name, writer_id, length, author_id FROM shop_book ORDER BY id");
      assert.deepEqual(books, [
        ["It's a book", 1, null, null],
        ["Another", 2, null, null],
      ]);
      await migrate(database, [...wide, renamed], { now, to: { label: "shop", name: "0002_second" } });
      assert.deepEqual(await rows("SELECT title, author_id FROM shop_book ORDER BY id"), [
        ["It's a book", 1],
        ["Another", 2],
      ]);
      await assert.rejects(async () => run("INSERT INTO shop_book (title, author_id) VALUES ('Another', 2)"));
    });

    it("leave the column alone where only the name in code changes", async () => {
      await fill();
      await migrate(database, second(renameField("shop.book", "title", "name", { column: "title" })), { now });
      assert.deepEqual(await rows("SELECT title FROM shop_book ORDER BY id LIMIT 1"), [["It's a book"]]);
    });

    it("make the declared tables, which take rows", async () => {
      await migrate(database, shop, { now });
      await run("INSERT INTO auth_user (username) VALUES ('alice')");
      await run("INSERT INTO bookshop_author (name, website) VALUES ('Ada', '')");
      await run("INSERT INTO bookshop_tag (slug, name) VALUES ('new', 'New')");
      await run(
        `INSERT INTO bookshop_book (title, isbn, price, pages, in_print, genre, ref, metadata, created_at, updated_at,
          author_id, owner_id) VALUES ('A', '1', '12.50', 3, ${name === "SQLite" ? 1 : true}, 'poetry',
          '00000000000000000000000000000001', '{}', '2024-01-01 08:00:00', '2024-01-01 08:00:00', 1, 1)`,
      );
      await run("INSERT INTO bookshop_book_tags (book_id, tag_id) VALUES (1, 1)");
      assert.deepEqual(await rows("SELECT book_id, tag_id FROM bookshop_book_tags"), [[1, 1]]);
    });

    it("record what Django records", async () => {
      await migrate(database, [first], { now });
      const [[label, migrationName, applied] = []] = await rows("SELECT app, name, applied FROM django_migrations");
      assert.deepEqual([label, migrationName], ["shop", "0001_initial"]);
      assert.match(String(applied), /^2024-01-01 08:00:00(\.000000|\+00)$/);
    });

    it("do nothing a second time", async () => {
      assert.equal((await migrate(database, shop, { now })).length, shop.length);
      assert.deepEqual(await migrate(database, shop, { now }), []);
      assert.deepEqual([...(await findApplied(database, shop))], shop);
    });

    it("say what they would do, and do it only then", async () => {
      const planned = await migrate(database, shop, { now, plan: true });
      assert.deepEqual(
        planned.map(({ migration, direction }) => [migration.label, direction]),
        [
          ["auth", "forward"],
          ["bookshop", "forward"],
        ],
      );
      assert.equal((await findApplied(database, shop)).size, 0);
      assert.equal((await migrate(database, shop, { now })).length, 2);
    });

    it("report each migration as it begins and ends", async () => {
      const told: string[] = [];
      const onProgress = ({ migration, phase }: { migration: Migration; phase: string }) =>
        told.push(`${migration.label} ${phase}`);
      await migrate(database, shop, { now, onProgress });
      assert.deepEqual(told, ["auth start", "auth done", "bookshop start", "bookshop done"]);
    });

    it("can be recorded without being run", async () => {
      await migrate(database, [first], { now, fake: true });
      assert.equal((await findApplied(database, [first])).size, 1);
      await assert.rejects(rows("SELECT * FROM shop_book"));
    });

    it("give the rows of a filled table the default of a new column", async () => {
      await fill();
      await migrate(
        database,
        second(
          addField("shop.book", "subtitle", field.text({ maxLength: 200, default: "it's new" })),
          addField("shop.book", "notes", field.text({ blank: true })),
          addField("shop.book", "in_print", field.boolean({ default: true })),
          addField("shop.book", "price", field.decimal({ maxDigits: 8, decimalPlaces: 2, default: "12.50" })),
          addField("shop.book", "extra", field.json({ default: { "it's": [1, null] } })),
          addField("shop.book", "length", field.duration({ default: "1 02:03:04.500000" })),
          addField("shop.book", "updated_at", field.datetime({ auto: "updated" })),
          addField("shop.book", "editor", field.foreignKey("shop.author", { default: 2 })),
          addField("shop.book", "rating", field.float({ null: true })),
        ),
        { now },
      );
      const [row] = await rows(
        "SELECT id, title, author_id, subtitle, notes, in_print, price, editor_id, rating FROM shop_book ORDER BY id",
      );
      const sqlite = name === "SQLite";
      assert.deepEqual(row, [1, "It's a book", 1, "it's new", "", sqlite ? 1 : true, sqlite ? 12.5 : "12.50", 2, null]);
      await assert.rejects(run("INSERT INTO shop_book (title, author_id, editor_id) VALUES ('no default left', 1, 1)"));
    });

    it("give each row a UUID of its own", async () => {
      await fill();
      await migrate(database, second(addField("shop.book", "ref", field.uuid({ auto: "uuid", unique: true }))), {
        now,
      });
      const refs = (await rows("SELECT ref FROM shop_book")).map(([ref]) => String(ref).replaceAll("-", ""));
      assert.equal(new Set(refs).size, 2);
      for (const ref of refs) assert.match(ref, /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    });

    it("keep the rows of other tables that point at a changed one, and what protects them", async () => {
      await fill();
      const [added, removed] = [
        addField("shop.author", "active", field.boolean({ default: true })),
        removeField("shop.author", "name"),
      ];
      await migrate(database, second(added, removed), { now });
      assert.deepEqual(await rows("SELECT id, author_id FROM shop_book ORDER BY id"), [
        [1, 1],
        [2, 2],
      ]);
      await assert.rejects(async () => run("DELETE FROM shop_author WHERE id = 1"), ForeignKeyViolation);
      await assert.rejects(async () => run("UPDATE shop_book SET author_id = 77"), ForeignKeyViolation);
    });

    it("never lose rows of a table that was made by hand and deletes along", async () => {
      await fill();
      await run("CREATE TABLE log (author bigint REFERENCES shop_author (id) ON DELETE CASCADE)");
      await run("INSERT INTO log VALUES (1)");
      const migrations = second(addField("shop.author", "active", field.boolean({ default: true })));
      const migrated = migrate(database, migrations, { now });
      if (name === "SQLite")
        await assert.rejects(migrated, /"shop_author": cannot be made again while "log" points at it/);
      else await migrated;
      assert.deepEqual(await rows("SELECT author FROM log"), [[1]]);
    });

    it("name rows that point at nothing already, where a table has to be made again", async () => {
      if (name !== "SQLite") return;
      await fill();
      await database.script(
        "PRAGMA foreign_keys = OFF; UPDATE shop_book SET author_id = 77 WHERE id = 2; PRAGMA foreign_keys = ON",
      );
      await assert.rejects(
        migrate(database, second(addField("shop.book", "pages", field.integer({ default: 1 }))), { now }),
        /rows pointed at nothing before it, and have to be mended or deleted first: row 2 of shop_book at shop_author$/,
      );
    });

    it("never give out the key of a deleted row again", async () => {
      await fill();
      await run("DELETE FROM shop_author WHERE id = 3");
      await migrate(database, second(addField("shop.author", "active", field.boolean({ default: true }))), { now });
      await run(`INSERT INTO shop_author (name, active) VALUES ('New', ${name === "SQLite" ? 1 : true})`);
      assert.deepEqual(await rows("SELECT max(id) FROM shop_author"), [[4]]);
    });

    it("leave nothing of a failed one behind, name it and keep those before it", async () => {
      await fill();
      const failing = second(
        createModel("shop.tag", { fields: { name: field.text() } }),
        addField("shop.book", "pages", field.integer()),
      );
      await assert.rejects(migrate(database, failing, { now }), (error: unknown) => {
        assert.ok(error instanceof MigrationFailed);
        assert.match(error.message, /shop\.0002_second failed at operation 2, "add field pages to shop\.book"/);
        return true;
      });
      await assert.rejects(rows("SELECT * FROM shop_tag"));
      assert.deepEqual(await rows("SELECT count(*) FROM shop_book"), [[2]]);
      assert.deepEqual(await rows("SELECT name FROM django_migrations"), [["0001_initial"]]);
    });

    it("can be undone and done again", async () => {
      await fill();
      const both = second(
        addField("shop.book", "rank", field.integer({ default: 7 })),
        addUnique("shop.book", ["author", "rank"]),
        createModel("shop.tag", { fields: { book: field.manyToMany("shop.book") } }),
      );
      await migrate(database, both, { now });
      const undone = await migrate(database, both, { now, to: { label: "shop", name: "0001_initial" } });
      assert.deepEqual(
        undone.map(({ migration, direction }) => [migration.name, direction]),
        [["0002_second", "backward"]],
      );
      await assert.rejects(rows("SELECT rank FROM shop_book"));
      await assert.rejects(rows("SELECT * FROM shop_tag_book"));
      await migrate(database, both, { now });
      assert.deepEqual(await rows("SELECT DISTINCT rank FROM shop_book"), [[7]]);
      await migrate(database, both, { now, to: { label: "shop" } });
      assert.deepEqual(await rows("SELECT * FROM django_migrations"), []);
      await assert.rejects(rows("SELECT * FROM shop_book"));
    });

    it("undo what depends on the undone, in other labels too", async () => {
      await migrate(database, shop, { now });
      const undone = await migrate(database, shop, { now, to: { label: "auth" } });
      assert.deepEqual(
        undone.map(({ migration }) => migration.label),
        ["bookshop", "auth"],
      );
    });

    it("hold and release what is unique together", async () => {
      await fill();
      const unique = second(addUnique("shop.book", ["author", "title"]));
      await migrate(database, unique, { now });
      const again = "INSERT INTO shop_book (title, author_id) VALUES ('Another', 2)";
      await assert.rejects(async () => run(again), { code: "unique" });
      const third = named("shop", "0003_third", { operations: [removeUnique("shop.book", ["author", "title"])] });
      await migrate(database, [...unique, third], { now });
      assert.equal(await run(again), 1);
    });

    it("remove a table, and the tables between it and others", async () => {
      await migrate(database, shop, { now });
      const removal = named("bookshop", "0002_removal", {
        operations: [deleteModel("bookshop.review"), deleteModel("bookshop.book")],
      });
      await migrate(database, [...shop, removal], { now });
      await assert.rejects(rows("SELECT * FROM bookshop_book_tags"));
      assert.deepEqual(await rows("SELECT * FROM bookshop_tag"), []);
    });

    it("do not remove a table while rows elsewhere point at it", async () => {
      const migrations = second(deleteModel("shop.author"));
      await fill();
      await assert.rejects(migrate(database, migrations, { now }), /"shop\.book" points at it/);
    });

    it("are applied once by five migrators at once", async () => {
      const others = await Promise.all([1, 2, 3, 4].map(() => connect(test.url)));
      try {
        const all = [database, ...others];
        const done = await Promise.all(all.map((each) => migrate(each, shop, { now })));
        assert.equal(done.flat().length, shop.length);
        assert.equal((await rows("SELECT * FROM django_migrations")).length, shop.length);
      } finally {
        await Promise.all(others.map((each) => each.close()));
      }
    });

    it("that stand for Django's are recorded as Django's, and found in a database of Django's", async () => {
      const replacing = named("shop", "0001_initial", { ...first, replaces: ["0001_initial", "0002_title"] });
      await migrate(database, [replacing], { now });
      assert.deepEqual(await rows("SELECT name FROM django_migrations ORDER BY id"), [
        ["0001_initial"],
        ["0002_title"],
      ]);
      assert.deepEqual(await migrate(database, [replacing], { now }), []);
      await run("DELETE FROM django_migrations WHERE name = '0002_title'");
      await assert.rejects(migrate(database, [replacing], { now }), /lacks some: 0002_title/);
    });

    it("refuse to go to a migration that is not there", async () => {
      await assert.rejects(
        migrate(database, [first], { now, to: { label: "shop", name: "0009_x" } }),
        /expected one of/,
      );
      await assert.rejects(migrate(database, [first], { now, to: { label: "none" } }), /label that has migrations/);
    });
  });
}
