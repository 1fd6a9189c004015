/** The limit of the bench is honest: it answers what the reference answers, and refuses what the reference refuses. */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { commonEnvironment, peers, secret } from "../../bench/peers.ts";
import { findFreePort, type RunningServer, startServer } from "../../bench/running-server.ts";
import { signAccessToken } from "../../bench/token.ts";
import { encodeCursor } from "../../src/resource/pagination/cursor-token.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-limit-"));
const database = join(folder, "books.sqlite3");
const running = new AbortController();
let server: RunningServer;

before(async () => {
  copyFileSync(fileURLToPath(new URL("../conformance/fixture.sqlite3", import.meta.url)), database);
  const limit = peers.find(({ id }) => id === "limit");
  assert.ok(limit);
  const port = await findFreePort();
  const environment = { ...commonEnvironment, ...limit.environment, WEB_CONCURRENCY: "1" };
  server = await startServer({ command: limit.command(port, database), environment, port }, running.signal);
});

after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const hour = 3_600_000;
const bearer = (userId: number, now = Date.now(), key = secret) => ({
  Authorization: `Bearer ${signAccessToken(key, userId, now)}`,
});

/** Asks with node:http; fetch would not let a test set Host. */
function ask(path: string, headers: Record<string, string> = {}, method = "GET", sent?: string) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status?: number;
    etag?: string;
    body: Record<string, unknown>;
  }>();
  const asked = request({ port: server.port, host: "127.0.0.1", path, method, headers, agent: false }, (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    response.once("end", () =>
      resolve({ status: response.statusCode, etag: response.headers.etag, body: text === "" ? {} : JSON.parse(text) }),
    );
  });
  asked.once("error", reject).end(sent);
  return promise;
}

/** Sends JSON as alice. */
const send = (method: string, path: string, sent: unknown, headers: Record<string, string> = {}) =>
  ask(
    `/api/v1/${path}`,
    { ...bearer(3), "Content-Type": "application/json", ...headers },
    method,
    JSON.stringify(sent),
  );

const book2 = {
  id: 2,
  title: "The broken machine 2",
  isbn: "9780000000074",
  author: 3,
  price: "2.74",
  pages: 94,
  in_print: true,
  genre: "history",
  rating: 1,
  published_at: "2002-03-03T02:02:00Z",
  ref: "334b6b31-12a2-5bfc-bf4f-870c0954b343",
  metadata: [],
  tags: [3, 9],
  owner: 4,
  created_at: "2024-01-01T08:20:00Z",
  updated_at: "2024-01-01T08:22:00Z",
};

describe("the limit", () => {
  it("answers a book, its keys in the order of the reference", async () => {
    const { status, body } = await ask("/api/v1/books/2/", bearer(3));
    assert.equal(status, 200);
    assert.equal(JSON.stringify(body), JSON.stringify(book2));
  });

  it("answers a page of a filtered list with links to its neighbours", async () => {
    const { body } = await ask("/api/v1/books/?genre=science&page_size=2&ordering=-price&page=2", bearer(3));
    const list = `http://127.0.0.1:${server.port}/api/v1/books/`;
    assert.equal(body.count, 30);
    assert.equal(body.next, `${list}?genre=science&ordering=-price&page=3&page_size=2`);
    assert.equal(body.previous, `${list}?genre=science&ordering=-price&page_size=2`);
  });

  it("lets anyone read", async () => {
    assert.equal((await ask("/api/v1/books/2/")).status, 200);
  });

  for (const [what, status, path, headers, method] of [
    ["a token of somebody else's secret", 401, "2/", bearer(3, Date.now(), "another secret"), "GET"],
    ["a token whose time is over", 401, "2/", bearer(3, Date.now() - 7 * hour), "GET"],
    ["something that is no token", 401, "2/", { Authorization: "Bearer a.b" }, "GET"],
    ["a user who is not active", 401, "2/", bearer(5), "GET"],
    ["a user who does not exist", 401, "2/", bearer(999), "GET"],
    ["a book that does not exist", 404, "9999/", bearer(3), "GET"],
    ["a page that does not exist", 404, "?page=99", bearer(3), "GET"],
    ["a page that is no number", 404, "?page=x", bearer(3), "GET"],
    ["a genre that does not exist", 400, "?genre=cooking", bearer(3), "GET"],
    ["a price that is no number", 400, "?price__gte=x", bearer(3), "GET"],
    ["another method", 405, "2/", bearer(3), "DELETE"],
    ["a client that wants no JSON", 406, "2/", { Accept: "text/html" }, "GET"],
    ["a host that is not its own", 400, "2/", { Host: "example.org" }, "GET"],
    ["a path that is not its own", 404, "2", {}, "GET"],
  ] as const) {
    it(`refuses ${what} with ${status}`, async () => {
      assert.equal((await ask(`/api/v1/books/${path}`, headers, method)).status, status);
    });
  }
});

describe("the limit with reviews", () => {
  it("answers a page with the book and its author in each, and goes on at the cursor as drf-auth does", async () => {
    const { body } = await ask("/api/v1/reviews/?page_size=2");
    assert.deepEqual(body.results, [
      {
        id: 60,
        book: 61,
        book_summary: { id: 61, title: "The golden garden 61", author: "Mina Eriksen", price: "33.57" },
        rating: 1,
        body: "A silent read.\nLine two of review 60 – ☕.",
        owner: 2,
        created_at: "2024-01-01T23:00:00Z",
      },
      {
        id: 59,
        book: 54,
        book_summary: { id: 54, title: "The hidden winter 54", author: "Fatima Hoffmann", price: "23.98" },
        rating: 5,
        body: "A northern read.\nLine two of review 59 – ☕.",
        owner: 4,
        created_at: "2024-01-01T22:00:00Z",
      },
    ]);
    const cursor = encodeCursor({ isReverse: false, offset: 0, position: ["2024-01-01T22:00:00Z", "59"] });
    const list = `http://127.0.0.1:${server.port}/api/v1/reviews/`;
    assert.equal(body.next, `${list}?cursor=${encodeURIComponent(cursor)}&page_size=2`);

    const { body: next } = await ask(`/api/v1/reviews/?cursor=${encodeURIComponent(cursor)}&page_size=2`);
    assert.deepEqual(idsIn(next.results), [58, 57]);
  });

  it("refuses a cursor that is none", async () => {
    assert.equal((await ask("/api/v1/reviews/?cursor=x")).status, 404);
  });
});

describe("the limit with synonyms", () => {
  it("creates one, and answers it as a GET does then", async () => {
    const { status, etag, body } = await send("POST", "synonyms/", { word: " novelty ", synonym: "news" });
    assert.equal(status, 201);
    assert.deepEqual([body.word, body.synonym, body.owner], ["novelty", "news", "alice"]);
    assert.match(String(body.created_at), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const read = await ask(`/api/v1/synonyms/${body.id}/`);
    assert.deepEqual([read.body, read.etag], [body, etag]);
  });

  it("changes one of the user's own, for whoever saw its present state", async () => {
    const { body, etag = "" } = await send("POST", "synonyms/", { word: "to change", synonym: "before" });
    const path = `synonyms/${body.id}/`;
    const changed = await send("PATCH", path, { synonym: "after" }, { "If-Match": etag });
    assert.deepEqual([changed.status, changed.body.synonym], [200, "after"]);
    assert.deepEqual((await ask(`/api/v1/${path}`)).body, changed.body);
    assert.equal((await send("PATCH", path, { synonym: "later" }, { "If-Match": etag })).status, 412);
    assert.equal((await ask(`/api/v1/${path}`)).body.synonym, "after");
  });

  it("creates many in one request, or none", async () => {
    const items = Array.from({ length: 600 }, (_, i) => ({ word: `one of many ${i}`, synonym: "x" }));
    const { status, body } = await send("POST", "bulk-synonyms/", items);
    assert.equal(status, 201);
    const ids = idsIn(body);
    assert.deepEqual([ids.length, new Set(ids).size], [600, 600]);
    const { body: last } = await ask(`/api/v1/synonyms/${ids.at(-1)}/`);
    assert.equal(last.word, "one of many 599");

    const again = [{ word: "one more", synonym: "x" }, { word: "one of many 3", synonym: "" }, { word: "one more" }];
    const refused = await send("POST", "bulk-synonyms/", again);
    assert.equal(refused.status, 400);
    assert.deepEqual(
      Object.values(refused.body).map((one) => Object.keys(Object(one))),
      [[], ["word", "synonym"], ["word", "synonym"]],
    );
    assert.equal((await send("POST", "synonyms/", again[0])).status, 201);
  });

  it("tells every finding of a body at once", async () => {
    const { status, body } = await send("POST", "synonyms/", { word: "happy", synonym: " " });
    assert.equal(status, 400);
    assert.deepEqual(Object.keys(body), ["word", "synonym"]);
  });

  it("answers 304 to whoever knows a book's state", async () => {
    const { etag = "" } = await ask("/api/v1/books/2/");
    assert.equal((await ask("/api/v1/books/2/", { "If-None-Match": etag })).status, 304);
  });

  const long = { word: "x".repeat(101), synonym: "x" };
  for (const [what, status, method, path, sent, headers] of [
    ["a word that is taken", 400, "POST", "synonyms/", { word: "happy", synonym: "x" }, {}],
    ["a field that is missing", 400, "POST", "synonyms/", { word: "y" }, {}],
    ["a text that is too long", 400, "POST", "synonyms/", long, {}],
    ["a value that is no text", 400, "POST", "synonyms/", { word: ["y"], synonym: "x" }, {}],
    ["a list where one is expected", 400, "POST", "synonyms/", [], {}],
    ["an empty list", 400, "POST", "bulk-synonyms/", [], {}],
    ["a list that is too long", 400, "POST", "bulk-synonyms/", Array(1001).fill({ word: "y", synonym: "x" }), {}],
    ["a body that is not JSON", 415, "POST", "synonyms/", {}, { "Content-Type": "text/plain" }],
    ["a write by nobody", 401, "POST", "synonyms/", { word: "y", synonym: "x" }, { Authorization: "" }],
    ["a change of what is somebody else's", 403, "PATCH", "synonyms/1/", { synonym: "x" }, {}],
    ["a change of what does not exist", 404, "PATCH", "synonyms/99999/", { synonym: "x" }, {}],
    ["a change to a word that is taken", 400, "PATCH", "synonyms/2/", { word: "happy" }, {}],
  ] as const) {
    it(`refuses ${what} with ${status}`, async () => {
      assert.equal((await send(method, path, sent, headers)).status, status);
    });
  }
});

const idsIn = (list: unknown): unknown[] => (Array.isArray(list) ? list.map((one) => Object(one).id) : []);
