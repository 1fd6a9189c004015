/** The document: valid, complete, served as it should be, with names that stay. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Validator } from "@seriousme/openapi-schema-validator";
import { parse } from "yaml";
import library from "../../examples/library/app.ts";
import shop from "../../examples/shop/app.ts";
import thesaurus from "../../examples/thesaurus/app.ts";
import todo, { List, Task } from "../../examples/todo/app.ts";
import { type App, defineApp } from "../../src/app/index.ts";
import { NotAuthenticated } from "../../src/errors.ts";
import { field, model } from "../../src/model/index.ts";
import type {
  Document,
  Operation,
  Parameter,
  Reference,
  RequestBody,
  Response,
  Schema,
} from "../../src/openapi/document.ts";
import { type Authenticator, permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { everything } from "./everything.ts";

const [sqlite] = databases;

/** The document of an app. */
async function documentOf(app: App): Promise<Document> {
  assert.ok(sqlite);
  const test = await startTestApp(app, await sqlite.create());
  try {
    return (await test.client("GET", "/api/schema/")).json;
  } finally {
    await test.stop();
  }
}

const operationsOf = (document: Document): Operation[] => Object.values(document.paths).flatMap(Object.values);

describe("the document", () => {
  let test: TestApp;
  let document: Document;
  before(async () => {
    assert.ok(sqlite);
    test = await startTestApp(everything, await sqlite.create());
    document = (await test.client("GET", "/api/schema/")).json;
  });
  after(() => test.stop());

  const component = (name: string): Schema => document.components.schemas[name] ?? assert.fail(`no component ${name}`);
  const property = (name: string, own: string): Schema =>
    component(name).properties?.[own] ?? assert.fail(`${name}.${own}`);
  const operation = (method: string, path: string): Operation =>
    document.paths[path]?.[method] ?? assert.fail(`${method} ${path}`);
  const parameter = (method: string, path: string, name: string): Parameter | undefined =>
    operation(method, path)
      .parameters?.map((one) =>
        "$ref" in one ? document.components.parameters[one.$ref.split("/").at(-1) ?? ""] : one,
      )
      .find((one) => one?.name === name);

  for (const [name, app] of Object.entries({ everything, library, shop, thesaurus, todo }))
    it(`of ${name} is valid to two validators`, async () => {
      const made = app === everything ? document : await documentOf(app);
      const schema = await new Validator().validate(structuredClone(made) as unknown as Record<string, unknown>);
      assert.equal(schema.valid, true, JSON.stringify(schema.errors));
      const config = await createConfig({ extends: ["minimal"], rules: { "no-unused-components": "error" } });
      const problems = await lintFromString({ source: JSON.stringify(made), config });
      // What Redocly recommends (a licence, a 2xx beside each 4xx) is a matter of taste; what is wrong is none.
      const wrong = problems.filter(({ severity }) => severity === "error");
      assert.deepEqual(
        wrong.map(({ ruleId, message }) => `${ruleId}: ${message}`),
        [],
      );
    });

  it("keeps its names: those of the release before are there", () => {
    const names = [
      ...operationsOf(document).map(({ operationId }) => `operation ${operationId}`),
      ...Object.keys(document.components.schemas).map((name) => `schema ${name}`),
    ].toSorted();
    const golden = readFileSync(join(import.meta.dirname, "names.txt"), "utf8")
      .trim()
      .split("\n");
    assert.deepEqual(names, golden);
  });

  it("changes nothing of what is there when something else comes", async () => {
    const Other = model("aside.other", {
      fields: { name: field.text(), state: field.choice({ choices: ["draft", "done"] }), list: field.foreignKey(List) },
    });
    const before = await documentOf(todo);
    const { resources, title } = todo;
    const others = {
      aaa: resource(Other),
      zzz: resource(Other, { actions: { done: { method: "POST", on: "detail", run: () => 1 } } }),
    };
    const after = await documentOf(
      defineApp({
        title,
        resources: { aaa: others.aaa, ...resources, zzz: others.zzz },
        accounts: { site: "https://a.example" },
      }),
    );
    for (const [path, methods] of Object.entries(before.paths))
      if (path !== "/api/v1/") assert.deepEqual(after.paths[path], methods, path);
    for (const [name, schema] of Object.entries(before.components.schemas))
      if (name !== "RootOutput") assert.deepEqual(after.components.schemas[name], schema, name);
  });

  it("has the same names in whatever order resources are declared, also where two want one", async () => {
    const State = model("aside.state", { fields: { name: field.text() } });
    const Kind = model("aside.kind", {
      fields: { code: field.choice({ choices: ["a", "b"], primaryKey: true, readOnly: false, maxLength: 1 }) },
    });
    const Sheet = model("aside.sheet", {
      fields: {
        state: field.choice({ choices: ["x", "y"] }),
        page: field.choice({ choices: ["left", "right"] }),
        kind: field.foreignKey(Kind),
        scan: field.file(),
      },
    });
    const resources = Object.entries({
      sheets: resource(Sheet, {
        bulk: true,
        actions: { bulk: { method: "POST", on: "list", input: {}, run: () => 1 } },
      }),
      "sheet-states": resource(State),
      "sheet-inputs": resource(State),
      sheet_states: resource(State),
      kinds: resource(Kind),
      details: resource(State),
    });
    const [one, other] = await Promise.all(
      [resources, resources.toReversed()].map((all) =>
        documentOf(defineApp({ title: "Order", resources: Object.fromEntries(all) })),
      ),
    );
    assert.ok(one && other);
    const { schemas } = one.components;
    for (const [path, methods] of Object.entries(one.paths))
      if (path !== "/api/v1/") assert.deepEqual(other.paths[path], methods, path);
    assert.deepEqual({ ...other.components.schemas, RootOutput: {} }, { ...schemas, RootOutput: {} });
    assert.deepEqual(schemas.Sheet?.properties?.state?.$ref, "#/components/schemas/SheetStateValue");
    assert.deepEqual(schemas.Sheet?.properties?.page?.$ref, "#/components/schemas/SheetPageValue");
    assert.deepEqual(schemas.Kind?.type, "object");
    assert.deepEqual(schemas.KindCode?.enum, ["a", "b"]);
    assert.ok(schemas.SheetState && schemas.SheetStateRow && schemas.SheetInputRow && schemas.DetailRow);
    assert.ok(schemas.SheetBulkActionErrors);
    // A row that needs a file is sent in a form, so there are never many.
    assert.deepEqual(Object.keys(one.paths["/api/v1/sheets/"]?.post?.requestBody?.content ?? {}), [
      "multipart/form-data",
    ]);
  });

  it("tells of a default, and lets it be left out", () => {
    assert.equal(property("Paper", "pages").default, 1);
    assert.match(property("PaperForm", "pages").description ?? "", /Default: 1\./);
    assert.ok(!component("PaperForm").required?.includes("pages"));
    assert.equal(component("PaperPatch").required, undefined);
    assert.equal(JSON.stringify(component("PaperPatch")).includes("efault"), false);
  });

  it("says apart what is shown and what is sent", () => {
    assert.ok(!("secret" in (component("Paper").properties ?? {})));
    assert.ok("secret" in (component("PaperForm").properties ?? {}));
    assert.ok("owner" in (component("Paper").properties ?? {}));
    assert.ok(!("owner" in (component("PaperForm").properties ?? {})));
    assert.equal(property("Paper", "title").description, "As it stands on the first page.");
    // A file is sent in a form, and shown as its URL.
    assert.equal(property("PaperForm", "file").format, "binary");
    assert.equal(property("Paper", "file").format, "uri");
    assert.deepEqual(Object.keys(operation("post", "/api/v1/papers/").requestBody?.content ?? {}), [
      "multipart/form-data",
    ]);
    assert.deepEqual(Object.keys(operation("patch", "/api/v1/papers/{id}/").requestBody?.content ?? {}), [
      "application/json",
      "multipart/form-data",
    ]);
  });

  it("knows what a permission refuses that says so with an error of its own", async () => {
    const signedIn = {
      name: "signed in",
      check: ({ user }: { user?: unknown }): boolean => {
        if (user === undefined) throw new NotAuthenticated();
        return true;
      },
    };
    const document = await documentOf(
      defineApp({ title: "A", resources: { lists: resource(List, { permissions: [signedIn] }) } }),
    );
    const read = document.paths["/api/v1/lists/"]?.get;
    assert.ok(read?.responses[403]);
    assert.ok(read.security?.every((one) => Object.keys(one).length > 0));
  });

  it("names what a condition or a filter refuses wherever a row is looked for", async () => {
    const Box = model("aside.box", {
      fields: {
        size: field.integer({ small: true }),
        seal: field.binary({ readOnly: false, maxBytes: 4 }),
        pin: field.text({ writeOnly: true, default: "s3cret" }),
      },
    });
    const boxes = resource(Box, { filter: { size: ["gte"] }, permissions: [permission.allowAny()] });
    const app = defineApp({ title: "B", resources: { boxes } });
    assert.ok(sqlite);
    const test = await startTestApp(app, await sqlite.create());
    try {
      const asked = await test.client("GET", "/api/schema/");
      const document: Document = asked.json;
      const made = await test.client("POST", "/api/v1/boxes/", { json: { size: 1, seal: "AAAAAA==" } });
      const row = `/api/v1/boxes/${made.json.id}/`;
      const headers = { "if-match": '"another"' };
      for (const [method, path, template, sent, status] of [
        ["GET", row, "/api/v1/boxes/{id}/", { headers }, 412],
        ["GET", "/api/v1/boxes/", "/api/v1/boxes/", { headers }, 412],
        ["GET", `${row}?size__gte=x`, "/api/v1/boxes/{id}/", {}, 400],
        ["DELETE", `${row}?size__gte=x`, "/api/v1/boxes/{id}/", {}, 400],
      ] as const) {
        assert.equal((await test.client(method, path, sent)).status, status, `${method} ${path}`);
        const known = document.paths[template]?.[method === "GET" ? "get" : "delete"]?.responses ?? {};
        assert.ok(status in known, `${method} ${path}: ${status}`);
      }
      const sent = document.components.schemas.BoxInput?.properties ?? {};
      assert.equal(sent.seal?.maxLength, 8);
      assert.equal(sent.size?.maximum, 32_767);
      assert.ok(!asked.text.includes("s3cret"));
    } finally {
      await test.stop();
    }
  });

  it("gives an enum the name of its field, with what its values mean", () => {
    assert.deepEqual(property("Paper", "state").$ref, "#/components/schemas/PaperState");
    assert.deepEqual(component("PaperState").enum, ["draft", "out"]);
    assert.match(component("PaperState").description ?? "", /`out`: Published/);
  });

  it("has the type of what comes from elsewhere", () => {
    assert.equal(property("Book", "author_name").type, "string");
    assert.deepEqual(property("Book", "publisher").type, ["object", "null"]);
    assert.equal(property("Order", "size").type, "integer");
    assert.equal(property("BookView", "author").anyOf?.length, 2);
    assert.equal(component("BookView").required, undefined);
    assert.equal(parameter("get", "/api/v1/currencies/{code}/", "code")?.schema.type, "string");
  });

  it("names filters, search, order, pages and views", () => {
    const of = (name: string) => parameter("get", "/api/v1/books/", name);
    assert.equal(of("author__in")?.explode, false);
    assert.equal(of("tags")?.explode, true);
    assert.deepEqual(of("ordering")?.schema.items?.enum?.slice(0, 2), ["title", "-title"]);
    assert.deepEqual(of("expand")?.schema.items?.enum, ["author", "tags"]);
    for (const name of ["title__regex", "shelf__isnull", "search", "page", "page_size", "fields", "If-None-Match"])
      assert.ok(of(name), name);
    assert.ok(parameter("get", "/api/v1/samples/", "cursor"));
    assert.equal(parameter("patch", "/api/v1/books/{id}/", "If-Match")?.required, true);
    assert.equal(parameter("post", "/api/v1/papers/", "Idempotency-Key")?.required, true);
    assert.ok(parameter("post", "/api/v1/authors/", "Prefer"));
  });

  it("offers filters, search and order to own actions that may list rows, since list() obeys them, but no pages", async () => {
    const document = await documentOf(todo);
    const of = (path: string) =>
      (document.paths[path]?.get?.parameters ?? []).map((one) =>
        "name" in one ? one.name : one.$ref.split("/").at(-1),
      );
    assert.deepEqual(of("/api/v1/tasks/overdue/"), [
      ...["list", "done", "priority", "priority__in", "due_after", "due_before", "search", "ordering", "Format"],
    ]);
    assert.ok(of("/api/v1/tasks/").includes("page"));
    assert.equal(parameter("get", "/api/v1/papers/count/", "search"), undefined);
    assert.ok(sqlite);
    const test = await startTestApp(todo, await sqlite.create());
    const { id, bearer } = await test.user("alice");
    const ask = (search: string) => test.client("GET", `/api/v1/tasks/overdue/${search}`, { headers: bearer });
    const [list] = (await test.insert(List, [{ name: "Garden", owner: id }])) as unknown[];
    await test.insert(
      Task,
      ["Water", "Mow"].map((title) => ({ list, title, due: "2024-01-01" })),
    );
    const titles = async (search: string) => (await ask(search)).json.map(({ title }: { title: string }) => title);
    assert.deepEqual(await titles("?search=mow"), ["Mow"]);
    assert.deepEqual(await titles("?priority=high"), []);
    assert.equal((await ask("?list=x")).status, 400);
    await test.stop();
  });

  it("says of each route which credentials it takes", () => {
    const schemes = ["jwt", "jwt-cookie", "session", "basic"];
    assert.deepEqual(operation("get", "/api/v1/books/").security, [...schemes.map((name) => ({ [name]: [] })), {}]);
    assert.deepEqual(operation("post", "/api/token/").security, []);
    assert.deepEqual(Object.keys(document.components.securitySchemes), [...schemes, "csrf-token"]);
  });

  it("says that who is known by a cookie writes with a CSRF token", async () => {
    const csrf = { "csrf-token": [] };
    assert.deepEqual(operation("post", "/api/v1/books/").security, [
      { jwt: [] },
      { "jwt-cookie": [], ...csrf },
      { session: [], ...csrf },
      { basic: [] },
    ]);
    assert.deepEqual(operation("post", "/api/token/cookie/").security, [csrf]);
    assert.deepEqual(operation("get", "/api/token/cookie/csrf/").security, []);
    const { "csrf-token": scheme } = document.components.securitySchemes;
    assert.deepEqual(
      { ...scheme, description: "" },
      { type: "apiKey", in: "header", name: "X-CSRFToken", description: "" },
    );
    const tokensAlone = await documentOf(
      defineApp({ resources: { lists: resource(List) }, settings: { authenticators: ["jwt"] } }),
    );
    assert.deepEqual(Object.keys(tokensAlone.components.securitySchemes), ["jwt"]);
  });

  it("says of each route what it is refused with", () => {
    const statuses = (method: string, path: string) => Object.keys(operation(method, path).responses);
    assert.deepEqual(statuses("get", "/api/v1/shelves/"), [
      "200",
      "304",
      "400",
      "401",
      "403",
      "404",
      "406",
      "412",
      "429",
      "503",
    ]);
    assert.deepEqual(
      statuses("put", "/api/v1/books/{id}/").filter((status) => status > "405"),
      [...["406", "409", "412", "413", "415", "428", "429", "503"]],
    );
    assert.ok(statuses("post", "/api/v1/authors/").includes("422"));
    assert.ok(statuses("post", "/api/v1/authors/").includes("207"));
    assert.ok(statuses("post", "/api/v1/papers/{id}/publish/").includes("default"));
    assert.deepEqual(component("TagErrors").properties?.name, { type: "array", items: { type: "string" } });
  });

  it("says of an action that shows nothing, and of one that sends a file, what they answer", () => {
    const { responses: file } = operation("get", "/api/v1/papers/{id}/file/");
    assert.deepEqual(Object.keys(file).slice(0, 3), ["200", "206", "304"]);
    assert.ok(file[200] && "content" in file[200]);
    assert.deepEqual(file[200].content, { "*/*": { schema: { type: "string", format: "binary" } } });
    const { responses: nothing } = operation("post", "/api/v1/papers/{id}/touch/");
    assert.deepEqual(nothing[204], { description: "Done, and there is nothing to show." });
  });

  it("shows a body that can be sent, and what is said where something is wrong", () => {
    const json = (part: RequestBody | Response | Reference | undefined) =>
      part && "content" in part ? part.content?.["application/json"]?.example : undefined;
    const example = (method: string, path: string) => {
      const { requestBody, responses } = operation(method, path);
      return [json(requestBody), json(responses[400])];
    };
    assert.deepEqual(example("post", "/api/v1/books/"), [
      { title: "text", author: 1 },
      { title: ["This field is required."] },
    ]);
    assert.deepEqual(example("patch", "/api/v1/books/{id}/"), [
      { title: "text" },
      { title: ["This may not be null."] },
    ]);
    assert.deepEqual(example("put", "/api/v1/authors/"), [
      [{ id: 1, name: "text" }],
      [{ id: ["This field is required."] }],
    ]);
    assert.deepEqual(example("get", "/api/v1/samples/")[1], { float: ["Expected a number."] });
    assert.deepEqual(json(document.components.responses.NotFound), { detail: "There is nothing here." });
    const bare = operationsOf(document).filter(
      ({ requestBody }) => requestBody?.content["application/json"] && json(requestBody) === undefined,
    );
    assert.deepEqual(bare, []);
    for (const [name, response] of Object.entries(document.components.responses)) assert.ok(json(response), name);
  });

  it("is JSON, and YAML where that is asked for", async () => {
    const get = (path: string, accept: string) => test.client("GET", path, { headers: { accept } });
    const json = await get("/api/schema/", "*/*");
    assert.equal(json.headers.get("content-type"), "application/json");
    const first = await get("/api/schema/?format=yaml", "*/*");
    for (const [path, accept, type] of [
      ["/api/schema/", "application/yaml", "application/yaml"],
      ["/api/schema/?format=yaml", "*/*", "application/yaml"],
      ["/api/schema/", "application/vnd.oai.openapi", "application/vnd.oai.openapi"],
    ] as const) {
      const yaml = await get(path, accept);
      assert.equal(yaml.headers.get("content-type"), type);
      assert.match(yaml.text, /^openapi: "3\.1\.1"\ninfo:\n {2}title: Everything\n/);
      assert.equal(yaml.text, first.text);
    }
    assert.deepEqual(parse(first.text), json.json);
    assert.equal((await get("/api/schema/", "image/png")).status, 406);
    assert.equal((await get("/api/schema/?format=xml", "*/*")).status, 404);
  });

  it("is not sent again to whoever has it", async () => {
    const { headers } = await test.client("GET", "/api/schema/");
    const etag = headers.get("etag") ?? "";
    const again = await test.client("GET", "/api/schema/", { headers: { "if-none-match": etag } });
    assert.deepEqual([again.status, again.text, again.headers.get("etag")], [304, "", etag]);
    const yaml = await test.client("GET", "/api/schema/?format=yaml", {
      headers: { "if-none-match": etag, accept: "*/*" },
    });
    assert.equal(yaml.status, 200);
  });

  it("tells of an authenticator of one's own what its declaration says", async () => {
    const key: Authenticator = {
      name: "api key",
      challenge: "ApiKey",
      varies: "X-Api-Key",
      authenticate: () => undefined,
    };
    const other: Authenticator = { name: "ticket", challenge: 'Ticket realm="api"', authenticate: () => undefined };
    const made = await documentOf(
      defineApp({
        resources: { lists: resource(List) },
        authenticators: [key, other],
        settings: { authenticators: ["jwt"] },
      }),
    );
    assert.deepEqual(made.components.securitySchemes["api-key"], { type: "apiKey", in: "header", name: "X-Api-Key" });
    assert.deepEqual(made.components.securitySchemes.ticket, { type: "http", scheme: "Ticket" });
  });
});

describe("who may read the document", () => {
  const small = defineApp({ resources: { lists: resource(List, { permissions: [permission.authenticated()] }) } });
  const asked = async (schema: string) => {
    assert.ok(sqlite);
    const test = await startTestApp(small, await sqlite.create(), { settings: { schema } });
    const [alice, staff] = [await test.user("alice"), await test.user("staff", { is_staff: true })];
    const of = async (path: string, accept: string) => {
      const clients = [test.client, alice.client, staff.client];
      const answers = clients.map((client) => client("GET", path, { headers: { accept } }));
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    const found = { schema: await of("/api/schema/", "*/*"), docs: await of("/api/docs/", "text/html") };
    assert.deepEqual(await of("/api/docs/docs.js", "*/*"), found.docs);
    assert.deepEqual(new Set(await of("/api/docs/app.ts", "*/*")).has(200), false);
    await test.stop();
    return found;
  };

  it("is a setting, for its page as well", async () => {
    assert.deepEqual(await asked("everyone"), { schema: [200, 200, 200], docs: [200, 200, 200] });
    assert.deepEqual(await asked("authenticated"), { schema: [401, 200, 200], docs: [401, 200, 200] });
    assert.deepEqual(await asked("staff"), { schema: [401, 403, 200], docs: [401, 403, 200] });
    assert.deepEqual(await asked("off"), { schema: [404, 404, 404], docs: [404, 404, 404] });
  });
});
