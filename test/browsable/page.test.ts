import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { permission } from "../../src/resource/index.ts";
import { createTestSite, csrfPair } from "./site.ts";

const signedIn = { "x-user": "alice" };
const tokenPattern = /name="csrfmiddlewaretoken" value="([^"]+)"/;

describe("a page", () => {
  it("is an HTML document that allows nothing from elsewhere and no inline code", async () => {
    const { status, headers, body } = await createTestSite().ask({ path: "/api/books/7/" });
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "text/html; charset=utf-8");
    assert.match(
      String(headers["content-security-policy"]),
      /^default-src 'none'; .*form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
    assert.equal(headers["cross-origin-opener-policy"], "same-origin");
    assert.match(body, /^<!doctype html>/);
    assert.doesNotMatch(body, /<script(?! type="module" src="[^"]+"><\/script>)|<style|style=|\son\w+=/);
  });

  it("escapes what is stored, in the JSON, in the form and in the raw editor", async () => {
    const { body } = await createTestSite().ask({ path: "/api/books/7/", headers: signedIn });
    assert.doesNotMatch(body, /<b>Bob/);
    assert.match(body, /value="Alice &amp; &lt;b&gt;Bob&lt;\/b&gt;"/);
    assert.match(body, /&quot;title&quot;: &quot;Alice &amp; &lt;b&gt;Bob/);
  });

  it("escapes the address it was asked under", async () => {
    const { body } = await createTestSite().ask({ path: '/api/books/"><script>/' });
    assert.doesNotMatch(body, /"><script>/);
  });

  it("shows the way to it, the request, the status, the headers", async () => {
    const { body } = await createTestSite().ask({ path: "/api/books/7/?x=1" });
    assert.match(
      body,
      /<a href="\/api\/">Api Root<\/a>.*<a href="\/api\/books\/">Book List<\/a>.*aria-current="page">Book Instance/s,
    );
    assert.match(body, /<code>\/api\/books\/7\/\?x=1<\/code>/);
    assert.match(body, /200 OK/);
    assert.match(body, /<dt>allow<\/dt><dd>GET, PUT, PATCH, DELETE, HEAD, OPTIONS<\/dd>/);
  });

  it("links the rows of a list, the pages of it, and the actions below it", async () => {
    const site = createTestSite();
    const list = (await site.ask({ path: "/api/books/" })).body;
    assert.match(list, /<a href="\/api\/books\/7\/">7<\/a>/);
    assert.match(list, /rel="next" href="http:\/\/shelf.test\/api\/books\/\?page=2"/);
    assert.match(list, /1 of 21/);
    assert.match(
      (await site.ask({ path: "/api/books/7/", headers: signedIn })).body,
      /<a class="button" href="\/api\/books\/7\/publish\/">Publish<\/a>/,
    );
  });

  it("shows an error as the API tells it", async () => {
    const { status, body } = await createTestSite().ask({ path: "/api/broken/" });
    assert.equal(status, 400);
    assert.match(body, /400 Bad Request/);
    assert.match(body, /Not &lt;i&gt;this&lt;\/i&gt;\./);
  });

  it("sets the CSRF cookie, and carries another text of the same secret in its forms", async () => {
    const site = createTestSite();
    const first = await site.ask({ path: "/api/books/", headers: signedIn });
    const [, cookie = ""] =
      /^csrftoken=([^;]+);.*Max-Age=31449600; Path=\/; SameSite=Lax$/.exec(first.cookies[0] ?? "") ?? [];
    const [, token] = tokenPattern.exec(first.body) ?? [];
    assert.equal(cookie.length, 64);
    assert.notEqual(token, cookie);
    const again = await site.ask({ path: "/api/books/", headers: { ...signedIn, cookie: `csrftoken=${cookie}` } });
    assert.match(again.cookies[0] ?? "", new RegExp(`^csrftoken=${cookie};`));
    assert.match(String(again.headers.vary), /Cookie/);
  });

  it("replaces a CSRF cookie that is none", async () => {
    const { cookies } = await createTestSite().ask({ path: "/api/books/", headers: { cookie: 'csrftoken="<x>"' } });
    assert.match(cookies[0] ?? "", /^csrftoken=[a-zA-Z0-9]{64};/);
  });
});

describe("what a page offers", () => {
  it("is a login that comes back here, to who is not signed in, and nothing to write with", async () => {
    const { body } = await createTestSite().ask({ path: "/api/books/?page=1" });
    assert.match(body, /href="\/api-auth\/login\/\?next=%2Fapi%2Fbooks%2F%3Fpage%3D1"/);
    assert.doesNotMatch(body, /value="POST"|value="DELETE"/);
  });

  it("is the user's name, logout, and what this user may do, to who is signed in", async () => {
    const site = createTestSite();
    const { body } = await site.ask({ path: "/api/books/7/", headers: signedIn });
    assert.match(body, />alice</);
    assert.match(
      body,
      /<form method="post" action="\/api-auth\/logout\/"><input type="hidden" name="csrfmiddlewaretoken"/,
    );
    for (const value of ["PUT", "PATCH", "DELETE", "OPTIONS"])
      assert.match(body, new RegExp(`name="_method" value="${value}"`));
    assert.match((await site.ask({ path: "/api/books/", headers: signedIn })).body, /name="_method" value="POST"/);
  });

  it("is nothing that the permissions refuse", async () => {
    const readers = [{ name: "readers", check: ({ isSafe }: { isSafe: boolean }) => isSafe }];
    const { body } = await createTestSite(readers).ask({ path: "/api/books/7/", headers: signedIn });
    assert.doesNotMatch(body, /value="(PUT|PATCH|DELETE)"/);
  });

  it("is the same to nobody in particular where anyone may write", async () => {
    const { body } = await createTestSite([permission.allowAny()]).ask({ path: "/api/books/7/" });
    assert.match(body, /value="PUT"/);
  });

  it("tells who is refused where to log in", async () => {
    const { status, body } = await createTestSite([permission.authenticated()]).ask({ path: "/api/books/" });
    assert.equal(status, 403);
    assert.match(body, /signed in\. <a href="\/api-auth\/login\//);
  });
});

describe("a form", () => {
  const fill = (fields: Record<string, string>, method = "POST") => ({
    csrfmiddlewaretoken: csrfPair.token,
    _method: method,
    ...fields,
  });
  const headers = { ...signedIn, cookie: csrfPair.cookie };
  const right = {
    title: "New",
    notes: "",
    pages: "3",
    price: "1.00",
    genre: "poetry",
    published_at: "",
    author: "1",
    tags: "",
    metadata: "",
  };

  it("has the right control for each field, with its limits and its help", async () => {
    const { body } = await createTestSite().ask({ path: "/api/books/", headers: signedIn });
    const expected = [
      /<input type="text" name="title" value="" id="post-title" required aria-describedby="post-title-hint" maxlength="100">/,
      /<textarea name="notes" rows="3" id="post-notes">/,
      /<input type="number" name="pages" value="" id="post-pages" required step="1" min="1" max="5000">/,
      /<input type="number" name="price" value="9.90" id="post-price" step="0.01">/,
      /<input type="checkbox" name="in_print" value="true" checked id="post-in_print">/,
      /<select name="genre" id="post-genre" required>\s*<option value="">Choose…<\/option><option value="poetry">Poetry<\/option>/,
      /<input type="datetime-local" name="published_at"/,
      /<input type="text" name="author"/,
      /<input type="text" name="tags" value=""/,
      /<textarea name="metadata"/,
      /As it stands on the cover\./,
    ];
    for (const control of expected) assert.match(body, control);
    assert.doesNotMatch(body, /name="created_at"|name="id"/);
  });

  it("holds the row's values where there is one", async () => {
    const { body } = await createTestSite().ask({ path: "/api/books/7/", headers: signedIn });
    const expected = [
      /name="pages" value="12"/,
      /name="in_print" value="true" id=/,
      /<option value="science" selected>/,
      /type="datetime-local" name="published_at" value="2024-01-31T08:00:00.5" id="[^"]+" aria-describedby="[^"]+" step="0.001"/,
      /name="tags" value="2, 5"/,
      /&quot;shelf&quot;: &quot;A\\&quot;1&quot;/,
    ];
    for (const value of expected) assert.match(body, value);
  });

  it("creates, and links what it created", async () => {
    const site = createTestSite();
    const { status, body } = await site.ask({
      method: "POST",
      path: "/api/books/",
      headers,
      form: fill({ ...right, tags: "2, 5", notes: "a\r\nb" }),
    });
    assert.equal(status, 201);
    assert.match(body, /Created\. <a href="\/api\/books\/8\/">/);
    const [[method, values]] = site.done as [[string, Record<string, unknown>]];
    assert.equal(method, "POST");
    assert.deepEqual(values.tags, [2, 5]);
    assert.equal(values.notes, "a\nb");
    assert.equal(values.in_print, false);
    assert.equal("metadata" in values, false);
  });

  it("comes back with every finding beside its field and everything that was typed", async () => {
    const site = createTestSite();
    const wrong = {
      ...right,
      title: '"><script>',
      pages: "many",
      price: "1.234",
      genre: "prose",
      author: "",
      metadata: "{oops",
      in_print: "true",
    };
    const { status, body } = await site.ask({ method: "POST", path: "/api/books/", headers, form: fill(wrong) });
    assert.equal(status, 400);
    assert.deepEqual(site.done, []);
    for (const name of ["pages", "price", "genre", "author", "metadata"]) {
      assert.match(
        body,
        new RegExp(`id="post-${name}"[^>]* aria-describedby="[^"]*post-${name}-errors[^>]* aria-invalid="true"`),
        name,
      );
      assert.match(body, new RegExp(`<ul class="errors" id="post-${name}-errors"><li>`), name);
    }
    assert.match(body, /name="title" value="&quot;&gt;&lt;script&gt;"/);
    // A number control would drop this.
    assert.match(body, /<input type="text" name="pages" value="many"/);
    assert.match(body, /\{oops<\/textarea>/);
    assert.match(body, /name="in_print" value="true" checked/);
    assert.ok(body.indexOf('id="form-post"') < body.indexOf('id="response"'), "the form comes before the response");
  });

  it("changes and deletes a row without a script", async () => {
    const site = createTestSite();
    const put = await site.ask({ method: "POST", path: "/api/books/7/", headers, form: fill(right, "PUT") });
    assert.equal(put.status, 200);
    assert.match(put.body, /Saved\./);
    const deleted = await site.ask({ method: "POST", path: "/api/books/7/", headers, form: fill({}, "DELETE") });
    assert.equal(deleted.status, 200);
    assert.match(deleted.body, /204 No Content/);
    assert.match(deleted.body, /Deleted\. <a href="\/api\/books\/">/);
    assert.deepEqual(
      site.done.map((entry) => (entry as unknown[])[0]),
      ["PUT", "DELETE"],
    );
  });

  it("asks OPTIONS", async () => {
    const { status, body } = await createTestSite().ask({
      method: "POST",
      path: "/api/books/",
      headers,
      form: fill({}, "OPTIONS"),
    });
    assert.equal(status, 200);
    assert.match(body, /&quot;renders&quot;/);
  });

  it("sends raw JSON, and gives it back where it is wrong", async () => {
    const site = createTestSite();
    const json = JSON.stringify({ ...right, pages: 3, published_at: null, tags: [9], metadata: null });
    const send = (text: string) =>
      site.ask({
        method: "POST",
        path: "/api/books/",
        headers,
        form: fill({ _content_type: "application/json", _content: text }),
      });
    assert.equal((await send(json)).status, 201);
    const invalid = await send('{"title": "<kept>"}');
    assert.equal(invalid.status, 400);
    assert.match(invalid.body, /<details class="raw" open>/);
    assert.match(invalid.body, /\{&quot;title&quot;: &quot;&lt;kept&gt;&quot;\}<\/textarea>/);
    assert.match(invalid.body, /<p>Genre: This field is required\.<\/p>/);
    // A form of fields beside it would save what the JSON left out as empty.
    assert.doesNotMatch(invalid.body, /name="title"/);
    const broken = await send("{");
    assert.equal(broken.status, 400);
    assert.match(broken.body, /not valid JSON/);
  });
});

describe("a list whose path has a placeholder", () => {
  it("remembers its chosen columns, apart from those of the list above it", async () => {
    const list = { name: "list", run: async () => ({ status: 200, data: [{ id: 1, title: "x", pages: 3 }] }) };
    const path = "/api/shelves/:shelf/books/";
    const site = createTestSite(undefined, [{ path, name: "Books", on: "list", actions: { GET: list } }]);
    const heads = ({ body }: { body: string }) =>
      [...body.matchAll(/<th scope="col"[^>]*>(\w+)/g)].map(([, head]) => head);
    const chosen = await site.ask({ path: "/api/shelves/1/books/?_columns=&_columns=title" });
    const cookie = /^(columns\.api\.shelves\.shelf\.books\.)=title; .*Path=\/api\/shelves\/;/.exec(
      chosen.cookies.find((one) => one.startsWith("columns")) ?? "",
    );
    assert.ok(cookie);
    const headers = { cookie: `${cookie[1]}=title` };
    assert.deepEqual(heads(await site.ask({ path: "/api/shelves/2/books/", headers })), ["Title"]);
    assert.equal(
      heads(await site.ask({ path: "/api/shelves/2/books/", headers: { cookie: "columns=title" } })).length,
      3,
    );
  });
});

describe("a method in a form", () => {
  const form = { _method: "DELETE", csrfmiddlewaretoken: csrfPair.token };
  const headers = { ...signedIn, cookie: csrfPair.cookie };

  it("is ignored where no page is asked for", async () => {
    const site = createTestSite();
    const { status } = await site.ask({
      method: "POST",
      path: "/api/books/7/",
      headers: { ...headers, accept: "application/json" },
      form,
    });
    assert.equal(status, 405);
    assert.deepEqual(site.done, []);
  });

  it("is refused without the token that belongs to the cookie", async () => {
    const site = createTestSite();
    for (const csrfmiddlewaretoken of ["", "x", `${"b".repeat(63)}c`]) {
      const { status } = await site.ask({
        method: "POST",
        path: "/api/books/7/",
        headers,
        form: { ...form, csrfmiddlewaretoken },
      });
      assert.equal(status, 403);
    }
    assert.deepEqual(site.done, []);
  });

  it("is refused from another site", async () => {
    const { status } = await createTestSite().ask({
      method: "POST",
      path: "/api/books/7/",
      headers: { ...headers, origin: "https://evil.test" },
      form,
    });
    assert.equal(status, 403);
  });

  it("is ignored without the cookie, in a GET, and where it is none that a page sends", async () => {
    const site = createTestSite();
    assert.equal((await site.ask({ method: "POST", path: "/api/books/7/", headers: signedIn, form })).status, 405);
    assert.equal((await site.ask({ path: "/api/books/7/?_method=DELETE", headers })).status, 200);
    assert.equal(
      (await site.ask({ method: "POST", path: "/api/books/7/", headers, form: { ...form, _method: "TRACE" } })).status,
      405,
    );
    assert.deepEqual(site.done, []);
  });

  it("is asked the permissions of that method", async () => {
    const site = createTestSite([{ name: "no deleting", check: ({ method }) => method !== "DELETE" }]);
    assert.equal((await site.ask({ method: "POST", path: "/api/books/7/", headers, form })).status, 403);
    assert.deepEqual(site.done, []);
  });

  it("is not read from a large body of somebody unknown", async () => {
    const site = createTestSite([permission.allowAny()]);
    const large = { ...form, padding: "x".repeat(70_000) };
    assert.equal(
      (await site.ask({ method: "POST", path: "/api/books/7/", headers: { cookie: csrfPair.cookie }, form: large }))
        .status,
      405,
    );
  });
});
