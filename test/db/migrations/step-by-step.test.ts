/** Migrations that are no single transaction: on PostgreSQL an operation at a time, on SQLite as any other. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  addConstraint,
  addField,
  addIndex,
  addUnique,
  createModel,
  type Database,
  defineStatement,
  type Migration,
  migrate,
  migration,
  migrationSource,
  migrationSql,
  namedMigration,
  runCode,
  runSql,
} from "../../../src/db/index.ts";
import { field } from "../../../src/model/index.ts";
import { databases, type TestDatabase } from "../../databases.ts";
import { now } from "./bookshop.ts";

const first = namedMigration(
  "shop",
  "0001_initial",
  migration({ operations: [createModel("shop.book", { fields: { title: field.text() } })] }),
);

/** A field, an index beside those who write, values in batches, and what no transaction may hold. */
const second = (fill: (title: string) => void): Migration =>
  namedMigration(
    "shop",
    "0002_slug",
    migration({
      atomic: false,
      operations: [
        addField("shop.book", "slug", field.text({ null: true })),
        addIndex("shop.book", { fields: ["slug"], name: "by_slug" }, { concurrently: true }),
        runCode({
          atomic: false,
          async forward({ table, transaction }) {
            for (const { id, title, slug } of await table("shop.book").list())
              if (slug === null)
                await transaction.transaction(async (batch) => {
                  const slot = batch.dialect === "sqlite" ? ["?", "?"] : ["$1", "$2"];
                  const update = `UPDATE shop_book SET slug = ${slot[0]} WHERE id = ${slot[1]}`;
                  await batch.run(defineStatement(update), [String(title).toLowerCase(), Number(id)]);
                  fill(String(title));
                });
          },
          backward: () => undefined,
        }),
        runSql({ postgres: "VACUUM shop_book", reverse: [], atomic: false }),
        addConstraint("shop.book", { name: "has_slug", check: { slug: { not: null } } }),
      ],
    }),
  );

for (const { name, create } of databases) {
  describe(`a migration of several transactions on ${name}`, () => {
    let test: TestDatabase;
    let database: Database;
    beforeEach(async () => {
      test = await create();
      database = test.database;
      await migrate(database, [first], { now });
      await database.run(defineStatement("INSERT INTO shop_book (title) VALUES ('A'), ('B'), ('C')"));
    });
    afterEach(() => test.drop());

    const isPostgres = name === "PostgreSQL";
    const rows = async (sql: string): Promise<unknown[][]> =>
      (await database.all(defineStatement(sql))).map((row) => [...row]);
    const failing = second((title) => {
      if (title === "B") throw new Error("no slug for B");
    });
    const fail = (): Promise<void> =>
      assert.rejects(migrate(database, [first, failing], { now }), {
        message: isPostgres
          ? 'migration shop.0002_slug failed at operation 3, "run code", and what came before that is kept, and the next run goes on from there: no slug for B'
          : 'migration shop.0002_slug failed at operation 3, "run code", and nothing of it was kept: no slug for B',
      });

    it("that fails in its middle goes on there on PostgreSQL, and leaves nothing on SQLite", async () => {
      await fail();
      if (isPostgres) assert.deepEqual(await rows("SELECT slug FROM shop_book ORDER BY id"), [["a"], [null], [null]]);
      else await assert.rejects(rows("SELECT slug FROM shop_book"));
      const filled: string[] = [];
      const done = await migrate(database, [first, second((title) => filled.push(title))], { now });
      assert.equal(done.length, 1);
      assert.deepEqual(filled, isPostgres ? ["B", "C"] : ["A", "B", "C"]);
      assert.deepEqual(await rows("SELECT slug FROM shop_book ORDER BY id"), [["a"], ["b"], ["c"]]);
      await assert.rejects(async () => database.run(defineStatement("UPDATE shop_book SET slug = NULL")));
      if (isPostgres) assert.deepEqual(await rows("SELECT * FROM drf_auth_migration_step"), []);
    });

    it("can be undone, as far as it was done", async () => {
      await fail();
      const to = { label: "shop", name: "0001_initial" };
      const undone = await migrate(database, [first, failing], { now, to });
      assert.equal(undone.length, isPostgres ? 1 : 0);
      await assert.rejects(rows("SELECT slug FROM shop_book"));
      await migrate(database, [first, second(() => undefined)], { now });
      assert.equal((await migrate(database, [first, second(() => undefined)], { now, to })).length, 1);
      await assert.rejects(rows("SELECT slug FROM shop_book"));
      assert.deepEqual(await migrate(database, [first, failing], { now, to }), []);
    });

    it("is run once by several at once", async () => {
      const filled: string[] = [];
      const all = [first, second((title) => filled.push(title))];
      const done = await Promise.all([1, 2, 3].map(() => migrate(database, all, { now })));
      assert.equal(done.flat().length, 1);
      assert.deepEqual(filled, ["A", "B", "C"]);
    });

    it("makes unique sets and rules beside those who write, again where it was cut off, and back", async () => {
      const third = namedMigration(
        "shop",
        "0002_rules",
        migration({
          operations: [
            addUnique("shop.book", ["title", "id"], { concurrently: true }),
            addConstraint("shop.book", { name: "titled", check: { title: { not: "" } } }, { concurrently: true }),
            addConstraint(
              "shop.book",
              { name: "one_a", unique: ["title"], where: { title: "A" } },
              { concurrently: true },
            ),
          ],
        }),
      );
      await database.run(defineStatement("INSERT INTO shop_book (title) VALUES ('A')"));
      // The last one meets two of A, and leaves an index that is not valid.
      await assert.rejects(migrate(database, [first, third], { now }));
      await database.run(defineStatement("DELETE FROM shop_book WHERE id = 4"));
      if (isPostgres) {
        // What is done is done once more, as after a kill before it was remembered.
        assert.deepEqual(await rows("SELECT done FROM drf_auth_migration_step"), [[2]]);
        await database.run(defineStatement("UPDATE drf_auth_migration_step SET done = 0"));
      }
      await migrate(database, [first, third], { now });
      const refused = async (title: string, code: string): Promise<void> =>
        assert.rejects(async () => database.run(defineStatement(`INSERT INTO shop_book (title) VALUES ('${title}')`)), {
          code,
        });
      await refused("A", "unique");
      await refused("", "check");
      if (isPostgres)
        assert.deepEqual(
          await rows(
            "SELECT conname, convalidated FROM pg_constraint WHERE conrelid = 'shop_book'::regclass AND contype IN ('c', 'u') ORDER BY 1",
          ),
          [
            ["shop_book_title_id_bd1ed27e_uniq", true],
            ["titled", true],
          ],
        );
      await migrate(database, [first, third], { now, to: { label: "shop", name: "0001" } });
      await database.run(defineStatement("INSERT INTO shop_book (title) VALUES ('A'), ('')"));
    });

    it("can be recorded alone, whatever of it was done", async () => {
      await fail();
      await migrate(database, [first, failing], { now, fake: true });
      assert.deepEqual(await migrate(database, [first, failing], { now }), []);
    });
  });
}

describe("a migration of several transactions", () => {
  it("says so in its file", () => {
    const operations = [addField("shop.book", "slug", field.text({ null: true }))];
    assert.match(
      migrationSource(migration({ operations, atomic: false })),
      /migration\(\{\n {2}atomic: false,\n {2}operations/,
    );
    assert.doesNotMatch(migrationSource(migration({ operations })), /atomic/);
  });

  it("is printed as the transactions that it is", () => {
    const lines = (dialect: "sqlite" | "postgres"): string[] =>
      migrationSql([first, second(() => undefined)], ["shop", "0002"], dialect).filter((line) =>
        /^(BEGIN|COMMIT|VACUUM|CREATE)/.test(line),
      );
    assert.deepEqual(lines("postgres"), [
      "BEGIN;",
      "COMMIT;",
      'CREATE INDEX CONCURRENTLY "by_slug" ON "shop_book" ("slug");',
      "VACUUM shop_book;",
      "BEGIN;",
      "COMMIT;",
    ]);
    assert.deepEqual(lines("sqlite").slice(0, 1), ["BEGIN;"]);
    assert.equal(lines("sqlite").filter((line) => line === "BEGIN;").length, 1);
  });
});
