/** Files at `/`, files that change while one develops, and names that nobody should get far with. */
import assert from "node:assert/strict";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { defineApp, field, model, permission, resource } from "../../src/index.ts";
import { createDatabase } from "../../src/testing/database.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { sendRaw } from "../http-client.ts";
import { addFile, makeTree } from "./tree.ts";

const Note = model("note", { fields: { text: field.text() } });
const app = defineApp({ resources: { notes: resource(Note, { permissions: [permission.allowAny()] }) } });
const html = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

describe("a folder at /", () => {
  let host: TestApp;
  let site = "";
  let statics = "";
  const clean: (() => void)[] = [];
  const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    host.client(method, path, { headers });
  before(async () => {
    const keeper = { after: (work: () => void) => void clean.push(work) };
    site = makeTree(keeper, {
      "index.html": "<title>the app</title>",
      "robots.txt": "User-agent: *",
      "docs/index.html": "<title>docs</title>",
      "api/v1/notes/index.html": "hidden",
      "assets/app.js": "1",
    });
    statics = makeTree(keeper, { "a.css": "a{}", "b.scss": "", ".env": "SECRET=1" });
    const settings = {
      siteDirectory: site,
      siteFallback: "index.html",
      staticDirectories: [statics],
      staticIgnore: ["*.scss"],
    };
    host = await startTestApp(app, await createDatabase(), { settings });
  });
  after(async () => {
    await host.stop();
    for (const work of clean) work();
  });

  it("gives its files, and index.html of a folder", async () => {
    const robots = await ask("/robots.txt");
    assert.deepEqual(
      [robots.status, robots.text, robots.headers.get("content-type")],
      [200, "User-agent: *", 'text/plain; charset="utf-8"'],
    );
    assert.match((await ask("/")).text, /the app/);
    assert.match((await ask("/docs/")).text, /docs/);
    assert.equal((await ask("/assets/app.js")).text, "1");
    assert.equal((await ask("/robots.txt", {}, "HEAD")).status, 200);
  });

  it("gives the app's page where a browser goes to a page that is none, and only there", async () => {
    const page = await ask("/orders/7", html);
    assert.match(page.text, /the app/);
    // A cache that has it must not give it to a program, nor the 404 of a program to a browser.
    assert.match(page.headers.get("vary") ?? "", /\bAccept\b/);
    const known = { ...html, "if-none-match": page.headers.get("etag") ?? "" };
    assert.match((await ask("/orders/7", known)).headers.get("vary") ?? "", /\bAccept\b/);
    assert.match((await ask("/orders/7", { accept: "application/json" })).headers.get("vary") ?? "", /\bAccept\b/);
    for (const [path, headers] of [
      ["/assets/gone.js", { accept: "*/*" }],
      ["/orders/7", { accept: "application/json" }],
      ["/api/v1/nothing/", html],
      ["/static/gone.css", html],
      ["/static", html],
      ["/static?page=1", html],
    ] as const)
      assert.equal((await ask(path, headers)).status, 404, path);
    assert.equal((await ask("/orders/7", html, "POST")).status, 404);
  });

  it("hides no route of the API", async () => {
    assert.deepEqual((await ask("/api/v1/notes/", { accept: "application/json" })).json.results, []);
  });

  it("shows changed, new and removed files at once while one develops", async () => {
    assert.equal((await ask("/static/a.css")).headers.get("cache-control"), "max-age=0, public");
    writeFileSync(join(statics, "a.css"), "a{color:red}");
    assert.equal((await ask("/static/a.css")).text, "a{color:red}");
    addFile(statics, "new.css", "new");
    assert.equal((await ask("/static/new.css")).text, "new");
    rmSync(join(statics, "new.css"));
    assert.equal((await ask("/static/new.css")).status, 404);
    writeFileSync(join(site, "index.html"), "<title>changed</title>");
    assert.match((await ask("/orders/8", html)).text, /changed/);
    symlinkSync("/etc/hostname", join(site, "host"));
    assert.equal((await ask("/host")).status, 503);
    rmSync(join(site, "host"));
    assert.match(String(host.faults.splice(0)), /a link out of the folder/);
  });

  it("gives nothing else, however a name is written", async () => {
    assert.equal((await ask("/static/b.scss")).status, 404);
    const part = fc.constantFrom(
      "..",
      ".",
      "%2e%2e",
      "%2E.",
      "..%2f",
      "..%5c",
      "%00",
      ".env",
      "etc",
      "passwd",
      "%252e%252e",
      "a.css",
      "",
      "%",
      "%ff",
      "..;",
    );
    const path = fc
      .tuple(fc.constantFrom("/static/", "/", "//"), fc.array(part, { minLength: 1, maxLength: 8 }))
      .map(([start, parts]) => start + parts.join("/"));
    await fc.assert(
      fc.asyncProperty(path, async (target) => {
        const status = await sendRaw(
          host.client.base,
          `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
        );
        // What is left after all detours may be a file that is there; a fault or a file from elsewhere is never.
        assert.ok([200, 301, 400, 404].includes(status), `${target}: ${status}`);
        if (status === 200) assert.match(target, /a\.css$|^\/+(\.\/)*$|^\/static\/a\.css/);
      }),
      { numRuns: 200, seed: 7 },
    );
    assert.deepEqual(host.faults, []);
  });

  it("is wrong at start where it is not there, or has no such page, or a link leads out of it", async () => {
    const starting = async (settings: Record<string, unknown>) =>
      startTestApp(app, await createDatabase(), { settings });
    await assert.rejects(starting({ siteDirectory: join(site, "gone") }), /gone.*expected a directory/);
    await assert.rejects(starting({ siteDirectory: site, siteFallback: "gone.html" }), /SITE_FALLBACK.*gone\.html/);
    await assert.rejects(starting({ siteFallback: "index.html" }), /SITE_FALLBACK.*SITE_DIR/);
    symlinkSync("/etc/hostname", join(site, "host"));
    await assert.rejects(starting({ siteDirectory: site }), /a link out of the folder/);
    rmSync(join(site, "host"));
  });
});
