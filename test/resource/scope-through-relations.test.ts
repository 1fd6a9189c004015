/** A row out of sight is out of sight through relations too: shown within others, searched, filtered and sorted by. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { defineApp, field, filter, model, pagination, permission, resource, scope } from "../../src/index.ts";
import { startTestApp, type TestApp, type TestUser } from "../app.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";

const Team = model("team", { fields: { name: field.text(), lead: field.owner() } });
/** Seen by its owner. */
const Author = model("author", {
  fields: {
    name: field.text(),
    owner: field.owner(),
    rank: field.integer({ default: 0 }),
    mentor: field.foreignKey("author", { null: true }),
    team: field.foreignKey(Team),
  },
});
/** Seen by who leads its team: the rule follows a relation. */
const Tag = model("tag", { fields: { name: field.slug(), team: field.foreignKey(Team) }, order: ["name"] });
/** Everybody sees every book. */
const Book = model("book", {
  fields: { title: field.text(), author: field.foreignKey(Author), tags: field.manyToMany(Tag, { blank: true }) },
  order: ["id"],
});
/** Seen by who wrote it. */
const Review = model("review", {
  fields: { book: field.foreignKey(Book), text: field.text(), author: field.foreignKey(Author), writer: field.owner() },
  order: ["id"],
});
const Chapter = model("chapter", { fields: { book: field.foreignKey(Book), heading: field.text() }, order: ["id"] });

const open = { permissions: [permission.allowAny()] };
const author = field.nested({
  source: "author",
  readOnly: true,
  fields: { name: field.text(), mentor: field.nested({ null: true, fields: { name: field.text() } }) },
});

const app = defineApp({
  models: [Team],
  resources: {
    authors: resource(Author, { ...open, scope: scope.owner("owner", { staff: true }) }),
    // Shows nobody any row, so it widens nobody's sight.
    applications: resource(Author, { ...open, only: ["create"] }),
    tags: resource(Tag, { ...open, scope: scope.owner("team.lead", { staff: true }) }),
    reviews: resource(Review, { ...open, scope: scope.owner("writer", { staff: true }) }),
    books: resource(Book, {
      ...open,
      extra: {
        by: author,
        author_name: field.from("author.name"),
        mentor_name: field.from("author.mentor.name"),
        team_name: field.from("author.team.name"),
        reviews: field.children(Review, "book", { required: false, fields: { text: Review.fields.text } }),
        chapters: field.children(Chapter, "book", { required: false, fields: { heading: Chapter.fields.heading } }),
      },
      filter: {
        author__name: ["exact", "icontains", "isnull"],
        author__mentor__name: ["exact"],
        author__rank: ["gte"],
        tags: ["isnull"],
        tags__name: ["exact"],
        ranked: filter.boolean((yes) => ({ path: "author.rank", lookup: yes ? "gte" : "lt", value: 5 })),
      },
      search: ["title", "author__name", "tags__name"],
      order: ["author__name", "id"],
      actions: {
        of: {
          method: "GET",
          on: "list",
          run: ({ list, request }) =>
            list({ where: { path: "author.name", value: request.query.get("name") }, order: ["-author.name"] }),
        },
      },
    }),
    shelves: resource(Book, {
      ...open,
      fields: ["title"],
      only: ["list"],
      order: ["author__name"],
      pagination: pagination.cursor({ pageSize: 1, order: ["author__name", "id"] }),
    }),
    // A rule that looks at rows which its own user does not see holds all the same.
    chapters: resource(Chapter, { ...open, scope: () => ({ path: "book.author.rank", lookup: "lt", value: 100 }) }),
  },
});

for (const database of databases) {
  describe(`scope through relations, ${database.name}`, () => {
    const statements = countStatements();
    let [test_, owner, other, staff]: [TestApp, TestUser, TestUser, TestUser] = [] as never;
    before(async () => {
      test_ = await startTestApp(app, await database.create(), { wrap: statements.wrap });
      [owner, other] = [await test_.user("owner"), await test_.user("other")];
      staff = await test_.user("staff", { is_staff: true });
      await test_.insert(Team, [
        { name: "red", lead: owner.id },
        { name: "blue", lead: other.id },
      ]);
      await test_.insert(Author, [
        { name: "Ann", owner: owner.id, rank: 9, mentor: null, team: 1 },
        { name: "Zoe", owner: other.id, rank: 9, mentor: 1, team: 2 },
        { name: "Bea", owner: owner.id, rank: 1, mentor: 2, team: 1 },
      ]);
      await test_.insert(Tag, [
        { name: "mine", team: 1 },
        { name: "theirs", team: 2 },
      ]);
      await test_.insert(Book, [
        { title: "One", author: 1, tags: [1, 2] },
        { title: "Two", author: 2, tags: [2] },
        { title: "Three", author: 3, tags: [] },
      ]);
      await test_.insert(Review, [
        { book: 1, text: "good", author: 1, writer: owner.id },
        { book: 1, text: "bad", author: 2, writer: other.id },
      ]);
      await test_.insert(Chapter, [{ book: 2, heading: "Beginning" }]);
    });
    after(() => test_.stop());

    const get = async (user: TestUser, path: string) => {
      const { status, json } = await test_.client("GET", `/api/v1/${path}`, { headers: user.bearer });
      assert.equal(status, 200, JSON.stringify(json));
      return json;
    };
    const titles = async (user: TestUser, query: string): Promise<string[]> => {
      const { count, results } = await get(user, `books/?${query}`);
      assert.equal(count, results.length);
      return results.map(({ title }: { title: string }) => title);
    };

    test("the list has all of its own rows, with null where an author is out of sight", async () => {
      const { count, results } = await get(owner, "books/");
      assert.equal(count, 3);
      const shown = results.map((book: Record<string, unknown>) => [
        book.by,
        book.author_name,
        book.mentor_name,
        book.team_name,
      ]);
      assert.deepEqual(shown, [
        [{ name: "Ann", mentor: null }, "Ann", null, "red"],
        [null, null, null, null],
        [{ name: "Bea", mentor: null }, "Bea", null, "red"],
      ]);
    });

    test("so has a row by itself, and for somebody else it is another author", async () => {
      assert.deepEqual((await get(owner, "books/2/")).by, null);
      assert.deepEqual((await get(owner, "books/1/")).by, { name: "Ann", mentor: null });
      assert.deepEqual((await get(other, "books/1/")).by, null);
      // Behind a row that is seen stands one that is not.
      assert.deepEqual((await get(other, "books/2/")).by, { name: "Zoe", mentor: null });
    });

    test("staff, whose scope is everything, sees everything", async () => {
      const { results } = await get(staff, "books/");
      assert.deepEqual(results[1].by, { name: "Zoe", mentor: { name: "Ann" } });
      assert.deepEqual(results[0].tags, [1, 2]);
      assert.deepEqual(results[0].reviews, [{ text: "good" }, { text: "bad" }]);
      assert.deepEqual(await titles(staff, "author__name=Zoe"), ["Two"]);
    });

    test("keys of a many-to-many field and children out of sight are left out", async () => {
      const book = await get(owner, "books/1/");
      assert.deepEqual([book.tags, book.reviews], [[1], [{ text: "good" }]]);
      const theirs = await get(other, "books/1/");
      assert.deepEqual([theirs.tags, theirs.reviews], [[2], [{ text: "bad" }]]);
    });

    test("the rule itself is asked of every row: a chapter is seen though the author of its book is not", async () => {
      assert.deepEqual((await get(owner, "books/2/")).chapters, [{ heading: "Beginning" }]);
    });

    test("a filter does not find by what is out of sight, and counts so", async () => {
      assert.deepEqual(await titles(owner, "author__name=Zoe"), []);
      assert.deepEqual(await titles(owner, "author__name__icontains=o"), []);
      assert.deepEqual(await titles(owner, "author__name__icontains=a"), ["One", "Three"]);
      assert.deepEqual(await titles(owner, "author__mentor__name=Zoe"), []);
      assert.deepEqual(await titles(owner, "author__rank__gte=5"), ["One"]);
      assert.deepEqual(await titles(owner, "ranked=true"), ["One"]);
      assert.deepEqual(await titles(owner, "author__name__isnull=true"), ["Two"]);
      assert.deepEqual(await titles(owner, "tags__name=theirs"), []);
      assert.deepEqual(await titles(owner, "tags__name=mine"), ["One"]);
      assert.deepEqual(await titles(owner, "tags__isnull=true"), ["Two", "Three"]);
    });

    test("nor does a search", async () => {
      assert.deepEqual(await titles(owner, "search=Zoe"), []);
      assert.deepEqual(await titles(owner, "search=theirs"), []);
      assert.deepEqual(await titles(owner, "search=mine"), ["One"]);
      assert.deepEqual(await titles(other, "search=Zoe"), ["Two"]);
    });

    test("a detail and an action of a list are asked in the same way", async () => {
      const { status } = await test_.client("GET", "/api/v1/books/2/?author__name=Zoe", { headers: owner.bearer });
      assert.equal(status, 404);
      assert.deepEqual(await get(owner, "books/of/?name=Zoe"), []);
      assert.equal((await get(other, "books/of/?name=Zoe")).length, 1);
    });

    test("in an order a row out of sight stands where null stands", async () => {
      const nullAt = database.name === "SQLite" ? 0 : 2;
      for (const [who, hidden] of [
        [owner, ["Two"]],
        [other, ["One", "Three"]],
      ] as const) {
        const order = await titles(who, "ordering=author__name");
        const start = nullAt === 0 ? 0 : order.length - hidden.length;
        assert.deepEqual(order.slice(start, start + hidden.length), hidden);
      }
      assert.deepEqual(await titles(staff, "ordering=author__name"), ["One", "Three", "Two"]);
    });

    test("a cursor goes through such an order from end to end, and does not carry what is hidden", async () => {
      const seen: string[] = [];
      for (let path: string | null = "/api/v1/shelves/"; path != null; ) {
        const { status, json } = await test_.client("GET", path, { headers: owner.bearer });
        assert.equal(status, 200);
        seen.push(...json.results.map(({ title }: { title: string }) => title));
        path = json.next?.replace(/^https?:\/\/[^/]+/, "");
        const token = path ? (new URL(path, "http://x").searchParams.get("cursor") ?? "") : "";
        assert.doesNotMatch(Buffer.from(token, "base64").toString(), /Zoe/);
      }
      assert.deepEqual(seen.toSorted(), ["One", "Three", "Two"]);
    });

    test("who sends back what he got takes nothing away that he did not see", async () => {
      const book = await get(owner, "books/1/");
      const { status, json: shown } = await test_.client("PATCH", "/api/v1/books/1/", {
        json: { tags: book.tags, reviews: [] },
        headers: owner.bearer,
      });
      assert.equal(status, 200, JSON.stringify(shown));
      assert.deepEqual([shown.tags, shown.reviews], [[1], []]);
      const { tags, reviews } = await get(staff, "books/1/");
      assert.deepEqual([tags, reviews], [[1, 2], [{ text: "bad" }]]);
      await test_.client("PATCH", "/api/v1/books/1/", { json: { tags: [] }, headers: owner.bearer });
      assert.deepEqual((await get(staff, "books/1/")).tags, [2]);
      await test_.client("PATCH", "/api/v1/books/1/", { json: { tags: [1] }, headers: owner.bearer });
      assert.deepEqual((await get(staff, "books/1/")).tags, [1, 2]);
    });

    test("a list takes as many statements for thirty rows as for three", async () => {
      statements.count = 0;
      await get(owner, "books/");
      const few = statements.count;
      await test_.insert(
        Book,
        Array.from({ length: 30 }, (_, i) => ({ title: `Book ${i}`, author: (i % 3) + 1, tags: [1, 2] })),
      );
      statements.count = 0;
      const { results } = await get(owner, "books/?page_size=50");
      assert.equal(results.length, 33);
      assert.equal(statements.count, few);
      // Who asks, the count, the rows, tags, reviews, chapters.
      assert.ok(few <= 6, String(few));
    });

    test("nothing of it was a fault of ours", () => assert.deepEqual(test_.faults, []));
  });
}
