/** A bookshop that has a field of every kind that pages show: what is looked at in a real browser. */
import { defineApp } from "../../src/app/index.ts";
import { field, model } from "../../src/model/index.ts";
import { filter, permission, resource } from "../../src/resource/index.ts";
import type { TestApp } from "../app.ts";

export const Author = model("shop.author", {
  fields: {
    name: field.text({ maxLength: 80, help: "As it stands on the cover." }),
    country: field.choice({
      choices: [
        ["de", "Germany"],
        ["fr", "France"],
        ["jp", "Japan"],
        ["uk", "United Kingdom"],
        ["us", "United States"],
      ],
      maxLength: 2,
    }),
    born: field.date({ null: true }),
    website: field.url({ blank: true }),
  },
  order: ["name"],
});

export const Tag = model("shop.tag", {
  fields: { name: field.text({ maxLength: 30, unique: true }), internal: field.boolean({ default: false }) },
  order: ["name"],
});

export const Book = model("shop.book", {
  fields: {
    title: field.text({ maxLength: 120 }),
    author: field.foreignKey(Author, { onDelete: "protect" }),
    price: field.decimal({ maxDigits: 7, decimalPlaces: 2, min: 0, help: "In euros." }),
    pages: field.integer({ min: 1, max: 20_000 }),
    genre: field.choice({
      choices: [
        ["novel", "Novel"],
        ["poetry", "Poetry"],
        ["science", "Science"],
        ["travel", "Travel"],
      ],
      maxLength: 10,
    }),
    in_print: field.boolean({ default: true }),
    published_at: field.datetime({ null: true }),
    tags: field.manyToMany(Tag, { blank: true }),
    summary: field.text({ blank: true }),
    cover: field.image({ null: true, uploadTo: "covers" }),
    facts: field.json({ null: true }),
    owner: field.owner(),
  },
  order: ["title"],
});

export const Review = model("shop.review", {
  fields: {
    book: field.foreignKey(Book),
    reader: field.text({ maxLength: 40 }),
    stars: field.integer({ min: 1, max: 5 }),
  },
});

export const Order = model("shop.order", {
  fields: { customer: field.owner(), note: field.text({ maxLength: 200, blank: true }) },
});

export const OrderItem = model("shop.orderitem", {
  fields: {
    order: field.foreignKey(Order),
    book: field.foreignKey(Book, { onDelete: "protect" }),
    copies: field.integer({ min: 1, default: 1 }),
    gift: field.boolean({ default: false }),
  },
});

/** As declared, for tests that add something to it. */
export const shop = {
  title: "Bookshop",
  secondFactor: true,
  resources: {
    books: resource(Book, {
      description: "Every book that we sell, or sold once.",
      permissions: [permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner", { staff: true })],
      filter: {
        genre: ["exact"],
        in_print: ["exact"],
        author: ["exact"],
        price: ["gte", "lte"],
        published_at: ["gte"],
        old: filter.boolean((yes) => ({
          path: "published_at",
          lookup: yes ? "lt" : "gte",
          value: "1950-01-01T00:00:00Z",
        })),
      },
      search: ["title", "author__name"],
      order: ["title", "price", "pages", "published_at"],
      actions: {
        reprint: {
          method: "POST",
          on: "detail",
          description: "Has the book printed again.",
          input: { copies: field.integer({ min: 1, max: 1000 }) },
          run: ({ update }) => update({ in_print: true }),
        },
        cheapest: { method: "GET", on: "list", run: ({ list }) => list({ order: ["price"], limit: 3 }) },
      },
    }),
    authors: resource(Author, { description: "Who wrote them.", search: ["name"], order: ["name", "born"] }),
    tags: resource(Tag, {
      search: ["name"],
      scope: ({ user }) => (user?.is_staff ? { and: [] } : { path: "internal", value: false }),
    }),
    reviews: resource(Review, { bulk: true, filter: { stars: ["gte"] } }),
    orders: resource(Order, {
      description: "Sent once, however often the button is pressed.",
      permissions: [permission.authenticated()],
      idempotencyKey: "required",
      extra: {
        items: field.children(OrderItem, "order", {
          minItems: 1,
          fields: { book: OrderItem.fields.book, copies: OrderItem.fields.copies, gift: OrderItem.fields.gift },
        }),
      },
    }),
  },
};

export const app = defineApp(shop);

const names = [
  "Mori Ōgai",
  "Ada Lovelace",
  "Émile Zola",
  "Mary Shelley",
  "Joseph Roth",
  "Edith Wharton",
  "Kenji Miyazawa",
  "Irmgard Keun",
];
const countries = ["jp", "uk", "fr", "uk", "de", "us", "jp", "de"];
const titles = [
  ["The wild geese", 0, "12.90", 320, "novel", "1911-09-01T00:00:00Z"],
  ["Notes on the engine", 1, "24.00", 96, "science", "1843-08-01T00:00:00Z"],
  ["The belly of Paris", 2, "9.50", 412, "novel", "1873-04-19T00:00:00Z"],
  ["Frankenstein", 3, "7.90", 280, "novel", "1818-01-01T00:00:00Z"],
  ["The white cities", 4, "18.00", 148, "travel", "1925-01-01T00:00:00Z"],
  ["The age of innocence", 5, "11.20", 364, "novel", "1920-10-25T00:00:00Z"],
  ["Spring and asura", 6, "16.40", 210, "poetry", "1924-04-20T00:00:00Z"],
  ["The artificial silk girl", 7, "10.00", 192, "novel", "1932-06-01T00:00:00Z"],
  ["Night on the galactic railroad", 6, "8.40", 120, "novel", "1934-01-01T00:00:00Z"],
  ["The Radetzky march", 4, "14.80", 416, "novel", "1932-08-01T00:00:00Z"],
  ["The last man", 3, "13.30", 510, "novel", "1826-01-01T00:00:00Z"],
  ["In Morocco", 5, "21.00", 290, "travel", "1920-01-01T00:00:00Z"],
] as const;

/** Rows to look at. */
export async function stock({ insert }: Pick<TestApp, "insert">, ownerId: number): Promise<void> {
  await insert(
    Author,
    names.map((name, i) => ({
      name,
      country: countries[i],
      born: null,
      website: i === 1 ? "https://ada.example/" : "",
    })),
  );
  await insert(
    Tag,
    ["classic", "short", "translated", "sea", "railways"].map((name) => ({ name, internal: name === "railways" })),
  );
  await insert(
    Book,
    titles.map(([title, author, price, pages, genre, published_at], i) => ({
      ...{ title, author: author + 1, price, pages, genre, published_at, in_print: i % 4 !== 1, owner: ownerId },
      ...{ summary: `${title} is a book of ${pages} pages.`, cover: null, facts: null },
    })),
  );
}
