/** The tables of the conformance app, as Django made them. */
import { field, model, query, User } from "drf-auth";

export const Synonym = model("thesaurus.synonym", {
  fields: {
    word: field.text({ maxLength: 100, unique: true }),
    synonym: field.text({ maxLength: 100 }),
    owner: field.owner(),
    created_at: field.createdAt(),
    updated_at: field.updatedAt(),
  },
});

export const Antonym = model("thesaurus.antonym", {
  fields: {
    word: field.text({ maxLength: 100, unique: true }),
    antonym: field.text({ maxLength: 100 }),
    owner: field.owner(),
    created_at: field.createdAt(),
    updated_at: field.updatedAt(),
  },
});

export const Word = query("thesaurus.word", {
  fields: {
    word: field.text({ primaryKey: true }),
    synonym: field.text(),
    antonym: field.text({ null: true }),
  },
  from: (db) =>
    db
      .selectFrom("thesaurus_synonym as s")
      .leftJoin("thesaurus_antonym as a", "a.word", "s.word")
      .select(["s.word", "s.synonym", "a.antonym"]),
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
    author: field.foreignKey(Author),
    price: field.decimal({ maxDigits: 8, decimalPlaces: 2, min: 0 }),
    pages: field.integer({ min: 0, max: 2_147_483_647 }),
    in_print: field.boolean({ default: true }),
    genre: field.choice({
      maxLength: 10,
      choices: [
        ["fiction", "Fiction"],
        ["science", "Science"],
        ["history", "History"],
        ["poetry", "Poetry"],
      ],
    }),
    rating: field.float({ null: true, blank: true, min: 0, max: 5 }),
    published_at: field.datetime({ null: true, blank: true }),
    ref: field.uuid({ auto: "uuid" }),
    metadata: field.json({ null: true, blank: true }),
    tags: field.manyToMany(Tag, { blank: true }),
    owner: field.owner(),
    created_at: field.createdAt(),
    updated_at: field.updatedAt(),
  },
  unique: [["author", "title"]],
});

export const Review = model("bookshop.review", {
  fields: {
    book: field.foreignKey(Book),
    rating: field.integer({ min: 1, max: 5 }),
    body: field.text(),
    owner: field.owner(),
    created_at: field.createdAt(),
  },
});

export { User };
