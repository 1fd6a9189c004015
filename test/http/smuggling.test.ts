/**
 * Requests that a proxy in front and this server could read differently: each is refused, and nothing that is hidden in it is answered.
 * Reference: RFC 9112 sections 2.2, 3.2, 5.1, 5.2, 6.1, 6.3 and 7.1.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp, field, model, permission, resource } from "../../src/index.ts";
import { createDatabase } from "../../src/testing/database.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { open } from "../http-client.ts";

const Note = model("note", { fields: { text: field.text() } });
const app = defineApp({ resources: { notes: resource(Note, { permissions: [permission.allowAny()] }) } });

const hidden = "GET /api/v1/hidden/ HTTP/1.1\r\nHost: localhost\r\n\r\n";
const post = (head: string, body: string): string =>
  `POST /api/v1/notes/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${head}\r\n${body}`;
const chunked = "Transfer-Encoding: chunked\r\n";
const get = (head: string): string => `GET /api/v1/notes/ HTTP/1.1\r\n${head}\r\n`;

/** Each with a second request behind it, for whoever took the first one to have ended sooner. */
const refused: Readonly<Record<string, string>> = {
  "a length beside chunks": post(`Content-Length: 4\r\n${chunked}`, `0\r\n\r\n${hidden}`),
  "chunks beside a length": post(`${chunked}Content-Length: 4\r\n`, `0\r\n\r\n${hidden}`),
  "two lengths": post("Content-Length: 0\r\nContent-Length: 44\r\n", hidden),
  "two lengths in one": post("Content-Length: 0, 44\r\n", hidden),
  "a signed length": post("Content-Length: +0\r\n", hidden),
  "a negative length": post("Content-Length: -1\r\n", hidden),
  "a length in hexadecimal": post("Content-Length: 0x2\r\n", hidden),
  "an empty length": post("Content-Length: \r\n", hidden),
  "a length beyond all numbers": post("Content-Length: 99999999999999999999999\r\n", hidden),
  "an unknown encoding of transfer": post("Transfer-Encoding: xchunked\r\n", `0\r\n\r\n${hidden}`),
  "chunks that are not the last encoding": post("Transfer-Encoding: chunked, identity\r\n", `0\r\n\r\n${hidden}`),
  "chunks twice": post("Transfer-Encoding: chunked, chunked\r\n", `0\r\n\r\n${hidden}`),
  "an encoding behind a control character": post("Transfer-Encoding: \x0bchunked\r\n", `0\r\n\r\n${hidden}`),
  "a blank before the colon": post("Transfer-Encoding : chunked\r\n", `0\r\n\r\n${hidden}`),
  "a size of a chunk that is none": post(chunked, `zz\r\n\r\n${hidden}`),
  "a signed size of a chunk": post(chunked, `+0\r\n\r\n${hidden}`),
  "a size of a chunk with 0x": post(chunked, `0x0\r\n\r\n${hidden}`),
  "a size of a chunk beyond all numbers": post(chunked, `ffffffffffffffffff\r\n\r\n${hidden}`),
  "a chunk that is longer than it says": post(chunked, `1\r\nabc\r\n0\r\n\r\n${hidden}`),
  "a bare line feed behind the size of a chunk": post(chunked, `0\n\r\n${hidden}`),
  "a bare carriage return in a field": get("Host: localhost\r\nX-A: a\rX-B: b\r\n"),
  "a bare line feed at the end of a field": get("Host: localhost\nX-A: a\r\n"),
  "a field that goes on in the next line": get("Host: localhost\r\nX-A: a\r\n b\r\n"),
  "a field name with a blank in it": get("Host: localhost\r\nX A: a\r\n"),
  "a line that is no field": get("Host: localhost\r\nnonsense\r\n"),
  "a null character in a field": get("Host: localhost\r\nX-A: a\0b\r\n"),
  "two hosts": get("Host: localhost\r\nHost: evil.example\r\n"),
  "the same host twice": get("Host: localhost\r\nhost: localhost\r\n"),
  "no host": get("X-A: a\r\n"),
  "a host with a user in it": get("Host: evil@localhost\r\n"),
  "a host with a path in it": get("Host: localhost/x\r\n"),
  "two hosts in one": get("Host: localhost, evil.example\r\n"),
  "a method that is none": "G=T /api/v1/notes/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "a version that is none": "GET /api/v1/notes/ HTTP/1.7\r\nHost: localhost\r\n\r\n",
  "a blank before the method": " GET /api/v1/notes/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
};

describe("a request that could be read in two ways", () => {
  let host: TestApp;
  before(async () => {
    host = await startTestApp(app, await createDatabase());
  });
  after(async () => {
    assert.deepEqual(host.faults, []);
    await host.stop();
  });

  const answersTo = async (bytes: string): Promise<string[]> => {
    const socket = await open(host.client.base);
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
    });
    socket.write(Buffer.from(bytes, "latin1"));
    // What was not refused would wait for more: then this is the end of it.
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.end();
    await closed;
    return Array.from(text.matchAll(/^HTTP\/1\.1 (\d{3})/gm), ([, status = ""]) => status);
  };

  for (const [what, bytes] of Object.entries(refused)) {
    it(`${what}: is refused, and the connection ends`, async () => {
      const answers = await answersTo(bytes);
      assert.deepEqual(answers, ["400"]);
    });
  }

  it("is not what is said plainly", async () => {
    assert.deepEqual(await answersTo(get("Host: localhost\r\nX-A: a\r\n")), ["200"]);
    const body = '{"text":"a"}';
    assert.deepEqual(await answersTo(post(chunked, `c\r\n${body}\r\n0\r\n\r\n`)), ["201"]);
    assert.deepEqual(await answersTo(post(`Content-Length: ${body.length}\r\n`, body)), ["201"]);
  });
});
