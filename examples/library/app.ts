/** A read-only API over tables that somebody else made and goes on writing. */
import { defineApp, field, filter, model, permission, query, resource } from "drf-auth";

export const Publisher = model("library.publisher", {
  table: "T_PUBLISHER",
  managed: false,
  fields: {
    number: field.integer({ primaryKey: true, column: "PUB_NO" }),
    name: field.text({ column: "PUB_NAME" }),
    country: field.text({ null: true, column: "COUNTRY" }),
  },
  order: ["name"],
});

export const Title = model("library.title", {
  table: "T_TITLE",
  managed: false,
  fields: {
    isbn: field.text({ primaryKey: true, column: "ISBN" }),
    title: field.text({ column: "TITLE" }),
    publisher: field.foreignKey(Publisher, { null: true, column: "PUB_NO" }),
    price_cents: field.integer({ null: true, column: "PRICE_CENTS" }),
  },
  order: ["title"],
});

export const Loan = model("library.loan", {
  table: "T_LOAN",
  managed: false,
  fields: {
    id: field.integer({ primaryKey: true, column: "ID" }),
    title: field.foreignKey(Title, { column: "ISBN" }),
    member: field.text({ column: "MEMBER" }),
    back_on: field.text({ null: true, column: "BACK_ON" }),
  },
});

/** Titles that are out now, by publisher. */
const OnLoan = query("on_loan", {
  fields: {
    publisher: field.foreignKey(Publisher, { primaryKey: true }),
    open_loans: field.integer(),
  },
  order: ["-open_loans"],
  from: (db) =>
    db
      .selectFrom("T_LOAN as l")
      .innerJoin("T_TITLE as t", "t.ISBN", "l.ISBN")
      .where("l.BACK_ON", "is", null)
      .where("t.PUB_NO", "is not", null)
      .groupBy("t.PUB_NO")
      .select((each) => ["t.PUB_NO as publisher_id", each.fn.countAll().as("open_loans")]),
});

const only = ["list", "retrieve"] as const;
const everyone = [permission.readOnly()];

const publishers = resource(Publisher, {
  only,
  permissions: everyone,
  filter: { country: ["exact"] },
  search: ["name"],
});

export default defineApp({
  title: "Library",
  resources: {
    publishers,
    titles: resource(Title, {
      only,
      permissions: everyone,
      extra: {
        publisher: field.nested({ source: "publisher", null: true, fields: Publisher.fields }),
        price: field.computed((title: { price_cents: number | null }) =>
          title.price_cents === null ? null : (title.price_cents / 100).toFixed(2),
        ),
      },
      filter: { publisher: ["exact"], country: filter.through("publisher__country"), price_cents: ["gte", "lte"] },
      search: ["title", "^isbn", "publisher__name"],
      order: ["title", "price_cents"],
    }),
    loans: resource(Loan, {
      only,
      permissions: [permission.authenticated()],
      sparseFields: true,
      expand: { title: { fields: Title.fields, expand: { publisher: publishers } } },
      extra: { title_name: field.from("title.title") },
      filter: { open: filter.boolean((yes) => ({ path: "back_on", lookup: "isnull", value: yes })) },
    }),
    "on-loan": resource(OnLoan, {
      permissions: everyone,
      extra: { publisher_name: field.from("publisher.name") },
      filter: { open_loans: ["gte"] },
      order: ["open_loans"],
    }),
  },
});
