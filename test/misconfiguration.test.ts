/** What is declared wrongly fails when the app starts, and the message names the place. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type App, type AppOptions, appSettings, defineApp, startApp } from "../src/app/index.ts";
import { readSettings } from "../src/config/index.ts";
import { ConfigurationError } from "../src/errors.ts";
import { field, model } from "../src/model/index.ts";
import {
  endpoint,
  filter,
  type Permission,
  pagination,
  permission,
  type ResourceOptions,
  resource,
  scope,
} from "../src/resource/index.ts";
import { databases, type TestDatabase } from "./databases.ts";

const Author = model("shop.author", { fields: { name: field.text({ maxLength: 50 }) } });
const Book = model("shop.book", {
  fields: {
    title: field.text({ maxLength: 50 }),
    pages: field.integer(),
    facts: field.json({ null: true }),
    author: field.foreignKey(Author),
    owner: field.owner(),
  },
});

/** Declared by somebody whose editor checks no types. */
const untyped = <T>(value: unknown): T => value as T;
const books = (options: unknown) => (): App =>
  defineApp({ resources: { books: resource(Book, untyped<ResourceOptions<typeof Book>>(options)) } });
const other = (name: string) => model(name, { fields: { x: field.text() } });
const apps = (options: unknown) => (): App => defineApp(untyped<AppOptions>(options));

/** By what was done wrong: the declaration, and what the message says. */
const mistakes: Readonly<Record<string, readonly [() => App, RegExp]>> = {
  "an unknown option of an endpoint": [
    () =>
      apps({
        endpoints: { a: endpoint(untyped<Parameters<typeof endpoint>[0]>({ methods: {}, trottleScope: "a" })) },
        resources: {},
      })(),
    /endpoint.*"trottleScope".*throttleScope/,
  ],
  "file fields without a folder for files": [
    () => apps({ resources: { a: resource(model("a", { fields: { file: field.file() } })) } })(),
    /MEDIA_ROOT.*expected the folder/,
  ],
  "an unknown method of an endpoint": [
    () =>
      apps({
        endpoints: { a: endpoint(untyped<Parameters<typeof endpoint>[0]>({ methods: { GTE: { run: () => 1 } } })) },
        resources: {},
      })(),
    /endpoint, methods.*"GTE"/,
  ],
  "an unknown option of an action": [
    books({ actions: { read: { method: "POST", on: "detail", inputs: {}, run: () => 1 } } }),
    /action "read".*"inputs".*input/,
  ],
  "an input of an action that is a GET": [
    books({ actions: { read: { method: "GET", on: "list", input: { a: field.text() }, run: () => 1 } } }),
    /action "read": input .*a GET has none; expected another method, or request\.query/,
  ],
  "an input of an endpoint's GET": [
    () =>
      apps({
        endpoints: { a: endpoint({ methods: { GET: { input: { a: field.text() }, run: () => 1 } } }) },
        resources: {},
      })(),
    /endpoint, method GET: input .*expected another method/,
  ],
  "an unknown field in fields": [books({ fields: ["id", "titel"] }), /shop\.book.*fields.*"titel"/],
  "an unknown field in readOnly": [books({ readOnly: ["titel"] }), /readOnly.*"titel"/],
  "an unknown field in search": [books({ search: ["titel"] }), /"books".*search "titel".*title/],
  "a field without text in search": [books({ search: ["facts"] }), /"books".*search "facts"/],
  "a mark that is not offered in search": [books({ search: ["@title"] }), /"books".*search "@title"/],
  "an unknown field in order": [books({ order: ["titel"] }), /"books".*"titel"/],
  "an unknown field in defaultOrder": [books({ defaultOrder: ["-titel"] }), /"books".*titel/],
  "a list of fields in place of filters": [books({ filter: ["title"] }), /"books".*filter: expected lookups by field/],
  "an unknown field in a filter": [books({ filter: { titel: ["exact"] } }), /"books".*filter "titel"/],
  "an unknown field behind a relation": [
    books({ filter: { author__nme: ["exact"] } }),
    /"books".*filter "author__nme".*name/,
  ],
  "a path through what is no relation": [books({ filter: { title__x: ["exact"] } }), /"books".*filter "title__x"/],
  "a lookup that its kind does not have": [
    books({ filter: { pages: ["icontains"] } }),
    /"books".*filter "pages".*icontains/,
  ],
  "a lookup that there is not": [books({ filter: { title: ["like"] } }), /"books".*filter "title".*like/],
  "a filter by JSON": [books({ filter: { facts: ["exact"] } }), /"books".*filter "facts"/],
  "a parameter declared twice": [
    books({
      filter: {
        title: ["exact"],
        t: filter.through("title"),
        title__exact: filter.through("pages"),
        pages: ["exact", "exact"],
      },
    }),
    /"books".*"pages" is declared twice/,
  ],
  "a range of what has no order": [books({ filter: { facts: filter.range() } }), /"books".*filter "facts"/],
  "a condition of a filter that cannot be": [
    books({ filter: { x: filter.boolean(() => ({ path: "titel", lookup: "exact", value: 1 })) } }),
    /"books".*filter "x".*titel/,
  ],
  "a permission on an owner that is not there": [
    books({ permissions: [permission.ownerOrReadOnly("user")] }),
    /permission.*"user"/,
  ],
  "such a permission within others": [
    books({ permissions: [permission.any(permission.admin(), permission.all(permission.ownerOrReadOnly("user")))] }),
    /permission.*"user"/,
  ],
  "a permission that was not called": [
    books({ permissions: [permission.authenticated] }),
    /"shop\.book", permissions\[0\]: expected a permission, got a function; call it: authenticated\(\)$/,
  ],
  "such a permission among others": [
    () => books({ permissions: [permission.any(untyped<Permission>(permission.admin))] })(),
    /permission\.any\[0\]: .*call it: admin\(\)/,
  ],
  "such a permission that is turned round": [
    () => books({ permissions: [permission.not(untyped<Permission>(permission.admin))] })(),
    /permission\.not\[0\]: .*call it: admin\(\)/,
  ],
  "a permission that is in no list": [
    books({ permissions: permission.authenticated() }),
    /permissions: expected a list, such as \[permission\.authenticated\(\)\]/,
  ],
  "what is no permission": [
    books({ permissions: ["authenticated"] }),
    /permissions\[0\]: expected a permission, such as/,
  ],
  "a permission whose method is misspelt": [
    books({ permissions: [{ name: "mine", chekc: () => false }] }),
    /permissions\[0\], "mine": there is no option "chekc"; did you mean check\?/,
  ],
  "a permission whose method is none": [
    books({ permissions: [{ name: "mine", check: true }] }),
    /permissions\[0\], "mine": expected check to be a function/,
  ],
  "a permission of an endpoint that was not called": [
    () =>
      apps({
        resources: {},
        endpoints: { a: endpoint({ permissions: untyped<Permission[]>([permission.admin]), methods: {} }) },
      })(),
    /endpoint, permissions\[0\]: .*call it: admin\(\)/,
  ],
  "an option of a field that there is not": [
    () => books({ extra: { note: field.text(untyped({ readonly: true })) } })(),
    /^field\.text: there is no option "readonly"; did you mean readOnly\?$/,
  ],
  "an option of a model that there is not": [
    () => apps({ resources: {}, models: [model("a", untyped<never>({ fields: {}, ordering: ["id"] }))] })(),
    /^model "a": there is no option "ordering"; options: fields, unique, /,
  ],
  "a model without fields": [
    () => apps({ resources: {}, models: [model("a", untyped<never>({ name: field.text() }))] })(),
    /^model "a": expected fields, such as \{ fields:/,
  ],
  "a field that is none": [
    () => apps({ resources: {}, models: [model("a", { fields: untyped<never>({ name: "text" }) })] })(),
    /^model "a", field "name": expected a field, such as field\.text\(\)$/,
  ],
  "a field that was not called": [
    () => apps({ resources: {}, models: [model("a", { fields: untyped<never>({ name: field.text }) })] })(),
    /^model "a", field "name": expected a field/,
  ],
  "a model in the place of a resource": [
    apps({ resources: { books: Book } }),
    /^app, "books": expected a resource, such as/,
  ],
  "an array of resources": [
    apps({ resources: [Book] }),
    /^app, resources: expected an object, by the names in the URLs/,
  ],
  "no resources at all": [apps({}), /^app, resources: expected an object/],
  "a hook that there is not": [
    books({ hooks: { presave: () => undefined } }),
    /hooks: there is no hook "presave"; did you mean preSave\?/,
  ],
  "an action that does not say what it is on": [
    books({ actions: { read: { method: "POST", run: () => 1 } } }),
    /action "read", on: expected "list" or "detail", got undefined/,
  ],
  "If-Match where no row is changed": [
    books({ requireIfMatch: true, only: ["list", "retrieve", "create"] }),
    /shop\.book.*requireIfMatch.*update/,
  ],
  "If-Match for what may only be read": [
    books({ requireIfMatch: true, permissions: [permission.readOnly()] }),
    /shop\.book.*requireIfMatch.*read-only/,
  ],
  "a page size of nothing": [
    () => books({ pagination: pagination.pageNumber({ pageSize: 0 }) })(),
    /pagination\.pageNumber, pageSize/,
  ],
  "a page above the greatest": [
    () => books({ pagination: pagination.cursor({ pageSize: 200, maxPageSize: 100 }) })(),
    /pagination\.cursor, pageSize/,
  ],
  "a cursor along an unknown field": [books({ pagination: pagination.cursor({ order: ["titel"] }) }), /"books".*titel/],
  "an action with the name of a CRUD action": [
    books({ actions: { list: { method: "GET", on: "list", run: async () => 1 } } }),
    /actions.*"list"/,
  ],
  "an action whose name is no path": [
    books({ actions: { "a b": { method: "GET", on: "list", run: async () => 1 } } }),
    /action "a b"/,
  ],
  "an action with an unknown method": [
    books({ actions: { a: { method: "FETCH", on: "list", run: async () => 1 } } }),
    /action "a".*FETCH/,
  ],
  "an unknown action in only": [books({ only: ["list", "destroy"] }), /only.*"destroy"/],
  "an unknown option": [books({ filters: {} }), /"filters"/],
  "creating without a field that is required": [books({ fields: ["id", "title"] }), /shop\.book.*create.*"pages"/],
  "creating rows whose key nobody gives": [
    () => {
      const Code = model("shop.code", { fields: { code: field.slug({ primaryKey: true }), name: field.text() } });
      return defineApp({ resources: { codes: resource(Code, {}) } });
    },
    /shop\.code.*create.*"code"/,
  ],
  "creating with a required field that is read-only": [books({ readOnly: ["pages"] }), /shop\.book.*create.*"pages"/],
  "a source that is not there": [books({ extra: { by: field.from("author.nme") } }), /"books".*"by".*nme/],
  "a field that clients write in place of the owner": [
    books({ extra: { owner: field.text() } }),
    /extra "owner".*read-only/,
  ],
  "a path of scope.owner that is not there": [
    books({ scope: scope.owner("author.ownr") }),
    /resource "books", scope: "ownr" is not a field of shop\.author/,
  ],
  "a path of scope.owner behind what is no relation": [
    books({ scope: scope.owner("title.owner") }),
    /"title" is no rel/,
  ],
  "a scope of a resource without a rate": [
    books({ throttleScope: "heavy" }),
    /\/books\/, throttleScope: "heavy" has no/,
  ],
  "a scope of an endpoint without a rate": [
    () =>
      defineApp({
        resources: {},
        endpoints: { a: endpoint({ throttleScope: "heavy", methods: { GET: { run: () => 1 } } }) },
        throttle: { token: "5/min" },
      }),
    /\/a\/, throttleScope: "heavy" has no rate/,
  ],
  "a rate that nothing has": [() => defineApp({ resources: {}, throttle: { heavy: null } }), /throttle "heavy".*token/],
  "a resource and an endpoint under one path": [
    () =>
      defineApp({
        resources: { a: resource(Book) },
        endpoints: { a: endpoint({ methods: { GET: { run: () => 1 } } }) },
      }),
    /"a"/,
  ],
  "a name that is no path": [() => defineApp({ resources: { "A b": resource(Book) } }), /"A b"/],
  "a resource at the path of another endpoint": [
    () => defineApp({ resources: { token: resource(Author) }, prefix: "/api/" }),
    /two endpoints stand at \/api\/token\//,
  ],
  "a prefix that is no path": [() => defineApp({ resources: {}, prefix: "api" }), /prefix/],
  "two models of one name": [
    () => defineApp({ resources: { a: resource(other("shop.x")), b: resource(other("shop.x")) } }),
    /"shop\.x".*twice/,
  ],
  "two models of one table": [
    () =>
      defineApp({
        resources: {},
        models: [other("shop.x"), model("other.x", { table: "shop_x", fields: { x: field.text() } })],
      }),
    /"other\.x".*"shop_x"/,
  ],
  "a relation to a model that is not there": [
    () => defineApp({ resources: {}, models: [model("shop.x", { fields: { to: field.foreignKey("shop.nothing") } })] }),
    /"shop\.x", field "to".*shop\.nothing/,
  ],
  "a model that would be one of ours": [
    () => defineApp({ resources: {}, models: [other("auth.user")] }),
    /"auth\.user"/,
  ],
  "an unknown option of the app": [apps({ resources: {}, ressources: {} }), /"ressources"/],
};

/** Settings that are wrong, by the variable. */
const settings: Readonly<Record<string, string>> = {
  SECRET_KEY: "short",
  ACCESS_TOKEN_LIFETIME: "soon",
  REFRESH_TOKEN_LIFETIME: "-1",
  ROTATE_REFRESH_TOKENS: "maybe",
  AUTHENTICATORS: "jwt,oauth",
  PASSWORD_HASHER: "md5",
  PASSWORD_CONCURRENCY: "0",
  MAX_BODY_BYTES: "1 MB",
  DATABASE_URL: "",
};

describe("a mistake in a declaration fails at start and names its place", () => {
  let test: TestDatabase;
  before(async () => {
    const [sqlite] = databases;
    assert.ok(sqlite);
    test = await sqlite.create();
  });
  after(() => test.drop());

  const start = async (app: App) =>
    startApp(app, {
      settings: readSettings(appSettings, { environment: { SECRET_KEY: "x".repeat(40) }, defaults: app.settings }),
      database: test.database,
    });

  for (const [mistake, [declare, place]] of Object.entries(mistakes)) {
    it(mistake, async () => {
      await assert.rejects(
        async () => start(declare()),
        (error: unknown) => {
          assert.ok(error instanceof ConfigurationError, String(error));
          assert.match(error.message, place);
          return true;
        },
      );
    });
  }

  it("the same without mistakes starts", async () => {
    await start(books({ search: ["^title", "author__name"], order: "all", filter: { author__name: ["icontains"] } })());
  });

  it("a setting of the app file that nobody reads is refused", () => {
    assert.throws(
      () => readSettings(appSettings, { environment: {}, defaults: { pageSise: 3 } }),
      (error) => error instanceof ConfigurationError && /pageSise/.test(error.message),
    );
  });
});

describe("a setting with a bad value fails at start and names itself", () => {
  for (const [name, value] of Object.entries(settings)) {
    it(`${name}=${value}`, () => {
      assert.throws(
        () => readSettings(appSettings, { environment: { SECRET_KEY: "x".repeat(40), [name]: value } }),
        (error) =>
          error instanceof ConfigurationError &&
          error.message.includes(name) &&
          (name !== "SECRET_KEY" || !error.message.includes(value)),
      );
    });
  }

  it("a wrong database URL names the forms, and no password", async () => {
    const app = defineApp({ resources: {} });
    const wrong = readSettings(appSettings, {
      environment: { SECRET_KEY: "x".repeat(40), DATABASE_URL: "mysql://u:hush@h/db" },
    });
    await assert.rejects(
      startApp(app, { settings: wrong }),
      (error) =>
        error instanceof ConfigurationError && /DATABASE_URL/.test(error.message) && !/hush/.test(error.message),
    );
  });
});
