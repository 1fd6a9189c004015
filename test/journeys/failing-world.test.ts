/** The database goes and comes back, clients leave in the middle: answers in bounded time, nothing half done, no restart. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { connect, type Database, defineStatement } from "../../src/db/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { open } from "../http-client.ts";
import { Author, library, Tag } from "../resource/library.ts";
import { openWire } from "../wire.ts";

const [sqlite, postgres] = databases;
assert.ok(sqlite && postgres);

describe("a PostgreSQL server that goes and comes back", () => {
  let wire: Awaited<ReturnType<typeof openWire>>;
  let database: Database;
  let test: TestApp;
  let headers: Record<string, string>;
  before(async () => {
    const own = await postgres.create();
    wire = await openWire(own.url);
    database = await connect(wire.url, { connectTimeoutMs: 400, statementTimeoutMs: 200, maxConnections: 4 });
    test = await startTestApp(library, own, { wrap: () => database });
    ({ bearer: headers } = await test.user("alice"));
    await test.insert(Author, [{ name: "Ann" }]);
    await test.insert(Tag, [{ name: "one" }, { name: "two" }]);
  });
  after(async () => {
    wire.mend();
    await database.close();
    await test.stop();
    wire.close();
  });

  const book = (title: string) =>
    test.client("POST", "/api/v1/books/", { json: { title, author: 1, tags: [1, 2] }, headers });
  const requests = {
    "a list": () => test.client("GET", "/api/v1/books/"),
    "a signed-in request": () => test.client("GET", "/api/v1/books/", { headers }),
    "a write": () => book("Lost"),
    "a page": () => test.client("GET", "/api/v1/books/", { headers: { accept: "text/html" } }),
    "a login": () => test.client("POST", "/api/token/", { json: { username: "alice", password: "alice-pass" } }),
    "a session": () =>
      test.client("GET", "/api/v1/books/", { headers: { cookie: "sessionid=abcdefghijklmnopqrstuvwxyz012345" } }),
  };
  const unavailable = async (): Promise<void> => {
    for (const [what, ask] of Object.entries(requests)) {
      const { status, headers: got, text } = await ask();
      assert.equal(status, 503, `${what}: ${text}`);
      assert.ok(Number(got.get("retry-after")) > 0, what);
      // A page names its own address, for whoever copies the request.
      assert.doesNotMatch(text.replaceAll(test.client.base, ""), /postgres|127\.0\.0\.1|ECONN|at .*:\d/i);
    }
  };
  const recovered = async (): Promise<void> => {
    assert.equal((await test.client("GET", "/api/v1/books/", { headers })).status, 200);
    assert.equal((await book(crypto.randomUUID())).status, 201);
  };

  it("is a 503 with Retry-After while it is gone, and is used again once it is back", async () => {
    for (let round = 0; round < 2; round++) {
      await recovered();
      wire.cut();
      await unavailable();
      wire.mend();
      await recovered();
    }
  });

  it("that no longer answers is a 503 too, in bounded time", async () => {
    await recovered();
    wire.silence();
    const answers = await Promise.all(Object.values(requests).map((ask) => ask()));
    assert.deepEqual(
      answers.map(({ status }) => status),
      answers.map(() => 503),
    );
    wire.mend();
    await recovered();
  });

  it("that has forgotten its connections without a word is a 503 once for each, then connected to anew", async () => {
    await recovered();
    wire.freeze();
    const answers = await Promise.all(Object.values(requests).map((ask) => ask()));
    assert.ok(answers.every(({ status }) => status === 503 || status < 400));
    assert.ok(answers.some(({ status }) => status === 503));
    for (let i = 0; (await book(crypto.randomUUID())).status !== 201; i++) assert.ok(i < 4, "still not back");
    await recovered();
  });

  it("keeps all of a write or nothing, wherever the connection was cut", async () => {
    await recovered();
    for (let round = 0; round < 5; round++) {
      const answers = Promise.all(Array.from({ length: 12 }, (_, i) => book(`Cut ${round}.${i}`)));
      // The first answers come while the others are under way.
      await Promise.race([book(`First ${round}`), answers]);
      wire.cut();
      wire.mend();
      for (const { status } of await answers) assert.ok(status === 201 || status === 503, String(status));
      // Connections of which nobody knows yet that they were cut cost one answer each.
      for (let i = 0; (await book(crypto.randomUUID())).status !== 201; i++) assert.ok(i < 10, "still not back");
    }
    await recovered();
    const { json } = await test.client("GET", "/api/v1/books/?page_size=100", { headers });
    for (const { tags, title } of json.results) assert.deepEqual(tags, [1, 2], title);
  });
});

describe("an SQLite file that another process writes to", () => {
  let database: Database;
  let other: Database;
  let test: TestApp;
  before(async () => {
    const own = await sqlite.create();
    database = await connect(own.url, { busyTimeoutMs: 60 });
    other = await connect(own.url);
    test = await startTestApp(library, own, { wrap: () => database });
  });
  after(async () => {
    await other.close();
    await database.close();
    await test.stop();
  });

  it("is read meanwhile; a write waits, is a 503 in the end, and works when the other is done", async () => {
    const write = () => test.client("POST", "/api/v1/authors/", { json: { name: "Ann" } });
    await other.transaction(async (transaction) => {
      await transaction.run(defineStatement("insert into library_author (name) values ('Other')"));
      assert.equal((await test.client("GET", "/api/v1/authors/")).json.count, 0);
      const refused = await write();
      assert.equal(refused.status, 503, refused.text);
      assert.ok(Number(refused.headers.get("retry-after")) > 0);
    });
    assert.equal((await write()).status, 201);
    assert.equal((await test.client("GET", "/api/v1/authors/")).json.count, 2);
  });
});

for (const { name, create } of databases) {
  describe(`clients that leave, on ${name}`, () => {
    let test: TestApp;
    let authorization: string;
    before(async () => {
      test = await startTestApp(library, await create());
      ({ authorization } = (await test.user("alice")).bearer);
      await test.insert(Author, [{ name: "Ann" }]);
    });
    after(() => test.stop());

    /** Sends something and leaves without waiting for an answer. */
    const leave = async (text: string): Promise<void> => {
      const socket = await open(test.client.base);
      await new Promise((resolve) => socket.write(text, resolve));
      socket.destroy();
      await once(socket, "close");
    };
    const head = (method: string, path: string, more = "") =>
      `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n${more}\r\n`;

    it("in the middle of an upload change nothing and harm nobody", async () => {
      const half = '{"title":"Half","author":1';
      for (const type of ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"]) {
        const body = type.startsWith("multipart")
          ? '--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nHa'
          : half;
        for (const length of ["Content-Length: 5000", "Transfer-Encoding: chunked"]) {
          const sent = length.startsWith("C") ? body : `${body.length.toString(16)}\r\n${body}\r\n`;
          for (let i = 0; i < 5; i++)
            await leave(head("POST", "/api/v1/books/", `Content-Type: ${type}\r\n${length}\r\n`) + sent);
        }
      }
      const { status, json } = await test.client("GET", "/api/v1/books/");
      assert.deepEqual([status, json.count], [200, 0]);
    });

    it("before their answer leave the others theirs", async () => {
      const body = '{"title":"T","author":1}';
      for (let i = 0; i < 20; i++) {
        await leave(head("GET", "/api/v1/books/?search=x"));
        await leave(
          head("POST", "/api/v1/books/", `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`) + body,
        );
        await leave(head("GET", "/api/v1/samples/", "Accept: text/html\r\n"));
      }
      const answers = await Promise.all(Array.from({ length: 20 }, () => test.client("GET", "/api/v1/books/")));
      assert.ok(answers.every(({ status }) => status === 200));
      assert.ok(answers[0]?.json.count <= 1);
    });

    it("nothing of it was a fault of ours", () => assert.deepEqual(test.faults, []));
  });
}
