/** The load of the bench: it counts answers, and refuses the first that is not as expected. */
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { runLoad } from "../../bench/load.ts";

const good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/** A server that calls `answer` for each request. */
async function serve(t: TestContext, answer: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => socket.on("error", () => {}).on("data", () => answer(socket)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}

const order = (port: number, seconds = 0) => ({
  port,
  request: "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
  connections: 3,
  seconds,
  status: 200,
  bodyBytes: 2,
});

describe("the load", () => {
  it("asks once a connection when there is no time", async (t) => {
    const port = await serve(t, (socket) => socket.write(good));
    assert.equal((await runLoad(order(port))).answered, 3);
  });

  it("counts every answer of connections that stay open", async (t) => {
    let asked = 0;
    const port = await serve(t, (socket) => {
      asked++;
      socket.write(good);
    });
    assert.equal((await runLoad(order(port, 0.05))).answered, asked);
    assert.ok(asked > 3);
  });

  it("connects again where the server closes after its answer", async (t) => {
    let asked = 0;
    const port = await serve(t, (socket) => {
      asked++;
      socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}");
    });
    assert.equal((await runLoad(order(port, 0.05))).answered, asked);
    assert.ok(asked > 3);
  });

  it("puts an answer together that comes in pieces", async (t) => {
    const port = await serve(t, (socket) => {
      socket.write(good.slice(0, 25));
      setImmediate(() => socket.write(good.slice(25)));
    });
    assert.equal((await runLoad(order(port))).answered, 3);
  });

  it("knows that a 304 has no body", async (t) => {
    const port = await serve(t, (socket) => socket.write("HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n"));
    assert.equal((await runLoad({ ...order(port), status: 304, bodyBytes: 0 })).answered, 3);
  });

  for (const [what, answer] of [
    ["another status", "HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}"],
    ["a body of another length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{ }"],
    ["more than was asked for", `${good}${good}`],
    ["no length at all", "HTTP/1.1 200 OK\r\n\r\n"],
  ] as const) {
    it(`refuses ${what}`, async (t) => {
      const port = await serve(t, (socket) => socket.write(answer));
      await assert.rejects(runLoad(order(port)), /expected status 200 and 2 bytes, got/);
    });
  }

  it("refuses a server that hangs up in the middle of an answer", async (t) => {
    const port = await serve(t, (socket) => socket.end(good.slice(0, -1)));
    await assert.rejects(runLoad(order(port)), /the server closed the connection/);
  });

  it("refuses a server that is away", async () => {
    await assert.rejects(runLoad(order(1)), /ECONNREFUSED/);
  });
});
