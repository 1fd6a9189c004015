/** What a client asks to be shown of rows: some of the fields (`?fields=`), related rows in place of their keys (`?expand=`). */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Database, Statement } from "../../src/db/index.ts";
import {
  defineApp,
  type Expansion,
  field,
  filter,
  model,
  pagination,
  permission,
  resource,
  scope,
} from "../../src/index.ts";
import { startTestApp, type TestApp, type TestUser } from "../app.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";

const Country = model("country", { fields: { name: field.text() } });
const Publisher = model("publisher", { fields: { name: field.text(), country: field.foreignKey(Country) } });
const Author = model("author", {
  fields: { name: field.text(), owner: field.owner(), publisher: field.foreignKey(Publisher, { null: true }) },
});
const Tag = model("tag", { fields: { name: field.slug(), publisher: field.foreignKey(Publisher) }, order: ["name"] });
const Book = model("book", {
  fields: {
    title: field.text(),
    pages: field.integer({ default: 100 }),
    secret: field.text({ writeOnly: true, default: "" }),
    author: field.foreignKey(Author),
    editor: field.foreignKey(Author, { null: true, column: "edited_by" }),
    publisher: field.foreignKey(Publisher, { null: true }),
    tags: field.manyToMany(Tag, { blank: true }),
  },
  order: ["id"],
});
const Review = model("review", { fields: { book: field.foreignKey(Book), text: field.text() }, order: ["id"] });

const Reader = model("reader", {
  fields: {
    authors: field.manyToMany(Author, { blank: true }),
    publishers: field.manyToMany(Publisher, { blank: true }),
  },
});

const open = { permissions: [permission.allowAny()] };
const countries = resource(Country, open);
/** Staff only. */
const publishers = resource(Publisher, {
  permissions: [permission.admin()],
  extra: { label: field.computed(({ name, country }: Record<string, unknown>) => `${name} (${country})`) },
  expand: { country: countries },
});
const byAuthor = {
  fields: { name: Author.fields.name, publisher: Author.fields.publisher },
  expand: { publisher: publishers },
};

const app = defineApp({
  resources: {
    countries,
    publishers,
    authors: resource(Author, { ...open, scope: scope.owner("owner", { staff: true }) }),
    books: resource(Book, {
      ...open,
      sparseFields: true,
      expand: {
        author: byAuthor,
        editor: byAuthor,
        publisher: publishers,
        tags: { fields: { name: Tag.fields.name, publisher: Tag.fields.publisher }, expand: { publisher: publishers } },
      },
      extra: {
        reviews: field.children(Review, "book", { required: false, fields: { text: Review.fields.text } }),
      },
      filter: { title: ["exact"], author__name: ["exact"] },
      search: ["title"],
      pagination: pagination.pageNumber({ pageSize: 2 }),
    }),
    shelves: resource(Book, {
      ...open,
      sparseFields: true,
      fields: ["id", "title", "author", "line"],
      extra: { line: field.computed(({ title, author }: Record<string, unknown>) => `${title} by ${author}`) },
      expand: { author: byAuthor },
      actions: { all: { method: "GET", on: "list", run: ({ list }) => list({ order: ["id"] }) } },
      pagination: pagination.cursor({ pageSize: 1, order: ["-title", "id"] }),
    }),
    readers: resource(Reader, {
      ...open,
      expand: {
        authors: { fields: { name: Author.fields.name } },
        publishers: { fields: { name: Publisher.fields.name } },
      },
    }),
    // Whoever may add a publisher is shown none by that.
    "new-publishers": resource(Publisher, { ...open, only: ["create"] }),
    plain: resource(Book, { ...open, fields: ["id", "title", "author"], only: ["list", "retrieve"] }),
  },
});

/** A database that remembers its statements. */
function remembering(statements: Statement[]): (database: Database) => Database {
  return (database) =>
    new Proxy(database, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...parameters: unknown[]) => {
          const [statement] = parameters;
          if (typeof statement === "object" && statement && "sql" in statement) statements.push(statement as Statement);
          return value.apply(target, parameters);
        };
      },
    });
}

const first = databases[0] as (typeof databases)[number];

for (const database of databases) {
  describe(`sparse fields and expansions, ${database.name}`, () => {
    const statements = countStatements();
    const read: Statement[] = [];
    let [app_, owner, other, staff]: [TestApp, TestUser, TestUser, TestUser] = [] as never;
    before(async () => {
      const remember = remembering(read);
      app_ = await startTestApp(app, await database.create(), { wrap: (plain) => statements.wrap(remember(plain)) });
      [owner, other] = [await app_.user("owner"), await app_.user("other")];
      staff = await app_.user("staff", { is_staff: true });
      await app_.insert(Country, [{ name: "Norway" }]);
      await app_.insert(Publisher, [{ name: "North", country: 1 }]);
      await app_.insert(Author, [
        { name: "Ann", owner: owner.id, publisher: 1 },
        { name: "Zoe", owner: other.id, publisher: null },
      ]);
      await app_.insert(Tag, [
        { name: "red", publisher: 1 },
        { name: "blue", publisher: 1 },
      ]);
      await app_.insert(Book, [
        { title: "One", pages: 10, secret: "", author: 1, editor: 2, publisher: 1, tags: [1, 2] },
        { title: "Two", pages: 20, secret: "", author: 2, editor: null, publisher: null, tags: [] },
        { title: "Three", pages: 30, secret: "", author: 1, editor: 1, publisher: 1, tags: [1] },
      ]);
      await app_.insert(Reader, [{ authors: [1, 2], publishers: [1] }]);
      await app_.insert(Review, [{ book: 1, text: "good" }]);
    });
    after(() => app_.stop());
    beforeEach(() => {
      statements.count = 0;
      read.length = 0;
    });

    const ask = (path: string, user: TestUser = staff, headers = {}) =>
      app_.client("GET", `/api/v1/${path}`, { headers: { ...user.bearer, ...headers } });
    const get = async (path: string, user: TestUser = staff) => {
      const { status, json } = await ask(path, user);
      assert.equal(status, 200, JSON.stringify(json));
      return json;
    };
    /** Statements of a request, once its user is known. */
    const costOf = async (path: string): Promise<number> => {
      await get(path);
      statements.count = 0;
      read.length = 0;
      await get(path);
      return statements.count;
    };

    describe("?fields=", () => {
      test("leaves these fields of a row, in the resource's order", async () => {
        const row = await get("books/1/?fields=title,id");
        assert.equal(JSON.stringify(row), '{"id":1,"title":"One"}');
      });

      test("leaves these fields of every row of a list", async () => {
        const { count, results } = await get("books/?fields=title,tags&search=o");
        assert.deepEqual(
          { count, results },
          {
            count: 2,
            results: [
              { title: "One", tags: [2, 1] },
              { title: "Two", tags: [] },
            ],
          },
        );
      });

      test("ignores empty values, spaces and repetition; the last one counts", async () => {
        const whole = await get("books/1/");
        for (const query of ["fields=", "fields=,", "fields=%20"])
          assert.deepEqual(await get(`books/1/?${query}`), whole);
        assert.deepEqual(await get("books/1/?fields=pages&fields=id,%20id,"), { id: 1 });
      });

      test("refuses unknown names and those that are not shown, naming the parameter and what is offered", async () => {
        for (const name of ["nope", "secret", "author.name", "constructor"]) {
          const offered = "id, title, pages, author, editor, publisher, tags, reviews";
          for (const path of ["books/", "books/1/"]) {
            const { status, json } = await ask(`${path}?fields=id,${name}`);
            assert.deepEqual([status, json], [400, { fields: [`Expected some of ${offered}; got "${name}".`] }]);
          }
        }
      });

      test("is ignored where the resource does not declare it", async () => {
        assert.deepEqual(await get("plain/1/?fields=nope&expand=nope"), { id: 1, title: "One", author: 1 });
      });

      test("selects no other columns, and runs no statements for links and children that are not asked for", async () => {
        const whole = await costOf("books/1/");
        const some = await costOf("books/1/?fields=title");
        assert.equal(whole - some, 2);
        const sql = read.find(({ sql }) => sql.includes("book"))?.sql ?? "";
        assert.match(sql, /title/);
        assert.doesNotMatch(sql, /pages|edited_by|secret/);
        assert.equal(await costOf("books/1/?fields=title,tags"), some + 1);
        assert.equal(await costOf("books/?fields=title,reviews"), (await costOf("books/?fields=title")) + 1);
      });

      test("is compiled once for the same names, in whatever order they are asked for", async () => {
        const made = async (path: string) => {
          read.length = 0;
          await get(path);
          return read.filter(({ sql }) => /from .?book/.test(sql));
        };
        const first = await made("books/1/?fields=id,pages");
        assert.equal(first.length, 1);
        assert.equal((await made("books/1/?fields=pages,id,pages"))[0], first[0]);
        assert.notEqual((await made("books/1/?fields=pages"))[0], first[0]);
      });

      test("is for lists and rows alone, not for own actions", async () => {
        assert.equal((await get("shelves/all/?fields=id"))[0].title, "One");
      });

      test("stays in the links of a page", async () => {
        const { next } = await get("books/?fields=title&expand=author");
        assert.equal(new URL(next).search, "?expand=author&fields=title&page=2");
        const { results, previous } = await get(next.slice(next.indexOf("books/")));
        assert.deepEqual(results, [{ title: "Three" }]);
        assert.equal(new URL(previous).search, "?expand=author&fields=title");
      });

      test("leaves the order of a cursor to fields that are not shown", async () => {
        const first = await get("shelves/?fields=id");
        const second = await get(first.next.slice(first.next.indexOf("shelves/")));
        assert.deepEqual([first.results, second.results], [[{ id: 2 }], [{ id: 3 }]]);
      });

      test("shows a computed field as ever, whatever it is made of", async () => {
        assert.deepEqual(await get("shelves/1/?fields=line"), { line: "One by 1" });
      });

      test("counts for HEAD, and not for pages, whose forms hold the whole row", async () => {
        const { headers, text } = await app_.client("HEAD", "/api/v1/books/1/?fields=id", { headers: staff.bearer });
        assert.deepEqual([headers.get("content-length"), text], [String('{"id":1}'.length), ""]);
        const page = await ask("books/1/?fields=id", staff, { accept: "text/html" });
        assert.match(page.text, /One<\/textarea>/);
      });
    });

    describe("?expand=", () => {
      const ann = { name: "Ann", publisher: 1 };

      test("shows the related row in place of its key, in the same statement", async () => {
        assert.deepEqual((await get("books/1/?expand=author")).author, ann);
        const { results } = await get("books/?expand=author,editor");
        assert.deepEqual(
          results.map(({ author, editor }: Record<string, unknown>) => [author, editor]),
          [
            [ann, { name: "Zoe", publisher: null }],
            [{ name: "Zoe", publisher: null }, null],
          ],
        );
        assert.equal(await costOf("books/1/?expand=author,editor,author.publisher"), await costOf("books/1/"));
        assert.equal(await costOf("books/?expand=author,editor"), await costOf("books/"));
      });

      test("goes as deep as is declared; a row within another brings that one", async () => {
        const north = { id: 1, name: "North", country: 1, label: "North (1)" };
        assert.deepEqual((await get("books/1/?expand=author.publisher")).author, { name: "Ann", publisher: north });
        const { author, publisher } = await get("books/1/?expand=author.publisher.country,publisher");
        assert.deepEqual(author.publisher, { ...north, country: { id: 1, name: "Norway" } });
        assert.deepEqual(publisher, north);
      });

      test("refuses what is not declared, naming the parameter and what is offered", async () => {
        for (const name of ["reviews", "author.owner", "__proto__"]) {
          const { status, json } = await ask(`books/?expand=${name}&fields=nope`);
          assert.equal(status, 400);
          const deep = (path: string) => `${path}, ${path}.publisher, ${path}.publisher.country`;
          const offered = `${deep("author")}, ${deep("editor")}, publisher, publisher.country, ${deep("tags")}`;
          assert.deepEqual(json.expand, [`Expected some of ${offered}; got "${name}".`]);
          assert.equal(json.fields.length, 1);
        }
      });

      test("shows null where the related row is out of sight, and finds no more by it than before", async () => {
        const { author, editor } = await get("books/1/?expand=author,editor", owner);
        assert.deepEqual([author, editor], [ann, null]);
        assert.equal((await get("books/2/?expand=author", owner)).author, null);
        assert.equal((await get("books/?expand=author&author__name=Zoe", owner)).count, 0);
        assert.equal((await get("books/?expand=author&author__name=Zoe", other)).count, 1);
      });

      test("leaves the key where permissions keep the user from the related resource, and from what is behind it", async () => {
        const { author, publisher } = await get("books/1/?expand=author.publisher.country,publisher.country", owner);
        assert.deepEqual([author, publisher], [ann, 1]);
      });

      test("shows the rows of a many-to-many field, in their order, with one statement more for all of them", async () => {
        const [blue, red] = [
          { name: "blue", publisher: 1 },
          { name: "red", publisher: 1 },
        ];
        assert.deepEqual((await get("books/1/?expand=tags")).tags, [blue, red]);
        const { results } = await get("books/?expand=tags&fields=tags");
        assert.deepEqual(results, [{ tags: [blue, red] }, { tags: [] }]);
        const deep = await get("books/3/?expand=tags.publisher.country&fields=tags");
        const north = { id: 1, name: "North", country: { id: 1, name: "Norway" }, label: "North (1)" };
        assert.deepEqual(deep, { tags: [{ name: "red", publisher: north }] });
        assert.equal(await costOf("books/?expand=tags.publisher"), (await costOf("books/")) + 1);
        assert.equal(await costOf("books/2/?expand=tags"), await costOf("books/2/"));
      });

      test("shows of a many-to-many field what is in sight, or keys where permissions keep the user away", async () => {
        assert.deepEqual((await get("readers/1/?expand=authors", owner)).authors, [{ name: "Ann" }]);
        assert.deepEqual((await get("readers/1/?expand=authors", staff)).authors, [{ name: "Ann" }, { name: "Zoe" }]);
        assert.deepEqual((await get("readers/1/?expand=publishers", owner)).publishers, [1]);
        assert.deepEqual((await get("readers/1/?expand=publishers", staff)).publishers, [{ name: "North" }]);
      });

      test("names what is shown: a field that is left out is not expanded", async () => {
        assert.deepEqual(await get("books/1/?expand=author&fields=id"), { id: 1 });
        assert.deepEqual(await get("books/1/?expand=author&fields=author,id"), { id: 1, author: ann });
      });

      test("leaves computed fields what they are made of", async () => {
        const row = await get("shelves/1/?expand=author");
        assert.equal(JSON.stringify(row), JSON.stringify({ id: 1, title: "One", author: ann, line: "One by 1" }));
      });
    });

    describe("ETags", () => {
      const etagOf = async (path: string) => String((await ask(path)).headers.get("etag"));

      test("are those of what is answered", async () => {
        const tags = new Set<string>();
        for (const query of ["", "?fields=id", "?expand=author"]) {
          const tag = await etagOf(`books/1/${query}`);
          tags.add(tag);
          assert.equal((await ask(`books/1/${query}`, staff, { "if-none-match": tag })).status, 304);
        }
        assert.equal(tags.size, 3);
        assert.equal(await etagOf("books/1/?fields="), await etagOf("books/1/"));
      });

      test("of the plain row alone are taken by a write, whose answer is the plain row", async () => {
        const patch = (query: string, etag: string) =>
          app_.client("PATCH", `/api/v1/books/3/${query}`, {
            headers: { ...staff.bearer, "if-match": etag },
            json: { pages: 30 },
          });
        for (const query of ["?fields=id", "?expand=author"])
          for (const at of [query, ""]) assert.equal((await patch(at, await etagOf(`books/3/${query}`))).status, 412);
        const { status, json, headers } = await patch("?fields=id&expand=author", await etagOf("books/3/"));
        assert.deepEqual([status, json], [200, await get("books/3/")]);
        assert.equal(headers.get("etag"), await etagOf("books/3/"));
      });
    });
  });
}

test("three levels are offered, however many are declared", async () => {
  const Part = model("part", { fields: { whole: field.foreignKey("part", { null: true }) } });
  const whole: Expansion = {
    fields: Part.fields,
    get expand() {
      return { whole };
    },
  };
  const parts = resource(Part, { ...open, expand: { whole } });
  const app_ = await startTestApp(defineApp({ resources: { parts } }), await first.create());
  try {
    await app_.insert(Part, [{ whole: null }, { whole: 1 }, { whole: 2 }, { whole: 3 }, { whole: 4 }]);
    const get = (query: string) => app_.client("GET", `/api/v1/parts/5/?expand=${query}`);
    const offered = "whole, whole.whole, whole.whole.whole";
    const { json } = await get("whole.whole.whole.whole");
    assert.deepEqual(json.expand, [`Expected some of ${offered}; got "whole.whole.whole.whole".`]);
    const shown = { id: 5, whole: { id: 4, whole: { id: 3, whole: { id: 2, whole: 1 } } } };
    assert.deepEqual((await get("whole.whole.whole")).json, shown);
  } finally {
    await app_.stop();
  }
});

describe("an app with expansions does not start", () => {
  const refused = async (resources: Parameters<typeof defineApp>[0]["resources"], message: RegExp) => {
    const test = await first.create();
    await assert.rejects(async () => startTestApp(defineApp({ resources }), test), message).finally(test.drop);
  };
  const fields = { name: Author.fields.name };

  test("that are of no foreign key that is shown", async () => {
    const one = (expand: object, more = {}) => ({ books: resource(Book, { ...open, ...more, expand }) });
    await refused(one({ nope: { fields } }), /resource "books", expand "nope".*expected a field that is shown/);
    await refused(one({ title: { fields } }), /expand "title".*expected a relation of book.*not a field of text/);
    await refused(one({ author: { fields }, only: [] }, { fields: ["title"], only: ["list"] }), /expand "author"/);
    await refused(one({ author: { fields, expand: { publisher: { fields } } } }), /expand "author.publisher"/);
    await refused(one({ author: { fields: { tags: Book.fields.tags } } }), /many rows cannot be shown within/);
    await refused(one({ author: { fields: { nope: field.text() } } }), /"nope" is not a field of/);
  });

  test("that are a resource of another model, or one whose scope would not hold", async () => {
    await refused(
      { books: resource(Book, { expand: { author: publishers } }), publishers, countries },
      /expected a resource of/,
    );
    const mine = resource(Author, { ...open, scope: scope.owner("owner") });
    const books = resource(Book, { expand: { author: mine } });
    await refused({ books, mine, authors: resource(Author, open) }, /its scope holds only where/);
    await refused({ books }, /its scope holds only where/);
  });

  test("whose parameter is a filter's", async () => {
    const taken = { fields: filter.boolean(() => ({ path: "title", value: "" })) };
    await refused(
      { books: resource(Book, { sparseFields: true, filter: taken }) },
      /the parameter "fields" is declared twice/,
    );
  });
});
