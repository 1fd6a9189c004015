/** What a project changes of its pages, switches off, and what is never loaded for programs. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { registerHooks } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { defineApp } from "../../src/app/index.ts";
import { html, type PagesDeclaration } from "../../src/browsable/index.ts";
import { ConfigurationError } from "../../src/errors.ts";
import { field, model } from "../../src/model/index.ts";
import { endpoint, permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { createTestSite } from "./site.ts";

const Snack = model("desk.snack", { fields: { name: field.text({ maxLength: 40 }) } });
const Reading = model("desk.reading", { fields: { value: field.float() } });
const resources = {
  snacks: resource(Snack, { description: "To be eaten." }),
  readings: resource(Reading, { pages: false }),
};
const endpoints = { me: endpoint({ methods: { GET: { run: () => ({ me: true }) } } }) };

const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
const person = { headers: { accept: "text/html,*/*;q=0.8" } };

describe("pages of a project's own", () => {
  let folder = "";
  let test: TestApp;
  const start = async (pages: PagesDeclaration | false, settings = {}) => {
    const [sqlite] = databases;
    assert.ok(sqlite);
    const app = defineApp({
      title: "Shop <b>",
      version: "2.4.1",
      description: "Snacks & more.",
      resources,
      endpoints,
      pages,
    });
    return startTestApp(app, await sqlite.create(), { settings: { staticDirectories: [folder], ...settings } });
  };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "drf-auth-theme-"));
    await writeFile(join(folder, "brand.css"), ":root { --accent: #087f5b; }");
    await writeFile(join(folder, "brand.js"), "");
    test = await start({
      styles: ["brand.css"],
      scripts: ["brand.js"],
      blocks: {
        brand: (standard, { title }) => html`<b class="logo">${title}</b>${standard}`,
        header: () => html`<i>no account</i>`,
        home: (_, { data, user }) =>
          html`<p class="welcome">${user?.username ?? "<nobody>"} ${JSON.stringify(data)}</p>`,
        main: (standard, { path, status, method }) => html`<p class="where">${method} ${path} ${status}</p>${standard}`,
        footer: () => "<script>text</script>",
      },
    });
  });
  after(async () => {
    assert.deepEqual(test.faults, []);
    await test.stop();
    await rm(folder, { recursive: true });
  });

  it("load nothing that makes them for programs", async () => {
    for (const path of ["/api/v1/", "/api/v1/snacks/", "/api/v1/nothing/"]) await test.client("GET", path);
    await test.client("POST", "/api/v1/snacks/", { json: { name: "x" } });
    const making = () =>
      loaded.filter((url) =>
        /browsable\/(render|table|record|home|forms|inputs|page-form|login-page|layout|account)\.ts$/.test(url),
      );
    assert.deepEqual(making(), []);
    await test.client("GET", "/api/v1/snacks/", person);
    assert.ok(making().some((url) => url.endsWith("render.ts")));
  });

  it("have its stylesheets and scripts after ours, under the names that static files have", async () => {
    const { text } = await test.client("GET", "/api/v1/", person);
    assert.match(text, /href="\/static\/pages\.css">\s*<link rel="stylesheet" href="\/static\/brand\.css">/);
    assert.match(text, /src="\/static\/pages\.js"><\/script>.*<script type="module" src="\/static\/brand\.js">/s);
    const missing = await test.client("GET", "/api/v1/missing/", person);
    assert.equal(missing.status, 404);
    assert.match(missing.text, /href="\/static\/brand\.css">.*<a class="brand" href="\/api\/v1\/">/s);
    const style = await test.client("GET", "/static/brand.css");
    assert.match(style.text, /--accent/);
  });

  it("that fail say so, and the data is there for whoever asks for JSON", async () => {
    const shop = await start({
      blocks: {
        footer: () => {
          throw new Error("no footer today");
        },
      },
    });
    const page = await shop.client("GET", "/api/v1/snacks/", person);
    assert.deepEqual([page.status, page.json], [500, { detail: "Something went wrong on our side." }]);
    assert.match(page.headers.get("content-type") ?? "", /^application\/json/);
    assert.equal((await shop.client("GET", "/api/v1/snacks/")).status, 200);
    assert.match(`${shop.faults}`, /no footer today/);
    await shop.stop();
  });

  it("have its blocks in place of ours; what they say is escaped, and may hold what stands there otherwise", async () => {
    const { text } = await test.client("GET", "/api/v1/", person);
    assert.match(text, /<b class="logo">Shop &lt;b&gt;<\/b><a class="brand" href="\/api\/v1\/">Shop &lt;b&gt;<\/a>/);
    assert.match(text, /<i>no account<\/i>/);
    assert.match(text, /<p class="welcome">&lt;nobody&gt; \{&quot;snacks&quot;/);
    assert.doesNotMatch(text, /class="cards"/);
    assert.match(text, /<p class="where">GET \/api\/v1\/ 200<\/p>/);
    assert.match(text, /<footer class="foot">&lt;script&gt;text/);
    assert.match(
      (await test.client("GET", "/api/v1/snacks/9/", person)).text,
      /<p class="where">GET \/api\/v1\/snacks\/9\/ 404<\/p>/,
    );
  });

  it("are switched off for one resource: it answers a browser in JSON", async () => {
    const { headers } = await test.client("GET", "/api/v1/readings/", person);
    assert.equal(headers.get("content-type"), "application/json");
    assert.equal((await test.client("GET", "/api/v1/readings/", { headers: { accept: "text/html" } })).status, 406);
    assert.match((await test.client("GET", "/api/v1/snacks/", person)).text, /^<!doctype html>/);
  });

  it("are switched off altogether: no URL answers with one, and there is no login", async () => {
    const plain = await start(false);
    for (const path of ["/api/v1/", "/api/v1/snacks/", "/api/v1/me/"]) {
      const { headers } = await plain.client("GET", path, person);
      assert.equal(headers.get("content-type"), "application/json", path);
    }
    assert.equal((await plain.client("GET", "/api-auth/login/", person)).status, 404);
    await plain.stop();
  });

  it("that cannot be are refused at the start", async () => {
    const refused = (pages: unknown, expected: RegExp) =>
      assert.throws(
        () => defineApp({ resources, pages: pages as PagesDeclaration }),
        (error) => {
          assert.ok(error instanceof ConfigurationError);
          assert.match(error.message, expected);
          return true;
        },
      );
    refused({ style: [] }, /pages.*style/);
    refused({ blocks: { top: () => "" } }, /blocks.*top/);
    refused({ blocks: { footer: "hello" } }, /block "footer".*function/);
    await assert.rejects(start({ styles: ["missing.css"] }), /pages, styles.*missing\.css/);
  });
});

describe("the home page", () => {
  let test: TestApp;
  let isDown = false;
  before(async () => {
    const [sqlite] = databases;
    assert.ok(sqlite);
    const app = defineApp({ title: "Snacks", version: "2.4.1", description: "Snacks & more.", resources, endpoints });
    test = await startTestApp(app, await sqlite.create(), {
      wrap: (database) =>
        new Proxy(database, {
          get(target, name) {
            const value: unknown = Reflect.get(target, name, target);
            if (typeof value !== "function") return value;
            return (...parameters: unknown[]) => {
              if (isDown && name === "get") throw new Error("gone");
              return value.apply(target, parameters);
            };
          },
        }),
    });
  });
  after(() => test.stop());

  it("says what this API is, with its resources, further endpoints, version and status", async () => {
    const { text } = await test.client("GET", "/api/v1/", person);
    assert.match(text, /<h1>Snacks<\/h1>/);
    assert.match(text, /<p class="description">Snacks &amp; more\.<\/p>/);
    assert.match(text, /<dt>Version<\/dt><dd>2\.4\.1<\/dd>/);
    assert.match(text, /<dt>Status<\/dt><dd><span class="up">Up, the database answers<\/span>/);
    assert.match(text, /<a class="card-link" href="\/api\/v1\/snacks\/">Snacks<\/a><\/h3>\s*<p>To be eaten\.<\/p>/);
    assert.match(text, /<h3>Readings<\/h3>/, "no page to be linked");
    assert.match(text, /<a class="card-link" href="\/api\/v1\/me\/">Me<\/a>/);
    assert.match(text, /<a href="\/api\/token\/">Token Obtain Pair<\/a>/);
  });

  it("links the documents that stand beside the API", async () => {
    const site = createTestSite();
    const plain = await site.ask({ path: "/api/" });
    assert.doesNotMatch(plain.body, /Documents/);
    const documented = createTestSite([permission.allowAny()], [{ path: "/api/docs/", name: "Docs" }]);
    const { body } = await documented.ask({ path: "/api/" });
    assert.match(body, /<dt>Documents<\/dt><dd><a href="\/api\/docs\/">Documentation<\/a><\/dd>/);
  });

  it("says it where the database does not answer", async () => {
    isDown = true;
    const { status, text } = await test.client("GET", "/api/v1/", person);
    isDown = false;
    assert.equal(status, 200);
    assert.match(text, /The database does not answer/);
  });
});
