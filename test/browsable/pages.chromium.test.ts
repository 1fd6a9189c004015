/** Every kind of page in a real browser, held against WCAG 2.2 AA: wide and narrow, light and dark. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { defineApp } from "../../src/app/index.ts";
import { codeOf, stepAt } from "../../src/auth/second-factor/totp.ts";
import { endpoint, permission } from "../../src/resource/index.ts";
import { shop as declaration } from "./bookshop.ts";
import { faultsOf, hasChromium, openShop, press, signIn } from "./chromium.ts";

/** The bookshop, and endpoints that refuse in the ways that it does not. */
const app = defineApp({
  ...declaration,
  throttle: { busy: "1/day" },
  endpoints: {
    broken: endpoint({
      methods: {
        GET: {
          run: () => {
            throw new Error("broken on purpose");
          },
        },
      },
    }),
    busy: endpoint({ methods: { GET: { run: () => ({}) } }, throttleScope: "busy" }),
    closed: endpoint({ permissions: [{ name: "nobody", check: () => false }], methods: { GET: { run: () => ({}) } } }),
  },
});

describe("every kind of page", { skip: !hasChromium }, () => {
  const shop = openShop(app, { faults: ["Error: broken on purpose"] });

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
});
