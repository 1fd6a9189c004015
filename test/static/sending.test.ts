/** Files that lie elsewhere on their way to clients: who leaves, and storages that fail, over HTTP/1.1 and HTTP/2. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { RemoteFile } from "../../src/media/index.ts";
import { serveMedia } from "../../src/static/index.ts";

const sizeBytes = 64 * 1024 * 1024;
const piece = Buffer.alloc(64 * 1024);

/** A client of one request. */
interface Asked {
  /** Resolves with the status, when the head of the answer is there. */
  readonly status: Promise<number>;
  leave(): void;
  /** Whether the answer came to its end. */
  readonly whole: Promise<boolean>;
}

const protocols = {
  "HTTP/1.1": {
    serve: (listener: RequestListener) => createServer(listener),
    ask(port: number): Asked {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => undefined);
      socket.write("GET /media/film HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      const head = once(socket, "data").then(([data]) => String(data));
      return {
        status: head.then((text) => Number(text.split(" ", 2)[1])),
        leave: () => void socket.destroy(),
        whole: once(socket, "close").then(() => socket.bytesRead > sizeBytes),
      };
    },
  },
  "HTTP/2": {
    serve: (listener: RequestListener) =>
      createHttp2Server((request, response) =>
        listener(request as unknown as IncomingMessage, response as unknown as ServerResponse<IncomingMessage>),
      ),
    ask(port: number): Asked {
      const session = connectHttp2(`http://127.0.0.1:${port}`);
      const stream = session.request({ ":path": "/media/film" });
      stream.on("error", () => undefined);
      stream.once("data", () => undefined);
      return {
        status: once(stream, "response").then(([headers]) => Number(headers[":status"])),
        leave: () => stream.close(8),
        whole: new Promise((resolve) => {
          stream.on("close", () => {
            session.destroy();
            resolve(stream.rstCode === 0);
          });
        }),
      };
    },
  },
};

for (const [protocol, { serve, ask }] of Object.entries(protocols)) {
  describe(`a file that lies elsewhere, over ${protocol}`, { timeout: 20_000 }, () => {
    let read: RemoteFile["read"];
    const errors: string[] = [];
    let ended = Promise.withResolvers<void>();
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (let sent = 0; sent < sizeBytes; sent += piece.length) yield piece;
      } finally {
        ended.resolve();
      }
    };
    const handle = serveMedia({
      url: "/media/",
      onError: (error) => void errors.push(String(error)),
      find: async () => ({ sizeBytes, modifiedMs: 0, read: () => read(0, sizeBytes - 1) }),
    });
    const server = serve(handle);
    let port: number;
    before(async () => {
      await once(server.listen(0, "127.0.0.1"), "listening");
      ({ port } = server.address() as AddressInfo);
    });
    beforeEach(() => {
      ended = Promise.withResolvers();
      errors.length = 0;
    });
    after(() => void server.close());

    it("is read no further when the client has left", async () => {
      read = pieces;
      const client = ask(port);
      assert.equal(await client.status, 200);
      client.leave();
      await ended.promise;
      assert.deepEqual(errors, []);
    });

    it("nor is it when the client has left before the first bytes came", async () => {
      const began = Promise.withResolvers<void>();
      read = async function* () {
        began.resolve();
        await wait(100);
        yield* pieces();
      };
      const client = ask(port);
      await began.promise;
      client.leave();
      await ended.promise;
      assert.deepEqual(errors, []);
    });

    it("is a 503 where the storage throws at once", async () => {
      read = () => {
        throw new Error("no line");
      };
      const client = ask(port);
      assert.equal(await client.status, 503);
      client.leave();
      assert.deepEqual(errors, ["Error: no line"]);
    });

    it("is cut off where the storage fails later, so that half of it is no whole", async () => {
      read = async function* () {
        yield piece;
        await wait(50);
        throw new Error("the line is broken");
      };
      const client = ask(port);
      assert.equal(await client.status, 200);
      assert.equal(await client.whole, false);
      assert.deepEqual(errors, ["Error: the line is broken"]);
    });
  });
}
