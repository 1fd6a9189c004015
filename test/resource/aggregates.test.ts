/** Aggregates over the rows of a table, and lists of rows with something computed of related ones, in code of one's own. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { aggregate, defineApp, endpoint, field, model, permission, type Work } from "../../src/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";

const Author = model("author", { fields: { name: field.text() } });
const Tag = model("tag", { fields: { name: field.text() } });
const Book = model("book", {
  fields: {
    title: field.text(),
    author: field.foreignKey(Author),
    price: field.decimal({ maxDigits: 8, decimalPlaces: 2, null: true }),
    pages: field.integer({ big: true }),
    weight: field.float({ null: true }),
    loan: field.duration({ null: true }),
    published_at: field.datetime({ null: true }),
    sold: field.boolean({ default: false }),
    tags: field.manyToMany(Tag, { blank: true }),
  },
});

const code: { run: (work: Work) => Promise<unknown> } = { run: async () => undefined };
const permissions = [permission.allowAny()];
const app = defineApp({
  resources: {},
  models: [Book],
  endpoints: { code: endpoint({ permissions, methods: { POST: { run: (work) => code.run(work) } } }) },
});

for (const { name, create } of databases) {
  describe(`aggregates, ${name}`, () => {
    let test: TestApp;
    const statements = countStatements();
    before(async () => {
      test = await startTestApp(app, await create(), { wrap: statements.wrap });
      await test.insert(Author, [{ name: "Ann" }, { name: "Bo" }, { name: "Cy" }]);
      await test.insert(Book, [
        {
          title: "Snow",
          author: 1,
          price: "12.50",
          pages: 300,
          weight: 0.5,
          loan: "01:00:00",
          published_at: "2024-01-01T08:00:00Z",
        },
        { title: "Rain", author: 1, price: "0.10", pages: 100, loan: "1 00:00:00.500000", sold: true },
        { title: "Void", author: 2, price: "0.20", pages: 2, published_at: "2023-05-05T00:00:00.100000Z" },
        { title: "None", author: 2, pages: 9_007_199_254_740_991 },
      ]);
    });
    after(() => test.stop());

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

    it("of all rows, in one statement, with values of the fields", async () => {
      statements.count = 0;
      const found = await run(({ table }) =>
        table(Book).aggregate({
          rows: aggregate.count(),
          priced: aggregate.count("price"),
          authors: aggregate.count("author", { distinct: true }),
          sold: aggregate.count({ where: { path: "sold", value: true } }),
          total: aggregate.sum("price"),
          mean: aggregate.avg("price"),
          dear: aggregate.sum("price", { where: { path: "price", lookup: "gte", value: "0.20" } }),
          cheapest: aggregate.min("price"),
          first: aggregate.min("published_at"),
          last: aggregate.max("published_at"),
          lent: aggregate.sum("loan"),
          weight: aggregate.sum("weight"),
          title: aggregate.max("title"),
        }),
      );
      assert.deepEqual(found, {
        ...{
          rows: 4,
          priced: 3,
          authors: 2,
          sold: 1,
          total: "12.80",
          mean: found.mean,
          dear: "12.70",
          cheapest: "0.10",
        },
        ...{ first: "2023-05-05T00:00:00.100000Z", last: "2024-01-01T08:00:00Z", lent: "1 01:00:00.500000" },
        ...{ weight: 0.5, title: "Void" },
      });
      assert.ok(Math.abs((found.mean ?? 0) - 12.8 / 3) < 1e-9);
      assert.equal(statements.count, 1);
    });

    it("of no rows a sum is null and a count is 0", async () => {
      const where = { path: "title", value: "Nowhere" } as const;
      const asked = { n: aggregate.count(), total: aggregate.sum("price"), mean: aggregate.avg("pages") } as const;
      assert.deepEqual(await run(({ table }) => table(Book).aggregate(asked, { where })), {
        n: 0,
        total: null,
        mean: null,
      });
      assert.deepEqual(await run(({ table }) => table(Book).aggregate(asked, { where, groupBy: ["author"] })), []);
    });

    it("a sum beyond what a number holds is exact", async () => {
      const { pages } = await run(({ table }) => table(Book).aggregate({ pages: aggregate.sum("pages") }));
      assert.equal(BigInt(pages ?? 0), 9_007_199_254_741_393n);
    });

    it("in groups, also by what lies behind a foreign key, in an order and up to a limit", async () => {
      const rows = await run(({ table }) =>
        table(Book).aggregate(
          { n: aggregate.count(), total: aggregate.sum("price") },
          {
            groupBy: ["author", "author.name"],
            order: ["-total"],
            where: { path: "title", lookup: "in", value: ["Snow", "Rain", "Void"] },
          },
        ),
      );
      assert.deepEqual(rows, [
        { author: 1, "author.name": "Ann", n: 2, total: "12.60" },
        { author: 2, "author.name": "Bo", n: 1, total: "0.20" },
      ]);
      const [first, ...others] = await run(({ table }) =>
        table(Book).aggregate({ n: aggregate.count() }, { groupBy: ["sold"], order: ["-sold"], limit: 1 }),
      );
      assert.deepEqual([first, others], [{ sold: true, n: 1 }, []]);
    });

    it("within a transaction, of the rows as it sees them", async () => {
      const counts = await run(({ transaction }) =>
        transaction(async ({ table }) => {
          const n = async () => (await table(Book).aggregate({ n: aggregate.count() })).n;
          const before = await n();
          await table(Book).insert({ title: "New", author: 3, pages: 1 });
          const after = await n();
          await table(Book).delete((await table(Book).list({ where: { path: "title", value: "New" } }))[0]?.id);
          return [before, after];
        }),
      );
      assert.deepEqual(counts, [4, 5]);
    });

    it("a list has what is computed of related rows, and may be sorted and filtered by it", async () => {
      const compute = { books: field.count(Book, "author"), spent: field.sum(Book, "author", "price") };
      const told = await run(({ table }) =>
        table(Author).list({ compute, where: { path: "books", lookup: "gte", value: 1 }, order: ["-spent"] }),
      );
      assert.deepEqual(told, [
        { id: 1, name: "Ann", books: 2, spent: "12.60" },
        { id: 2, name: "Bo", books: 2, spent: "0.20" },
      ]);
      const [first] = await run(({ table }) => table(Author).list({ compute, order: ["books"], limit: 1 }));
      assert.deepEqual(first, { id: 3, name: "Cy", books: 0, spent: null });
    });

    it("what cannot be computed is refused", async () => {
      const refuses = (work: (work: Work) => Promise<unknown>, message: RegExp) => assert.rejects(run(work), message);
      await refuses(
        ({ table }) => table(Book).aggregate({ n: aggregate.sum("author.name") }),
        /a field of text has none/,
      );
      await refuses(({ table }) => table(Book).aggregate({ n: aggregate.count("tags.name") }), /leads to many rows/);
      await refuses(
        ({ table }) => table(Book).aggregate({ author: aggregate.count() }, { groupBy: ["author"] }),
        /is a group already/,
      );
    });
  });
}

it("what does not fit the model does not compile", () => {
  const declarations = ({ table }: Work) => [
    // @ts-expect-error no such field
    table(Book).aggregate({ n: aggregate.sum("pric") }),
    // @ts-expect-error a title has no sum
    table(Book).aggregate({ n: aggregate.sum("title") }),
    // @ts-expect-error a time has no mean
    table(Book).aggregate({ n: aggregate.avg("published_at") }),
    // @ts-expect-error no such group
    table(Book).aggregate({ n: aggregate.count() }, { groupBy: ["auhtor"] }),
    // @ts-expect-error no such name to sort by
    table(Book).aggregate({ n: aggregate.count() }, { groupBy: ["author"], order: ["-m"] }),
    table(Book)
      .aggregate({ n: aggregate.count(), total: aggregate.sum("price") }, { groupBy: ["author"] })
      .then((rows) => rows.map((row): { author: number; n: number; total: string | null } => row)),
    table(Book)
      .aggregate({ total: aggregate.sum("price") })
      // @ts-expect-error a sum of no rows is null
      .then(({ total }): string => total),
    // @ts-expect-error not computed
    table(Author).list({ order: ["-books"] }),
  ];
  void declarations;
});
