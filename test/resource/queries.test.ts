/** Kysely over declared models: names and values of the fields, on both databases, inside the transaction around. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  defineApp,
  endpoint,
  field,
  links,
  model,
  permission,
  type Queries,
  query,
  resource,
  sql,
  type Work,
} from "../../src/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Author = model("lib.author", { fields: { name: field.text(), born: field.date({ null: true }) } });
const Tag = model("tag", { fields: { slug: field.slug({ primaryKey: true }) } });
const Book = model("lib.book", {
  fields: {
    title: field.text({ unique: true }),
    author: field.foreignKey(Author, { column: "writer" }),
    reviewer: field.foreignKey(Author, { null: true }),
    price: field.decimal({ maxDigits: 8, decimalPlaces: 2 }),
    pages: field.integer({ default: 0 }),
    big: field.integer({ big: true, null: true }),
    weight: field.float({ null: true }),
    in_print: field.boolean({ default: false }),
    published_at: field.datetime({ null: true }),
    day: field.date({ null: true }),
    hour: field.time({ null: true }),
    loan: field.duration({ null: true }),
    code: field.uuid({ null: true }),
    address: field.ip({ null: true }),
    data: field.json({ null: true }),
    genre: field.choice({ choices: ["poetry", "prose"], null: true }),
    tags: field.manyToMany(Tag, { blank: true }),
  },
});
const Prolific = query("prolific", {
  fields: { writer: field.integer({ primaryKey: true }), books: field.integer() },
  from: (db) =>
    db
      .selectFrom("lib_book")
      .select(({ fn }) => ["writer", fn.countAll().as("books")])
      .groupBy("writer"),
});

const whole = {
  ...{ title: "Snow", author: 1, reviewer: 2, price: "12.50", pages: 300, big: 2n ** 53n + 1n, weight: 0.5 },
  ...{ in_print: true, published_at: "2024-01-01T08:00:00.120000Z", day: "2024-01-31", hour: "08:30:00" },
  ...{ loan: "1 02:03:04.500000", code: "0f8fad5b-d9cb-469f-a165-70867728950e", address: "10.0.0.1" },
  ...{ data: { n: [1, null, "x"] }, genre: "prose" as const },
};
const empty = {
  ...{ title: "Void", author: 2, reviewer: null, price: "0.10", pages: 0, big: null, weight: null, in_print: false },
  ...{ published_at: null, day: null, hour: null, loan: null, code: null, address: null, data: null, genre: null },
};

const tables = {
  book: Book,
  author: Author,
  tag: Tag,
  book_tag: links(Book, "tags"),
  reviewer: Author,
  prolific: Prolific,
};

const code: { run: (work: Work) => Promise<unknown> } = { run: async () => undefined };
const permissions = [permission.allowAny()];
const app = defineApp({
  resources: { books: resource(Book, { permissions }), prolific: resource(Prolific, { permissions }) },
  endpoints: { code: endpoint({ permissions, methods: { POST: { run: (work) => code.run(work) } } }) },
});

for (const { name, create } of databases) {
  describe(`typed queries, ${name}`, () => {
    let test: TestApp;
    before(async () => {
      test = await startTestApp(app, await create());
      await test.insert(Author, [{ name: "Ann", born: "1960-05-06" }, { name: "Bo" }]);
      await test.insert(Tag, [{ slug: "cold" }, { slug: "new" }]);
      await test.insert(Book, [{ ...whole, big: whole.big, tags: ["cold", "new"] }, empty]);
    });
    after(() => test.stop());

    /** What code gives that runs as an endpoint's. */
    const run = async <T>(work: (work: Work) => Promise<T>): Promise<T> => {
      let result: { value: T } | undefined;
      code.run = async (given) => {
        result = { value: await work(given) };
      };
      await test.client("POST", "/api/v1/code/", { json: {} });
      const faults = test.faults.splice(0);
      if (!result) throw faults[0];
      return result.value;
    };
    const db = <T>(work: (db: Queries<typeof tables>) => Promise<T>): Promise<T> =>
      run((given) => work(given.db(tables)));

    it("every kind of field comes as the table of the model has it", async () => {
      const rows = await db((db) => db.selectFrom("book").selectAll().orderBy("book.id").execute());
      const told = await run(({ table }) => table(Book).list());
      assert.deepEqual(
        rows,
        told.map(({ tags, ...row }) => row),
      );
      assert.deepEqual(rows, [
        { id: 1, ...whole },
        { id: 2, ...empty },
      ]);
    });

    it("every kind of field can be compared with, and finds its row", async () => {
      for (const [name, value] of Object.entries(whole)) {
        if (name === "data") continue;
        const found = await db((db) =>
          db
            .selectFrom("book")
            .select("title")
            .where(name as "title", "=", value as string)
            .where(name as "title", "in", [value as string, value as string])
            .execute(),
        );
        assert.deepEqual(found, [{ title: "Snow" }], name);
      }
      const between = await db((db) =>
        db
          .selectFrom("book")
          .select("title")
          .where((eb) => eb.between("published_at", "2024-01-01T08:00:00Z", "2024-01-01T08:00:01Z"))
          .where(({ eb, refTuple, tuple }) =>
            eb(refTuple("in_print", "loan"), "in", [tuple(true, "1 02:03:04.500000")]),
          )
          .execute(),
      );
      assert.deepEqual(between, [{ title: "Snow" }]);
    });

    it("joins, aliases, subqueries and the links of a many-to-many field", async () => {
      const rows = await db((db) =>
        db
          .selectFrom("book as b")
          .innerJoin("author", "author.id", "b.author")
          .leftJoin("reviewer", "reviewer.id", "b.reviewer")
          .innerJoin("book_tag", "book_tag.source", "b.id")
          .innerJoin("tag", "tag.slug", "book_tag.target")
          .where(({ exists, selectFrom }) =>
            exists(
              selectFrom("book")
                .select("book.id")
                .whereRef("book.author", "=", "b.author")
                .where("in_print", "=", true),
            ),
          )
          .select(["b.title", "author.name as by", "reviewer.name as reviewer", "tag.slug", "b.in_print"])
          .orderBy("tag.slug", "desc")
          .execute(),
      );
      assert.deepEqual(rows, [
        { title: "Snow", by: "Ann", reviewer: "Bo", slug: "new", in_print: true },
        { title: "Snow", by: "Ann", reviewer: "Bo", slug: "cold", in_print: true },
      ]);
    });

    it("values keep their form through subqueries, WITH, unions, min and max, sums, coalesce, case and arithmetic", async () => {
      const [row] = await db((db) =>
        db
          .with("dated", (db) =>
            db.selectFrom("book").select(["in_print", "published_at as at", "price", "author as writer"]),
          )
          .selectFrom("dated")
          .innerJoin(
            (eb) => eb.selectFrom("book").select(["book.author", "book.loan as lent"]).as("inner"),
            (join) => join.onRef("inner.author", "=", "dated.writer"),
          )
          .where("dated.in_print", "=", true)
          .where("inner.lent", "=", "1 02:03:04.500000")
          .select(({ fn, eb, selectFrom }) => [
            "dated.in_print",
            "inner.lent",
            fn.max("dated.at").as("latest"),
            fn.sum<string>("dated.price").as("total"),
            fn.countAll<number>().as("n"),
            fn.avg<number>("dated.price").as("mean"),
            eb.case().when("dated.in_print", "=", true).then(true).else(false).end().as("printed"),
            eb("dated.price", "+", "1.00").as("dearer"),
            fn.coalesce("dated.at", eb.val("2000-01-01T00:00:00Z")).as("some_time"),
            selectFrom("book").select("book.loan").where("book.id", "=", 1).as("one"),
          ])
          .groupBy(["dated.in_print", "inner.lent", "dated.price", "dated.at"])
          .execute(),
      );
      assert.deepEqual(row, {
        ...{ in_print: true, lent: whole.loan, latest: whole.published_at, total: "12.50", n: 1, mean: 12.5 },
        ...{ printed: true, dearer: "13.50", some_time: whole.published_at, one: whole.loan },
      });
      const union = await db((db) =>
        db
          .selectFrom("book")
          .select("in_print")
          .where("id", "=", 1)
          .union((eb) => eb.selectFrom("book").select("in_print").where("id", "=", 2))
          .execute(),
      );
      assert.deepEqual(union.map((row) => row.in_print).sort(), [false, true]);
    });

    it("a query is ordered by what it selects, also where a field has that name", async () => {
      const rows = await db((db) =>
        db
          .selectFrom("book")
          .innerJoin("author", "author.id", "book.author")
          .select("author.name as author")
          // Of the keys the order would be the other one.
          .where("book.title", "in", ["Snow", "Void"])
          .orderBy("author", "desc")
          .execute(),
      );
      assert.deepEqual(rows, [{ author: "Bo" }, { author: "Ann" }]);
      const counted = await db((db) =>
        db
          .selectFrom("book")
          .select(({ fn }) => ["title", fn.countAll<number>().as("author")])
          .groupBy("title")
          .orderBy("author")
          .orderBy("title")
          .execute(),
      );
      assert.deepEqual(counted, [
        { title: "Snow", author: 1 },
        { title: "Void", author: 1 },
      ]);
      const united = await db((db) =>
        db
          .selectFrom("book")
          .select("author")
          .union(
            db
              .selectFrom("book")
              .select((eb) => eb.ref("reviewer").$notNull().as("author"))
              .where("reviewer", "is not", null),
          )
          .orderBy("author", "desc")
          .execute(),
      );
      assert.deepEqual(united, [{ author: 2 }, { author: 1 }]);
    });

    it("arithmetic is of the wider kind, with the digits that come of it", async () => {
      const [row] = await db((db) =>
        db
          .selectFrom("book")
          .where("title", "=", "Snow")
          .select(({ eb, ref }) => [
            eb("pages", "*", ref("price").$castTo<number>()).as("worth"),
            eb("price", "*", ref("price")).as("square"),
            eb("weight", "*", ref("pages")).as("load"),
            eb("loan", "*", sql<string>`2`).as("twice"),
          ])
          .execute(),
      );
      assert.deepEqual(row, { worth: "3750.00", square: "156.2500", load: 150, twice: "2 04:06:09" });
    });

    it("whole prices are divided as prices", async () => {
      const round = { ...empty, title: "Round", price: "12.00" };
      await db((db) => db.insertInto("book").values(round).execute());
      const found = await db((db) =>
        db
          .selectFrom("book")
          .select(["title", "price"])
          .where("title", "=", "Round")
          .where(({ eb }) => eb(eb("price", "/", "5"), "=", "2.40"))
          .execute(),
      );
      await db((db) => db.deleteFrom("book").where("title", "=", "Round").execute());
      assert.deepEqual(found, [{ title: "Round", price: "12.00" }]);
    });

    it("what is computed of decimals is compared as a number", async () => {
      const found = await db((db) =>
        db
          .selectFrom("book")
          .select("author")
          .groupBy("author")
          .having(({ fn }) => fn.sum<string>("price"), ">", "9.00")
          .execute(),
      );
      assert.deepEqual(found, [{ author: 1 }]);
      const derived = await db((db) =>
        db
          .selectFrom((eb) =>
            eb
              .selectFrom("book")
              .select(({ fn }) => ["author", fn.sum<string>("price").as("total")])
              .groupBy("author")
              .as("sold"),
          )
          .select("total")
          .where("total", "=", "12.50")
          .execute(),
      );
      assert.deepEqual(derived, [{ total: "12.50" }]);
    });

    it("a WITH may have the name of a table, refer to one before it, and to itself", async () => {
      const rows = await db((db) =>
        db
          .with("book", (db) => db.selectFrom("book").select(["author", "in_print as printed"]))
          .with("printed", (db) => db.selectFrom("book").select("author").where("printed", "=", true))
          .selectFrom("printed")
          .innerJoin("author", "author.id", "printed.author")
          .select("author.name")
          .execute(),
      );
      assert.deepEqual(rows, [{ name: "Ann" }]);
      const counted = await db((db) =>
        db
          .withRecursive("step(pages, printed)", (db) =>
            db
              .selectFrom("book")
              .select(["pages", "in_print as printed"])
              .where("id", "=", 2)
              .unionAll((eb) =>
                eb
                  .selectFrom("step")
                  .select((eb) => [eb("step.pages", "+", 1).as("pages"), "step.printed"])
                  .where("step.pages", "<", 3),
              ),
          )
          .selectFrom("step")
          .selectAll()
          .orderBy("pages", "desc")
          .limit(1)
          .execute(),
      );
      assert.deepEqual(counted, [{ pages: 3, printed: false }]);
    });

    it("rows may be locked, where there are locks", async () => {
      const locked = await run(({ transaction }) =>
        transaction(({ db }) =>
          db(tables).selectFrom("book").select("in_print").where("id", "=", 1).forUpdate().executeTakeFirst(),
        ),
      );
      assert.deepEqual(locked, { in_print: true });
    });

    it("an update may look at other tables", async () => {
      const changed = await run(({ transaction }) =>
        transaction(async ({ db, table }) => {
          const { numUpdatedRows } = await db(tables)
            .updateTable("book")
            .from("author")
            .set({ pages: 77 })
            .whereRef("author.id", "=", "book.author")
            .where("author.born", "=", "1960-05-06")
            .executeTakeFirst();
          const pages = (await table(Book).list()).map((row) => row.pages);
          await table(Book).update(1, { pages: whole.pages });
          return [numUpdatedRows, pages];
        }),
      );
      assert.deepEqual(changed, [1n, [77, 0]]);
    });

    it("a model over a query can be joined", async () => {
      const rows = await db((db) =>
        db
          .selectFrom("prolific")
          .innerJoin("author", "author.id", "prolific.writer")
          .select(["name", "books"])
          .orderBy("name")
          .execute(),
      );
      assert.deepEqual(rows, [
        { name: "Ann", books: 1 },
        { name: "Bo", books: 1 },
      ]);
    });

    it("an empty list finds nothing, and its opposite everything", async () => {
      const count = (operator: "in" | "not in") =>
        db((db) => db.selectFrom("book").select("id").where("id", operator, []).execute());
      assert.deepEqual([(await count("in")).length, (await count("not in")).length], [0, 2]);
    });

    it("rows are inserted, changed and deleted with values of the fields, within the transaction", async () => {
      await run(({ transaction }) =>
        transaction(async ({ db, transaction }) => {
          const queries = db(tables);
          const made = await queries
            .insertInto("book")
            .values({ ...whole, title: "Rain", data: [1, true], big: 5 })
            .onConflict((oc) => oc.column("title").doUpdateSet({ in_print: false }))
            .returning(["id", "in_print", "loan", "author", "data"])
            .executeTakeFirstOrThrow();
          assert.deepEqual(made, { id: made.id, in_print: true, loan: whole.loan, author: 1, data: [1, true] });
          const again = await queries
            .insertInto("book")
            .values({ ...empty, title: "Rain", pages: 7 })
            .onConflict((oc) =>
              oc
                .column("title")
                .doUpdateSet(({ ref }) => ({ pages: ref("excluded.pages"), in_print: false, author: 2 })),
            )
            .returning(["book.id", "book.pages", "in_print", "author"])
            .executeTakeFirstOrThrow();
          assert.deepEqual(again, { id: made.id, pages: 7, in_print: false, author: 2 });
          const { numUpdatedRows } = await queries
            .updateTable("book")
            .set((eb) => ({ pages: eb("pages", "+", 1), in_print: true, published_at: "2025-01-01T00:00:00Z" }))
            .where("book.title", "=", "Rain")
            .executeTakeFirst();
          assert.equal(numUpdatedRows, 1n);
          const seen = () =>
            queries
              .selectFrom("book")
              .select(["pages", "in_print", "published_at"])
              .where("title", "=", "Rain")
              .execute();
          assert.deepEqual(await seen(), [{ pages: 8, in_print: true, published_at: "2025-01-01T00:00:00Z" }]);
          await transaction(async ({ db }) => {
            await db(tables).deleteFrom("book").where("book.in_print", "=", true).execute();
            throw new Error("undo");
          }).catch(() => undefined);
          await queries.deleteFrom("book").where("title", "=", "Rain").execute();
          assert.deepEqual(await seen(), []);
        }),
      );
      assert.equal(await run(({ table }) => table(Book).count()), 2);
    });

    it("an insert gives back the whole row, and writes what a query selects in the fields' formats", async () => {
      const made = await db((db) => db.insertInto("tag").values({ slug: "whole" }).returningAll().execute());
      assert.deepEqual(made, [{ slug: "whole" }]);
      const copied = await db((db) =>
        db
          .insertInto("book")
          .columns(["title", "author", "price", "pages", "in_print", "loan"])
          .expression((eb) =>
            eb
              .selectFrom("book")
              .select(({ val }) => [
                val("Copy").as("title"),
                "author",
                "price",
                "pages",
                val(true).as("in_print"),
                val("1 00:00:00").as("loan"),
              ])
              .where("title", "=", "Void"),
          )
          .returning(["title", "in_print", "loan"])
          .execute(),
      );
      assert.deepEqual(copied, [{ title: "Copy", in_print: true, loan: "1 00:00:00" }]);
      await db((db) => db.deleteFrom("book").where("title", "=", "Copy").execute());
      await db((db) => db.deleteFrom("tag").where("slug", "=", "whole").execute());
    });

    it("text of one's own may stand in a query, with the names of the fields", async () => {
      const rows = await db((db) =>
        db
          .selectFrom("book")
          .select(sql<string>`lower(${sql.ref("book.title")})`.as("small"))
          .where(sql<boolean>`${sql.ref("author")} = ${1}`)
          .execute(),
      );
      assert.deepEqual(rows, [{ small: "snow" }]);
    });

    it("a value that no column was known for is refused where no driver takes it", async () => {
      await assert.rejects(
        db((db) =>
          db
            .selectFrom("book")
            .select("id")
            .where(sql<boolean>`1 = ${{ odd: true }}`)
            .execute(),
        ),
        /expected text, a number, a boolean or null/,
      );
    });

    it("what does not fit the declarations does not compile", () => {
      const declarations = (work: Work) => {
        const queries = work.db(tables);
        // @ts-expect-error no such table
        queries.selectFrom("bok");
        // @ts-expect-error no such column
        queries.selectFrom("book").select("titel");
        // @ts-expect-error links are no column
        queries.selectFrom("book").select("tags");
        // @ts-expect-error a number is no title
        queries.selectFrom("book").select("id").where("title", "=", 7);
        // @ts-expect-error no such genre
        queries.selectFrom("book").select("id").where("genre", "=", "drama");
        // @ts-expect-error a price is text
        queries.updateTable("book").set({ price: 12.5 });
        // @ts-expect-error an author and much else is missing
        queries.insertInto("author").values({ born: null });
        // @ts-expect-error Kysely's own transactions would be beside the one around
        queries.transaction;
        // @ts-expect-error no such many-to-many field
        links(Book, "author");
        const typed = async () => {
          const row = await queries
            .selectFrom("book")
            .leftJoin("reviewer", "reviewer.id", "book.reviewer")
            .select(["book.in_print", "book.price", "book.published_at", "book.genre", "reviewer.name"])
            .executeTakeFirstOrThrow();
          const fits: {
            in_print: boolean;
            price: string;
            published_at: string | null;
            genre: "poetry" | "prose" | null;
            name: string | null;
          } = row;
          // @ts-expect-error it may be null
          const never: string = row.published_at;
          return [fits, never];
        };
        return typed;
      };
      void declarations;
    });
  });
}
