/** The load of the bench: it counts answers, and refuses the first that is not as expected. */
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { runLoad } from "../../bench/load.ts";

const good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/** A server that calls `answer` for each request. */
async function serve(t: TestContext, answer: (socket: Socket, request: string) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {}).on("data", (request) => answer(socket, request.toString()));
  });
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

  it("gives each request numbers of its own", async (t) => {
    const numbers: string[] = [];
    const port = await serve(t, (socket, request) => {
      numbers.push(...(request.match(/\d{12}/g) ?? []));
      socket.write(good);
    });
    const { answered } = await runLoad({
      ...order(port, 0.05),
      request: "POST / HTTP/1.1\r\n\r\n{n} and {n}",
      from: 70,
    });
    assert.equal(numbers.length, 2 * answered);
    assert.equal(new Set(numbers).size, numbers.length);
    assert.ok(numbers.includes("000000000070"));
  });

  it("asks on each connection for the row of that connection", async (t) => {
    const paths = new Set<string>();
    const port = await serve(t, (socket, request) => {
      paths.add(request.split(" ", 2)[1] ?? "");
      socket.write(good);
    });
    await runLoad({ ...order(port), request: "GET /1{connection}/ HTTP/1.1\r\n\r\n" });
    assert.deepEqual([...paths].toSorted(), ["/10000/", "/10001/", "/10002/"]);
  });

  it("sends the ETag of the connection's last answer, the first of a request that is not counted", async (t) => {
    const states = new Map<Socket, number>();
    let changed = 0;
    const port = await serve(t, (socket, request) => {
      const state = states.get(socket) ?? 0;
      if (request.startsWith("PATCH")) {
        changed++;
        if (!request.includes(`If-Match: "${state}"\r\n`)) socket.end("HTTP/1.1 412 Precondition Failed\r\n\r\n");
      }
      states.set(socket, state + 1);
      socket.write(good.replace("\r\n", `\r\nETag: "${state + 1}"\r\n`));
    });
    const request = "PATCH / HTTP/1.1\r\nIf-Match: {etag}\r\n\r\n";
    const { answered } = await runLoad({ ...order(port, 0.05), request, first: "GET / HTTP/1.1\r\n\r\n" });
    assert.equal(answered, changed);
    assert.ok(answered > 3);
  });

  it("takes answers of any length where it varies, if they are as long as they say", async (t) => {
    let length = 2;
    const port = await serve(t, (socket) => {
      length++;
      socket.write(`HTTP/1.1 201 Created\r\nContent-Length: ${length}\r\n\r\n${"x".repeat(length)}`);
    });
    const varying = { ...order(port), status: 201, bodyBytes: undefined };
    assert.equal((await runLoad(varying)).answered, 3);
    const tooLong = await serve(t, (socket) => socket.write(`${good}{}`));
    await assert.rejects(runLoad({ ...order(tooLong), bodyBytes: undefined }), /expected status 200/);
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
