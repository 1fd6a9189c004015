/** What the Django project beside it serves, on the same database: tables, accounts, tokens and sessions are shared while both run. */
import { defineApp, field, model, permission, resource, User } from "drf-auth";

export const Author = model("catalog.author", {
  managed: false,
  fields: {
    name: field.text({ maxLength: 100 }),
    email: field.email({ unique: true, null: true, blank: true }),
  },
});

export const Tag = model("catalog.tag", {
  managed: false,
  fields: { slug: field.slug({ unique: true }) },
});

export const Book = model("catalog.book", {
  managed: false,
  fields: {
    title: field.text({ maxLength: 200 }),
    author: field.foreignKey(Author),
    price: field.decimal({ maxDigits: 8, decimalPlaces: 2 }),
    genre: field.choice({
      choices: [
        ["fiction", "Fiction"],
        ["science", "Science"],
      ],
      maxLength: 10,
    }),
    published_at: field.datetime({ null: true, blank: true }),
    metadata: field.json({ null: true, blank: true }),
    tags: field.manyToMany(Tag, { blank: true }),
  },
  unique: [["author", "title"]],
});

export const Review = model("catalog.review", {
  managed: false,
  fields: {
    book: field.foreignKey(Book),
    rating: field.integer({ min: 0, max: 32_767 }),
    body: field.text({ blank: true }),
    owner: field.foreignKey(User, { auto: "user" }),
    created_at: field.createdAt(),
  },
});

/** DjangoModelPermissions: the rights that users and groups have in Django. */
const permissions = [permission.modelPermissions()];

export default defineApp({
  title: "Catalogue",
  resources: {
    authors: resource(Author, { permissions }),
    tags: resource(Tag, { permissions }),
    books: resource(Book, { permissions }),
    reviews: resource(Review, { permissions }),
  },
  settings: {
    // As Django hashes; a password that is changed on either side is good on the other.
    passwordHasher: "pbkdf2_sha256",
    passwordIterations: 260_000,
  },
});
