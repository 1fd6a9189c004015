/** A small shop: the models that the tests of filters and pages speak of. */
import { defineModels } from "../../../src/db/index.ts";
import { field, model } from "../../../src/model/index.ts";

export const Author = model("author", {
  fields: { name: field.text({ maxLength: 100 }), born: field.date({ null: true }) },
  order: ["name"],
});

export const Tag = model("tag", {
  fields: { slug: field.slug({ unique: true }), name: field.text({ maxLength: 50 }), author: field.foreignKey(Author) },
});

export const Publisher = model("publisher", { fields: { code: field.uuid({ primaryKey: true }), name: field.text() } });

export const Book = model("book", {
  fields: {
    title: field.text({ maxLength: 200 }),
    isbn: field.text({ maxLength: 13, unique: true }),
    author: field.foreignKey(Author),
    publisher: field.foreignKey(Publisher, { null: true }),
    price: field.decimal({ maxDigits: 8, decimalPlaces: 2 }),
    pages: field.integer({ min: 0 }),
    sold: field.integer({ big: true }),
    in_print: field.boolean({ default: true }),
    genre: field.choice({
      choices: [
        ["poetry", "Poetry"],
        ["fiction", "Fiction"],
      ],
      maxLength: 10,
    }),
    stars: field.choice({ choices: [1, 2, 3] }),
    rating: field.float({ null: true }),
    published_at: field.datetime({ null: true }),
    opens: field.time({ null: true }),
    loan: field.duration({ null: true }),
    address: field.ip({ null: true }),
    ref: field.uuid(),
    metadata: field.json({ null: true }),
    tags: field.manyToMany(Tag),
  },
});

export const models = defineModels([Book, Author, Tag, Publisher]);
export const place = 'resource "books"';
