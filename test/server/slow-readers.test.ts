/** Clients that do not read: their answers are not kept for ever, and whoever reads is not disturbed. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server, type Http2ServerResponse } from "node:http2";
import { connect } from "node:net";
import { test } from "node:test";
import { cutSlowReaders } from "../../src/server/slow-readers.ts";

test("a client that reads nothing is cut; one that waits for an answer that pauses is not", async (t) => {
  const inFlight = new Set<ServerResponse>();
  const large = Promise.withResolvers<ServerResponse>();
  const pausing = Promise.withResolvers<ServerResponse>();
  const server = createServer((request, response) => {
    inFlight.add(response);
    response.on("close", () => inFlight.delete(response));
    if (request.url === "/large") {
      response.end(Buffer.alloc(32 * 1024 * 1024));
      large.resolve(response);
    } else {
      response.write("begun ");
      pausing.resolve(response);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const end = cutSlowReaders(inFlight, 0.1, 10);
  t.after(() => {
    end();
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const ask = (path: string) => {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    return socket;
  };
  const patient = ask("/pausing");
  const slow = ask("/large").pause();
  const response = await large.promise;
  await once(response, "close");
  assert.equal(response.writableFinished, false);
  slow.destroy();
  // It paused for as long as the other one was let wait.
  (await pausing.promise).end("and ended");
  let text = "";
  for await (const chunk of patient) text += chunk;
  assert.match(text, /begun [\s\S]*and ended/);
});

test("a stream of HTTP/2 that nobody reads is cut, and the others of its connection go on", async (t) => {
  const inFlight = new Set<Http2ServerResponse>();
  const server = createHttp2Server((request, response) => {
    inFlight.add(response);
    response.on("close", () => inFlight.delete(response));
    response.end(request.url === "/large" ? Buffer.alloc(8 * 1024 * 1024) : "small");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const session = connectHttp2(`http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`);
  const end = cutSlowReaders(inFlight, 0.1, 10);
  t.after(() => {
    end();
    session.destroy();
    server.close();
  });
  const slow = session.request({ ":path": "/large" });
  slow.on("error", () => undefined);
  await once(slow, "response");
  const [large] = inFlight;
  assert.ok(large);
  await once(large, "close");
  let text = "";
  for await (const chunk of session.request({ ":path": "/small" })) text += chunk;
  assert.equal(text, "small");
});
