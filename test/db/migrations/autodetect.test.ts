import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { autodetect, describeOperation, type Migration, makeMigrations, replay } from "../../../src/db/index.ts";
import { type Field, type FieldMap, field, type Model, model } from "../../../src/model/index.ts";
import { Author, Book, Review, Tag, User } from "./bookshop.ts";

const shop = [User, Author, Tag, Book, Review];
const words = (migrations: readonly Migration[]): string[] =>
  migrations.flatMap(({ label, name, operations }) => [`${label}.${name}`, ...operations.map(describeOperation)]);

/** What is made of `after` where `before` was there. */
const changes = (before: readonly Model[], after: readonly Model[], labels?: readonly string[]): string[] =>
  words(makeMigrations(makeMigrations([], before), after, { labels }));

const book = (fields: FieldMap, unique: readonly (readonly string[])[] = []): Model =>
  model("shop.book", { fields, unique });

describe("a field under another name", () => {
  const before = book({ title: field.text({ default: "" }), pages: field.integer({ null: true }) });
  const told = (renames: Record<string, string>, ...after: Model[]): string[] =>
    words(makeMigrations(makeMigrations([], [before]), after, { renames: new Map(Object.entries(renames)) }));

  it("is renamed where that is said", () => {
    const after = book({ name: field.text({ default: "" }), pages: field.integer({ null: true }) });
    assert.deepEqual(told({ "shop.book.title": "name" }, after), [
      "shop.0002_rename_book_title_name",
      "rename field title of shop.book to name",
    ]);
  });

  it("is renamed, in the state alone, where its column stays", () => {
    const after = book({ name: field.text({ default: "", column: "title" }), pages: field.integer({ null: true }) });
    assert.deepEqual(changes([before], [after]), [
      "shop.0002_rename_book_title_name",
      "rename field title of shop.book to name",
    ]);
  });

  it("is asked back where it may be either, since a removal loses what the column holds", () => {
    const after = book({ name: field.text({ default: "" }), pages: field.integer({ null: true }) });
    assert.throws(
      () => changes([before], [after]),
      /field "title".*is gone, and "name".*--rename shop\.book\.title=name/,
    );
  });

  it("may change its type with a second migration", () => {
    const after = book({ title: field.text({ default: "" }), size: field.text({ null: true }) });
    assert.deepEqual(changes([before], [after]), [
      "shop.0002_remove_book_pages_book_size",
      "remove field pages from shop.book",
      "add field size to shop.book",
    ]);
  });

  it("that is many-to-many is renamed with its table, or keeps it where the declaration says so", () => {
    const Tag = model("shop.tag", { fields: {} });
    const tagged = book({ tags: field.manyToMany("shop.tag") });
    const labelled = (through?: string): Model => book({ labels: field.manyToMany("shop.tag", { through }) });
    assert.throws(() => changes([tagged, Tag], [labelled(), Tag]), /say --rename shop\.book\.tags=labels/);
    const renamed = ["shop.0002_rename_book_tags_labels", "rename field tags of shop.book to labels"];
    assert.deepEqual(changes([tagged, Tag], [labelled("shop_book_tags"), Tag]), renamed);
    const renames = new Map([["shop.book.tags", "labels"]]);
    const [made, ...more] = makeMigrations(makeMigrations([], [tagged, Tag]), [labelled(), Tag], { renames });
    assert.deepEqual([made && words([made]), more], [renamed, []]);
  });

  it("must be there, and new, to be renamed", () => {
    assert.throws(
      () => told({ "shop.book.titel": "name" }, before),
      /rename shop\.book\.titel=name.*MODEL\.FIELD=NAME/,
    );
    const both = { "shop.book.title": "name", "shop.book.pages": "name" };
    assert.throws(
      () => told(both, book({ name: field.text({ default: "" }) })),
      /rename shop\.book\.pages=name.*each once/,
    );
    // A slip of the pen is named even where the change itself would be asked back.
    const after = book({ name: field.text({ default: "" }), pages: field.integer({ null: true }) });
    assert.throws(() => told({ "shop.book.titel": "name" }, after), /rename shop\.book\.titel=name/);
    assert.throws(() => told({ "shop.book.title": "pages" }, before), /rename shop\.book\.title=pages/);
  });
});

describe("new models", () => {
  it("are created after those they point at, a migration a label", () => {
    const migrations = makeMigrations([], shop);
    assert.deepEqual(words(migrations), [
      "auth.0001_initial",
      "create model auth.user",
      "bookshop.0001_initial",
      "create model bookshop.author",
      "create model bookshop.tag",
      "create model bookshop.book",
      "create model bookshop.review",
    ]);
    assert.deepEqual(migrations[1]?.dependencies, [["auth", "0001_initial"]]);
  });

  it("come out the same in whatever order they are declared", () => {
    assert.deepEqual(makeMigrations([], shop.toReversed()), makeMigrations([], shop));
  });

  it("that point at each other get a field afterwards, with the unique sets that it is in", () => {
    const Hen = model("hen", {
      fields: { egg: field.foreignKey("egg"), name: field.text() },
      unique: [["egg", "name"]],
    });
    const Egg = model("egg", { fields: { hen: field.foreignKey("hen", { null: true }) } });
    assert.deepEqual(changes([], [Hen, Egg]), [
      "app.0001_initial",
      "create model egg",
      "create model hen",
      "add field hen to egg",
    ]);
    assert.deepEqual(changes([Hen, Egg], [Hen, Egg]), []);
    assert.deepEqual(changes([Hen, Egg], [], ["app"]), [
      "app.0002_remove_egg_hen_delete_hen_delete_egg",
      "remove field hen from egg",
      "delete model hen",
      "delete model egg",
    ]);
  });

  it("of two labels that point at each other get as many migrations as it takes", () => {
    const models = [
      model("a.one", { fields: { to: field.foreignKey("b.two") } }),
      model("b.two", { fields: { to: field.foreignKey("a.three") } }),
      model("a.three", { fields: {} }),
    ];
    const migrations = makeMigrations([], models);
    assert.deepEqual(words(migrations), [
      "a.0001_initial",
      "create model a.three",
      "b.0001_initial",
      "create model b.two",
      "a.0002_one",
      "create model a.one",
    ]);
    assert.deepEqual(
      replay(migrations).graph.ordered.map(({ label, name }) => `${label}.${name}`),
      ["a.0001_initial", "b.0001_initial", "a.0002_one"],
    );
    assert.deepEqual(changes(models, models), []);
  });

  it("may point at a model whose migrations are not ours to write", () => {
    const existing = makeMigrations([], [User]);
    const migrations = makeMigrations(existing, [Author, Tag, Book]);
    assert.deepEqual([...new Set(migrations.map(({ label }) => label))], ["bookshop"]);
    assert.deepEqual(migrations[0]?.dependencies, [["auth", "0001_initial"]]);
  });

  it("must not point at nothing", () => {
    assert.throws(() => changes([], [Book, Author, Tag]), /"auth\.user".*expected one of/);
  });
});

describe("changed models", () => {
  const before = book({ title: field.text({ maxLength: 50 }), pages: field.integer() }, [["title", "pages"]]);

  it("with the same columns need no migration", () => {
    const after = book(
      {
        pages: field.integer({ max: 3, label: "Pages", default: () => 3 }),
        title: field.choice({ choices: ["a"], maxLength: 50, help: "Which" }),
      },
      [["title", "pages"]],
    );
    assert.deepEqual(changes([before], [after]), []);
  });

  it("get and lose fields and unique sets, in an order that works", () => {
    const after = book(
      { title: field.text({ maxLength: 50 }), tags: field.manyToMany("shop.tag"), rank: field.float({ default: 1 }) },
      [["title", "rank"]],
    );
    const Shelf = model("shop.shelf", { fields: { book: field.foreignKey("shop.book") } });
    const Label = model("shop.tag", { fields: {} });
    assert.deepEqual(changes([before, Shelf], [after, Label]), [
      "shop.0002_tag_remove_book_unique_title_pages_and_more",
      "create model shop.tag",
      "let title, pages of shop.book repeat",
      "remove field pages from shop.book",
      "add field tags to shop.book",
      "add field rank to shop.book",
      "make title, rank of shop.book unique together",
      "delete model shop.shelf",
    ]);
  });

  it("of other labels are left alone", () => {
    assert.deepEqual(autodetect(replay(makeMigrations([], shop)).state, [], ["shop"]), []);
  });

  const altered: readonly (readonly [what: string, Field, Field])[] = [
    ["type", field.text({ maxLength: 50 }), field.text({ maxLength: 60 })],
    ["kind", field.integer(), field.text()],
    ["null", field.date(), field.date({ null: true })],
    ["null, and a value for rows that hold it", field.integer({ null: true }), field.integer({ default: 0 })],
    ["unique", field.ip(), field.ip({ unique: true })],
    ["index", field.text(), field.text({ index: true })],
    ["name of the column", field.text(), field.text({ column: "y" })],
    ["target", field.foreignKey("auth.user"), field.foreignKey("shop.book")],
    ["table between", field.manyToMany("auth.user"), field.manyToMany("auth.user", { through: "t" })],
  ];
  for (const [what, from, to] of altered) {
    it(`with another ${what} are altered`, () => {
      assert.deepEqual(changes([User, book({ x: from })], [User, book({ x: to })]), [
        "shop.0002_alter_book_x",
        "alter field x of shop.book",
      ]);
    });
  }

  const refused: readonly (readonly [what: string, Field, Field, RegExp])[] = [
    ["null without a value for rows", field.date({ null: true }), field.date(), /rows that hold null need a value/],
    [
      "kind that is no column",
      field.text(),
      field.manyToMany("auth.user"),
      /was .*is now .*what it holds cannot be kept/,
    ],
    ["model behind it", field.manyToMany("auth.user"), field.manyToMany("shop.book"), /what it holds cannot be kept/],
  ];
  for (const [what, from, to, message] of refused) {
    it(`with another ${what} are refused, naming model and field`, () => {
      const making = (): unknown => changes([User, book({ x: from })], [User, book({ x: to })]);
      assert.throws(making, message);
      assert.throws(making, /^ConfigurationError: model "shop\.book", field "x": /);
    });
  }

  it("keep their primary key, which may get another type", () => {
    assert.deepEqual(changes([book({})], [book({ id: field.text({ maxLength: 9, primaryKey: true }) })]), [
      "shop.0002_alter_book_id",
      "alter field id of shop.book",
    ]);
    const after = book({ isbn: field.text({ maxLength: 9, primaryKey: true }) });
    assert.throws(() => changes([book({})], [after]), /field "isbn": another field cannot become the primary key/);
  });

  it("under another name with the same table are renamed, and under another table moved", () => {
    const renamed = model("shop.tome", { table: "shop_book", fields: {} });
    assert.deepEqual(changes([book({})], [renamed]), [
      "shop.0002_rename_book_tome",
      "rename model shop.book to shop.tome",
    ]);
    const moved = model("shop.book", { table: "tomes", fields: {} });
    assert.deepEqual(changes([book({})], [moved]), ["shop.0002_book_table", "rename the table of shop.book to tomes"]);
    const elsewhere = model("store.book", { table: "shop_book", fields: {} });
    assert.throws(() => changes([book({})], [elsewhere], ["shop", "store"]), /cannot move to another label/);
  });

  it("under another label are refused, and not made anew without their rows", () => {
    const before = book({ title: field.text() });
    const elsewhere = model("store.book", { fields: { title: field.text() } });
    assert.throws(
      () => changes([before], [elsewhere], ["shop", "store"]),
      /model "store\.book": is "shop\.book", .* cannot move to another label: leave it "shop\.book"/,
    );
  });

  it("under another name and table are asked back where the columns are the same", () => {
    const before = book({ title: field.text(), next: field.foreignKey("shop.book", { null: true }) });
    const after = model("shop.tome", {
      fields: { title: field.text(), next: field.foreignKey("shop.tome", { null: true }) },
    });
    const Review = (to: string): Model => model("zoo.review", { fields: { book: field.foreignKey(to) } });
    assert.throws(
      () => changes([before, Review("shop.book")], [after, Review("shop.tome")]),
      /model "shop\.book": is gone.*say --rename shop\.book=shop\.tome/,
    );
    const existing = makeMigrations([], [before, Review("shop.book")]);
    const declared = [after, Review("shop.tome")];
    const made = makeMigrations(existing, declared, { renames: new Map([["shop.book", "shop.tome"]]) });
    assert.deepEqual(words(made), ["shop.0002_rename_book_tome", "rename model shop.book to shop.tome"]);
    // What points at the old name comes before.
    assert.deepEqual(made[0]?.dependencies, [
      ["shop", "0001_initial"],
      ["zoo", "0001_initial"],
    ]);
    assert.deepEqual(makeMigrations([...existing, ...made], declared), []);
  });

  it("that go come after what pointed at them, in other labels, too", () => {
    const Review = (fields: FieldMap): Model => model("zoo.review", { fields });
    const existing = makeMigrations([], [book({}), Review({ book: field.foreignKey("shop.book") })]);
    const made = makeMigrations(existing, [Review({})], { labels: ["shop", "zoo"] });
    assert.deepEqual(words(made), [
      "zoo.0002_remove_review_book",
      "remove field book from zoo.review",
      "shop.0002_delete_book",
      "delete model shop.book",
    ]);
    assert.deepEqual(makeMigrations([...existing, ...made], [Review({})], { labels: ["shop", "zoo"] }), []);
  });

  it("get and lose indexes and constraints", () => {
    const fields = { title: field.text(), price: field.integer({ default: 0 }) };
    const after = model("shop.book", {
      fields,
      indexes: [{ fields: ["title", "-price"], where: { price: { gt: 0 } } }],
      constraints: [
        { name: "price_positive", check: { price: { gte: 0 } } },
        { name: "one_free", unique: ["title"], where: { price: 0 } },
      ],
    });
    assert.deepEqual(changes([book(fields)], [after]).slice(1), [
      "add index on title, -price to shop.book",
      "add constraint price_positive to shop.book",
      "add constraint one_free to shop.book",
    ]);
    assert.deepEqual(changes([after], [book(fields)]).slice(1), [
      "remove index on title, -price from shop.book",
      "remove constraint price_positive from shop.book",
      "remove constraint one_free from shop.book",
    ]);
    assert.deepEqual(changes([after], [after]), []);
    assert.throws(
      () => model("shop.x", { fields, indexes: [{ fields: ["titel" as "title"] }] }),
      /"titel" is not a field/,
    );
  });

  it("get no field that rows would have no value for", () => {
    const message = /model "shop\.book", field "x": rows that are there need a value; declare a default or null: true/;
    assert.throws(() => changes([book({})], [book({ x: field.integer() })]), message);
    assert.throws(() => changes([User, book({})], [User, book({ x: field.owner() })]), message);
    const random = field.integer({ default: () => 4 });
    assert.throws(() => changes([book({})], [book({ x: random })]), /a default function has no place in a migration/);
    for (const x of [field.uuid({ auto: "uuid" }), field.createdAt(), field.text({ blank: true })]) {
      assert.equal(changes([book({})], [book({ x })])[0], "shop.0002_book_x");
    }
  });
});
