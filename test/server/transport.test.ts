/** Below HTTP: encryption, HTTP/2, and proxies that say who connected to them. */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { get } from "node:https";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { connect as connectTls, type PeerCertificate } from "node:tls";
import { defineApp, endpoint, field, model, permission, resource } from "../../src/index.ts";
import { createAccessLog, serveInProcess } from "../../src/server/index.ts";
import { createTls } from "../../src/server/tls.ts";
import { createDatabase } from "../../src/testing/database.ts";
import { startTestApp, type TestApp } from "../app.ts";

const file = (name: string): string => join(import.meta.dirname, "certificates", name);
const read = (name: string): string => readFileSync(file(name), "utf8");
const ca = read("authority.pem");

const Note = model("note", { fields: { text: field.text() } });
const app = defineApp({
  resources: { notes: resource(Note, { permissions: [permission.allowAny()] }) },
  endpoints: {
    who: endpoint({
      permissions: [permission.allowAny()],
      methods: {
        GET: { run: ({ request }) => ({ address: request.address, scheme: request.scheme, host: request.host }) },
      },
    }),
  },
});
/** The app behind a server with other settings than those of tests. */
describe("the transport", () => {
  let host: TestApp;
  let listener: Parameters<typeof serveInProcess>[0]["listener"];
  const servers: { close(): Promise<void> }[] = [];
  before(async () => {
    host = await startTestApp(app, await createDatabase());
    listener = host.listener;
    await host.insert(Note, [{ text: "long ".repeat(100_000) }]);
  });
  after(async () => {
    for (const server of servers) await server.close();
    await host.stop();
  });
  const open = async (settings: Partial<Parameters<typeof serveInProcess>[0]>) => {
    const limits = { keepAliveSeconds: 5, requestTimeoutSeconds: 60, drainSeconds: 1 };
    const server = await serveInProcess({ listener, host: "127.0.0.1", port: 0, ...limits, ...settings });
    servers.push(server);
    return { ...server, port: Number(new URL(server.url).port) };
  };
  const tls = { tlsCertFile: file("server.pem"), tlsKeyFile: file("server.key") };

  describe("TLS", () => {
    const ask = (port: number, path: string, options: object = {}) =>
      new Promise<{ status?: number; json: { [name: string]: string } }>((resolve, reject) => {
        get({ port, host: "127.0.0.1", path, ca, headers: { accept: "application/json" }, ...options }, (response) => {
          let text = "";
          response.on("data", (chunk) => {
            text += chunk;
          });
          response.on("end", () => resolve({ status: response.statusCode, json: text === "" ? {} : JSON.parse(text) }));
        }).on("error", reject);
      });

    it("is spoken where there is a certificate, and the app knows", async () => {
      const { url, port } = await open(tls);
      assert.match(url, /^https:/);
      const { status, json } = await ask(port, "/api/v1/who/");
      assert.deepEqual([status, json.scheme, json.address], [200, "https", "127.0.0.1"]);
      await assert.rejects(fetch(`http://127.0.0.1:${port}/api/v1/who/`));
    });

    it("is spoken in its versions 1.2 and 1.3 alone", async () => {
      const { port } = await open(tls);
      const versionOf = (version: "TLSv1.1" | "TLSv1.2" | "TLSv1.3") =>
        new Promise<string | null>((resolve, reject) => {
          const options = { minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" };
          const socket = connectTls({ port, host: "127.0.0.1", ca, ...options }, () => {
            resolve(socket.getProtocol());
            socket.destroy();
          }).on("error", reject);
        });
      assert.deepEqual([await versionOf("TLSv1.2"), await versionOf("TLSv1.3")], ["TLSv1.2", "TLSv1.3"]);
      await assert.rejects(versionOf("TLSv1.1"), /alert protocol version/);
    });

    it("asks clients for a certificate where authorities are named", async () => {
      const { port } = await open({ ...tls, tlsCaFile: file("authority.pem") });
      await assert.rejects(ask(port, "/api/v1/who/"));
      const client = { cert: read("client.pem"), key: read("client.key") };
      assert.equal((await ask(port, "/api/v1/who/", client)).status, 200);
    });

    it("uses a renewed certificate without a restart, and keeps the one before where it cannot", async (t) => {
      const folder = mkdtempSync(join(tmpdir(), "tls-"));
      t.after(() => rmSync(folder, { recursive: true }));
      const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
      copyFileSync(file("server.pem"), cert);
      copyFileSync(file("server.key"), key);
      const told: string[] = [];
      const note = (message: string) => void told.push(message);
      const log = { debug: note, info: note, warning: note, error: note };
      const door = createTls({
        ...{ settings: { tlsCertFile: cert, tlsKeyFile: key, tlsCaFile: "", http2: false }, log, everyMs: 5 },
        onSecure: (socket) => socket.end("hello"),
      });
      const { createServer } = await import("node:net");
      const server = createServer((socket) => door.accept(socket)).listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      t.after(() => {
        door.close();
        server.close();
      });
      const { port } = server.address() as { port: number };
      const at = (seconds: number) => utimesSync(cert, seconds, seconds);
      const nameOf = () =>
        new Promise<string>((resolve, reject) => {
          const socket = connectTls({ port, host: "127.0.0.1", ca }, () => {
            const { subject } = socket.getPeerCertificate() as PeerCertificate;
            socket.end();
            resolve(String(subject.CN));
          }).on("error", reject);
        });
      /** Whether a session is resumed that began before the certificate was read again. */
      const isResumed = async (): Promise<boolean> => {
        const session = await new Promise<Buffer>((resolve) => {
          connectTls({ port, host: "127.0.0.1", ca })
            .on("session", resolve)
            .on("error", () => undefined)
            .resume();
        });
        copyFileSync(file("renewed.pem"), cert);
        at(1_500);
        await until("the certificate was read again");
        return new Promise((resolve, reject) => {
          const socket = connectTls({ port, host: "127.0.0.1", ca, session }, () => {
            resolve(socket.isSessionReused());
            socket.end();
          }).on("error", reject);
        });
      };
      const until = async (message: string) => {
        while (!told.includes(message)) await new Promise(setImmediate);
        told.length = 0;
      };
      door.useTicketKeys(Buffer.alloc(48, 7));
      assert.equal(await nameOf(), "server");
      copyFileSync(file("renewed.pem"), cert);
      at(1_000);
      await until("the certificate was read again");
      assert.equal(await nameOf(), "renewed");
      // Sessions are those of all workers still, though Node makes keys of its own for each certificate.
      assert.ok(await isResumed());
      writeFileSync(cert, "half a certif");
      at(2_000);
      await until("the changed certificate cannot be used, the one before stays");
      assert.equal(await nameOf(), "renewed");
    });

    it("is wrong at start with a file that is not there, no key, or another's", async () => {
      await assert.rejects(open({ ...tls, tlsCertFile: "/gone.pem" }), /TLS_CERT_FILE=\/gone\.pem/);
      await assert.rejects(open({ tlsCertFile: tls.tlsCertFile }), /TLS_KEY_FILE/);
      await assert.rejects(open({ ...tls, tlsKeyFile: file("client.key") }), /expected a certificate and its key/);
    });

    it("is not begun for ever: who says nothing is cut when the server stops", async () => {
      const server = await open(tls);
      const silent = connectTcp(server.port, "127.0.0.1");
      await new Promise((resolve) => silent.once("connect", resolve));
      const closed = new Promise((resolve) => silent.once("close", resolve));
      silent.on("error", () => undefined);
      await server.close();
      await closed;
    });
  });

  describe("HTTP/2", () => {
    const ask = (
      session: ReturnType<typeof connectHttp2>,
      headers: Record<string, string>,
      body?: string,
    ): Promise<{ status: number; headers: Record<string, unknown>; text: string }> =>
      new Promise((resolve, reject) => {
        const stream = session.request({ accept: "application/json", ...headers }, { endStream: body === undefined });
        let text = "";
        let head: Record<string, unknown> = {};
        stream.on("response", (given) => {
          head = given;
        });
        stream.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        stream.on("end", () => resolve({ status: Number(head[":status"]), headers: head, text }));
        stream.on("error", reject);
        if (body !== undefined) stream.end(body);
      });

    it("is offered beside HTTP/1.1: reads, writes, static files, many at once", async () => {
      const { port, close } = await open(tls);
      const session = connectHttp2(`https://127.0.0.1:${port}`, { ca });
      const who = await ask(session, { ":path": "/api/v1/who/" });
      assert.deepEqual(JSON.parse(who.text), { address: "127.0.0.1", scheme: "https", host: `127.0.0.1:${port}` });
      assert.equal(who.headers["content-type"], "application/json");
      const made = await ask(
        session,
        { ":path": "/api/v1/notes/", ":method": "POST", "content-type": "application/json" },
        JSON.stringify({ text: "by HTTP/2" }),
      );
      assert.equal(made.status, 201);
      const style = await ask(session, { ":path": "/static/pages.css", "accept-encoding": "identity" });
      assert.equal(style.status, 200);
      assert.match(style.text, /color/);
      assert.equal((await ask(session, { ":path": "/nothing/" })).status, 404);
      assert.equal((await ask(session, { ":path": "/api/v1/notes" })).status, 301);
      const many = await Promise.all(Array.from({ length: 40 }, () => ask(session, { ":path": "/api/v1/notes/1/" })));
      assert.ok(many.every(({ status, text }) => status === 200 && text.length > 500_000));
      const packed = await ask(session, { ":path": "/api/v1/notes/1/", "accept-encoding": "gzip" });
      assert.equal(packed.headers["content-encoding"], "gzip");
      session.close();
      await close();
    });

    it("ends without losing a request: those under way are answered, then the connection closes", async () => {
      const { port, close } = await open(tls);
      const session = connectHttp2(`https://127.0.0.1:${port}`, { ca });
      const closed = new Promise((resolve) => session.once("close", resolve));
      await ask(session, { ":path": "/api/v1/who/" });
      const asked = Array.from({ length: 10 }, () => ask(session, { ":path": "/api/v1/notes/1/" }));
      await new Promise(setImmediate);
      await close();
      const answers = await Promise.allSettled(asked);
      // What reached the server before it said goodbye is answered; a stream that it never took is safe to be sent again.
      for (const answer of answers)
        assert.ok(answer.status === "fulfilled" ? answer.value.status === 200 : /REFUSED|session/i.test(answer.reason));
      await closed;
    });

    it("is refused a host beside another authority, and what it expects; the log tells of all", async () => {
      let written = Promise.withResolvers<string>();
      const accessLog = createAccessLog({
        ...{ format: "json", now: () => 0, idOf: () => "id-1" },
        lines: { write: (line) => written.resolve(line), flush() {} },
      });
      const lineWritten = async () => {
        const line = JSON.parse(await written.promise);
        written = Promise.withResolvers();
        return line;
      };
      const { port } = await open({ ...tls, accessLog, requestIdOf: () => "id-1" });
      const session = connectHttp2(`https://127.0.0.1:${port}`, { ca });
      const { text } = await ask(session, { ":path": "/api/v1/notes/1/" });
      const { bytes, status } = await lineWritten();
      assert.deepEqual([bytes, status], [text.length, 200]);
      for (const [status, headers] of [
        [400, { ":authority": `127.0.0.1:${port}`, host: "localhost" }],
        [417, { expect: "tea" }],
      ] as const) {
        const answer = await ask(session, { ":path": "/api/v1/who/", ...headers });
        assert.deepEqual([answer.status, answer.headers["x-request-id"]], [status, "id-1"]);
        const { path, status: told, request_id } = await lineWritten();
        assert.deepEqual([path, told, request_id], ["/api/v1/who/", status, "id-1"]);
      }
      session.close();
    });

    it("is not offered where that is said", async () => {
      const plain = await open({ ...tls, http2: false });
      const socket = connectTls({ port: plain.port, host: "127.0.0.1", ca, ALPNProtocols: ["h2", "http/1.1"] });
      await new Promise((resolve) => socket.once("secureConnect", resolve));
      assert.equal(socket.alpnProtocol, "http/1.1");
      socket.destroy();
    });
  });

  describe("the PROXY protocol", () => {
    const request =
      "GET /api/v1/who/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nConnection: close\r\n\r\n";
    /** What is answered to bytes, given in pieces; empty where the connection is closed. */
    const say = (port: number, ...pieces: (string | Buffer)[]): Promise<string> =>
      new Promise((resolve) => {
        const socket = connectTcp(port, "127.0.0.1");
        let text = "";
        socket.on("data", (chunk) => {
          text += chunk;
        });
        socket.on("error", () => undefined);
        socket.on("close", () => resolve(text.split("\r\n\r\n").at(-1) ?? ""));
        socket.on("connect", async () => {
          for (const piece of pieces) {
            socket.write(piece);
            await new Promise((later) => setTimeout(later, 2));
          }
        });
      });
    const addressIn = (text: string): string => (JSON.parse(text) as { address: string }).address;
    const v2 = (command: number, family: number, addresses: Buffer): Buffer => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(addresses.length);
      return Buffer.concat([
        Buffer.from("\r\n\r\n\0\r\nQUIT\n"),
        ...[Buffer.from([0x20 | command, family]), length, addresses],
      ]);
    };
    const on = { proxyProtocol: "on", mayProxy: (address: string) => address === "127.0.0.1" } as const;
    const v4 = Buffer.from([203, 0, 113, 7, 10, 0, 0, 1, 0x1f, 0x90, 0, 80]);
    const v6 = Buffer.concat([
      Buffer.from("20010db8000000000000000000000007", "hex"),
      Buffer.alloc(16),
      Buffer.from([0, 1, 0, 2]),
    ]);

    it("says who connected, in both versions and however the bytes arrive", async () => {
      const { port } = await open(on);
      const text = "PROXY TCP4 203.0.113.7 10.0.0.1 8080 80\r\n";
      for (const pieces of [[text + request], [text, request], ["PRO", text.slice(3) + request], [...text, request]])
        assert.equal(addressIn(await say(port, ...pieces)), "203.0.113.7");
      assert.equal(addressIn(await say(port, `PROXY TCP6 2001:db8::7 ::1 1 2\r\n${request}`)), "2001:db8::7");
      const binary = v2(1, 0x11, v4);
      for (const pieces of [
        [binary, request],
        [Buffer.concat([binary, Buffer.from(request)])],
        [binary.subarray(0, 9), binary.subarray(9), request],
      ])
        assert.equal(addressIn(await say(port, ...pieces)), "203.0.113.7");
      assert.equal(addressIn(await say(port, v2(1, 0x21, v6), request)), "2001:db8::7");
      // With more fields behind the addresses.
      assert.equal(
        addressIn(await say(port, v2(1, 0x11, Buffer.concat([v4, Buffer.alloc(40)])), request)),
        "203.0.113.7",
      );
    });

    it("may speak for the proxy itself", async () => {
      const { port } = await open(on);
      assert.equal(addressIn(await say(port, `PROXY UNKNOWN\r\n${request}`)), "127.0.0.1");
      assert.equal(addressIn(await say(port, v2(0, 0, Buffer.alloc(0)), request)), "127.0.0.1");
    });

    it("is not believed of others, nor done without, nor when it is malformed", async () => {
      const others = await open({ ...on, mayProxy: () => false });
      assert.equal(await say(others.port, `PROXY TCP4 203.0.113.7 10.0.0.1 1 2\r\n${request}`), "");
      const { port } = await open(on);
      for (const wrong of [
        request,
        `PROXY TCP4 203.0.113.777 10.0.0.1 1 2\r\n${request}`,
        `PROXY TCP4 203.0.113.7 10.0.0.1 1 99999\r\n`.replace("1 99999", "99999 1"),
        `PROXY TCP4 203.0.113.7\r\n${request}`,
        `PROXY TCP9 203.0.113.7 10.0.0.1 1 2\r\n${request}`,
        `PROXY ${"x".repeat(200)}`,
        v2(1, 0x11, v4.subarray(0, 4)),
        v2(7, 0x11, v4),
        v2(1, 0x11, Buffer.alloc(5000)),
      ])
        assert.equal(await say(port, wrong), "", String(wrong).slice(0, 40));
      assert.equal(addressIn(await say(port, `PROXY TCP4 203.0.113.7 10.0.0.1 1 2\r\n${request}`)), "203.0.113.7");
    });

    it("stands before TLS", async () => {
      const { port } = await open({ ...on, ...tls });
      const answer = await new Promise<string>((resolve, reject) => {
        const raw = connectTcp(port, "127.0.0.1", () => {
          raw.write("PROXY TCP4 203.0.113.7 10.0.0.1 8080 443\r\n");
          const socket = connectTls({ socket: raw, host: "127.0.0.1", ca }, () => socket.write(request));
          let text = "";
          socket.on("data", (chunk) => {
            text += chunk;
          });
          socket.on("end", () => resolve(text.split("\r\n\r\n").at(-1) ?? ""));
          socket.on("error", reject);
        });
      });
      assert.deepEqual(JSON.parse(answer), { address: "203.0.113.7", scheme: "https", host: "127.0.0.1" });
    });
  });
});
