/** Random changes of filled tables, against tables that are made as they are to be: the same schema, and no row or value lost. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Database, defineStatement, type Migration, makeMigrations, migrate } from "../../../src/db/index.ts";
import { type Field, type FieldMap, field, type Model, model } from "../../../src/model/index.ts";
import { databases } from "../../databases.ts";
import { now } from "./bookshop.ts";

/** What a column may be in turn; each keeps what the others hold. */
const variants: Readonly<Record<string, readonly Field[]>> = {
  title: [
    field.text({ default: "t" }),
    field.text({ maxLength: 90, default: "it's" }),
    field.text({ null: true, index: true }),
  ],
  pages: [
    field.integer({ default: 7 }),
    field.integer({ min: 0, default: 3 }),
    field.integer({ null: true, big: true }),
    field.integer({ default: 1, index: true, column: "sheets" }),
  ],
  rank: [field.integer({ null: true, unique: true }), field.integer({ null: true }), field.text({ null: true })],
  parent: [field.foreignKey("shop.book", { null: true }), field.foreignKey("shop.book", { null: true, index: false })],
  author: [
    field.foreignKey("shop.author", { default: 1 }),
    field.foreignKey("shop.author", { null: true, column: "who" }),
  ],
  tags: [field.manyToMany("shop.author"), field.manyToMany("shop.author", { through: "tagged" })],
};
const names = Object.keys(variants);

const Author = model("shop.author", { fields: { name: field.text() } });
/** Rows that point at those of the table that changes, and links. */
const reviewOf = ({ name }: Model): Model =>
  model("shop.review", {
    fields: { body: field.text(), book: field.foreignKey(name), others: field.manyToMany(name) },
    unique: [["body", "book"]],
  });
const modelsWith = (book: Model): readonly Model[] => [Author, book, reviewOf(book)];

/** A declaration of the book: of each field a variant, or none. */
const books = (...labelled: ("shop.book" | "shop.volume")[]): fc.Arbitrary<Model> =>
  fc
    .record({
      key: fc.constantFrom("big", "small"),
      choice: fc.array(fc.nat(5), { minLength: names.length, maxLength: names.length }),
      together: fc.boolean(),
      indexed: fc.boolean(),
      checked: fc.boolean(),
      table: fc.constantFrom("shop_book", "books"),
      name: fc.constantFrom(...labelled),
    })
    .map(({ key, choice, together, indexed, checked, table, name: own }) => {
      const fields: FieldMap = Object.fromEntries(
        names.flatMap((name, i): [string, Field][] => {
          const variant = variants[name]?.[choice[i] ?? 0];
          const toItself =
            variant && name === "parent" ? { ...variant, options: { ...variant.options, to: own } } : variant;
          return toItself ? [[name, toItself]] : [];
        }),
      );
      const has = (...all: string[]): boolean => all.every((name) => fields[name]);
      const id = field.integer({ primaryKey: true, ...(key === "big" ? { big: true } : {}) });
      const all: FieldMap = { id, code: field.text({ maxLength: 20, default: "c" }), ...fields };
      return model(own, {
        fields: all,
        table,
        unique: together && has("title", "rank") ? [["title", "rank"]] : [],
        indexes: indexed && has("pages") ? [{ fields: ["code", "-pages"], where: { pages: { gt: 2 } } }] : [],
        constraints: checked && has("pages") ? [{ name: "pages_few", check: { pages: { lt: 5000 } } }] : [],
      });
    });

const readers = {
  sqlite: {
    tables: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1",
    columns: "SELECT name, type, \"notnull\", pk FROM pragma_table_info('T') ORDER BY 1",
    indexes: `SELECT i."unique", i.partial, (SELECT group_concat(name || "desc") FROM pragma_index_xinfo(i.name) WHERE key),
      CASE i.origin WHEN 'c' THEN replace((SELECT sql FROM sqlite_schema WHERE name = i.name), '"', '') END
      FROM pragma_index_list('T') AS i ORDER BY 4, 3`,
    keys: 'SELECT "table", "from", "to" FROM pragma_foreign_key_list(\'T\') ORDER BY 1, 2',
    checks: "SELECT length(sql) - length(replace(sql, 'CHECK', '')) FROM sqlite_schema WHERE name = 'T'",
  },
  postgres: {
    tables: "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    columns: `SELECT column_name, data_type, character_maximum_length, is_nullable, column_default FROM information_schema.columns
      WHERE table_name = 'T' ORDER BY 1`,
    indexes:
      "SELECT replace(indexdef, indexname, CASE WHEN indexname LIKE '%_key' OR indexname LIKE '%_pkey' THEN '' ELSE indexname END) FROM pg_indexes WHERE tablename = 'T' ORDER BY 1",
    keys: `SELECT CASE contype WHEN 'f' THEN conname END, pg_get_constraintdef(oid) FROM pg_constraint
      WHERE conrelid = 'T'::regclass AND contype IN ('f', 'c', 'u') ORDER BY 2, 1`,
    checks: "SELECT 1",
  },
};

async function schemaOf(database: Database): Promise<unknown> {
  const all = async (sql: string): Promise<unknown[][]> =>
    (await database.all(defineStatement(sql))).map((row) => [...row]);
  const { tables, ...others } = readers[database.dialect];
  const found: Record<string, unknown> = {};
  for (const [table] of await all(tables)) {
    if (table === "django_migrations") continue;
    for (const [what, sql] of Object.entries(others))
      found[`${what} of ${table}`] = await all(sql.replaceAll("'T'", `'${table}'`));
  }
  return found;
}

const columnOf = (of: Model, name: string): string =>
  of.fields[name]?.options.column ?? (of.fields[name]?.kind === "foreignKey" ? `${name}_id` : name);

/** The rows, as texts, of the fields that both declarations have. */
async function rowsOf(database: Database, of: Model, shared: readonly string[]): Promise<unknown> {
  const columns = ["id", ...shared].map((name) => `CAST(${columnOf(of, name)} AS text)`);
  const rows = await database.all(defineStatement(`SELECT ${columns.join(", ")} FROM ${of.table} ORDER BY id`));
  return rows.map((row) => [...row]);
}

async function fill(database: Database, book: Model): Promise<void> {
  await database.run(defineStatement("INSERT INTO shop_author (name) VALUES ('Ada'), ('Bob')"));
  for (const row of [1, 2, 3]) {
    const values: Record<string, string> = {
      code: `'c${row}'`,
      title: row === 2 && book.fields.title?.null ? "NULL" : `'it''s ${row}'`,
      pages: row === 2 && book.fields.pages?.null ? "NULL" : String(row * 100),
      rank: row === 2 ? "NULL" : book.fields.rank?.kind === "text" ? `'${row}'` : String(row),
      parent: row === 1 ? "NULL" : String(row - 1),
      author: row === 2 && book.fields.author?.null ? "NULL" : "2",
    };
    const given = Object.keys(values).filter((name) => book.fields[name]);
    await database.run(
      defineStatement(
        `INSERT INTO ${book.table} (${given.map((name) => columnOf(book, name)).join(", ")})
          VALUES (${given.map((name) => values[name]).join(", ")})`,
      ),
    );
  }
  // Undeclared, by hand: a column with a default, an index and a row behind the last one.
  await database.script(
    `ALTER TABLE ${book.table} ADD COLUMN by_hand varchar(9) NOT NULL DEFAULT 'it''s'; CREATE INDEX hand ON ${book.table} (by_hand);
     INSERT INTO shop_review (body, book_id) VALUES ('good', 1), ('bad', 3), ('good', 3);
     INSERT INTO shop_review_others (review_id, book_id) VALUES (1, 2), (2, 2)`,
  );
  if (!book.fields.tags) return;
  const through = book.fields.tags.options;
  const table = "through" in through && through.through ? through.through : `${book.table}_tags`;
  await database.run(defineStatement(`INSERT INTO ${table} (book_id, author_id) VALUES (1, 1), (3, 2)`));
}

const linksIn = async (database: Database, book: Model): Promise<unknown> => {
  const options = book.fields.tags?.options;
  const table = options && "through" in options && options.through ? options.through : `${book.table}_tags`;
  const links = await database.all(defineStatement(`SELECT ${book.modelName}_id, author_id FROM ${table} ORDER BY 1`));
  return links.map((row) => [...row]);
};

/** What points at the books, what was made by hand, and whether both still hold. */
async function aroundOf(database: Database, { table, modelName }: Model): Promise<unknown> {
  const all = async (sql: string): Promise<unknown[][]> =>
    (await database.all(defineStatement(sql))).map((row) => [...row]);
  await assert.rejects(async () => database.run(defineStatement("UPDATE shop_review SET book_id = 77 WHERE id = 1")), {
    code: "foreign_key",
  });
  await assert.rejects(async () => database.run(defineStatement(`DELETE FROM ${table} WHERE id = 3`)), {
    code: "foreign_key",
  });
  const hand =
    database.dialect === "sqlite"
      ? "SELECT count(*) FROM sqlite_schema WHERE name = 'hand' AND sql LIKE '%by_hand%'"
      : "SELECT count(*) FROM pg_indexes WHERE indexname = 'hand'";
  return [
    await all("SELECT id, body, book_id FROM shop_review ORDER BY id"),
    await all(`SELECT review_id, ${modelName}_id FROM shop_review_others ORDER BY 1`),
    await all(`SELECT id, by_hand FROM ${table} ORDER BY id`),
    (await all(hand)).map(([count]) => Number(count)),
  ];
}

/** Without what was made by hand, which a new database has not. */
const declaredOnly = (schema: unknown): string =>
  JSON.stringify(schema, (_, value: unknown) =>
    Array.isArray(value) ? value.filter((each) => !JSON.stringify(each).includes("hand")) : value,
  );

for (const { name, create } of databases) {
  describe(`any change of a filled table on ${name}`, () => {
    it("leads to the tables that a new database gets, keeps what both declarations have, and can be undone", async () => {
      const runs = name === "SQLite" ? 60 : 12;
      await fc.assert(
        fc.asyncProperty(books("shop.book"), books("shop.book", "shop.volume"), async (from, to) => {
          const first = makeMigrations([], modelsWith(from));
          const renames = new Map(from.name === to.name ? [] : [[from.name, to.name]]);
          const missing = makeMigrations(first, modelsWith(to), { renames });
          const all: readonly Migration[] = [...first, ...missing];
          const [changed, fresh] = [await create(), await create()];
          try {
            await migrate(changed.database, first, { now });
            await fill(changed.database, from);
            const before = await schemaOf(changed.database);
            const kept = Object.keys(to.fields).filter(
              (each) =>
                from.fields[each] &&
                each !== "tags" &&
                each !== "id" &&
                !(from.fields[each].null && !to.fields[each]?.null),
            );
            const rows = await rowsOf(changed.database, from, kept);
            const around = await aroundOf(changed.database, from);
            const linked = from.fields.tags && to.fields.tags ? await linksIn(changed.database, from) : undefined;
            await migrate(changed.database, all, { now });
            await migrate(fresh.database, makeMigrations([], modelsWith(to)), { now });
            assert.equal(declaredOnly(await schemaOf(changed.database)), declaredOnly(await schemaOf(fresh.database)));
            assert.deepEqual(await aroundOf(changed.database, to), around);
            assert.deepEqual(await rowsOf(changed.database, to, kept), rows);
            if (linked) assert.deepEqual(await linksIn(changed.database, to), linked);
            await migrate(changed.database, all, { now, to: { label: "shop", name: "0001" } });
            assert.deepEqual(await schemaOf(changed.database), before);
            assert.deepEqual(await rowsOf(changed.database, from, kept), rows);
            assert.deepEqual(await aroundOf(changed.database, from), around);
          } finally {
            await changed.drop();
            await fresh.drop();
          }
        }),
        { numRuns: runs, interruptAfterTimeLimit: 40_000, endOnFailure: false },
      );
    });
  });
}
