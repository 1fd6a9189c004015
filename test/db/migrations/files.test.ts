import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  addConstraint,
  addField,
  addIndex,
  addUnique,
  alterField,
  alterTable,
  createModel,
  deleteModel,
  loadMigrations,
  type MigrationDeclaration,
  makeMigrations,
  migration,
  migrationSource,
  namedMigration,
  removeConstraint,
  removeField,
  removeIndex,
  removeUnique,
  renameField,
  renameModel,
  replay,
  runCode,
  runSql,
  writeMigration,
} from "../../../src/db/index.ts";
import { type Field, field, type Index, model } from "../../../src/model/index.ts";
import { Author, Book, Review, Tag, User } from "./bookshop.ts";

let directory: string;
/** What the package's front door gives to a migration file. */
let door: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "drf-auth-migrations-"));
  door = join(directory, "_door.ts");
  const [db, models] = ["../../../src/db/index.ts", "../../../src/model/index.ts"].map((path) =>
    import.meta.resolve(path),
  );
  await writeFile(door, `export * from "${db}";\nexport { field } from "${models}";\n`);
});
afterEach(() => rm(directory, { recursive: true }));

const put = async (path: string, source: string): Promise<string> => {
  const whole = join(directory, path);
  await mkdir(join(whole, ".."), { recursive: true });
  await writeFile(whole, source);
  return whole;
};

describe("a written migration", () => {
  it("reads as a person would have written it", () => {
    const [, shop] = makeMigrations([], [User, Author, Tag, Book]);
    assert.ok(shop);
    assert.equal(
      migrationSource(shop),
      `import { createModel, field, migration } from "drf-auth";

export default migration({
  dependencies: [["auth", "0001_initial"]],
  operations: [
    createModel("bookshop.author", {
      fields: {
        id: field.id(),
        name: field.text({ maxLength: 100 }),
        email: field.email({ blank: true, null: true, unique: true }),
        website: field.url({ blank: true }),
        born: field.date({ null: true }),
      },
    }),
    createModel("bookshop.tag", {
      fields: {
        id: field.id(),
        slug: field.slug({ unique: true }),
        name: field.text({ maxLength: 50 }),
      },
    }),
    createModel("bookshop.book", {
      fields: {
        id: field.id(),
        title: field.text({ maxLength: 200 }),
        isbn: field.text({ maxLength: 13, unique: true }),
        price: field.decimal({ maxDigits: 8, decimalPlaces: 2 }),
        pages: field.integer({ min: 0 }),
        in_print: field.boolean({ default: true }),
        genre: field.text({ maxLength: 10 }),
        rating: field.float({ null: true }),
        published_at: field.datetime({ null: true }),
        ref: field.uuid({ auto: "uuid" }),
        metadata: field.json({ null: true }),
        created_at: field.datetime({ auto: "created" }),
        updated_at: field.datetime({ auto: "updated" }),
        author: field.foreignKey("bookshop.author"),
        owner: field.foreignKey("auth.user"),
        tags: field.manyToMany("bookshop.tag"),
      },
      unique: [["author", "title"]],
    }),
  ],
});
`,
    );
  });

  it("is read back as the same models, so nothing is missing", async () => {
    const Odd = model("odd", {
      table: "very odd",
      fields: {
        code: field.text({ maxLength: 9, primaryKey: true }),
        parent: field.foreignKey("odd", { null: true, index: false, column: "mother" }),
        friends: field.manyToMany("odd", { through: "friendship" }),
        extra: field.json({ default: { 'a "b"': [1.5, null, true], ["__proto__"]: 2 } }),
        size: field.choice({ choices: [1, 2], default: 1 }),
        big: field.integer({ big: true, min: 0, default: -0 }),
        ip: field.ip({ null: true }),
        took: field.duration({ default: "1 02:03:04" }),
        at: field.time({ default: "08:00:00" }),
        scan: field.file({ uploadTo: "scans", extensions: ["pdf"] }),
        cover: field.image({ maxLength: 200, null: true }),
        token: field.text({ default: () => "function" }),
      },
      unique: [["size", "big"]],
    });
    const models = [User, Author, Tag, Book, Review, Odd];
    const made = makeMigrations([], models);
    for (const each of made) await writeMigration(directory, each, door);
    const loaded = await loadMigrations(directory);
    assert.deepEqual(
      loaded.map(({ label, name, dependencies }) => [label, name, dependencies]),
      made.map(({ label, name, dependencies }) => [label, name, dependencies]).sort(),
    );
    assert.deepEqual(makeMigrations(loaded, models), []);
    const again = replay(loaded).state.get("odd");
    assert.deepEqual(again?.fields.extra?.options.default, Odd.fields.extra.options.default);
    assert.equal(again?.table, "very odd");
  });

  it("never takes the place of another", async () => {
    const [auth] = makeMigrations([], [User]);
    assert.ok(auth);
    const path = await writeMigration(directory, auth);
    await assert.rejects(writeMigration(directory, auth), /auth\/0001_initial\.ts: expected a path where a new/);
    assert.match(await readFile(path, "utf8"), /createModel\("auth\.user"/);
  });

  it("names what it does, and imports no more", () => {
    const source = migrationSource(migration({ replaces: ["0001_a"], operations: [removeField("shop.book", "x")] }));
    assert.match(source, /^import \{ migration, removeField \} from "drf-auth";/);
    assert.match(source, /replaces: \["0001_a"\]/);
  });

  it("of any operation but code is read back as it was", async () => {
    const index: Index = { fields: ["title", "-pages"], where: { pages: { gt: 1, not: null } }, name: "by_title" };
    const operations = [
      createModel("shop.book", {
        fields: { id: field.id(), title: field.text(), pages: field.integer() },
        indexes: [{ fields: ["title", "-pages"] }],
        constraints: [{ name: "some", check: { pages: { gt: { field: "id" } } } }],
      }),
      renameModel("shop.book", "shop.tome", { table: "tomes" }),
      alterTable("shop.tome", "books"),
      alterField("shop.tome", "title", field.text({ maxLength: 9 })),
      addField("shop.tome", "ref", field.uuid({ auto: "uuid" })),
      renameField("shop.tome", "ref", "reference", { column: "ref" }),
      removeIndex("shop.tome", { fields: ["title", "-pages"] }),
      addUnique("shop.tome", ["title", "pages"]),
      removeUnique("shop.tome", ["title", "pages"]),
      removeConstraint("shop.tome", "some"),
      addConstraint("shop.tome", {
        name: "one",
        unique: ["title"],
        where: [{ pages: null }, { pages: { in: [1, 2] } }],
      }),
      runSql({ sqlite: ["SELECT 1", "SELECT 'it''s'"], reverse: { sqlite: "SELECT 2" } }),
      deleteModel("shop.tome"),
    ];
    const indexes = [addIndex("shop.book", index, { concurrently: true })];
    const books = namedMigration("shop", "0001_books", migration({ operations }));
    const built = namedMigration("shop", "0002_index", migration({ operations: indexes }));
    for (const each of [books, built]) await writeMigration(directory, each, door);
    const sources = (all: readonly MigrationDeclaration[]): string[] => all.map((each) => migrationSource(each));
    const loaded = await loadMigrations(directory);
    assert.deepEqual(sources(loaded), sources([books, built]));
    const [first] = loaded;
    assert.ok(first);
    assert.deepEqual(JSON.stringify(first.operations), JSON.stringify(operations));
    assert.throws(
      () => migrationSource(migration({ operations: [runCode({ forward: () => undefined })] })),
      /code cannot be written to another file/,
    );
  });

  it("hold the default of a kind of one's own as its column does", () => {
    const point = field.custom(field.text({ default: [1, 2] as never }), {
      parse: (sent): readonly number[] => sent as readonly number[],
      toColumn: (value) => value.join(" "),
      fromColumn: (stored) => String(stored).split(" ").map(Number),
    });
    const source = migrationSource(migration({ operations: [addField("shop.book", "place", point)] }));
    assert.match(source, /addField\("shop\.book", "place", field\.text\(\{ default: "1 2" \}\)\)/);
  });

  it("cannot hold a default that is no JSON", () => {
    const when: Field = field.datetime({ default: new Date(0) });
    assert.throws(
      () => migrationSource(migration({ operations: [addField("shop.book", "when", when)] })),
      /model "shop\.book", field "when": expected a default of plain JSON/,
    );
  });
});

describe("migration files", () => {
  const source = (operations: string) => `import * as d from ${JSON.stringify("DOOR")};
    export default d.migration({ operations: [${operations}] });`;
  const write = (path: string, operations: string) => put(path, source(operations).replace("DOOR", door));

  it("are none where the directory is missing", async () => {
    assert.deepEqual(await loadMigrations(join(directory, "nowhere")), []);
  });

  it("may stand beside helpers and types", async () => {
    await write("shop/0001_initial.ts", `d.createModel("shop.book", { fields: {} })`);
    await put("shop/_shared.ts", "throw new Error('not loaded')");
    await put("shop/0001_initial.d.ts", "nonsense");
    await put("shop/README.md", "# Notes");
    assert.equal((await loadMigrations(directory)).length, 1);
  });

  it("with another kind of name are refused", async () => {
    await write("shop/2-title.ts", "");
    await assert.rejects(loadMigrations(directory), /2-title\.ts: expected a name of four digits and words/);
  });

  it("that cannot be run are refused, with their path and the reason", async () => {
    await put("shop/0001_initial.ts", `throw new Error("no luck");`);
    await assert.rejects(
      loadMigrations(directory),
      /shop\/0001_initial\.ts: this migration file does not load: no luck/,
    );
    await rm(join(directory, "shop"), { recursive: true });
    await put("shop/0002_broken.ts", "export default {");
    await assert.rejects(loadMigrations(directory), /shop\/0002_broken\.ts: this migration file does not load/);
  });

  it("that hold no migration are refused", async () => {
    await put("shop/0001_initial.ts", "export default { operations: [{ kind: 'explode' }] };");
    await assert.rejects(loadMigrations(directory), /0001_initial\.ts: expected `export default migration/);
  });

  it("about another label's models are refused", async () => {
    await write("shop/0001_initial.ts", `d.deleteModel("auth.user")`);
    await assert.rejects(loadMigrations(directory), /0001_initial\.ts: .*"shop" alone, got: delete model auth\.user/);
  });
});
