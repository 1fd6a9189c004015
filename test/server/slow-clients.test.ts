/**
 * Clients that say nothing, or say and read it slowly: the others are answered all the same, and memory stays bounded.
 * `CONNECTIONS=1000` is for a system that lets a process open fewer files than the 10,000 that stay idle here.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { defineApp, field, model, permission, resource } from "../../src/index.ts";
import { createDatabase } from "../../src/testing/database.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { open } from "../http-client.ts";

const Note = model("note", { fields: { text: field.text() } });
const app = defineApp({ resources: { notes: resource(Note, { permissions: [permission.allowAny()] }) } });
const idle = Number(process.env.CONNECTIONS ?? 10_000);

describe("slow clients", () => {
  let host: TestApp;
  const sockets: Socket[] = [];
  let silent: ChildProcess | undefined;
  before(async () => {
    host = await startTestApp(app, await createDatabase());
    await host.insert(Note, [{ text: "long ".repeat(200_000) }, { text: "short" }]);
  });
  after(() => {
    silent?.kill();
    for (const socket of sockets) socket.destroy();
  });

  /** Opens connections that send these bytes, and go no further. */
  const openMany = async (count: number, bytes: string): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const socket = await open(host.client.base);
      socket.on("error", () => undefined);
      socket.pause();
      socket.write(bytes);
      sockets.push(socket);
    }
  };
  const others = async (): Promise<void> => {
    const asked = Array.from({ length: 50 }, () => host.client("GET", "/api/v1/notes/2/"));
    for (const { status } of await Promise.all(asked)) assert.equal(status, 200);
  };
  const head = "Host: localhost\r\nContent-Type: application/json\r\n";

  it(`${idle} that say nothing leave the others unaffected`, async () => {
    const words = ["--conditions=drf-auth-source", join(import.meta.dirname, "idle-clients.ts")];
    silent = spawn(process.execPath, [...words, new URL(host.client.base).port, String(idle)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [line] = await once(silent.stdout ?? assert.fail(), "data");
    assert.equal(String(line), `${idle} connected\n`);
    await others();
  });

  for (const [what, count, bytes] of [
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
    assert.ok(rss < 300e6 + idle * 10_000, `${Math.round(rss / 1e6)} MB`);
    await others();
    const closed = Promise.all(sockets.slice(0, 10).map((socket) => once(socket.resume(), "close")));
    await host.stop();
    await closed;
    assert.deepEqual(host.faults, []);
  });
});
