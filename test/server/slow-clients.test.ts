/**
 * Clients that say nothing, or say and read it slowly: the others are answered all the same, and memory stays bounded.
 * `CONNECTIONS=10000` opens as many (it needs some 20,000 open files).
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { defineApp, field, model, permission, resource } from "../../src/index.ts";
import { createDatabase } from "../../src/testing/database.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { open } from "../http-client.ts";

const Note = model("note", { fields: { text: field.text() } });
const app = defineApp({ resources: { notes: resource(Note, { permissions: [permission.allowAny()] }) } });
const idle = Number(process.env.CONNECTIONS ?? 1000);

describe("slow clients", () => {
  let host: TestApp;
  const sockets: Socket[] = [];
  before(async () => {
    host = await startTestApp(app, await createDatabase());
    await host.insert(Note, [{ text: "long ".repeat(200_000) }, { text: "short" }]);
  });
  after(() => {
    for (const socket of sockets) socket.destroy();
  });

  /** Opens connections that send these bytes, and go no further. */
  const openMany = async (count: number, bytes?: string): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const socket = await open(host.client.base);
      socket.on("error", () => undefined);
      socket.pause();
      if (bytes !== undefined) socket.write(bytes);
      sockets.push(socket);
    }
  };
  const others = async (): Promise<void> => {
    const asked = Array.from({ length: 50 }, () => host.client("GET", "/api/v1/notes/2/"));
    for (const { status } of await Promise.all(asked)) assert.equal(status, 200);
  };
  const head = "Host: localhost\r\nContent-Type: application/json\r\n";

  for (const [what, count, bytes] of [
    ["say nothing", idle, undefined],
    ["do not end their headers", 100, "GET /api/v1/notes/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: "],
    ["do not end their body", 100, `POST /api/v1/notes/ HTTP/1.1\r\n${head}Content-Length: 1000\r\n\r\n{"text":"`],
    ["do not end a chunk", 100, `POST /api/v1/notes/ HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\nfff\r\n{"te`],
    [
      "do not read their answer",
      20,
      "GET /api/v1/notes/1/ HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n",
    ],
  ] as const) {
    it(`those that ${what} leave the others unaffected`, async () => {
      await openMany(count, bytes);
      await others();
    });
  }

  it("all of them together cost a bounded memory, and the server ends in spite of them", async () => {
    const { rss } = process.memoryUsage();
    // Both ends of every connection are in this process.
    assert.ok(rss < 400e6 + idle * 20_000, `${Math.round(rss / 1e6)} MB`);
    await others();
    const closed = Promise.all(sockets.slice(0, 10).map((socket) => once(socket.resume(), "close")));
    await host.stop();
    await closed;
    assert.deepEqual(host.faults, []);
  });
});
