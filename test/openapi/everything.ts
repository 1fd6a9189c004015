/** An app that has one of everything a document describes. */
import { defineApp } from "../../src/app/index.ts";
import { Conflict } from "../../src/errors.ts";
import { field, model } from "../../src/model/index.ts";
import { download, endpoint, filter, pagination, permission, resource, scope } from "../../src/resource/index.ts";
import { Author, Book, Publisher, Sample, Shelf, Tag } from "../resource/library.ts";

export const Paper = model("everything.paper", {
  fields: {
    title: field.text({ maxLength: 40, help: "As it stands on the first page." }),
    file: field.file({ uploadTo: "papers", maxBytes: 1000, extensions: ["txt"] }),
    cover: field.image({ null: true }),
    state: field.choice({
      choices: [
        ["draft", "Draft"],
        ["out", "Published"],
      ],
      default: "draft",
    }),
    pages: field.integer({ default: 1, min: 1 }),
    secret: field.text({ blank: true, writeOnly: true }),
    owner: field.owner(),
  },
});
const Order = model("everything.order", { fields: { note: field.text({ blank: true }), owner: field.owner() } });
const Line = model("everything.line", {
  fields: {
    order: field.foreignKey(Order),
    name: field.text({ maxLength: 20 }),
    price: field.decimal({ maxDigits: 6, decimalPlaces: 2, min: 0 }),
  },
});
const Currency = model("everything.currency", {
  fields: {
    code: field.text({ primaryKey: true, readOnly: false, maxLength: 3, pattern: /^[A-Z]{3}$/ }),
    rate: field.float({ min: 0 }),
  },
});

const open = { permissions: [permission.allowAny()] };
const numbers = ["exact", "gte", "in", "range", "isnull"] as const;
const structures = {
  list: field.list({ of: field.integer(), maxItems: 5 }),
  dict: field.dict({ of: field.decimal({ maxDigits: 5, decimalPlaces: 2 }) }),
  nested: field.nested({
    fields: { x: field.float(), inner: field.list({ of: field.dict() }), kind: field.choice({ choices: [1, 2] }) },
  }),
  any: field.json({ required: false }),
};

/** The texts of the mails that were sent. */
export const mails: string[] = [];

export const everything = defineApp({
  title: "Everything",
  version: "2.1.0",
  description: "One of everything.",
  settings: { maxBodyBytes: 20_000, tokenCookies: true, slidingTokens: true },
  accounts: { site: "https://shop.example.com" },
  secondFactor: true,
  mail: {
    async send({ text }) {
      mails.push(text);
    },
  },
  throttle: {
    few: "30/min",
    account_mail: null,
    account_password: null,
    account_confirm: null,
    account_register: null,
  },
  resources: {
    authors: resource(Author, {
      ...open,
      bulk: { maxItems: 20 },
      idempotencyKey: "optional",
      description: "Who writes.",
    }),
    publishers: resource(Publisher, { ...open, pagination: pagination.none() }),
    shelves: resource(Shelf, { ...open, pagination: pagination.pageNumber({ count: "none" }), throttleScope: "few" }),
    tags: resource(Tag, { ...open, pagination: pagination.limitOffset({ count: "estimated" }), bulk: true }),
    books: resource(Book, {
      sparseFields: true,
      expand: { author: { fields: Author.fields }, tags: { fields: Tag.fields } },
      extra: {
        author_name: field.from("author.name"),
        publisher: field.nested({ source: "publisher", fields: Publisher.fields }),
        long: field.computed(({ title }: { title: string }) => title.length > 10 || undefined),
      },
      filter: { author: ["exact", "in"], tags: ["exact"], title: ["icontains", "regex"], shelf: ["isnull"] },
      search: ["title", "$author__name"],
      order: ["title", "author__name", "created_at"],
      requireIfMatch: true,
      permissions: [permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner")],
    }),
    samples: resource(Sample, {
      ...open,
      pagination: pagination.cursor({ pageSize: 2 }),
      order: "all",
      filter: {
        ...{ boolean: ["exact"], uuid: ["exact"], ip: ["exact", "in"], choice: ["exact", "in"], text: ["regex", "in"] },
        ...{ integer: numbers, big: numbers, float: numbers, decimal: numbers, duration: numbers, date: numbers },
        ...{ time: numbers, datetime: ["date", "year", "gte"], tags: ["in"], whole: filter.range("integer") },
        cheap: filter.boolean((yes) => ({ path: "decimal", lookup: yes ? "lt" : "gte", value: "10" })),
      },
    }),
    papers: resource(Paper, {
      idempotencyKey: "required",
      actions: {
        publish: {
          method: "POST",
          on: "detail",
          description: "Lets everybody read it.",
          output: Paper.fields,
          run: async ({ object, update }) => {
            if (object.state === "out") throw new Conflict("It is out already.");
            await update({ state: "out" });
            return { ...object, state: "out" as const };
          },
        },
        file: { method: "GET", on: "detail", output: field.file(), run: ({ object }) => download(object.file) },
        touch: { method: "POST", on: "detail", run: () => undefined },
        count: { method: "GET", on: "list", output: field.integer(), run: ({ table }) => table(Paper).count() },
      },
    }),
    orders: resource(Order, {
      scope: scope.owner("owner"),
      permissions: [permission.authenticated()],
      extra: {
        lines: field.children(Line, "order", { minItems: 1 }),
        size: field.computed(({ lines }: { lines: readonly unknown[] }) => lines.length, { shows: field.integer() }),
      },
      hooks: {
        preDelete: ({ row }) => {
          if (String(row.note).startsWith("keep")) throw new Conflict("This is kept.");
        },
      },
    }),
    lines: resource(Line, { only: ["list", "retrieve"], expand: { order: { fields: Order.fields } } }),
    currencies: resource(Currency, open),
  },
  endpoints: {
    echo: endpoint({
      ...open,
      methods: {
        POST: { input: structures, output: structures, status: 201, run: ({ input }) => input },
        PUT: { input: structures, run: ({ input }) => input },
      },
    }),
    me: endpoint({
      permissions: [permission.authenticated()],
      methods: { GET: { output: { username: field.text() }, run: ({ user }) => user } },
    }),
  },
});

/** Operations that need what nobody guesses: the link in a mail, a code of the moment, a cookie. `flows.test.ts` does them. */
export const nobodyGuesses: ReadonlySet<string> = new Set([
  ...["token_second_factor", "token_sliding_second_factor", "token_cookie_second_factor"],
  ...["token_cookie_obtain", "token_cookie_refresh", "token_cookie_blacklist"],
  ...["second_factor_confirm", "second_factor_recovery_codes", "second_factor_disable"],
  ...["auth_users_activation", "auth_users_reset_password_confirm"],
  ...["auth_users_reset_username_confirm", "auth_users_set_email_confirm"],
]);
