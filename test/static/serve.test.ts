import assert from "node:assert/strict";
import { once } from "node:events";
import { renameSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import http from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { brotliDecompressSync, gunzipSync, gzipSync, zstdDecompressSync } from "node:zlib";
import { type CatalogueOptions, collect, createCatalogue, serveStatic, urlOf } from "../../src/static/index.ts";
import { addFile, makeTree, newYear } from "./tree.ts";

const long = "body { color: rebeccapurple }\n".repeat(200);
/** Of 20 bytes, changed at the start of 2024. */
const etag = '"65920080-14"';

interface Answer {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Serves a directory on a free port; the application behind it answers 404 `application`. */
async function serve(test: TestContext, directory: string, options: Partial<CatalogueOptions> = {}) {
  const catalogue = createCatalogue({ directories: [{ directory }], ...options });
  const errors: Error[] = [];
  const handle = serveStatic(catalogue, {
    ...{ prefix: "/static/", requestIdOf: () => "id-1" },
    onError: (error) => errors.push(error),
  });
  const server = http.createServer((request, response) => {
    if (!handle(request, response)) response.writeHead(404).end("application");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const agent = new http.Agent({ keepAlive: true });
  test.after(() => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  const ask = async (path: string, headers: http.OutgoingHttpHeaders = {}, method = "GET"): Promise<Answer> => {
    const request = http.request({ port, host: "127.0.0.1", path, method, headers, agent }).end();
    const [response]: [http.IncomingMessage] = await once(request, "response").then(([first]) => [first]);
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(await response.toArray()) };
  };
  return { ask, catalogue, errors, port, server };
}

/** Both ways a file is sent: from memory, and streamed. */
const modes: readonly [name: string, options: Partial<CatalogueOptions>][] = [
  ["held in memory", {}],
  ["streamed", { maxMemoryFileBytes: 0 }],
];

for (const [mode, options] of modes) {
  describe(`a file ${mode}`, () => {
    test("is sent with the headers of WhiteNoise", async (t) => {
      const { ask } = await serve(t, makeTree(t, { "hello.txt": "hello, static world\n" }), options);
      const { status, headers, body } = await ask("/static/hello.txt?v=1");
      assert.equal(status, 200);
      assert.equal(body.toString(), "hello, static world\n");
      const { date, connection, "keep-alive": _, ...rest } = headers;
      assert.deepEqual(rest, {
        "content-type": 'text/plain; charset="utf-8"',
        "cache-control": "max-age=60, public",
        "access-control-allow-origin": "*",
        "accept-ranges": "bytes",
        "last-modified": "Mon, 01 Jan 2024 00:00:00 GMT",
        etag,
        "content-length": "20",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
      });
    });

    test("answers HEAD with the same headers and no body", async (t) => {
      const { ask } = await serve(t, makeTree(t, { "data.json": "{}\n" }), options);
      const { status, headers, body } = await ask("/static/data.json", {}, "HEAD");
      assert.equal(status, 200);
      assert.equal(headers["content-type"], "application/json");
      assert.equal(headers["content-length"], "3");
      assert.equal(body.length, 0);
    });

    const ranges: readonly [range: string, status: number, contentRange: string | undefined, body: string][] = [
      ["bytes=0-4", 206, "bytes 0-4/10", "01234"],
      ["bytes=0-0", 206, "bytes 0-0/10", "0"],
      ["bytes=7-", 206, "bytes 7-9/10", "789"],
      ["bytes=-3", 206, "bytes 7-9/10", "789"],
      ["bytes=-99", 206, "bytes 0-9/10", "0123456789"],
      ["bytes=5-99999999999999999999", 206, "bytes 5-9/10", "56789"],
      ["bytes=900-", 416, "bytes */10", ""],
      ["bytes=10-", 416, "bytes */10", ""],
      ["bytes=5-2", 416, "bytes */10", ""],
      ["bytes=-0", 416, "bytes */10", ""],
      ["bytes=0-1,4-5", 200, undefined, "0123456789"],
      ["bytes=-", 200, undefined, "0123456789"],
      ["bytes=a-b", 200, undefined, "0123456789"],
      ["lines=0-4", 200, undefined, "0123456789"],
    ];
    for (const [range, status, contentRange, text] of ranges) {
      test(`answers Range: ${range} with ${status}`, async (t) => {
        const { ask } = await serve(t, makeTree(t, { "a.txt": "0123456789" }), options);
        const answer = await ask("/static/a.txt", { Range: range });
        assert.equal(answer.status, status);
        assert.equal(answer.headers["content-range"], contentRange);
        assert.equal(answer.headers["content-length"], String(text.length));
        assert.equal(answer.body.toString(), text);
        assert.equal(answer.headers["content-type"], status === 416 ? undefined : 'text/plain; charset="utf-8"');
      });
    }

    test("has its range ignored for HEAD, and where If-Range names another version", async (t) => {
      const { ask } = await serve(t, makeTree(t, { "a.txt": "x".repeat(20) }), options);
      const Range = "bytes=0-4";
      assert.equal((await ask("/static/a.txt", { Range }, "HEAD")).status, 200);
      assert.equal((await ask("/static/a.txt", { Range, "If-Range": etag })).status, 206);
      assert.equal((await ask("/static/a.txt", { Range, "If-Range": newYear.toUTCString() })).status, 206);
      assert.equal((await ask("/static/a.txt", { Range, "If-Range": '"other"' })).status, 200);
      assert.equal((await ask("/static/a.txt", { Range, "If-Range": "Mon, 01 Jan 2001 00:00:00 GMT" })).status, 200);
    });

    test("may be empty", async (t) => {
      const { ask } = await serve(t, makeTree(t, { "a.txt": "" }), options);
      const { status, headers, body } = await ask("/static/a.txt");
      assert.deepEqual([status, headers["content-length"], body.length], [200, "0", 0]);
      assert.equal((await ask("/static/a.txt", { Range: "bytes=0-" })).status, 416);
    });
  });
}

describe("asking for one version of a file", () => {
  const [now, before] = [newYear.toUTCString(), "Sun, 31 Dec 2023 23:59:59 GMT"];
  const cases: readonly [what: string, headers: http.OutgoingHttpHeaders, status: number][] = [
    ["its ETag", { "If-Match": etag }, 200],
    ["its ETag among others", { "If-Match": `"a", ${etag}` }, 200],
    ["any ETag", { "If-Match": "*" }, 200],
    ["another ETag", { "If-Match": '"other"' }, 412],
    ["its ETag as a weak one", { "If-Match": `W/${etag}` }, 412],
    ["its date", { "If-Unmodified-Since": now }, 200],
    ["an earlier date", { "If-Unmodified-Since": before }, 412],
    ["no readable date", { "If-Unmodified-Since": "yesterday" }, 200],
    ["its ETag, which counts before an earlier date", { "If-Match": etag, "If-Unmodified-Since": before }, 200],
    ["its ETag, which it also has", { "If-Match": etag, "If-None-Match": etag }, 304],
    ["another ETag, though it has this one", { "If-Match": '"other"', "If-None-Match": etag }, 412],
    ["its ETag and a part", { "If-Match": etag, Range: "bytes=0-3" }, 206],
    ["another ETag and no part of it", { "If-Match": '"other"', Range: "bytes=99-" }, 412],
  ];
  test("is answered in the order of RFC 9110 13.2.2", async (t) => {
    const { ask } = await serve(t, makeTree(t, { "a.txt": "x".repeat(20) }));
    for (const [what, headers, status] of cases) {
      const answer = await ask("/static/a.txt", headers);
      assert.equal(answer.status, status, what);
      if (status === 412) assert.deepEqual([answer.headers["content-length"], answer.body.length], ["0", 0], what);
      if (status !== 206) assert.equal((await ask("/static/a.txt", headers, "HEAD")).status, status, `HEAD, ${what}`);
    }
  });
});

describe("asking whether a file is new", () => {
  const cases: readonly [what: string, headers: http.OutgoingHttpHeaders, status: number][] = [
    ["its ETag", { "If-None-Match": etag }, 304],
    ["its ETag among others", { "If-None-Match": `"a", W/${etag}` }, 304],
    ["any ETag", { "If-None-Match": "*" }, 304],
    ["another ETag", { "If-None-Match": '"other"' }, 200],
    ["another ETag but a fresh date", { "If-None-Match": '"other"', "If-Modified-Since": newYear.toUTCString() }, 200],
    ["its date", { "If-Modified-Since": newYear.toUTCString() }, 304],
    ["a later date", { "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT" }, 304],
    ["an earlier date", { "If-Modified-Since": "Sun, 31 Dec 2023 23:59:59 GMT" }, 200],
    ["a year alone", { "If-Modified-Since": "2099" }, 200],
    ["a date of another form", { "If-Modified-Since": "2099-01-01T00:00:00Z" }, 200],
    ["no readable date", { "If-Modified-Since": "yesterday" }, 200],
  ];
  for (const [what, headers, status] of cases) {
    test(`with ${what}: ${status}`, async (t) => {
      const { ask } = await serve(t, makeTree(t, { "a.txt": "x".repeat(20) }));
      assert.equal((await ask("/static/a.txt", headers)).status, status);
    });
  }

  test("is answered without body and type, but with ETag and cache time", async (t) => {
    const { ask } = await serve(t, makeTree(t, { "a.txt": "x".repeat(20) }));
    const { headers, body } = await ask("/static/a.txt", { "If-None-Match": etag });
    assert.equal(body.length, 0);
    assert.equal(headers["content-type"], undefined);
    assert.equal(headers["content-length"], undefined);
    assert.equal(headers.etag, etag);
    assert.equal(headers["cache-control"], "max-age=60, public");
  });
});

describe("a compressed file", () => {
  const collected = async (t: TestContext) => {
    const target = makeTree(t);
    const now = () => newYear.getTime();
    await collect({ sources: [{ directory: makeTree(t, { "css/site.css": long, "tiny.txt": "a" }) }], target, now });
    return target;
  };
  const cases: readonly [accept: string, encoding: string | undefined][] = [
    ["gzip, deflate, br", "br"],
    ["gzip", "gzip"],
    ["GZIP", "gzip"],
    ["x-gzip", "gzip"],
    ["br;q=0.5, gzip", "gzip"],
    ["br;q=0, gzip;q=0", undefined],
    ["gzip;q=0.5", "gzip"],
    ["gzip;q=0.5, identity", undefined],
    ["identity;q=0, br", "br"],
    ["identity;q=0", undefined],
    ["identity;q=0, *", "br"],
    ["identity;q=0, br;q=0, *;q=0.1", "zstd"],
    ["*;q=0", undefined],
    ["*;q=0, gzip", "gzip"],
    ["gzip;q=0, *", undefined],
    ["*;q=0.5, gzip;q=0.9", "gzip"],
    ["gzip;q=0.5, *", undefined],
    ["gzip;q=2", undefined],
    ["notgzip, brr", undefined],
    ["*", undefined],
    ["", undefined],
  ];
  for (const [accept, encoding] of cases) {
    test(`is sent as ${encoding ?? "it is"} to "${accept}"`, async (t) => {
      const { ask } = await serve(t, await collected(t));
      const { headers, body } = await ask("/static/css/site.css", { "Accept-Encoding": accept });
      assert.equal(headers["content-encoding"], encoding);
      assert.equal(headers["content-length"], String(body.length));
      assert.equal(headers.vary, "Accept-Encoding");
      const decode =
        { br: brotliDecompressSync, gzip: gunzipSync, zstd: zstdDecompressSync }[encoding ?? ""] ??
        ((bytes: Buffer) => bytes);
      assert.equal(decode(body).toString(), long);
    });
  }

  test("has an ETag of its own for each encoding", async (t) => {
    const { ask } = await serve(t, await collected(t));
    const etagFor = async (accept: string) =>
      (await ask("/static/css/site.css", { "Accept-Encoding": accept })).headers.etag;
    const [plain, gzip] = [await etagFor("identity"), await etagFor("gzip")];
    assert.notEqual(plain, gzip);
    const again = { "Accept-Encoding": "gzip", "If-None-Match": gzip };
    assert.equal((await ask("/static/css/site.css", again)).status, 304);
    assert.equal((await ask("/static/css/site.css", { ...again, "If-None-Match": plain })).status, 200);
  });

  test("is not to be had under its own name, and a file without variants has no Vary", async (t) => {
    const { ask } = await serve(t, await collected(t));
    assert.equal((await ask("/static/css/site.css.gz")).status, 404);
    assert.equal((await ask("/static/tiny.txt")).headers.vary, undefined);
  });

  test("that is older than its file is not used", async (t) => {
    const directory = makeTree(t, { "a.txt": long });
    addFile(directory, "a.txt.gz", "stale", new Date(newYear.getTime() - 2000));
    const { ask } = await serve(t, directory);
    assert.equal((await ask("/static/a.txt", { "Accept-Encoding": "gzip" })).body.toString(), long);
  });
});

describe("a hashed name", () => {
  const collectTree = async (t: TestContext) => {
    const target = makeTree(t);
    const directory = makeTree(t, { "css/my site.css": "a{}", "lib.0123456789ab.js": "x" });
    await collect({ sources: [{ directory }], target, now: () => newYear.getTime() });
    return target;
  };

  test("is linked by urlOf, and served as unchanging", async (t) => {
    const { ask, catalogue } = await serve(t, await collectTree(t));
    const url = urlOf(catalogue, "css/my site.css");
    assert.equal(url, "/static/css/my%20site.307cc22fa776.css");
    const { status, headers, body } = await ask(url);
    assert.equal(status, 200);
    assert.equal(body.toString(), "a{}");
    assert.equal(headers["cache-control"], "max-age=315360000, public, immutable");
    const plain = await ask("/static/css/my%20site.css");
    assert.equal(plain.headers["cache-control"], "max-age=60, public");
  });

  test("is one by the manifest, not by its look", async (t) => {
    const { ask } = await serve(t, await collectTree(t));
    assert.equal((await ask("/static/lib.0123456789ab.js")).headers["cache-control"], "max-age=60, public");
  });
});

describe("what is no static file", () => {
  const outside = [
    "/static/../secret.txt",
    "/static/%2e%2e/secret.txt",
    "/static/..%2fsecret.txt",
    "/static/%2e%2e%2fsecret.txt",
    "/static/%252e%252e/secret.txt",
    "/static/..%5csecret.txt",
    "/static/a/../../secret.txt",
    "/static//secret.txt",
    "/static/a.txt%00",
    "/static/a.txt/",
    "/static/%",
    "/static/%ff",
    "/static/.env",
    "/static/staticfiles.json",
    "/static/constructor",
    "/static/__proto__",
    "/static/",
    "/static",
    "/staticx/a.txt",
    "/a.txt",
  ];
  for (const path of outside) {
    test(`is left to the application: ${path}`, async (t) => {
      const root = makeTree(t, { "secret.txt": "s", "open/a.txt": "a", "open/.env": "s" });
      addFile(root, "open/staticfiles.json", '{"paths": {}, "version": "1.0"}');
      const { ask } = await serve(t, join(root, "open"));
      const { status, body } = await ask(path);
      assert.deepEqual([status, body.toString()], [404, "application"]);
    });
  }

  test("other methods on a file are refused, on anything else they are the application's", async (t) => {
    const { ask } = await serve(t, makeTree(t, { "a.txt": "a" }));
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const { status, headers, body } = await ask("/static/a.txt", {}, method);
      assert.deepEqual([status, headers.allow, headers["content-type"], body.length], [405, "GET, HEAD", undefined, 0]);
      assert.equal((await ask("/static/b.txt", {}, method)).status, 404);
    }
  });

  test("a refusal has the id of its request, and an answer needs none", async (t) => {
    const { ask } = await serve(t, makeTree(t, { "a.txt": "a" }));
    const idOf = async (headers: http.OutgoingHttpHeaders, method?: string) => {
      const answer = await ask("/static/a.txt", headers, method);
      return [answer.status, answer.headers["x-request-id"]];
    };
    assert.deepEqual(await idOf({}, "POST"), [405, "id-1"]);
    assert.deepEqual(await idOf({ "If-Match": '"other"' }), [412, "id-1"]);
    assert.deepEqual(await idOf({ Range: "bytes=9-" }), [416, "id-1"]);
    assert.deepEqual(await idOf({}), [200, undefined]);
  });

  test("an encoded name finds its file", async (t) => {
    const { ask } = await serve(t, makeTree(t, { "é 100%.txt": "found" }));
    assert.equal((await ask("/static/%C3%A9%20100%25.txt")).body.toString(), "found");
  });
});

describe("in development", () => {
  test("two versions within one second have two ETags", async (t) => {
    const directory = makeTree(t);
    const { ask } = await serve(t, directory, { looksAgain: true });
    const save = async (text: string, milliseconds: number) => {
      addFile(directory, "a.txt", text, new Date(newYear.getTime() + milliseconds));
      return ask("/static/a.txt");
    };
    const before = await save("one", 100);
    const after = await save("two", 101);
    assert.deepEqual([before.body.toString(), after.body.toString()], ["one", "two"]);
    assert.notEqual(before.headers.etag, after.headers.etag);
    assert.equal((await ask("/static/a.txt", { "If-None-Match": before.headers.etag })).status, 200);
  });

  test("a variant that is new, changed or gone is seen at once, and a file that hides another", async (t) => {
    const [first, second] = [makeTree(t), makeTree(t, { "a.txt": long })];
    const { ask } = await serve(t, first, {
      directories: [{ directory: first, prefix: "own" }, { directory: first }, { directory: second }],
      looksAgain: true,
    });
    const gzipped = () => ask("/static/a.txt", { "Accept-Encoding": "gzip" });
    assert.equal((await gzipped()).headers["content-encoding"], undefined);
    addFile(second, "a.txt.gz", gzipSync(long));
    const level9 = await gzipped();
    assert.equal(gunzipSync(level9.body).toString(), long);
    addFile(second, "a.txt.gz", gzipSync(long, { level: 1 }));
    assert.notEqual((await gzipped()).headers.etag, level9.headers.etag);
    rmSync(join(second, "a.txt.gz"));
    assert.equal((await gzipped()).body.toString(), long);
    addFile(first, "a.txt", "hides the other");
    assert.equal((await gzipped()).body.toString(), "hides the other");
  });

  test("a link that leads out of the folder is told, and ends nothing", async (t) => {
    const directory = makeTree(t, { "a.txt": "a" });
    const outside = makeTree(t, { "secret.txt": "secret" });
    const { ask, errors } = await serve(t, directory, { looksAgain: true });
    symlinkSync(join(outside, "secret.txt"), join(directory, "b.txt"));
    assert.equal((await ask("/static/b.txt")).status, 503);
    assert.match(errors[0]?.message ?? "", /b\.txt/);
    rmSync(join(directory, "b.txt"));
    assert.equal((await ask("/static/a.txt")).status, 200);
  });
});

describe("a large file", () => {
  const size = 8 * 1024 * 1024;
  const large = () => Buffer.alloc(size, "0123456789abcdef");

  test("arrives whole, and the connection is good for the next request", async (t) => {
    const { ask, catalogue } = await serve(t, makeTree(t, { "large.bin": large() }));
    assert.equal(catalogue.find("large.bin")?.representations[0]?.body, undefined);
    assert.equal((await ask("/static/large.bin")).body.equals(large()), true);
    const part = await ask("/static/large.bin", { Range: "bytes=4194300-4194309" });
    assert.equal(part.body.toString(), "cdef012345");
  });

  test("is read no further when the client leaves", async (t) => {
    const { port, server, errors, ask } = await serve(t, makeTree(t, { "large.bin": large() }));
    const answered = once(server, "request");
    const client = connect(port, "127.0.0.1");
    client.write("GET /static/large.bin HTTP/1.1\r\nHost: x\r\n\r\n");
    const [, response] = await answered;
    await once(client, "data");
    client.destroy();
    await once(response, "close");
    assert.equal(response.writableFinished, false);
    assert.equal((await ask("/static/large.bin", { Range: "bytes=0-3" })).body.toString(), "0123");
    assert.deepEqual(errors, []);
  });

  test("waits for a client that does not read", async (t) => {
    const { port, server } = await serve(t, makeTree(t, { "large.bin": Buffer.alloc(64 * 1024 * 1024) }));
    const answered = once(server, "request");
    const client = connect(port, "127.0.0.1");
    client.pause();
    client.write("GET /static/large.bin HTTP/1.1\r\nHost: x\r\n\r\n");
    const [, response]: http.ServerResponse[] = await answered;
    while (response && !response.writableNeedDrain) await new Promise(setImmediate);
    assert.ok(response && response.writableLength < 1024 * 1024);
    client.destroy();
  });

  test("that becomes shorter on the way is cut off, not ended as if it were whole", async (t) => {
    const directory = makeTree(t, { "large.bin": Buffer.alloc(64 * 1024 * 1024) });
    const { port, server, errors } = await serve(t, directory);
    const answered = once(server, "request");
    const client = connect(port, "127.0.0.1");
    client.pause();
    client.write("GET /static/large.bin HTTP/1.1\r\nHost: x\r\n\r\n");
    const [, response]: http.ServerResponse[] = await answered;
    while (response && !response.writableNeedDrain) await new Promise(setImmediate);
    truncateSync(join(directory, "large.bin"), 1024);
    client.resume().on("error", () => {});
    await once(client, "close");
    assert.match(String(errors[0]), /became shorter while it was sent/);
  });

  test("that is gone or was replaced since the start is refused and reported", async (t) => {
    const directory = makeTree(t, { "gone.bin": large(), "new.bin": large() });
    const { ask, errors, catalogue } = await serve(t, directory);
    rmSync(join(directory, "gone.bin"));
    addFile(directory, "other", "shorter", new Date(newYear.getTime() + 1000));
    renameSync(join(directory, "other"), join(directory, "new.bin"));
    const { status, headers } = await ask("/static/gone.bin");
    assert.deepEqual([status, headers["cache-control"], headers["content-type"]], [503, "no-store", undefined]);
    assert.equal((await ask("/static/new.bin")).status, 503);
    assert.equal(errors.length, 2);
    assert.match(String(errors[1]), /new\.bin: changed since the server started/);
    catalogue.reload();
    assert.equal((await ask("/static/new.bin")).body.toString(), "shorter");
    assert.equal((await ask("/static/gone.bin")).status, 404);
  });
});

test("a prefix without / at both ends is a fault of the caller", () => {
  const catalogue = createCatalogue({ directories: [] });
  assert.throws(() => serveStatic(catalogue, { prefix: "static/" }), TypeError);
  assert.throws(() => serveStatic(catalogue, { prefix: "/static" }), TypeError);
});
