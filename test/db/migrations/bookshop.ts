/** A small shop that has every kind of relation: the models of these tests. */
import { field, model } from "../../../src/model/index.ts";

export const User = model("auth.user", {
  fields: { id: field.integer({ primaryKey: true }), username: field.text({ maxLength: 150, unique: true }) },
});

export const Author = model("bookshop.author", {
  fields: {
    name: field.text({ maxLength: 100 }),
    email: field.email({ unique: true, null: true, blank: true }),
    website: field.url({ blank: true }),
    born: field.date({ null: true, blank: true }),
  },
});

export const Tag = model("bookshop.tag", {
  fields: { slug: field.slug({ unique: true }), name: field.text({ maxLength: 50 }) },
});

export const Book = model("bookshop.book", {
  fields: {
    title: field.text({ maxLength: 200 }),
    isbn: field.text({ maxLength: 13, unique: true, pattern: /^(\d{9}[\dX]|\d{13})$/ }),
    price: field.decimal({ maxDigits: 8, decimalPlaces: 2, min: 0 }),
    pages: field.integer({ min: 0, max: 2147483647 }),
    in_print: field.boolean({ default: true }),
    genre: field.choice({ choices: [["fiction", "Fiction"], "poetry"], maxLength: 10 }),
    rating: field.float({ null: true, min: 0, max: 5 }),
    published_at: field.datetime({ null: true }),
    ref: field.uuid({ auto: "uuid" }),
    metadata: field.json({ null: true }),
    created_at: field.createdAt(),
    updated_at: field.updatedAt(),
    author: field.foreignKey(Author),
    owner: field.owner(),
    tags: field.manyToMany(Tag, { blank: true }),
  },
  unique: [["author", "title"]],
});

export const Review = model("bookshop.review", {
  fields: {
    rating: field.integer({ min: 1, max: 5 }),
    body: field.text(),
    created_at: field.createdAt(),
    book: field.foreignKey(() => Book),
    owner: field.owner(),
  },
});

/** A clock that stands still, 2024-01-01 08:00:00 UTC. */
export const now = (): number => Date.UTC(2024, 0, 1, 8);
