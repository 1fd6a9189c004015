import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  addField,
  createModel,
  type Dependency,
  deleteModel,
  type Migration,
  migration,
  namedMigration,
  type Operation,
  removeField,
  replay,
} from "../../../src/db/index.ts";
import { field } from "../../../src/model/index.ts";

interface Parts {
  readonly dependencies?: readonly Dependency[];
  readonly replaces?: readonly string[];
  readonly operations?: readonly Operation[];
}
const make = (label: string, name: string, { operations = [], ...others }: Parts = {}): Migration =>
  namedMigration(label, name, migration({ operations, ...others }));
const order = (...migrations: readonly Migration[]): string[] =>
  replay(migrations).graph.ordered.map(({ label, name }) => `${label}.${name}`);

describe("the order of migrations", () => {
  it("is that of labels and names where nothing is declared", () => {
    assert.deepEqual(order(make("b", "0001_x"), make("a", "0002_x"), make("a", "0001_x")), [
      "a.0001_x",
      "a.0002_x",
      "b.0001_x",
    ]);
  });

  it("puts dependencies first, and what they depend on", () => {
    assert.deepEqual(
      order(
        make("a", "0001_x", { dependencies: [["b", "0002_x"]] }),
        make("b", "0001_x"),
        make("b", "0002_x"),
        make("b", "0003_x"),
      ),
      ["b.0001_x", "b.0002_x", "a.0001_x", "b.0003_x"],
    );
  });

  it("knows a migration under the names that it replaces", () => {
    const auth = make("z", "0001_initial", { replaces: ["0001_initial", "0002_more"] });
    assert.deepEqual(order(make("a", "0001_x", { dependencies: [["z", "0002_more"]] }), auth), [
      "z.0001_initial",
      "a.0001_x",
    ]);
  });

  it("refuses a dependency that is not there", () => {
    assert.throws(() => order(make("a", "0001_x", { dependencies: [["b", "0001_x"]] })), /depends on b\.0001_x, which/);
  });

  it("refuses a circle, and shows it", () => {
    const one = make("a", "0001_x", { dependencies: [["b", "0001_x"]] });
    const two = make("b", "0001_x", { dependencies: [["a", "0001_x"]] });
    assert.throws(() => order(one, two), /a\.0001_x -> b\.0001_x -> a\.0001_x/);
  });

  it("refuses two migrations of one name", () => {
    assert.throws(() => order(make("a", "0001_x"), make("a", "0001_x")), /is also that of/);
  });
});

describe("a migration that does not fit those before it is refused, naming the operation", () => {
  const book = createModel("shop.book", { fields: { title: field.text() } });
  const refused: readonly (readonly [string, readonly Operation[], RegExp])[] = [
    ["a model created twice", [book, book], /operation 2 \(create model shop\.book\).*exists already/],
    ["a field of no model", [addField("shop.tag", "x", field.text())], /operation 1.*model "shop\.tag"/],
    ["a field added twice", [book, addField("shop.book", "title", field.text())], /operation 2.*exists already/],
    ["a field that is not there", [book, removeField("shop.book", "x")], /"x": is not there to be removed/],
    ["a lost primary key", [book, removeField("shop.book", "id")], /"id": is the primary key/],
    ["a relation to no model", [book, addField("shop.book", "by", field.foreignKey("who"))], /model "who"/],
    [
      "a deleted model that another points at",
      [book, createModel("shop.tag", { fields: { book: field.foreignKey("shop.book") } }), deleteModel("shop.book")],
      /operation 3.*"shop\.tag" points at it/,
    ],
  ];
  for (const [what, operations, message] of refused) {
    it(what, () => {
      assert.throws(() => replay([make("shop", "0001_initial", { operations })]), message);
    });
  }
});
