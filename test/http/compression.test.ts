/** Compression of answers: for whoever takes it, and never where somebody else could learn a secret by their length. */
import assert from "node:assert/strict";
import { get } from "node:http";
import { after, before, describe, it } from "node:test";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { defineApp, field, model, permission, resource } from "../../src/index.ts";
import { createDatabase } from "../../src/testing/database.ts";
import { startTestApp, type TestApp } from "../app.ts";

const Note = model("note", { fields: { text: field.text() } });
const app = defineApp({ resources: { notes: resource(Note, { permissions: [permission.allowAny()] }) } });
const decoders = { zstd: zstdDecompressSync, br: brotliDecompressSync, gzip: gunzipSync };

interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

describe("compressed answers", () => {
  let host: TestApp;
  before(async () => {
    host = await startTestApp(app, await createDatabase(), { settings: { compressMinBytes: 200 } });
    await host.insert(Note, [{ text: "long ".repeat(500) }, { text: "short" }]);
  });
  after(() => host.stop());

  /** `fetch` would decode them. */
  const ask = (path: string, headers: Record<string, string>): Promise<Received> =>
    new Promise((resolve, reject) => {
      get(`${host.client.base}${path}`, { headers: { accept: "application/json", ...headers } }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) }),
        );
      }).on("error", reject);
    });
  const long = "/api/v1/notes/1/";
  const encodingOf = async (headers: Record<string, string>, path = long) =>
    (await ask(path, headers)).headers["content-encoding"];

  it("hold the same text, by the encoding that a client likes best", async () => {
    const plain = await ask(long, {});
    assert.equal(plain.headers["content-encoding"], undefined);
    for (const [encoding, decode] of Object.entries(decoders)) {
      const { headers, bytes } = await ask(long, { "accept-encoding": encoding });
      assert.equal(headers["content-encoding"], encoding);
      assert.equal(headers["content-length"], String(bytes.length));
      assert.match(String(headers.vary), /Accept-Encoding/);
      assert.deepEqual(decode(bytes), plain.bytes);
      assert.ok(bytes.length < plain.bytes.length / 10);
    }
    assert.equal(await encodingOf({ "accept-encoding": "gzip, br;q=0.9, zstd;q=0.1" }), "gzip");
    assert.equal(await encodingOf({ "accept-encoding": "gzip, deflate, br, zstd" }), "zstd");
    assert.equal(await encodingOf({ "accept-encoding": "identity;q=0, *" }), "zstd");
    assert.equal(await encodingOf({ "accept-encoding": "*;q=0, gzip;q=0.5" }), "gzip");
    for (const none of [
      "*",
      "*;q=0",
      "identity;q=0",
      "gzip;q=0, *",
      "identity",
      "gzip;q=0",
      "deflate",
      "",
      "nonsense;;q=x",
    ])
      assert.equal(await encodingOf({ "accept-encoding": none }), undefined, none);
  });

  it("are not made of what is short, and caches know", async () => {
    const short = await ask("/api/v1/notes/2/", { "accept-encoding": "gzip" });
    assert.equal(short.headers["content-encoding"], undefined);
    assert.match(String((await ask(long, {})).headers.vary), /Accept-Encoding/);
  });

  it("have an ETag of their own, by which they are known and changed", async () => {
    const { headers } = await ask(long, { "accept-encoding": "br" });
    const etag = String(headers.etag);
    assert.notEqual(etag, (await ask(long, {})).headers.etag);
    const known = await ask(long, { "accept-encoding": "br", "if-none-match": etag });
    assert.deepEqual([known.status, known.headers.etag, known.bytes.length], [304, etag, 0]);
    const weak = await ask(long, { "if-none-match": `"other", W/${etag}` });
    assert.equal(weak.status, 304);
    const change = (tag: string) =>
      host.client("PATCH", long, { json: { text: "long ".repeat(501) }, headers: { "if-match": tag } });
    assert.equal((await change(etag.replace("-br", "-nonsense"))).status, 412);
    assert.equal((await change(etag)).status, 200);
    assert.equal((await change(etag)).status, 412);
  });

  it("are not made of tokens", async () => {
    await host.user("alice");
    const body = { username: "alice", password: "alice-pass" };
    const { headers } = await host.client("POST", "/api/token/", {
      json: body,
      headers: { "accept-encoding": "gzip" },
    });
    assert.equal(headers.get("content-encoding"), null);
  });

  it("are not made for another site that asks with a visitor's cookies", async () => {
    const gzip = { "accept-encoding": "gzip" };
    const cookie = { ...gzip, cookie: "sessionid=x" };
    assert.equal(await encodingOf({ ...cookie, "sec-fetch-site": "same-origin" }), "gzip");
    assert.equal(await encodingOf({ ...cookie, "sec-fetch-site": "none" }), "gzip");
    for (const site of ["cross-site", "same-site"])
      assert.equal(await encodingOf({ ...cookie, "sec-fetch-site": site }), undefined, site);
    assert.equal(await encodingOf(cookie), undefined);
    const basic = `Basic ${btoa("alice:alice-pass")}`;
    assert.equal(await encodingOf({ ...gzip, authorization: basic, "sec-fetch-site": "cross-site" }), undefined);
  });
});
