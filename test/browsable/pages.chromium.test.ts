/**
 * Every kind of page in a real browser, held against WCAG 2.2 AA: wide and narrow, light and dark.
 * One database: what a browser shows does not depend on it.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Page, Browser as RealBrowser } from "playwright-core";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { app, stock } from "./bookshop.ts";
import { faultsOf, hasChromium, launch, openWindow, signIn } from "./chromium.ts";

describe("every kind of page", { skip: !hasChromium }, () => {
  let test: TestApp;
  let browser: RealBrowser;
  before(async () => {
    const [sqlite] = databases;
    assert.ok(sqlite);
    [test, browser] = await Promise.all([sqlite.create().then((one) => startTestApp(app, one)), launch()]);
    const admin = await test.user("admin", { is_staff: true, is_superuser: true });
    await stock(test, admin.id);
  });
  after(async () => {
    await browser?.close();
    assert.deepEqual(test.faults, []);
    await test.stop();
  });

  const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
  const kinds: readonly (readonly [what: string, visit: (page: Page) => Promise<unknown>])[] = [
    ["home", (page) => page.goto("/api/v1/")],
    ["a list", (page) => page.goto("/api/v1/books/")],
    [
      "a list that is filtered",
      async (page) => {
        await page.goto("/api/v1/books/?genre=novel&price__gte=9&search=the&ordering=-price");
        await page.locator(".filters > summary").click();
        await page.locator(".columns > summary").click();
      },
    ],
    ["a list with a wrong filter", (page) => page.goto("/api/v1/books/?price__gte=much")],
    ["a list where nothing is found", (page) => page.goto("/api/v1/books/?search=nobody")],
    ["an empty list", (page) => page.goto("/api/v1/orders/")],
    ["a list of an action", (page) => page.goto("/api/v1/books/cheapest/")],
    [
      "a row",
      async (page) => {
        await page.goto("/api/v1/books/1/");
        for (const part of [".copy > summary", ".headers > summary", ".raw > summary", ".delete > summary"])
          await page.locator(part).click();
      },
    ],
    [
      "a form that was refused",
      async (page) => {
        await page.goto("/api/v1/authors/");
        await page.locator(".raw > summary").click();
        await page.fill("textarea.code", '{"name": "", "born": "yesterday"}');
        await press(page, "POST");
      },
    ],
    [
      "a form with items, where a row is looked up",
      async (page) => {
        await page.goto("/api/v1/orders/");
        await press(page, "One more");
        await page.locator('[id="post-items[1]book"]').fill("the");
        await page.getByRole("option").first().waitFor();
      },
    ],
    ["an action", (page) => page.goto("/api/v1/books/1/reprint/")],
    [
      "OPTIONS",
      async (page) => {
        await page.goto("/api/v1/books/");
        await press(page, "OPTIONS");
      },
    ],
    ["a row that is not there", (page) => page.goto("/api/v1/books/999/")],
    ["the page of tokens", (page) => page.goto("/api/token/")],
    [
      "who is signed in",
      async (page) => {
        await page.goto("/api/v1/");
        await page.locator(".tokens > summary").click();
        await page.locator(".account > summary").click();
      },
    ],
  ];

  /** Those of which everything is made. */
  const main = ["home", "a list", "a row", "a form that was refused"];

  for (const { rules, ...looking } of [
    { width: 1440, colorScheme: "light", rules: "every" },
    { width: 360, colorScheme: "dark", rules: "of sight" },
    { width: 1440, colorScheme: "dark", rules: "of sight" },
    { width: 360, colorScheme: "light", rules: "of sight" },
  ] as const) {
    it(`is as WCAG wants it, ${looking.width} pixels wide and ${looking.colorScheme}`, async () => {
      const { page, close } = await openWindow(browser, test.client.base, looking);
      const faults: Record<string, string[]> = {};
      const look = async (what: string) => {
        const found = await faultsOf(page, rules);
        if (found.length > 0) faults[what] = found;
      };
      await page.goto("/api-auth/login/");
      await look("the login");
      await page.goto("/api/v1/orders/");
      await look("a page that needs somebody who is signed in");
      await signIn(page, "admin");
      const isShort = looking.width === 1440 ? looking.colorScheme === "dark" : looking.colorScheme === "light";
      for (const [what, visit] of kinds) {
        if (isShort && !main.includes(what)) continue;
        await visit(page);
        await look(what);
        if (process.env.SCREENSHOTS)
          await page.screenshot({
            path: `${process.env.SCREENSHOTS}/${what}-${looking.width}-${looking.colorScheme}.png`,
            fullPage: true,
          });
      }
      assert.deepEqual(faults, {});
      await close();
    });
  }
});
