/** Static files are answered in front of HTTP's parser where that is safe: nobody can tell, but by the time it takes. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import {
  createAccessLog,
  createMetrics,
  type InProcessServer,
  type Metrics,
  serveInProcess,
} from "../../src/server/index.ts";
import { createCatalogue, findHeldAnswer, serveStatic } from "../../src/static/index.ts";
import { makeTree } from "../static/tree.ts";

const css = "body { color: black }\n".repeat(40);
const large = "x".repeat(100_000);
const get = (fields = "", path = "/static/site.css"): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`;
/** Whether a request was left to the HTTP server is told by who answers: the listener says so in a field. */
const behind = "X-Behind: 1\r\n";

describe("static files in front of HTTP", { timeout: 30_000 }, () => {
  const directory = makeTree({ after }, { "site.css": css, "site.css.gz": css.slice(0, 100), "large.js": large });
  const catalogue = createCatalogue({ directories: [{ directory }] });
  const statics = serveStatic(catalogue);
  const lines: string[] = [];
  let metrics: Metrics;
  let fast: InProcessServer;
  let plain: InProcessServer;

  const serve = (isFast: boolean): Promise<InProcessServer> =>
    serveInProcess({
      ...{ host: "127.0.0.1", port: 0, keepAliveSeconds: 5, requestTimeoutSeconds: 60, drainSeconds: 1 },
      listener(request, response) {
        if (isFast) response.setHeader("X-Behind", "1");
        if (!statics(request, response)) response.writeHead(404, { "Content-Length": 4 }).end("none");
      },
      ...(isFast && {
        held: { prefix: "/static/", route: "(static)", find: findHeldAnswer(catalogue, "/static/") },
        metrics,
        accessLog: createAccessLog({
          ...{ format: "json", now: () => 0 },
          lines: { write: (line) => void lines.push(line), flush() {} },
        }),
      }),
    });
  before(async () => {
    metrics = createMetrics(() => 0);
    [fast, plain] = await Promise.all([serve(true), serve(false)]);
  });
  after(async () => {
    await Promise.all([fast.close(), plain.close()]);
  });

  /** What comes back to some packets, each sent when the one before was answered or read; the last one half-closes. */
  async function ask({ url }: InProcessServer, ...packets: readonly string[]): Promise<string> {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    const closed = once(socket, "close");
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      text += chunk;
    });
    socket.on("error", () => {});
    socket.setNoDelay(true);
    for (const [i, packet] of packets.entries()) {
      await new Promise((resolve) => socket.write(packet, "latin1", resolve));
      // The server is in this process: it has read the packet, and answered what can be answered, some turns of the loop later.
      for (let turn = 0; i < packets.length - 1 && turn < 8; turn++) await new Promise(setImmediate);
    }
    socket.end();
    await closed;
    return text.replace(/^Date: .*\r\n/gm, "");
  }
  const same = async (...packets: string[]): Promise<string> => {
    const [answer, expected] = await Promise.all([ask(fast, ...packets), ask(plain, ...packets)]);
    assert.equal(answer.replaceAll(behind, ""), expected);
    return answer;
  };

  for (const [what, packets] of Object.entries({
    "a file": [get()],
    "a file by its percent-encoded name": [get("", "/static/s%69te.css?v=1")],
    "the head of a file": [get().replace("GET", "HEAD")],
    "a compressed file": [get("Accept-Encoding: br;q=0.1, gzip\r\n")],
    "what the client has": [get("If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n")],
    "a file of two writes": [get("", "/static/large.js")],
    "one after the other": [get(), get("Accept-Encoding: gzip\r\n"), get()],
    "the fields of a browser": [
      get(
        'Connection: keep-alive\r\nUser-Agent: Mozilla/5.0 (X11)\r\nAccept: */*\r\nCookie: a=b; c="d"\r\nSec-Fetch-Dest: style\r\nEmpty:\r\n',
      ),
    ],
  }))
    it(`sends ${what} without HTTP's parser`, async () => {
      const answer = await same(...packets);
      assert.doesNotMatch(answer, /X-Behind/);
      assert.match(answer, /^HTTP\/1\.1 (200|304)/);
    });

  for (const [what, packets] of Object.entries({
    "a part of a file": [get("Range: bytes=0-9\r\n")],
    "a file that is not there": [get("", "/static/none.css")],
    "two requests in a packet": [get() + get()],
    "a request in pieces": [get().slice(0, 30), get().slice(30)],
    "a connection that ends": [get("Connection: close\r\n")],
    "another protocol": [get("Connection: Upgrade\r\nUpgrade: websocket\r\n")],
    "a version of old": [get("Connection: keep-alive\r\n").replace("HTTP/1.1", "HTTP/1.0")],
    "a length": [`${get("Content-Length: 5\r\n")}hello`],
    "a length of nothing": [get("Content-Length: 0\r\n")],
    chunks: [`${get("Transfer-Encoding: chunked\r\n")}0\r\n\r\n`],
    "a body that looks like a request": [get(`Content-Length: ${get().length}\r\n`), get()],
    "an expectation": [get("Expect: 100-continue\r\n")],
    "two hosts": [get("Host: other\r\n")],
    "no host": ["GET /static/site.css HTTP/1.1\r\nAccept: */*\r\n\r\n"],
    "a field twice": [get("Accept-Encoding: gzip\r\nAccept-Encoding: br\r\n")],
    "a field by a name that every object has": [get("__proto__: a\r\nConstructor: b\r\n")],
    "a line feed alone": [get("X-A: b\n")],
    "a return alone": [get("X-A: b\rX-C: d\r\n")],
    "a field over two lines": [get("X-A: b\r\n c\r\n")],
    "a space before the colon": [get("X-A : b\r\n")],
    "a null character": [get("X-A: \0\r\n")],
    "letters beyond ASCII": [get("X-A: \xe9\r\n")],
    "two spaces": [get().replace(" /", "  /")],
    "a whole URL": [get("", "http://localhost/static/site.css")],
    "another method": [get().replace("GET", "DELETE")],
    "a head of more than 16 kB": [get(`X-A: ${"a".repeat(17_000)}\r\n`)],
    "a line before it": [`\r\n${get()}`],
    "something else, and a file behind it": [get("", "/elsewhere"), get()],
  }))
    it(`leaves ${what} to HTTP's parser, and answers the same`, async () => {
      assert.doesNotMatch(
        (await same(...packets)).replace(/X-Behind: 1/, ""),
        /^HTTP\/1\.1 \d+ [\w ]+\r\nContent-Type: text\/css/,
      );
    });

  it("answers every packet as it would without", async () => {
    const pieces = [
      ...[
        "GET ",
        "HEAD ",
        "POST ",
        "/static/site.css",
        "/static/none",
        "/",
        " HTTP/1.1",
        " HTTP/1.0",
        "\r\n",
        "\n",
        "\r",
        "\r\n\r\n",
      ],
      ...[
        "Host: a",
        "Host: b",
        "Accept-Encoding: gzip",
        "Content-Length: 3",
        "Connection: close",
        "X: y",
        " ",
        ":",
        "\0",
        "\t",
        "é",
      ],
    ];
    const noise = fc.record({ at: fc.nat(60), cut: fc.nat(3), put: fc.constantFrom("", ...pieces) });
    await fc.assert(
      fc.asyncProperty(fc.array(noise, { maxLength: 3 }), fc.boolean(), async (changes, isTwice) => {
        let packet = get("Accept-Encoding: gzip\r\n");
        for (const { at, cut, put } of changes) packet = packet.slice(0, at) + put + packet.slice(at + cut);
        await same(...(isTwice ? [get(), packet] : [packet]));
      }),
      { numRuns: 150 },
    );
  });

  it("counts and logs what it answers", async () => {
    lines.length = 0;
    const before = metrics.series().find(({ route }) => route === "(static)")?.statuses[304] ?? 0;
    const answer = await ask(fast, get("If-None-Match: *\r\n", "/static/site.css?token=secret"));
    assert.equal(metrics.series().find(({ route }) => route === "(static)")?.statuses[304], before + 1);
    const { bytes, ...line } = JSON.parse(lines[0] ?? "{}");
    assert.deepEqual(line, {
      ...{ time: "1970-01-01T00:00:00.000Z", remote: "127.0.0.1", method: "GET", path: "/static/site.css" },
      ...{ status: 304, duration_ms: 0 },
    });
    assert.equal(bytes, answer.length + "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n".length);
  });

  it("ends connections as it drains: idle ones at once, others with their answer", async () => {
    const server = await serve(true);
    const [idle, busy] = [0, 0].map(() => connect(Number(new URL(server.url).port), "127.0.0.1"));
    assert.ok(idle && busy);
    for (const socket of [idle, busy]) {
      socket.write(get());
      await once(socket, "data");
    }
    const ends = [idle, busy].map((socket) => once(socket, "close"));
    await server.close();
    await Promise.all(ends);
  });

  it("leaves who does not read to the HTTP server, and loses nothing of what was asked", async () => {
    const inFront = () => metrics.series().find(({ route }) => route === "(static)")?.statuses[200] ?? 0;
    const [asked, started] = [1000, inFront()];
    const socket = connect(Number(new URL(fast.url).port), "127.0.0.1");
    for (let i = 0; i < asked; i++) await new Promise((resolve) => socket.write(get("", "/static/large.js"), resolve));
    let bytes = 0;
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      if (bytes > asked * large.length) socket.end();
    });
    await once(socket, "close");
    assert.ok(bytes > asked * large.length);
    // As many as the system's buffers hold.
    assert.ok(inFront() - started < asked / 4, `${inFront() - started} answers`);
  });
});
