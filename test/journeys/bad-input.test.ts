/** Input that nobody means well, or at all: refused with the right status, in bounded time, without a word about our insides. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { open, sendRaw } from "../http-client.ts";
import { Author, library, Tag } from "../resource/library.ts";

const json = { "content-type": "application/json" };

for (const { name, create } of databases) {
  describe(`bad input on ${name}`, () => {
    let test: TestApp;
    let bearer: Record<string, string>;
    before(async () => {
      test = await startTestApp(library, await create());
      ({ bearer } = await test.user("alice"));
      await test.insert(Author, [{ name: `${"a".repeat(60)}!` }, { name: "Ben" }]);
      await test.insert(Tag, [{ name: "one" }]);
      await test.client("POST", "/api/v1/books/", {
        json: { title: `${"a".repeat(60)}!`, author: 1 },
        headers: bearer,
      });
    });
    after(() => test.stop());

    const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = json) =>
      test.client("POST", "/api/v1/samples/", { body, headers });

    it("a body that is no JSON is a 400 that quotes nothing of it", async () => {
      const bodies = [
        "{",
        "}",
        '{"text":',
        "{'a':1}",
        "\0",
        '{"text":"secret',
        "[1,]",
        "NaN",
        "\ufeff{}",
        "undefined",
        '{"a":1}x',
        '{"a":"\t"}',
      ];
      for (const body of bodies) {
        const { status, json: answer, text } = await send(body);
        assert.equal(status, 400, body);
        assert.deepEqual(Object.keys(answer), ["detail"]);
        assert.doesNotMatch(text, /secret/);
      }
    });

    it("JSON that is no object is a 400", async () => {
      for (const body of ["[]", "[{}]", "null", '"x"', "1", "true"]) {
        const { status, json: answer } = await send(body);
        assert.deepEqual([status, Object.keys(answer)], [400, ["non_field_errors"]], body);
      }
    });

    it("bytes that are no UTF-8 are a 400", async () => {
      for (const bytes of [[0xff], [0x22, 0xc3, 0x28, 0x22], [0xed, 0xa0, 0x80], [0xfe, 0xff, 0x00, 0x7b]])
        assert.equal((await send(new Uint8Array(bytes))).status, 400);
    });

    it("nesting is bounded before anything walks through it", async () => {
      for (const body of [
        "[".repeat(40_000),
        `${"[".repeat(40_000)}${"]".repeat(40_000)}`,
        `{"json":${'{"a":'.repeat(300)}1${"}".repeat(300)}}`,
      ])
        assert.equal((await send(body)).status, 400);
      const deep = `{"json":${"[".repeat(190)}${"]".repeat(190)}}`;
      assert.equal((await send(deep)).status, 201);
    });

    it("a number of a million digits is refused in no time", async () => {
      for (const field of ["json", "integer", "big", "float", "author"]) {
        const { status } = await send(`{"${field}":${"9".repeat(90_000)}}`);
        assert.equal(status, 400, field);
      }
      assert.equal((await send(`{"json":[${Array(250).fill("9".repeat(300)).join()}]}`)).status, 201);
    });

    it("names of prototypes are names like any other, and nothing is polluted", async () => {
      const body =
        '{"__proto__":{"text":"p","polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,"json":{"__proto__":{"polluted":1}}}';
      const { status, json: made } = await send(body);
      assert.equal(status, 201);
      assert.equal(made.text, null);
      assert.equal(JSON.stringify(made.json), '{"__proto__":{"polluted":1}}');
      assert.equal(Reflect.get({}, "polluted"), undefined);
      const form = { "content-type": "application/x-www-form-urlencoded" };
      const { json: sample } = await send("__proto__=1&__proto__.polluted=1&constructor=2&text=ok", form);
      assert.equal(sample.text, "ok");
      for (const query of [
        "?__proto__=1&constructor=2&hasOwnProperty=3",
        "?ordering=__proto__,constructor",
        "?__proto__[a]=1",
      ])
        assert.equal((await test.client("GET", `/api/v1/books/${query}`)).status, 200);
      assert.equal(Reflect.get({}, "polluted"), undefined);
    });

    it("a body that is too large is a 413, whether it says so before or not, and the connection goes on", async () => {
      const large = "x".repeat(3_000_000);
      assert.equal((await send(`{"text":"${large}"}`)).status, 413);
      assert.equal((await send(`text=${large}`, { "content-type": "application/x-www-form-urlencoded" })).status, 413);
      const part = `--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n${large}\r\n--b--\r\n`;
      assert.equal((await send(part, { "content-type": "multipart/form-data; boundary=b" })).status, 413);
      const chunk = `${(50_000).toString(16)}\r\n${"x".repeat(50_000)}\r\n`;
      for (const type of ["application/json", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"]) {
        const head = `POST /api/v1/samples/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`;
        assert.equal(await sendRaw(test.client.base, `${head}${chunk.repeat(4)}0\r\n\r\n`), 413, type);
      }
      assert.equal((await send('{"text":"small"}')).status, 201);
    });

    it("who may not write is refused before the body is read", async () => {
      const head =
        "POST /api/v1/books/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n";
      const socket = await open(test.client.base);
      const answered = new Promise((resolve) => socket.once("data", (chunk) => resolve(String(chunk).slice(0, 12))));
      socket.write(head);
      assert.equal(await answered, "HTTP/1.1 401");
      socket.destroy();
    });

    it("a media type that cannot be read is a 415; one that is not sent with an empty body does not matter", async () => {
      for (const type of [
        "text/plain",
        "application/xml",
        "application/jsonx",
        "a",
        ";",
        "application/json/x",
        "image/*",
      ])
        assert.equal((await send("{}", { "content-type": type })).status, 415, type);
      assert.equal((await test.client("POST", "/api/v1/samples/")).status, 201);
      assert.equal((await send("{}", { "content-type": "APPLICATION/JSON ; charset=latin-1" })).status, 201);
    });

    it("a broken multipart body is a 400", async () => {
      const type = { "content-type": "multipart/form-data; boundary=b" };
      for (const body of ["x", "--b", "--b\r\n", '--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nabc'])
        assert.equal((await send(body, type)).status, 400, body);
      assert.equal((await send("x", { "content-type": "multipart/form-data" })).status, 400);
      const parts = Array.from(
        { length: 1100 },
        (_, i) => `--b\r\nContent-Disposition: form-data; name="f${i}"\r\n\r\n1\r\n`,
      ).join("");
      assert.equal((await send(`${parts}--b--\r\n`, type)).status, 400);
    });

    it("a part of a multipart body that has no name is read past", async () => {
      const type = { "content-type": "multipart/form-data; boundary=b" };
      const named = '--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nabc\r\n--b--\r\n';
      const heads = ["form-data", "attachment", 'form-data; filename="a.txt"', "form-data; name", ";", ""];
      for (const head of [
        ...heads.map((value) => `Content-Disposition: ${value}`),
        "Content-Type: text/plain",
        "X: y",
      ]) {
        const { status, json: made } = await send(`--b\r\n${head}\r\n\r\nlost\r\n${named}`, type);
        assert.deepEqual([status, made.text], [201, "abc"], head);
      }
    });

    it("a file in place of another kind of value is refused under the field's name, and never left out", async () => {
      const type = { "content-type": "multipart/form-data; boundary=b" };
      const file = (name: string) =>
        `--b\r\nContent-Disposition: form-data; name="${name}"; filename="a.txt"\r\n\r\n1\r\n--b--\r\n`;
      for (const field of ["text", "integer", "decimal", "boolean", "json", "choice", "author", "tags", "datetime"]) {
        const { status, json: answer } = await send(file(field), type);
        assert.deepEqual([status, Object.keys(answer)], [400, [field]], field);
      }
      assert.equal((await send(file("unknown"), type)).status, 201);
      const path = "/api/v1/books/1/";
      const changed = await test.client("PATCH", path, { body: file("title"), headers: { ...bearer, ...type } });
      assert.deepEqual([changed.status, Object.keys(changed.json)], [400, ["title"]]);
    });

    it("null characters are refused or find nothing, wherever they stand", async () => {
      for (const query of [
        "author=%00",
        "author__in=1,%00",
        "tags=%00",
        "title__icontains=a%00",
        "title__regex=a%00",
        "shelf__isnull=%00",
        "search=%00",
        "ordering=%00",
        "page=%00",
        "page_size=%00",
        "format=%00",
        "%00=%00",
        "%ff=%ff",
      ]) {
        const { status } = await test.client("GET", `/api/v1/books/?${query}`);
        assert.ok([200, 400, 404].includes(status), `${query}: ${status}`);
      }
      for (const pair of ["a\0:b", "\0:\0", "a:b\0", "\0", ":", "\ud800:\udfff", "é:ü", `${"x".repeat(3000)}:y`]) {
        const authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
        assert.equal((await test.client("GET", "/api/v1/books/", { headers: { authorization } })).status, 401);
      }
      for (const cookie of [
        "sessionid=\\000",
        'sessionid="\\000"',
        "sessionid=%00",
        "csrftoken=%00; sessionid=a",
        "sessionid=é",
        "=",
        ";;;",
        "__proto__=x",
      ])
        assert.equal((await test.client("GET", "/api/v1/books/", { headers: { cookie } })).status, 200, cookie);
      assert.equal(
        (await test.client("POST", "/api/token/", { json: { username: "a\0", password: "b\0" } })).status,
        400,
      );
      assert.equal((await test.client("POST", "/api/token/refresh/", { json: { refresh: "a\0.b.c" } })).status, 400);
    });

    it("a regular expression is valid, short and quick, or refused", async () => {
      const filter = (pattern: string) =>
        test.client("GET", `/api/v1/books/?title__regex=${encodeURIComponent(pattern)}`);
      assert.equal((await filter("^a+!$")).json.count, 1);
      for (const pattern of ["(", "[", "*", "a{2,1}", "\\", "a".repeat(500), "(?<"]) {
        const { status, text } = await filter(pattern);
        assert.equal(status, 400, pattern);
        assert.doesNotMatch(text, /sql/i);
      }
      for (const pattern of ["(?<name>a)", "(?<!b)a", "\\p{L}", "[[:alpha:]]", "\\1", "(?i)A"]) {
        const { status } = await filter(pattern);
        assert.ok(status === 200 || status === 400, pattern);
      }
      const slow = await filter("^(a+)+$");
      assert.ok(slow.status === 200 || slow.status === 400);
      assert.equal((await filter("^a")).status, 200);
      assert.ok(
        [200, 400].includes(
          (await test.client("GET", `/api/v1/books/?search=${encodeURIComponent("^(a+)+$")}`)).status,
        ),
      );
      assert.equal((await test.client("GET", "/api/v1/books/?search=(")).status, 400);
    });

    it("query strings are read whatever they are", async () => {
      const many = Array.from({ length: 2000 }, (_, i) => `a${i}=1`).join("&");
      for (const query of [
        "",
        "&&&&",
        "=",
        "a",
        "a=b=c",
        "%",
        "%zz",
        "a=%",
        `tags=${"1&tags=".repeat(500)}1`,
        many,
        `author__in=${Array(3000).fill(1).join()}`,
        "?",
        "a[b][c]=1",
        "search=+++,,,",
        "author=1&author=1",
      ]) {
        const { status } = await test.client("GET", `/api/v1/books/?${query}`);
        assert.ok(status === 200 || status === 400, `${query.slice(0, 50)}: ${status}`);
      }
      const words = await test.client(
        "GET",
        `/api/v1/books/?search=${Array.from({ length: 40 }, (_, i) => `w${i}`).join("+")}`,
      );
      assert.equal(words.status, 400);
    });

    it("requests that are no HTTP get a 400, or the end of the connection", async () => {
      const line = "GET /api/v1/books/ HTTP/1.1\r\n";
      for (const [bytes, ...expected] of [
        ["\0\r\n\r\n", 400],
        ["GET / HTTP/9.9\r\n\r\n", 400, 505],
        [`${line}\r\n`, 400],
        [`${line}Host: localhost\r\nHost: evil.example\r\n\r\n`, 200, 400],
        [`${line}Host: evil.example\r\n\r\n`, 400],
        [`${line}Host: localhost:80:80\r\n\r\n`, 400],
        [`${line}Host: localhost\r\nX: a\0b\r\n\r\n`, 400],
        [`${line}Host: localhost\r\nX: ${"x".repeat(40_000)}\r\n\r\n`, 431],
        [`${line}Host: localhost\r\nAuthorization: \x80\xff\r\n\r\n`, 200],
        ["GET /api/v1/b\xff\xfeks/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, 404],
        ["GET /api/v1/books/\xe9 HTTP/1.1\r\nHost: localhost\r\n\r\n", 301, 400, 404],
        ["GET //evil.example HTTP/1.1\r\nHost: localhost\r\n\r\n", 301, 404],
        ["GET http://evil.example/api/v1/books/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, 400, 404],
        ["GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, 404],
        ["OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, 404],
        ["CONNECT evil.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 0, 400, 404],
        ["PROPFIND /api/v1/books/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 401, 405],
        ["TRACE /api/v1/books/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 401, 405],
        [
          "POST /api/v1/samples/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          400,
        ],
        ["POST /api/v1/samples/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400],
        ["POST /api/v1/samples/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400],
      ] as const) {
        const closed = bytes.replace("\r\n", "\r\nConnection: close\r\n");
        const status = await sendRaw(test.client.base, bytes.includes("\0\r\n\r\n") ? bytes : closed);
        assert.ok((expected as readonly number[]).includes(status), `${JSON.stringify(bytes.slice(0, 90))}: ${status}`);
      }
      assert.equal((await test.client("GET", "/api/v1/books/")).status, 200);
    });

    it("nothing of it was a fault of ours", () => assert.deepEqual(test.faults, []));
  });
}
