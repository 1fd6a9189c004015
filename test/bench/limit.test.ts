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
function ask(path: string, headers: Record<string, string> = {}, method = "GET") {
  const { promise, resolve, reject } = Promise.withResolvers<{ status?: number; body: Record<string, unknown> }>();
  const asked = request({ port: server.port, host: "127.0.0.1", path, method, headers, agent: false }, (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    response.once("end", () => resolve({ status: response.statusCode, body: JSON.parse(text) }));
  });
  asked.once("error", reject).end();
  return promise;
}

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
