/** Fields that the database computes of related rows: shown, filtered, sorted by, and counting only what the user may see. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp, field, model, pagination, permission, resource, scope } from "../../src/index.ts";
import { startTestApp, type TestApp, type TestUser } from "../app.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";

const Tag = model("tag", { fields: { name: field.text() } });
const Shelf = model("shelf", { fields: { name: field.text(), parent: field.foreignKey("shelf", { null: true }) } });

const Book = model("book", {
  fields: {
    title: field.text(),
    shelf: field.foreignKey(Shelf, { null: true, column: "stands_in" }),
    tags: field.manyToMany(Tag, { blank: true }),
  },
});
const Review = model("review", {
  fields: {
    book: field.foreignKey(Book),
    stars: field.integer(),
    cost: field.decimal({ maxDigits: 6, decimalPlaces: 2, null: true }),
    spent: field.duration({ null: true }),
    written_at: field.datetime({ null: true }),
    published: field.boolean({ default: true }),
    owner: field.owner(),
  },
});

const permissions = [permission.allowAny()];
const reviews = {
  reviews: field.count(Review, "book"),
  published: field.count(Review, "book", { where: { published: true, stars: { gte: 2 } } }),
  stars: field.sum(Review, "book", "stars"),
  mean: field.avg(Review, "book", "stars"),
  cost: field.sum(Review, "book", "cost"),
  dearest: field.max(Review, "book", "cost"),
  spent: field.sum(Review, "book", "spent"),
  latest: field.max(Review, "book", "written_at"),
  tags_count: field.count(Book, "tags"),
};
const app = defineApp({
  resources: {
    books: resource(Book, {
      permissions,
      extra: { ...reviews, review_rows: field.children(Review, "book", { fields: { stars: Review.fields.stars } }) },
      filter: {
        ...{
          reviews: ["exact", "gte", "in"],
          mean: ["gte"],
          cost: ["exact", "gte", "isnull"],
          latest: ["gte", "year"],
        },
        ...{ dearest: ["in"], spent: ["gte"] },
      },
      order: ["title", "reviews", "mean", "cost"],
      sparseFields: true,
    }),
    walked: resource(Book, {
      permissions,
      only: ["list"],
      fields: ["id", "title", "reviews", "mean"],
      extra: reviews,
      defaultOrder: ["-mean", "-reviews"],
      pagination: pagination.cursor({ pageSize: 2 }),
    }),
    tags: resource(Tag, { permissions, extra: { books: field.count(Book, "tags") } }),
    shelves: resource(Shelf, {
      permissions,
      extra: {
        books: field.count(Book, "shelf"),
        within: field.count(Shelf, "parent"),
        stands: field.children(Book, "shelf", {
          readOnly: true,
          fields: { title: Book.fields.title, reviews: field.count(Review, "book") },
        }),
      },
    }),
    placed: resource(Book, {
      permissions,
      only: ["list"],
      fields: ["title", "on"],
      extra: {
        on: field.nested({ source: "shelf", fields: { name: field.text(), books: field.count(Book, "shelf") } }),
      },
    }),
  },
});

for (const { name, create } of databases) {
  describe(`fields computed of related rows, ${name}`, () => {
    let test: TestApp;
    let ann: TestUser;
    const statements = countStatements();
    before(async () => {
      test = await startTestApp(app, await create(), { wrap: statements.wrap });
      ann = await test.user("ann");
      await test.insert(Tag, [{ name: "cold" }, { name: "new" }]);
      await test.insert(Shelf, [{ name: "top" }, { name: "low", parent: 1 }]);
      await test.insert(Book, [
        { title: "Snow", shelf: 1, tags: [1, 2] },
        { title: "Rain", shelf: 1, tags: [1] },
        { title: "Void" },
      ]);
      const owner = ann.id;
      await test.insert(Review, [
        { book: 1, stars: 5, cost: "9.50", spent: "00:30:00", written_at: "2024-01-01T08:00:00Z", owner },
        { book: 1, stars: 2, cost: "10.25", spent: "1 00:00:00.500000", written_at: "2023-01-01T08:00:00Z", owner },
        { book: 1, stars: 1, published: false, owner },
        { book: 2, stars: 4, cost: "9.75", owner },
      ]);
    });
    after(() => test.stop());

    const asAnn = (method: string, path: string, options: { json?: unknown } = {}) =>
      test.client(method, path, { ...options, headers: ann.bearer });
    const list = async (path: string) => {
      const { json, status } = await test.client("GET", `/api/v1/${path}`);
      assert.equal(status, 200, JSON.stringify(json));
      return json.results as Record<string, unknown>[];
    };
    const titles = async (query: string) => (await list(`books/?${query}`)).map((row) => row.title).join();

    it("each is of the row that it is shown with, whatever others there are", async () => {
      const byTitle = new Map((await list("books/")).map((row) => [row.title, row]));
      assert.deepEqual(byTitle.get("Snow"), {
        ...{ id: 1, title: "Snow", shelf: 1, tags: [1, 2], reviews: 3, published: 2, stars: 8, mean: 8 / 3 },
        ...{
          cost: "19.75",
          dearest: "10.25",
          spent: "1 00:30:00.500000",
          latest: "2024-01-01T08:00:00Z",
          tags_count: 2,
        },
        review_rows: [{ stars: 5 }, { stars: 2 }, { stars: 1 }],
      });
      assert.deepEqual(byTitle.get("Void"), {
        ...{ id: 3, title: "Void", shelf: null, tags: [], reviews: 0, published: 0, stars: null, mean: null },
        ...{ cost: null, dearest: null, spent: null, latest: null, tags_count: 0, review_rows: [] },
      });
      assert.equal((await test.client("GET", "/api/v1/books/1/")).json.reviews, 3);
    });

    it("by the links of a many-to-many field, of a row to its own kind, and of a row within another", async () => {
      assert.deepEqual(await list("tags/"), [
        { id: 1, name: "cold", books: 2 },
        { id: 2, name: "new", books: 1 },
      ]);
      assert.deepEqual(await list("shelves/"), [
        {
          ...{ id: 1, name: "top", parent: null, books: 2, within: 1 },
          stands: [
            { title: "Snow", reviews: 3 },
            { title: "Rain", reviews: 1 },
          ],
        },
        { id: 2, name: "low", parent: 1, books: 0, within: 0, stands: [] },
      ]);
      assert.deepEqual((await list("placed/")).slice(0, 1), [{ title: "Snow", on: { name: "top", books: 2 } }]);
    });

    it("can be filtered by, counted with, and sorted by, where that is declared", async () => {
      assert.equal(await titles("reviews=1"), "Rain");
      assert.equal(await titles("reviews__gte=1&ordering=-reviews"), "Snow,Rain");
      assert.equal(await titles("reviews__in=0,3&ordering=reviews"), "Void,Snow");
      assert.equal(await titles("mean__gte=2.7"), "Rain");
      assert.equal(await titles("cost=19.75"), "Snow");
      assert.equal(await titles("cost__gte=10"), "Snow");
      assert.equal(await titles("dearest__in=9.75,10.25&ordering=title"), "Rain,Snow");
      assert.equal(await titles("cost__isnull=true"), "Void");
      assert.equal(await titles("latest__gte=2024-01-01T08:00:00Z"), "Snow");
      assert.equal(await titles("latest__year=2024"), "Snow");
      assert.equal(await titles("spent__gte=1 00:00:00"), "Snow");
      assert.equal(await titles("fields=title&reviews=0&ordering=-cost"), "Void");
      const { json } = await test.client("GET", "/api/v1/books/?reviews__gte=1");
      assert.equal(json.count, 2);
    });

    it("a cursor walks through them, forwards and back, nulls too", async () => {
      const first = await test.client("GET", "/api/v1/walked/");
      const second = await test.client("GET", first.json.next.replace(/^.*?\/api/, "/api"));
      const back = await test.client("GET", second.json.previous.replace(/^.*?\/api/, "/api"));
      const told = [first, second].flatMap(({ json }) => json.results.map((row: { title: string }) => row.title));
      assert.deepEqual(told.toSorted(), ["Rain", "Snow", "Void"]);
      assert.deepEqual(back.json.results, first.json.results);
    });

    it("takes no statement more, however many rows and fields there are", async () => {
      const cost = async (query: string) => {
        statements.count = 0;
        await list(`books/${query}`);
        return statements.count;
      };
      assert.equal(await cost("?fields=title,reviews,mean,cost,latest&ordering=-reviews"), await cost("?fields=title"));
    });

    it("is read-only, and right in the answer to a write", async () => {
      const { json, status } = await asAnn("POST", "/api/v1/books/", {
        json: { title: "Hail", reviews: 77, tags: [2], review_rows: [] },
      });
      assert.deepEqual([status, json.reviews, json.tags_count, json.mean], [201, 0, 1, null]);
      await test.insert(Review, [{ book: json.id, stars: 3, owner: ann.id }]);
      const patched = await asAnn("PATCH", `/api/v1/books/${json.id}/`, { json: { title: "Sleet" } });
      assert.deepEqual([patched.json.reviews, patched.json.stars], [1, 3]);
      assert.equal((await asAnn("DELETE", `/api/v1/books/${json.id}/`)).status, 204);
    });

    it("a page for people shows it", async () => {
      const page = await test.client("GET", "/api/v1/books/?reviews__gte=1", { headers: { accept: "text/html" } });
      assert.equal(page.status, 200);
      assert.match(page.text, /reviews&quot;<\/span>|reviews/);
    });

    it("OPTIONS says what it is", async () => {
      const { json } = await asAnn("OPTIONS", "/api/v1/books/");
      assert.deepEqual(json.actions.POST.reviews, {
        type: "integer",
        required: false,
        read_only: true,
        label: "Reviews",
      });
    });
  });

  describe(`fields computed of rows out of sight, ${name}`, () => {
    const books = resource(Book, {
      permissions,
      fields: ["id", "title", "seen", "every", "best"],
      extra: {
        seen: field.count(Review, "book"),
        every: field.count(Review, "book", { unscoped: true }),
        best: field.max(Review, "book", "stars"),
      },
      filter: { seen: ["gte"], best: ["gte"] },
      order: ["seen"],
    });
    const Note = model("note", { fields: { book: field.foreignKey(Book) } });
    const scoped = defineApp({
      resources: {
        books,
        notes: resource(Note, { permissions, expand: { book: books } }),
        reviews: resource(Review, { permissions, scope: scope.owner("owner", { staff: true }) }),
      },
    });

    it("are not counted, filtered or sorted by, unless that is declared", async () => {
      const test = await startTestApp(scoped, await create());
      const [ann, bo, boss] = [
        await test.user("ann"),
        await test.user("bo"),
        await test.user("boss", { is_staff: true }),
      ];
      await test.insert(Book, [{ title: "Snow" }, { title: "Rain" }]);
      await test.insert(Review, [
        { book: 1, stars: 5, owner: ann.id },
        { book: 1, stars: 4, owner: ann.id },
        { book: 2, stars: 3, owner: bo.id },
      ]);
      const told = async (client: TestApp["client"], query = "?ordering=-seen") =>
        (await client("GET", `/api/v1/books/${query}`)).json.results.map((row: Record<string, unknown>) =>
          [row.title, row.seen, row.every, row.best].join(" "),
        );
      assert.deepEqual(await told(ann.client), ["Snow 2 2 5", "Rain 0 1 "]);
      assert.deepEqual(await told(bo.client), ["Rain 1 1 3", "Snow 0 2 "]);
      assert.deepEqual(await told(boss.client), ["Snow 2 2 5", "Rain 1 1 3"]);
      assert.deepEqual(await told(test.client, ""), ["Snow 0 2 ", "Rain 0 1 "]);
      assert.deepEqual(await told(bo.client, "?seen__gte=1"), ["Rain 1 1 3"]);
      assert.deepEqual(await told(bo.client, "?best__gte=4"), []);
      const { json } = await test.client("PATCH", "/api/v1/books/1/", { json: { title: "Ice" }, headers: bo.bearer });
      assert.deepEqual([json.seen, json.every], [0, 2]);
      await test.insert(Note, [{ book: 1 }]);
      const { json: note } = await test.client("GET", "/api/v1/notes/1/?expand=book", { headers: bo.bearer });
      assert.deepEqual([note.book.title, note.book.seen, note.book.every, note.book.best], ["Ice", 0, 2, null]);
      await test.stop();
    });
  });
}

it("a declaration that makes no sense is refused when it is made, or when the app starts", async () => {
  assert.throws(() => field.count(Review, "stars" as "book"), /no foreign key or many-to-many field/);
  assert.throws(() => field.sum(Review, "book", "written_at" as "stars"), /datetime field; expected another kind/);
  assert.throws(() => field.count(Review, "book", { where: { nothing: 1 } as never }), /"nothing" is not a field/);
  assert.throws(
    () => model("x", { fields: { n: field.count(Review, "book") } }),
    /declare it in the resource's "extra"/,
  );
  const [sqlite] = databases;
  assert.ok(sqlite);
  const wrong = defineApp({ resources: { tags: resource(Tag, { extra: { n: field.count(Review, "book") } }) } });
  await assert.rejects(startTestApp(wrong, await sqlite.create()), /points at book, and not at tag/);
});

it("what does not fit the model does not compile", () => {
  const declarations = () => [
    // @ts-expect-error no such relation
    field.count(Review, "stars"),
    // @ts-expect-error a time has no sum
    field.sum(Review, "book", "written_at"),
    // @ts-expect-error no such field
    field.count(Review, "book", { where: { publised: true } }),
  ];
  void declarations;
});
