/** Encrypted or not at all: plain requests are sent to https, and browsers are told to remember it. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp, field, model, permission, resource } from "../../src/index.ts";
import { createDatabase } from "../../src/testing/database.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { sendRaw } from "../http-client.ts";

const Note = model("note", { fields: { text: field.text() } });
const app = defineApp({ resources: { notes: resource(Note, { permissions: [permission.allowAny()] }) } });

describe("a server that wants encryption, behind a proxy", () => {
  let host: TestApp;
  before(async () => {
    const settings = { sslRedirect: true, hstsSeconds: 3600, hstsIncludeSubdomains: true };
    host = await startTestApp(app, await createDatabase(), { settings, trustedProxies: ["127.0.0.1"] });
  });
  after(() => host.stop());
  const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
    host.client(method, path, { headers });
  const encrypted = { "x-forwarded-proto": "https" };
  const hsts = "strict-transport-security";

  it("sends plain requests to https, and what is no GET with its method and body", async () => {
    const get = await ask("GET", "/api/v1/notes/?a=b");
    const { host: name } = new URL(host.client.base);
    assert.deepEqual([get.status, get.headers.get("location")], [301, `https://${name}/api/v1/notes/?a=b`]);
    assert.equal(get.headers.get(hsts), null);
    assert.equal((await ask("POST", "/api/v1/notes/")).status, 308);
    assert.equal((await ask("GET", "/static/pages.css")).status, 301);
  });

  it("answers encrypted ones, and tells browsers to ask by https alone", async () => {
    const answer = await ask("GET", "/api/v1/notes/", encrypted);
    assert.deepEqual([answer.status, answer.headers.get(hsts)], [200, "max-age=3600; includeSubDomains"]);
    assert.equal((await ask("GET", "/nothing/", encrypted)).headers.get(hsts), "max-age=3600; includeSubDomains");
  });

  it("lets health checks ask without it, and names no host that is not its own", async () => {
    assert.notEqual((await ask("GET", "/livez")).status, 301);
    const evil = "GET /api/v1/notes/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert.equal(await sendRaw(host.client.base, evil), 400);
  });
});
