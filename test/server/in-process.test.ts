import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { ConfigurationError } from "../../src/errors.ts";
import {
  type AccessLog,
  createAccessLog,
  createMetrics,
  type InProcessOptions,
  type InProcessServer,
  serveInProcess,
} from "../../src/server/index.ts";
import { ask } from "./running.ts";

const defaults = { host: "127.0.0.1", port: 0, keepAliveSeconds: 5, requestTimeoutSeconds: 60 };

async function serve(
  t: TestContext,
  listener: RequestListener,
  options: Partial<InProcessOptions> = {},
): Promise<InProcessServer> {
  const server = await serveInProcess({ ...defaults, ...options, listener });
  t.after(() => server.close());
  return server;
}

/** A raw connection; gives what comes back until it closes. */
async function send(
  url: string,
  text: string,
): Promise<{ readonly socket: Socket; readonly received: Promise<string> }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk;
  });
  socket.on("error", () => {});
  socket.write(text);
  return { socket, received: once(socket, "close").then(() => received) };
}

describe("a server in this process", { timeout: 20_000 }, () => {
  it("serves where it says, and not after it is closed", async (t) => {
    let isClosed = false;
    const close = async () => {
      isClosed = true;
    };
    const server = await serve(t, (_request, response) => response.end("hello"), { close });
    assert.equal(await (await ask(server.url)).body, "hello");
    await server.close();
    assert.equal(isClosed, true);
    await assert.rejects(ask(server.url), { code: "ECONNREFUSED" });
  });

  it("finishes what is in flight when it closes, and tells the client to go", async (t) => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<() => void>();
    const server = await serve(t, (_request, response) => arrive(() => response.end("late")));
    const answer = ask(server.url);
    const finish = await arrived;
    const closed = server.close();
    finish();
    const { connection, body } = await answer;
    assert.deepEqual([connection, await body], ["close", "late"]);
    await closed;
  });

  it("closes idle connections when it closes", async (t) => {
    const server = await serve(t, (_request, response) => response.end("x"));
    const { socket, received } = await send(server.url, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    await once(socket, "data");
    await server.close();
    assert.match(await received, /^HTTP\/1\.1 200 OK/);
  });

  it("does not wait for connections that never say anything", async (t) => {
    const server = await serve(t, (_request, response) => response.end("x"), { drainSeconds: 600 });
    const { received } = await send(server.url, "");
    await (await ask(server.url)).body;
    await server.close();
    assert.equal(await received, "");
  });

  it("keeps no connection with a keep-alive of 0", async (t) => {
    const server = await serve(t, (_request, response) => response.end("x"), { keepAliveSeconds: 0 });
    assert.equal((await ask(server.url)).connection, "close");
  });

  it("refuses headers that are too large and requests that are none", async (t) => {
    const server = await serve(t, (_request, response) => response.end("x"));
    const large = await send(server.url, `GET / HTTP/1.1\r\nHost: h\r\nX: ${"x".repeat(17_000)}\r\n\r\n`);
    assert.match(await large.received, /^HTTP\/1\.1 431 /);
    const nonsense = await send(server.url, "nonsense\r\n\r\n");
    assert.match(await nonsense.received, /^HTTP\/1\.1 400 /);
  });

  it("tells of requests that are none in the access log and the metrics, with the id that the client is told", async (t) => {
    const lines: string[] = [];
    const metrics = createMetrics();
    const server = await serve(t, (_request, response) => response.end("x"), {
      metrics,
      accessLog: createAccessLog({
        ...{ format: "json", now: () => 0, steadyNow: () => 0, idOf: () => "id-1" },
        lines: { write: (line) => void lines.push(line), flush() {} },
      }),
      requestIdOf: () => "id-1",
    });
    const { received } = await send(server.url, "nonsense\r\n\r\n");
    assert.match(await received, /^HTTP\/1\.1 400 Bad Request\r\nX-Request-Id: id-1\r\nConnection: close\r\n\r\n$/);
    const { bytes, ...line } = JSON.parse(lines[0] ?? "{}");
    assert.ok(bytes > 0);
    assert.deepEqual(line, {
      ...{ time: "1970-01-01T00:00:00.000Z", remote: "127.0.0.1", method: "", path: "", status: 400, duration_ms: 0 },
      request_id: "id-1",
    });
    assert.deepEqual(metrics.series()[0]?.statuses, { 400: 1 });
    const silent = await send(server.url, "");
    silent.socket.end();
    await silent.received;
    assert.equal(lines.length, 1);
    for (const [status, head] of [
      [400, "GET /x HTTP/1.1\r\n\r\n"],
      [417, "POST /x HTTP/1.1\r\nHost: h\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n"],
    ] as const) {
      const { received } = await send(server.url, head);
      const answer = await received;
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} .*\r\nx-request-id: id-1\r\n`, "is"));
      assert.match(answer, /\r\nconnection: close\r\n/i);
      const { path, status: told, request_id } = JSON.parse(lines.at(-1) ?? "{}");
      assert.deepEqual([path, told, request_id], ["/x", status, "id-1"]);
    }
    const old = await send(server.url, "GET /x HTTP/1.0\r\n\r\n");
    assert.match(await old.received, /^HTTP\/1\.1 200 OK/, "HTTP/1.0 knows no Host");
  });

  it("says in one line that a port is taken or a host is not here", async (t) => {
    const { url } = await serve(t, (_request, response) => response.end());
    const port = Number(new URL(url).port);
    const refused = (options: Partial<InProcessOptions>, message: RegExp) =>
      assert.rejects(serveInProcess({ ...defaults, ...options, listener: () => {} }), (error) => {
        assert.ok(error instanceof ConfigurationError);
        assert.match(error.message, message);
        return true;
      });
    await refused({ port }, new RegExp(`^HOST=127\\.0\\.0\\.1 PORT=${port}: expected a free port`));
    await refused({ host: "192.0.2.1" }, /expected a host that is an address of this machine/);
  });
});

describe("the access log", { timeout: 20_000 }, () => {
  /** Serves with a log; `next` gives the next line. */
  async function serveLogged(
    t: TestContext,
    format: "json" | "readable",
    listener: (log: AccessLog) => RequestListener,
    hasQuery = false,
  ) {
    const { promise: next, resolve } = Promise.withResolvers<string>();
    let time = 0;
    const now = () => {
      time += 1.5;
      return time;
    };
    const lines = { write: resolve, flush() {} };
    const accessLog = createAccessLog({ format, lines, now: () => 1, steadyNow: now, hasQuery });
    const server = await serve(t, listener(accessLog), { accessLog });
    return { url: server.url, next };
  }
  const plain = (): RequestListener => (_request, response) => {
    response.setHeader("x-request-id", "r-1");
    response.statusCode = 201;
    response.end("hello");
  };

  it("has one JSON line a request, without its query", async (t) => {
    const { url, next } = await serveLogged(t, "json", plain);
    await (await ask(`${url}/api/?token=secret`)).body;
    const { bytes, ...line } = JSON.parse(await next);
    assert.deepEqual(line, {
      time: "1970-01-01T00:00:00.001Z",
      remote: "127.0.0.1",
      method: "GET",
      path: "/api/",
      status: 201,
      duration_ms: 1.5,
      request_id: "r-1",
    });
    assert.ok(bytes > "hello".length, "headers count too");
  });

  it("has a readable line, with the query where that is wanted", async (t) => {
    const { url, next } = await serveLogged(t, "readable", plain, true);
    await (await ask(`${url}/api/?page=2`)).body;
    assert.match(await next, /^1970-01-01T00:00:00\.001Z 127\.0\.0\.1 GET \/api\/\?page=2 201 \d+ B 1\.5 ms id=r-1$/);
  });

  it("names the user that the app noted", async (t) => {
    const { url, next } = await serveLogged(t, "json", (log) => (_request, response) => {
      log.noteUser(response, 7);
      response.end();
    });
    await ask(url);
    assert.equal(JSON.parse(await next).user, 7);
  });

  it("says that a client went away before its answer", async (t) => {
    const { url, next } = await serveLogged(t, "json", () => (request) => request.socket.destroy());
    await assert.rejects(ask(url));
    const { status, aborted } = JSON.parse(await next);
    assert.deepEqual([status, aborted], [499, true]);
  });

  it("escapes what a client could forge lines or terminal sequences with", async (t) => {
    for (const format of ["json", "readable"] as const) {
      const { url, next } = await serveLogged(t, format, (log) => (_request, response) => {
        // As an app does that takes over the id a proxy sent; Node refuses control characters only below 0x20.
        response.setHeader("x-request-id", "r\u009b31m");
        log.noteUser(response, 'a\n2030-01-01 forged"');
        response.end();
      });
      await (await send(url, 'GET /m"\\ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')).received;
      const line = await next;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
      assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f]/);
      assert.match(line, /r\\u009b31m/);
      if (format === "readable") continue;
      const { path, user, request_id } = JSON.parse(line);
      assert.deepEqual([path, user, request_id], ['/m"\\', 'a\n2030-01-01 forged"', "r\u009b31m"]);
    }
  });

  it("leaves out the host and password of an absolute request target", async (t) => {
    const { url, next } = await serveLogged(t, "json", plain);
    await (await send(url, "GET http://u:p@h/x?y HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")).received;
    assert.equal(JSON.parse(await next).path, "/x");
  });
});
