/** Migrations beside a live service, and beside what somebody else put into the database. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  addConstraint,
  addField,
  addIndex,
  addUnique,
  alterField,
  connect,
  createModel,
  type Database,
  defineStatement,
  hintsOf,
  hintText,
  InconsistentHistory,
  type Migration,
  type MigrationOptions,
  mergeMigrations,
  migrate,
  migration,
  migrationSource,
  namedMigration,
  type Operation,
  removeField,
  renameField,
  renameModel,
  replay,
  runCode,
  runSql,
  squashMigrations,
} from "../../../src/db/index.ts";
import { field } from "../../../src/model/index.ts";
import { databases, type TestDatabase } from "../../databases.ts";
import { now } from "./bookshop.ts";

const named = (name: string, operations: readonly Operation[], others: Partial<MigrationOptions> = {}): Migration =>
  namedMigration("shop", name, migration({ operations, ...others }));

const first = named("0001_initial", [
  createModel("shop.author", { fields: { name: field.text() } }),
  createModel("shop.book", {
    fields: {
      title: field.text(),
      pages: field.integer({ null: true }),
      author: field.foreignKey("shop.author"),
      friends: field.manyToMany("shop.book"),
    },
    unique: [["title", "author"]],
    indexes: [{ fields: ["-pages"] }],
  }),
  createModel("shop.shelf", {
    fields: { best: field.foreignKey("shop.book"), books: field.manyToMany("shop.book") },
  }),
]);

for (const { name, create } of databases) {
  describe(`migrations on a ${name} in use`, () => {
    let test: TestDatabase;
    let database: Database;
    beforeEach(async () => {
      test = await create();
      database = test.database;
      await migrate(database, [first], { now });
      await run("INSERT INTO shop_author (name) VALUES ('Ada')");
      await run("INSERT INTO shop_book (title, pages, author_id) VALUES ('One', 1, 1), ('Two', NULL, 1)");
      await run("INSERT INTO shop_book_friends (from_book_id, to_book_id) VALUES (1, 2)");
      await run("INSERT INTO shop_shelf (best_id) VALUES (2)");
      await run("INSERT INTO shop_shelf_books (shelf_id, book_id) VALUES (1, 1)");
    });
    afterEach(() => test.drop());

    const run = async (sql: string): Promise<number> => database.run(defineStatement(sql));
    const rows = async (sql: string): Promise<unknown[][]> =>
      (await database.all(defineStatement(sql))).map((row) => [...row]);
    const apply = (...operations: Operation[]) => migrate(database, [first, named("0002_second", operations)], { now });
    const back = (...operations: Operation[]) =>
      migrate(database, [first, named("0002_second", operations)], { now, to: { label: "shop", name: "0001" } });

    it("rename a model with its tables, columns between and all that points at it, and back", async () => {
      const rename = renameModel("shop.book", "shop.volume");
      await apply(rename, addField("shop.volume", "rank", field.integer({ default: 3 })));
      assert.deepEqual(await rows("SELECT from_volume_id, to_volume_id FROM shop_volume_friends"), [[1, 2]]);
      assert.deepEqual(await rows("SELECT shelf_id, volume_id FROM shop_shelf_books"), [[1, 1]]);
      assert.deepEqual(await rows("SELECT title, rank FROM shop_shelf, shop_volume AS v WHERE v.id = best_id"), [
        ["Two", 3],
      ]);
      await assert.rejects(async () => run("INSERT INTO shop_shelf (best_id) VALUES (77)"), { code: "foreign_key" });
      await assert.rejects(async () => run("INSERT INTO shop_volume (title, author_id, rank) VALUES ('Two', 1, 1)"), {
        code: "unique",
      });
      await back(rename, addField("shop.volume", "rank", field.integer({ default: 3 })));
      assert.deepEqual(await rows("SELECT from_book_id FROM shop_book_friends"), [[1]]);
      // Under the names that a new table has, so that it can be made again.
      await migrate(database, [first], { now, to: { label: "shop" } });
      await migrate(database, [first], { now });
    });

    it("keep a condition as a rule and in an index", async () => {
      const operations = [
        addConstraint("shop.book", { name: "pages_some", check: [{ pages: null }, { pages: { gt: 0 } }] }),
        addConstraint("shop.book", {
          name: "one_draft",
          unique: ["author"],
          where: { pages: null, title: { not: "x" } },
        }),
        addIndex("shop.book", { fields: ["author", "-pages"], where: { pages: { in: [1, 2], lt: { field: "id" } } } }),
      ];
      await apply(...operations);
      await assert.rejects(async () => run("UPDATE shop_book SET pages = 0"), { code: "check" });
      await assert.rejects(async () => run("INSERT INTO shop_book (title, author_id) VALUES ('Three', 1)"), {
        code: "unique",
      });
      // A renamed field is renamed in its rules and indexes, as a table that is made again shows.
      const third = named("0003_third", [
        renameField("shop.book", "pages", "length"),
        addField("shop.book", "rank", field.integer({ default: 1 })),
      ]);
      await migrate(database, [first, named("0002_second", operations), third], { now });
      await assert.rejects(async () => run("UPDATE shop_book SET length = 0"), { code: "check" });
      const again = "INSERT INTO shop_book (title, author_id, rank) VALUES ('Three', 1, 1)";
      await assert.rejects(async () => run(again), { code: "unique" });
      await migrate(database, [first, named("0002_second", operations), third], {
        now,
        to: { label: "shop", name: "0002" },
      });
      await back(...operations);
      assert.equal(await run("UPDATE shop_book SET pages = 0"), 2);
    });

    it("give rows that hold null a value, and refuse where they have none", async () => {
      await assert.rejects(apply(alterField("shop.book", "pages", field.integer())), /alter field pages of shop\.book/);
      await apply(alterField("shop.book", "pages", field.integer({ default: 9 })));
      assert.deepEqual(await rows("SELECT pages FROM shop_book ORDER BY id"), [[1], [9]]);
    });

    it("never touch what was not declared", async () => {
      await run("ALTER TABLE shop_book ADD COLUMN mine varchar(20) DEFAULT 'it''s, (mine)' NOT NULL");
      await run(
        "ALTER TABLE shop_book ADD COLUMN twice integer GENERATED ALWAYS AS (pages * 2) STORED".replace(
          "STORED",
          name === "SQLite" ? "VIRTUAL" : "STORED",
        ),
      );
      await run("CREATE INDEX my_index ON shop_book (mine)");
      await run("CREATE TABLE my_table (x integer)");
      await run("CREATE VIEW my_view AS SELECT title, mine FROM shop_book");
      await run("UPDATE shop_book SET mine = 'kept' WHERE id = 1");
      // Its key is checked at once, and not when the transaction ends.
      await run("CREATE TABLE my_child (book bigint REFERENCES shop_book (id))");
      await run("INSERT INTO my_child VALUES (1)");
      if (name === "SQLite") {
        await run("CREATE TABLE log (title text)");
        await run("CREATE TRIGGER my_trigger AFTER UPDATE ON shop_book BEGIN INSERT INTO log VALUES (new.title); END");
      }
      const operations = [
        addField("shop.book", "rank", field.integer({ default: 3 })),
        removeField("shop.shelf", "best"),
        addConstraint("shop.book", { name: "pages_some", check: { id: { gt: 0 } } }),
      ];
      await apply(...operations);
      const kept = [
        ["One", "kept", 2],
        ["Two", "it's, (mine)", null],
      ];
      const mine = "SELECT title, mine, twice FROM shop_book ORDER BY id";
      assert.deepEqual(await rows(mine), kept);
      await run("INSERT INTO shop_book (title, author_id, rank, pages) VALUES ('Three', 1, 1, 4)");
      assert.deepEqual((await rows(mine))[2], ["Three", "it's, (mine)", 8]);
      await back(...operations.filter(({ kind }) => kind !== "removeField"));
      assert.deepEqual((await rows("SELECT * FROM my_view ORDER BY 1")).length, 3);
      await assert.rejects(async () => run("INSERT INTO my_child VALUES (77)"), { code: "foreign_key" });
      assert.deepEqual(await rows("SELECT book FROM my_child"), [[1]]);
      if (name !== "SQLite") return;
      await run("UPDATE shop_book SET title = 'Neu' WHERE id = 1");
      assert.deepEqual(await rows("SELECT * FROM log"), [["Neu"]]);
      assert.equal((await rows("SELECT 1 FROM sqlite_schema WHERE name = 'my_index'")).length, 1);
    });

    it("take no view along that was made by hand", async () => {
      await run("CREATE VIEW titles AS SELECT id, title FROM shop_book ORDER BY id");
      const dropped = migrate(database, [first], { now, to: { label: "shop" } });
      // SQLite has no word for it: its view is one of a table that is not there.
      if (name === "SQLite") return void (await dropped);
      await assert.rejects(
        dropped,
        /cannot drop table shop_book because other objects depend on it: view titles depends on table shop_book$/,
      );
      assert.deepEqual(await rows("SELECT title FROM titles"), [["One"], ["Two"]]);
    });

    it("run code with the models of its place, and SQL of this database alone", async () => {
      const seen: unknown[] = [];
      await apply(
        runSql({ [name === "SQLite" ? "sqlite" : "postgres"]: "UPDATE shop_book SET title = 'Uno' WHERE id = 1" }),
        runSql({ [name === "SQLite" ? "postgres" : "sqlite"]: "nonsense" }),
        runCode({
          async forward({ table, dialect }) {
            seen.push(
              dialect,
              (await table("shop.book").list({ order: ["id"] })).map(({ title }) => title),
            );
            await table("shop.book").update(2, { title: "Due" });
            assert.throws(() => table("shop.volume"), /model "shop\.volume"/);
          },
        }),
        renameModel("shop.book", "shop.volume"),
      );
      assert.deepEqual(seen, [name === "SQLite" ? "sqlite" : "postgres", ["Uno", "Two"]]);
      assert.deepEqual(await rows("SELECT title FROM shop_volume ORDER BY id"), [["Uno"], ["Due"]]);
    });

    it("wait for another process that writes, and say so", async () => {
      const other = await connect(test.url, { busyTimeoutMs: 1 });
      const { promise: waits, resolve: tellWaits } = Promise.withResolvers<void>();
      const { promise: held, resolve: tellHeld } = Promise.withResolvers<void>();
      const writing = database.transaction(async (transaction) => {
        const lock = "SELECT pg_advisory_xact_lock(4738112906)";
        if (name === "PostgreSQL") await transaction.run(defineStatement(lock));
        tellHeld();
        await waits;
      });
      await held;
      const phases: string[] = [];
      const onProgress = ({ phase }: { phase: string }): void => {
        phases.push(phase);
        if (phase === "wait") tellWaits();
      };
      const more = named("0002_more", [addField("shop.book", "rank", field.integer({ null: true }))]);
      await migrate(other, [first, more], { now, onProgress });
      await writing;
      await other.close();
      assert.deepEqual(phases, ["start", "wait", "done"]);
    });

    it("are not applied when another process undid meanwhile what they come after", async () => {
      const more = named("0002_x", [addField("shop.author", "x", field.integer({ default: 1 }))]);
      await migrate(database, [first, more], { now, to: { label: "shop" } });
      await migrate(database, [first], { now });
      // Between the plan and the lock of the migration.
      const overtaken: Database = {
        dialect: database.dialect,
        all: (...asked) => database.all(...asked),
        get: (...asked) => database.get(...asked),
        run: (...asked) => database.run(...asked),
        script: (sql) => database.script(sql),
        afterCommit: (work) => database.afterCommit(work),
        close: () => database.close(),
        async transaction(work) {
          await migrate(database, [first, more], { now, to: { label: "shop" } });
          return database.transaction(work);
        },
      };
      await assert.rejects(
        migrate(overtaken, [first, more], { now }),
        /0002_x failed at its start.*another process has undone migration shop\.0001_initial meanwhile.*run it again/,
      );
      assert.equal((await migrate(database, [first, more], { now })).length, 2);
    });

    it("are recorded and not run where their tables are there", async () => {
      await run("DELETE FROM django_migrations");
      await assert.rejects(migrate(database, [first], { now }), /create model shop\.author/);
      const more = named("0002_more", [addField("shop.book", "rank", field.integer({ null: true }))]);
      const done = await migrate(database, [first, more], { now, fakeInitial: true });
      assert.equal(done.length, 2);
      assert.deepEqual(await rows("SELECT rank FROM shop_book"), [[null], [null]]);
    });

    it("of branches are applied whichever was first, in states of the database's own order", async () => {
      const parent = { dependencies: [["shop", "0001_initial"] as const] };
      const late = named("0002_late", [addField("shop.book", "late", field.integer({ default: 1 }))], parent);
      const early = named("0002_early", [addField("shop.book", "early", field.integer({ default: 2 }))], parent);
      await migrate(database, [first, late], { now });
      await assert.rejects(
        migrate(database, [first, late, early], { now }),
        /branches that end at 0002_early and 0002_late/,
      );
      const merge = mergeMigrations([first, late, early]);
      await migrate(database, [first, late, early, ...merge], { now });
      assert.deepEqual((await rows("SELECT early, late FROM shop_book"))[0], [2, 1]);
      await migrate(database, [first, late, early, ...merge], { now, to: { label: "shop", name: "0002_early" } });
      assert.deepEqual((await rows("SELECT early FROM shop_book"))[0], [2]);
      await assert.rejects(rows("SELECT late FROM shop_book"));
    });

    it("do not go on where the history has a gap", async () => {
      const more = named("0002_more", []);
      await migrate(database, [first, more], { now });
      await run("DELETE FROM django_migrations WHERE name = '0001_initial'");
      await assert.rejects(migrate(database, [first, more], { now }), InconsistentHistory);
    });

    it("go on with the files behind a squashed one where a database has a part of them", async () => {
      const all = [
        first,
        named("0002_a", [addField("shop.book", "a", field.integer({ default: 1 }))]),
        named("0003_b", []),
      ];
      const squashed = squashMigrations(all, { label: "shop", to: "0003" });
      const done = await migrate(database, [...all, squashed], { now });
      assert.deepEqual(
        done.map(({ migration }) => migration.name),
        ["0002_a", "0003_b"],
      );
      assert.deepEqual(await migrate(database, [squashed], { now }), []);
    });
  });
}

describe("a migration on PostgreSQL beside those who read and write", () => {
  let test: TestDatabase;
  let other: Database;
  beforeEach(async () => {
    const { create } = databases[1] ?? assert.fail();
    test = await create();
    other = await connect(test.url);
    await migrate(test.database, [first], { now });
  });
  afterEach(async () => {
    await other.close();
    await test.drop();
  });

  it("gives way to who holds its table, says that it waits, and comes again", async () => {
    const migrations = [first, named("0002_x", [addField("shop.book", "x", field.integer({ null: true }))])];
    const told: string[] = [];
    const { promise: waits, resolve: tellWaits } = Promise.withResolvers<void>();
    const { promise: held, resolve: tellHeld } = Promise.withResolvers<void>();
    const reading = other.transaction(async (transaction) => {
      await transaction.run(defineStatement("LOCK TABLE shop_book IN ACCESS SHARE MODE"));
      tellHeld();
      await waits;
    });
    await held;
    const onProgress = ({ phase }: { phase: string }): void => {
      told.push(phase);
      if (phase === "wait") tellWaits();
    };
    await migrate(test.database, migrations, { now, lockTimeoutMs: 20, onProgress });
    await reading;
    assert.deepEqual(told, ["start", "wait", "done"]);
  });

  it("gives up after the time it was given, and says what it could not do", async () => {
    const migrations = [first, named("0002_x", [addField("shop.book", "x", field.integer({ null: true }))])];
    await other.transaction(async (transaction) => {
      await transaction.run(defineStatement("LOCK TABLE shop_book IN ACCESS SHARE MODE"));
      await assert.rejects(
        migrate(test.database, migrations, { now, lockTimeoutMs: 20, waitMs: 60 }),
        /0002_x failed at operation 1, "add field x to shop\.book".*lock timeout/,
      );
    });
  });

  it("builds an index while others write and wait to migrate, and once more where it was cut off", async () => {
    const index = { fields: ["title"], name: "by_title" };
    const build = named("0002_index", [addIndex("shop.book", index, { concurrently: true })]);
    const all = [test.database, other];
    // What a killed process leaves: an index of that name that is not valid.
    await other.run(defineStatement("INSERT INTO shop_author (name) VALUES ('Ada')"));
    await other.run(defineStatement("INSERT INTO shop_book (title, author_id) VALUES ('a', 1)"));
    await other.run(defineStatement("INSERT INTO shop_book (title, author_id) SELECT title || 'b', 1 FROM shop_book"));
    await other.run(defineStatement("UPDATE shop_book SET pages = 1"));
    await assert.rejects(async () =>
      other.run(defineStatement("CREATE UNIQUE INDEX CONCURRENTLY by_title ON shop_book (pages)")),
    );
    const done = await Promise.all(all.map((database) => migrate(database, [first, build], { now })));
    assert.equal(done.flat().length, 1);
    const [valid] = (await other.all(
      defineStatement(
        "SELECT indisvalid, pg_get_indexdef(indexrelid) FROM pg_index WHERE indexrelid = 'by_title'::regclass",
      ),
    )) as unknown[][];
    assert.deepEqual(valid, [true, "CREATE INDEX by_title ON public.shop_book USING btree (title)"]);
    await migrate(other, [first, build], { now, to: { label: "shop", name: "0001" } });
  });

  it("builds indexes outside a transaction with nothing else", () => {
    const mixed = [
      addIndex("shop.book", { fields: ["title"] }, { concurrently: true }),
      removeField("shop.book", "pages"),
    ];
    assert.throws(
      () => named("0002_x", mixed),
      /needs a migration without other operations, or one .* atomic: false; got: remove field pages/,
    );
  });
});

describe("what holds up a live service is told, with the way that does not", () => {
  const hints = (...operations: Operation[]): readonly string[] => {
    const asked = named("0002_x", operations);
    return hintsOf([first, asked], [asked]).map(hintText);
  };
  const slow: readonly (readonly [string, Operation, RegExp])[] = [
    [
      "an index",
      addIndex("shop.book", { fields: ["title"] }),
      /0002_x, add index on title to shop\.book: on PostgreSQL .*concurrently: true/,
    ],
    ["a type", alterField("shop.book", "title", field.text({ maxLength: 9 })), /written anew/],
    [
      "a column that must have a value",
      alterField("shop.book", "pages", field.integer({ default: 1 })),
      /check: \{ …: \{ not: null \} \}/,
    ],
    ["a rule", addConstraint("shop.book", { name: "c", check: { pages: 1 } }), /addConstraint\(…, \{ concurrently/],
    ["an index of a column", alterField("shop.book", "title", field.text({ index: true })), /index: false/],
    ["a new column with an index", addField("shop.book", "slug", field.slug({ null: true })), /index: false/],
    ["a unique set", addUnique("shop.book", ["pages"]), /addUnique\(…, \{ concurrently/],
    ["a key", alterField("shop.book", "id", field.text({ primaryKey: true })), /so is every table that points at it/],
    [
      "a check",
      alterField("shop.book", "pages", field.integer({ null: true, min: 0 })),
      /declare the bound as a constraint/,
    ],
    [
      "a foreign key that has a value",
      addField("shop.book", "editor", field.foreignKey("shop.author", { default: 1, index: false })),
      /every row is checked/,
    ],
    ["a random value for each row", addField("shop.book", "ref", field.uuid({ auto: "uuid" })), /written anew/],
  ];
  for (const [what, operation, message] of slow)
    it(what, () => {
      assert.match(hints(operation).join("\n"), message);
    });

  it("and what costs nothing is not", () => {
    const index = { fields: ["name"] };
    assert.deepEqual(
      hints(
        createModel("shop.tag", { fields: { name: field.text() } }),
        addIndex("shop.tag", index),
        addField("shop.book", "note", field.text({ default: "" })),
        addField("shop.book", "price", field.decimal({ maxDigits: 6, decimalPlaces: 2, null: true })),
        alterField("shop.book", "price", field.decimal({ maxDigits: 8, decimalPlaces: 2, null: true })),
        addField("shop.book", "editor", field.foreignKey("shop.author", { null: true, index: false })),
        addIndex("shop.book", { fields: ["title"] }, { concurrently: true }).kind === "addIndex"
          ? alterField("shop.book", "pages", field.integer({ null: true }))
          : removeField("shop.book", "pages"),
      ),
      [],
    );
  });

  it("nor is what is made while others write", () => {
    const operations = [
      addIndex("shop.book", { fields: ["title"] }, { concurrently: true }),
      addUnique("shop.book", ["pages"], { concurrently: true }),
      addConstraint("shop.book", { name: "c", check: { pages: 1 } }, { concurrently: true }),
    ];
    assert.deepEqual(hints(...operations), []);
  });
});

describe("branches and squashed migrations", () => {
  const parent = { dependencies: [["shop", "0001_initial"] as const] };
  it("that change the same are not joined", () => {
    const a = named("0002_a", [alterField("shop.book", "title", field.text({ maxLength: 5 }))], parent);
    const b = named("0002_b", [alterField("shop.book", "title", field.text({ maxLength: 6 }))], parent);
    assert.throws(() => mergeMigrations([first, a, b]), /0002_a and 0002_b cannot be joined, for they change the same/);
    const c = named("0002_c", [removeField("shop.book", "title")], parent);
    assert.throws(() => mergeMigrations([first, a, c]), /one does not fit after the other/);
    assert.deepEqual(mergeMigrations([first, a]), []);
  });

  it("lead to the same models", () => {
    const all = [
      first,
      named("0002_x", [
        addField("shop.book", "x", field.integer({ default: 1 })),
        renameModel("shop.shelf", "shop.board"),
      ]),
    ];
    const squashed = squashMigrations(all, { label: "shop", to: "0002_x" });
    assert.deepEqual(squashed.replaces, ["0001_initial", "0002_x"]);
    assert.ok(squashed.operations.every(({ kind }) => kind === "createModel"));
    assert.deepEqual([...replay([squashed]).state.keys()].sort(), [...replay(all).state.keys()].sort());
  });

  it("keep code and SQL in their place, taken from their files, and leave out what a new database need not run", () => {
    const forward = () => undefined;
    const code = named("0002_code", [
      addField("shop.book", "x", field.integer({ default: 1 })),
      runCode({ forward }),
      runSql({ sqlite: "SELECT 1" }),
      runCode({ forward, elidable: true }),
      runSql({ sqlite: "SELECT 2", elidable: true }),
    ]);
    const after = named("0003_y", [addIndex("shop.book", { fields: ["x"] }, { concurrently: true })]);
    const squashed = squashMigrations([first, code, after], { label: "shop", to: "0003" });
    assert.deepEqual(
      squashed.operations.slice(3).map(({ kind }) => kind),
      ["addField", "runCode", "runSql", "addIndex"],
    );
    assert.match(
      migrationSource(squashed),
      /import m0002_code from "\.\/0002_code\.ts";\n[\s\S]* \.\.\.m0002_code\.operations\.slice\(1, 2\),\n/,
    );
    assert.ok(squashed.atomic);
    const elided = named("0002_code", [...code.operations.slice(0, 1), ...code.operations.slice(3)]);
    const plain = squashMigrations([first, elided, after], { label: "shop", to: "0003" });
    assert.ok(plain.operations.every(({ kind }) => kind === "createModel"));
  });
});
