/**
 * A single-page app in a real browser that keeps its tokens in cookies: the browser decides which cookies are stored and sent.
 * The browser is a package for 64-bit Linux; elsewhere this is skipped.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import chromium from "@sparticuz/chromium";
import { chromium as launcher, type Page, type Browser as RealBrowser } from "playwright-core";
import { defineApp } from "../../src/app/index.ts";
import { field, model } from "../../src/model/index.ts";
import { permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { clientScript } from "../client/script.ts";
import { databases } from "../databases.ts";

const Note = model("desk.note", { fields: { text: field.text({ maxLength: 50 }) } });
const blank = "<!doctype html><title>app</title>";
const app = defineApp({
  resources: { notes: resource(Note, { permissions: [permission.authenticated()] }) },
  settings: { tokenCookies: true },
  fallback: (_, response) => response.setHeader("content-type", "text/html").end(blank),
});

/** Asks as a script of the page does; `proof` is what it puts into X-CSRFToken. */
const ask = (page: Page, method: string, path: string, json?: unknown, proof?: string) =>
  page.evaluate(
    async ([how, where, body, token]) => {
      const headers = { "content-type": "application/json", ...(token !== undefined && { "x-csrftoken": token }) };
      const answer = await fetch(String(where), { method: String(how), headers, body: body as string | undefined });
      return { status: answer.status, text: await answer.text() };
    },
    [method, path, json === undefined ? undefined : JSON.stringify(json), proof] as const,
  );

/** The CSRF token as the page's scripts read it. */
const proofOf = async (page: Page) => /csrftoken=(\w+)/.exec(await cookiesSeenBy(page))?.[1];

const cookiesSeenBy = (page: Page) => page.evaluate<string>("document.cookie");

const isHere = process.platform === "linux" && process.arch === "x64";

for (const { name, create } of databases) {
  describe(`a single-page app in a real browser, ${name}`, { skip: !isHere }, () => {
    let test: TestApp;
    let browser: RealBrowser;
    const evil = createServer((_, response) => response.setHeader("content-type", "text/html").end(blank));
    let evilBase = "";
    before(async () => {
      test = await startTestApp(app, await create());
      await test.user("alice");
      // Not the arguments of the package: they switch off what keeps origins apart.
      const executablePath = await chromium.executablePath();
      browser = await launcher.launch({ executablePath, args: ["--no-sandbox"], timeout: 30_000 });
      await new Promise<void>((resolve) => evil.listen(0, "127.0.0.1", resolve));
      evilBase = `http://127.0.0.1:${(evil.address() as AddressInfo).port}/`;
    });
    after(async () => {
      await browser?.close();
      evil.close();
      assert.deepEqual(test.faults, []);
      await test.stop();
    });

    const notes = "/api/v1/notes/";

    it("the script of the guide signs in, writes, and goes on when its access token has expired", async () => {
      const guide = readFileSync(join(import.meta.dirname, "../../docs/guide/token-cookies.md"), "utf8");
      const [, script = ""] = /```js\n(.*?)```/s.exec(guide) ?? [];
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`${test.client.base}/`);
      const start = `const [username, password] = ["alice", "alice-pass"]; ${script}; globalThis.ask = ask;`;
      await page.evaluate(`(async () => { ${start} })()`);
      const statusOf = (call: string) => page.evaluate<number>(`ask(${call}).then(({ status }) => status)`);
      assert.equal(await statusOf(`"POST", "${notes}", { text: "by the guide" }`), 201);
      test.clock.now += 301_000;
      assert.equal((await ask(page, "GET", notes)).status, 401);
      assert.equal(await statusOf(`"DELETE", "${notes}1/"`), 204);
      test.clock.now -= 301_000;
      await context.close();
    });

    it("signs in, reads, writes, refreshes in two tabs and logs out; another site achieves nothing", async () => {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`${test.client.base}/`);
      assert.equal((await ask(page, "GET", notes)).status, 401);

      await ask(page, "GET", "/api/token/cookie/csrf/");
      const before = await proofOf(page);
      const alice = { username: "alice", password: "alice-pass" };
      assert.equal((await ask(page, "POST", "/api/token/cookie/", alice)).status, 403);
      const signedIn = await ask(page, "POST", "/api/token/cookie/", alice, before);
      assert.equal(signedIn.status, 200);
      assert.doesNotMatch(signedIn.text, /access|refresh/);
      const proof = await proofOf(page);
      assert.notEqual(proof, before);
      assert.doesNotMatch(await cookiesSeenBy(page), /access|refresh/);
      const stored = async () =>
        Object.fromEntries((await context.cookies()).map((cookie) => [cookie.name, cookie.value]));
      const first = await stored();
      assert.deepEqual(Object.keys(first).sort(), ["__Host-access", "__Secure-refresh", "csrftoken"]);

      assert.equal((await ask(page, "POST", notes, { text: "mine" }, proof)).status, 201);
      assert.equal((await ask(page, "POST", notes, { text: "no proof" })).status, 403);
      assert.match((await ask(page, "GET", notes)).text, /"count":1/);

      // Another port is another origin of the same site: the browser sends the cookies along.
      const other = await context.newPage();
      await other.goto(evilBase);
      for (const path of [notes, "/api/token/cookie/refresh/", "/api/token/cookie/blacklist/"]) {
        const target = test.client.base + path;
        const answered = other.waitForResponse(target);
        await other.evaluate(
          (url) =>
            void fetch(url, { method: "POST", mode: "no-cors", credentials: "include", body: "text=forged" }).catch(
              () => undefined,
            ),
          target,
        );
        // Without the cookies the first one would be a 401.
        assert.equal((await answered).status(), 403, path);
      }
      assert.match((await ask(page, "GET", notes)).text, /"count":1/);
      assert.deepEqual(await stored(), first);

      const tab = await context.newPage();
      await tab.goto(`${test.client.base}/`);
      const both = await Promise.all(
        [page, tab].map((one) => ask(one, "POST", "/api/token/cookie/refresh/", undefined, proof)),
      );
      assert.deepEqual(
        both.map(({ status }) => status),
        [200, 200],
      );
      assert.notEqual((await stored())["__Secure-refresh"], first["__Secure-refresh"]);
      for (const one of [page, tab]) assert.equal((await ask(one, "GET", notes)).status, 200);
      assert.equal((await ask(tab, "POST", "/api/token/cookie/refresh/", undefined, proof)).status, 200);

      assert.equal((await ask(tab, "POST", "/api/token/cookie/blacklist/", undefined, proof)).status, 200);
      assert.deepEqual(Object.keys(await stored()), ["csrftoken"]);
      for (const one of [page, tab]) assert.equal((await ask(one, "GET", notes)).status, 401);
      await context.close();
    });

    it("the typed client keeps its tokens in cookies: 20 requests across an expiry, one refresh", async () => {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`${test.client.base}/`);
      await page.addScriptTag({
        content: `${clientScript()}; globalThis.createClient = createClient;`,
        type: "module",
      });
      const refreshes: string[] = [];
      page.on("request", (request) => request.url().endsWith("/refresh/") && refreshes.push(request.method()));
      const run = (code: string) => page.evaluate<unknown>(`(async () => { ${code} })()`);
      await run(`
        globalThis.api = createClient("", { tokens: "cookies" });
        await api.account.signIn({ username: "alice", password: "alice-pass" }).orThrow();
        await api.resources.notes.create({ text: "by the client" }).orThrow();
      `);
      assert.doesNotMatch(await cookiesSeenBy(page), /access|refresh/);
      test.clock.now += 301_000;
      const oks = await run(`
        const made = Array.from({ length: 20 }, (_, i) => api.resources.notes.create({ text: "note " + i }));
        return (await Promise.all(made)).filter(({ ok }) => ok).length;
      `);
      assert.deepEqual([oks, refreshes], [20, ["POST"]]);
      // A page that is loaded anew knows no CSRF token yet.
      await run("globalThis.api = createClient('', { tokens: 'cookies' })");
      assert.equal(await run("return (await api.resources.notes.create({ text: 'later' })).status"), 201);
      assert.equal(await run("return (await api.account.signOut()).ok"), true);
      assert.equal(await run("return (await api.resources.notes.list()).status"), 401);
      test.clock.now -= 301_000;
      await context.close();
    });
  });
}
