/** CORS: whose pages may read answers. None, unless they are named. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { defineApp, field, model, permission, resource } from "../../src/index.ts";
import { createDatabase } from "../../src/testing/database.ts";
import { startTestApp, type TestApp } from "../app.ts";

const Note = model("note", { fields: { text: field.text() } });
const app = defineApp({ resources: { notes: resource(Note, { permissions: [permission.allowAny()] }) } });
const list = "/api/v1/notes/";
const page = "https://app.example.com";

const running: TestApp[] = [];
const start = async (settings: Record<string, unknown>) => {
  const host = await startTestApp(app, await createDatabase(), { settings });
  running.push(host);
  const ask = (origin: string | undefined, method = "GET", headers: Record<string, string> = {}) =>
    host.client(method, list, { headers: { ...(origin && { origin }), ...headers } });
  const preflight = (origin: string) => ask(origin, "OPTIONS", { "access-control-request-method": "PATCH" });
  return { host, ask, preflight };
};

describe("pages of other origins", () => {
  after(() => Promise.all(running.map((host) => host.stop())));

  it("may read nothing where none is named, and OPTIONS describes the resource", async () => {
    const { ask, preflight } = await start({});
    const { headers } = await ask(page);
    assert.equal(headers.get("access-control-allow-origin"), null);
    const asked = await preflight(page);
    assert.deepEqual([asked.status, asked.json.name], [200, "Note List"]);
  });

  it("may read and write what is named, exactly or below a domain", async () => {
    const { ask, preflight } = await start({ corsAllowedOrigins: [page, "https://*.shop.example"] });
    for (const origin of [page, "https://a.shop.example", "https://a.b.shop.example"]) {
      const { headers } = await ask(origin);
      assert.equal(headers.get("access-control-allow-origin"), origin);
      assert.match(headers.get("access-control-expose-headers") ?? "", /etag/);
      const asked = await preflight(origin);
      assert.deepEqual([asked.status, asked.headers.get("access-control-allow-origin")], [204, origin]);
      assert.match(asked.headers.get("access-control-allow-methods") ?? "", /PATCH/);
      assert.match(asked.headers.get("access-control-allow-headers") ?? "", /authorization.*if-match/);
      assert.equal(asked.headers.get("access-control-max-age"), "86400");
    }
    const others = [
      ...["https://evil.example", "http://app.example.com", `${page}.evil.example`, "https://shop.example"],
      ...["https://evilshop.example", "http://a.shop.example", "null", "https://app.example.com:444"],
    ];
    for (const origin of others) {
      assert.equal((await ask(origin)).headers.get("access-control-allow-origin"), null, origin);
      assert.equal((await preflight(origin)).headers.get("access-control-allow-origin"), null, origin);
    }
  });

  it("are told apart by caches, which mix no answers up", async () => {
    const { ask, host } = await start({ corsAllowedOrigins: [page] });
    for (const origin of [page, "https://evil.example", undefined])
      assert.match((await ask(origin)).headers.get("vary") ?? "", /Accept.*Origin/);
    const nothing = await host.client("GET", "/nothing/", { headers: { origin: page } });
    assert.deepEqual([nothing.status, nothing.headers.get("access-control-allow-origin")], [404, page]);
  });

  it("are all welcome where every origin is, without cookies", async () => {
    const { ask } = await start({ corsAllowedOrigins: ["*"] });
    const { headers } = await ask("https://anybody.example");
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.equal(headers.get("access-control-allow-credentials"), null);
    assert.doesNotMatch(headers.get("vary") ?? "", /Origin/);
  });

  it("may send cookies where that is said, which every origin may not", async () => {
    const { ask, preflight } = await start({ corsAllowedOrigins: [page], corsAllowCredentials: true });
    assert.equal((await ask(page)).headers.get("access-control-allow-credentials"), "true");
    assert.equal((await preflight(page)).headers.get("access-control-allow-credentials"), "true");
    await assert.rejects(start({ corsAllowedOrigins: ["*"], corsAllowCredentials: true }), /CORS_ALLOWED_ORIGINS/);
  });
});
