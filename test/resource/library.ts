/** A library, as the tests of resources need it: every kind of column, every way to hang on another row. */
import { defineApp } from "../../src/app/index.ts";
import { field, model } from "../../src/model/index.ts";
import { pagination, permission, resource } from "../../src/resource/index.ts";

export const Author = model("library.author", { fields: { name: field.text({ maxLength: 100 }) } });
export const Publisher = model("library.publisher", { fields: { name: field.text({ maxLength: 100 }) } });
export const Shelf = model("library.shelf", { fields: { name: field.text({ maxLength: 100, unique: true }) } });
export const Tag = model("library.tag", { fields: { name: field.slug({ unique: true }) } });

export const Book = model("library.book", {
  fields: {
    title: field.text({ maxLength: 100 }),
    isbn: field.text({ maxLength: 13, null: true, unique: true }),
    author: field.foreignKey(Author),
    publisher: field.foreignKey(Publisher, { null: true, onDelete: "protect" }),
    shelf: field.foreignKey(Shelf, { null: true, onDelete: "setNull" }),
    tags: field.manyToMany(Tag, { blank: true }),
    owner: field.owner(),
    created_at: field.createdAt(),
    updated_at: field.updatedAt(),
  },
  unique: [["author", "title"]],
});

/** A column of every kind; all may be null, so that each can be tried alone. */
export const Sample = model("library.sample", {
  fields: {
    boolean: field.boolean({ null: true }),
    text: field.text({ null: true }),
    email: field.email({ null: true }),
    url: field.url({ null: true }),
    slug: field.slug({ null: true }),
    uuid: field.uuid({ null: true }),
    ip: field.ip({ null: true }),
    integer: field.integer({ null: true }),
    big: field.integer({ null: true, big: true }),
    positive: field.integer({ null: true, min: 0 }),
    float: field.float({ null: true }),
    decimal: field.decimal({ null: true, maxDigits: 12, decimalPlaces: 3 }),
    datetime: field.datetime({ null: true }),
    date: field.date({ null: true }),
    time: field.time({ null: true }),
    duration: field.duration({ null: true }),
    choice: field.choice({ null: true, maxLength: 5, choices: ["a", "b"] }),
    number_choice: field.choice({ null: true, choices: [1, 2] }),
    json: field.json({ null: true }),
    author: field.foreignKey(Author, { null: true }),
    tags: field.manyToMany(Tag, { blank: true }),
  },
});

const open = { permissions: [permission.allowAny()] };
const number = ["exact", "gt", "gte", "lt", "lte", "in", "range", "isnull"] as const;

export const library = defineApp({
  title: "Library",
  settings: { maxBodyBytes: 100_000 },
  resources: {
    authors: resource(Author, open),
    publishers: resource(Publisher, open),
    shelves: resource(Shelf, open),
    tags: resource(Tag, { ...open, pagination: pagination.limitOffset({ defaultLimit: 5 }) }),
    books: resource(Book, {
      filter: { author: ["exact", "in"], tags: ["exact"], title: ["icontains", "regex"], shelf: ["isnull"] },
      search: ["title", "$author__name"],
      order: ["title", "author__name", "created_at"],
      permissions: [permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner")],
    }),
    samples: resource(Sample, {
      ...open,
      pagination: pagination.cursor({ pageSize: 2, order: ["id"] }),
      order: "all",
      filter: {
        ...{
          boolean: ["exact", "isnull"],
          uuid: ["exact"],
          ip: ["exact", "in"],
          email: ["exact"],
          choice: ["exact", "in"],
        },
        text: ["exact", "contains", "icontains", "regex", "iregex", "in"],
        ...{ integer: number, big: number, positive: number, float: number, decimal: number, duration: number },
        ...{ date: number, time: number, number_choice: ["exact"], author: ["exact", "in"], tags: ["exact", "in"] },
        datetime: [...number, "date", "year", "month", "day", "hour", "date__gte", "year__lt"],
      },
    }),
  },
});
