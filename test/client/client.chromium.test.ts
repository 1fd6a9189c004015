/** The typed client in a page, in a real browser: tokens in memory and in cookies that no script can read. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { createClient } from "drf-auth/client";
import type { Browser, Page } from "playwright-core";
import { startTestApp, type TestApp } from "../app.ts";
import { hasChromium, launch } from "../browsable/chromium.ts";
import { databases } from "../databases.ts";
import type desk from "./desk.ts";
import app from "./desk.ts";
import { clientScript } from "./script.ts";

/** What the page loads. */
type Loaded = { createClient: typeof createClient<typeof desk> };

describe("the typed client in a browser", { skip: !hasChromium }, () => {
  const site = mkdtempSync(join(tmpdir(), "client-"));
  let test: TestApp;
  let browser: Browser;
  before(async () => {
    writeFileSync(join(site, "index.html"), "<!doctype html><title>Desk</title>");
    writeFileSync(join(site, "client.js"), `${clientScript()}\nexport { createClient };\n`);
    const [sqlite] = databases;
    assert.ok(sqlite);
    const settings = { siteDirectory: site, accessLifetimeSeconds: 60, tokenCookies: true };
    [test, browser] = await Promise.all([
      sqlite.create().then((one) => startTestApp(app, one, { settings })),
      launch(),
    ]);
    await test.user("alice");
  });
  after(async () => {
    await browser.close();
    assert.deepEqual(test.faults, []);
    await test.stop();
    rmSync(site, { recursive: true });
  });

  for (const tokens of ["memory", "cookies"] as const) {
    describe(`tokens in ${tokens}`, () => {
      let page: Page;
      const errors: string[] = [];
      before(async () => {
        page = await (await browser.newContext({ baseURL: test.client.base })).newPage();
        page.on("pageerror", (error) => errors.push(String(error)));
        await page.goto("/");
        await page.evaluate(async (tokens) => {
          const path = "/client.js";
          const { createClient }: Loaded = await import(path);
          const client = createClient("", tokens === "cookies" ? { tokens } : {});
          Object.assign(globalThis, { client });
        }, tokens);
      });
      after(async () => {
        await page.context().close();
        assert.deepEqual(errors, []);
      });

      it("signs in, and no script can read a cookie with a token", async () => {
        const signedIn = await page.evaluate(() =>
          client.account.signIn({ username: "alice", password: "alice-pass" }),
        );
        const cookies: string = await page.evaluate("document.cookie");
        const seen = [signedIn.ok, cookies.replace(/=[^;]*/g, "")];
        assert.deepEqual(seen, [true, tokens === "cookies" ? "csrftoken" : ""]);
      });

      it("creates after a mistake, finds, changes, goes through pages and deletes", async () => {
        const seen = await page.evaluate(async () => {
          const { notes } = client.resources;
          const wrong = await notes.create({ title: "far too long to be a title" });
          const findings = !wrong.ok && wrong.error.code === "invalid" ? Object.keys(wrong.error.fields) : [];
          const keys: number[] = [];
          for (const title of ["ab 1", "ab 2", "ab 3", "ab 4"]) keys.push((await notes.create({ title }).orThrow()).id);
          const [first = 0, ...others] = keys;
          await notes.partialUpdate(first, { title: "ab 9" }).orThrow();
          const titles: string[] = [];
          for await (const note of notes.all({ title__icontains: "ab", ordering: "-title" })) titles.push(note.title);
          for (const key of others) await notes.delete(key).orThrow();
          const { count } = await notes.list({ title: "ab 9" }).orThrow();
          await notes.delete(first).orThrow();
          return { findings, titles, count };
        });
        assert.deepEqual(seen, { findings: ["title"], titles: ["ab 9", "ab 4", "ab 3", "ab 2"], count: 1 });
      });

      it("sends a file, and gets its bytes back", async () => {
        const seen = await page.evaluate(async () => {
          const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
          const { notes } = client.resources;
          const paper = new File([bytes], "paper.bin");
          const { id } = await notes.create({ title: "with paper", paper }).orThrow();
          const sheet = await notes.actions.sheet.get(id).orThrow();
          await notes.delete(id).orThrow();
          return [...new Uint8Array(await sheet.arrayBuffer())];
        });
        assert.deepEqual(
          seen,
          Array.from({ length: 256 }, (_, i) => i),
        );
      });

      it("asks 50 times across the end of a token: one refresh, and every answer is right", async () => {
        test.clock.now += 61_000;
        const refreshes: string[] = [];
        page.on("request", (request) => {
          if (request.url().endsWith("/refresh/")) refreshes.push(request.method());
        });
        const right = await page.evaluate(async () => {
          const answers = await Promise.all(Array.from({ length: 50 }, () => client.resources.notes.list()));
          return answers.filter(({ ok }) => ok).length;
        });
        assert.deepEqual([right, refreshes], [50, ["POST"]]);
      });

      it("gives up what is aborted, and signs out", async () => {
        const seen = await page.evaluate(async () => {
          const aborted = await client.resources.notes
            .list({}, { signal: AbortSignal.abort() })
            .catch((error: unknown) => error instanceof DOMException && error.name);
          await client.account.signOut();
          const after = await client.resources.notes.list();
          return [aborted, after.status];
        });
        assert.deepEqual(seen, ["AbortError", 401]);
      });
    });
  }
});

/** In the page. */
declare const client: ReturnType<Loaded["createClient"]>;
