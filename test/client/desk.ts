/** An app with something of everything that a client's types are read off. */
import { defineApp, download, endpoint, field, filter, model, pagination, permission, resource } from "drf-auth";

export const Author = model("desk.author", {
  fields: { name: field.text({ maxLength: 50 }), email: field.email({ null: true }) },
});

export const Note = model("desk.note", {
  fields: {
    title: field.text({ maxLength: 20, unique: true }),
    body: field.text({ blank: true }),
    author: field.foreignKey(Author, { null: true }),
    price: field.decimal({ maxDigits: 6, decimalPlaces: 2, default: "0.00" }),
    mood: field.choice({ choices: ["good", "bad"], default: "good" }),
    pin: field.text({ writeOnly: true, default: "" }),
    paper: field.file({ null: true, blank: true }),
    rank: field.integer({ default: 0, readOnly: true }),
    owner: field.owner(),
    created_at: field.createdAt(),
  },
  order: ["id"],
});

const permissions = [permission.authenticated()];

const authors = resource(Author, { permissions, only: ["list", "create"], pagination: pagination.none() });

export default defineApp({
  resources: {
    authors,
    notes: resource(Note, {
      permissions,
      bulk: true,
      sparseFields: true,
      idempotencyKey: "optional",
      extra: { shout: field.computed((note: { title: string }) => note.title.toUpperCase()) },
      readOnly: ["mood"],
      filter: {
        title: ["exact", "icontains"],
        price: ["gte", "in", "range"],
        author: ["isnull"],
        author__name: ["exact"],
        rank: filter.range(),
        bad: filter.boolean((yes) => ({ path: "mood", value: yes ? "bad" : "good" })),
      },
      search: ["title"],
      order: ["title", "price"],
      expand: { author: authors },
      pagination: pagination.pageNumber({ pageSize: 3 }),
      actions: {
        raise: {
          method: "POST",
          on: "detail",
          input: { by: field.integer({ min: 1 }) },
          output: { rank: field.integer() },
          run: async ({ object, input, table }) => {
            const rank = object.rank + input.by;
            await table(Note).update(object.id, { rank });
            return { rank };
          },
        },
        sheet: { method: "GET", on: "detail", output: field.file(), run: ({ object }) => download(object.paper ?? "") },
        titles: {
          method: "GET",
          on: "list",
          run: async ({ list }) => (await list()).map((note) => String(note.title)),
        },
      },
    }),
    locked: resource(Author, { permissions: [permission.admin()], only: ["create"] }),
    shelf: resource(Note, {
      permissions,
      fields: ["id", "title"],
      only: ["list"],
      pagination: pagination.limitOffset({ defaultLimit: 2 }),
    }),
    trail: resource(Note, {
      permissions,
      fields: ["id", "title"],
      only: ["list"],
      pagination: pagination.cursor({ pageSize: 2, order: ["id"] }),
    }),
  },
  endpoints: {
    me: endpoint({ permissions, methods: { GET: { run: async ({ user }) => ({ name: user?.username ?? "" }) } } }),
    post: endpoint({
      permissions,
      methods: {
        POST: {
          input: {
            paper: field.file({}),
            to: field.nested({ fields: { name: field.text(), floor: field.integer() } }),
            copies: field.list({ of: field.nested({ fields: { name: field.text() } }) }),
          },
          output: { got: field.json() },
          run: async ({ input: { to, copies } }) => ({ got: { to, copies } }),
        },
      },
    }),
    sum: endpoint({
      permissions,
      methods: {
        POST: {
          input: { numbers: field.list({ of: field.integer() }) },
          output: { sum: field.integer() },
          run: async ({ input }) => ({ sum: input.numbers.reduce((sum, number) => sum + number, 0) }),
        },
      },
    }),
  },
});
