/** Every kind of page in a real browser, held against WCAG 2.2 AA: wide and narrow, light and dark. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { defineApp } from "../../src/app/index.ts";
import { codeOf, stepAt } from "../../src/auth/second-factor/totp.ts";
import { endpoint } from "../../src/resource/index.ts";
import { fromBase32 } from "../auth/second-factor/base32.ts";
import { shop as declaration } from "./bookshop.ts";
import { faultsOf, hasChromium, openShop, press, signIn } from "./chromium.ts";

/** There is no place in it to break a line. */
const word = "w".repeat(60);

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
    [word]: endpoint({
      methods: { GET: { run: () => ({ [word]: word.repeat(8), list: [{ word: word.repeat(8) }] }) } },
    }),
    busy: endpoint({ methods: { GET: { run: () => ({}) } }, throttleScope: "busy" }),
    closed: endpoint({ permissions: [{ name: "nobody", check: () => false }], methods: { GET: { run: () => ({}) } } }),
  },
});

const answered =
  (status: number, path: string) =>
  async (page: Page): Promise<void> =>
    assert.equal((await page.goto(path))?.status(), status, path);

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
    [
      "a row that waits for a yes before it is deleted",
      async (page) => {
        await page.goto("/api/v1/books/2/");
        await page.locator(".delete > summary").click();
      },
    ],
    [
      "a form whose fields were refused",
      async (page) => {
        await page.goto("/api/v1/books/");
        await page.locator("#post-title").fill("x");
        await page.locator("#post-author").fill("nobody");
        await page.locator("#post-price").fill("1.00");
        await page.locator("#post-pages").fill("1");
        await page.locator("#post-genre").selectOption("novel");
        await press(page, "Create");
        await page.locator("#post-author-errors").waitFor();
      },
    ],
    [
      "a row that was created",
      async (page) => {
        await page.goto("/api/v1/tags/");
        await page.locator("#post-name").fill("new");
        await press(page, "Create");
        await page.locator(".notice.good").waitFor();
      },
    ],
    [
      "a row that was deleted",
      async (page) => {
        await page.getByRole("link", { name: "Open it" }).click();
        await page.locator(".delete > summary").click();
        await press(page, "Yes, delete");
        await page.locator(".notice.good").waitFor();
      },
    ],
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
    [
      "many rows at once, refused",
      async (page) => {
        await page.goto("/api/v1/reviews/");
        await page.getByText("Many rows at once").click();
        await page.fill("#bulk-raw", "[7]");
        await press(page, "DELETE");
        await page.locator("details[open] #bulk-raw").waitFor();
      },
    ],
    [
      "OPTIONS",
      async (page) => {
        await page.goto("/api/v1/books/");
        await press(page, "OPTIONS");
      },
    ],
    ["words without an end", answered(200, `/api/v1/${word}/`)],
    ["a row that is not there", answered(404, "/api/v1/books/999/")],
    ["an action, which is not read", answered(405, "/api/v1/books/1/reprint/")],
    ["what this user may not see", answered(403, "/api/v1/closed/")],
    ["what was asked too often", (page) => page.goto("/api/v1/busy/").then(() => answered(429, "/api/v1/busy/")(page))],
    ["what broke", answered(500, "/api/v1/broken/")],
    ["an address where there is nothing", answered(404, "/api/v1/nothing/")],
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

  /** Those that nobody needs to sign in for. */
  const open: typeof kinds = [
    ["the login", (page) => page.goto("/api-auth/login/")],
    [
      "a login that was refused",
      async (page) => {
        await signIn(page, "nobody");
        await page.getByRole("alert").waitFor();
      },
    ],
    ["a login from elsewhere", (page) => page.goto("/api-auth/logout/", { referer: "https://elsewhere.example/" })],
    ["a page that needs somebody who is signed in", (page) => page.goto("/api/v1/orders/")],
    [
      "the second step of a login",
      async (page) => {
        const carol = await shop.test.user("carol");
        const setup = await carol.client("POST", "/api/second-factor/setup/", { json: { password: carol.password } });
        const secret = fromBase32((setup.json as { secret: string }).secret);
        const code = codeOf(secret, stepAt(shop.test.clock.now));
        await carol.client("POST", "/api/second-factor/confirm/", { json: { code } });
        await signIn(page, "carol");
        await page.fill("#code", "none");
        await press(page, "Log in");
        await page.getByRole("alert").waitFor();
      },
    ],
    [
      "what was typed before somebody was signed out",
      async (page) => {
        await signIn(page, "alice", "/api/v1/orders/");
        await page.fill("#post-note", "w".repeat(190));
        await page.fill('[id="post-items[0]book"]', "1");
        await page.context().clearCookies({ name: "sessionid" });
        await press(page, "Create");
        await page.getByRole("heading", { name: "What you typed" }).waitFor();
      },
    ],
  ];

  /** What nobody can press on paper. */
  const controlsInSight = `[...document.querySelectorAll("button, .button, input, textarea, select")]
    .filter((one) => one.checkVisibility()).map(({ outerHTML }) => outerHTML)`;

  /** Colours and sizes are looked at in each, all other rules in the first. */
  const lookings = [
    { width: 1440, colorScheme: "light" },
    { width: 1440, colorScheme: "dark" },
    { width: 360, colorScheme: "dark" },
    { width: 360, colorScheme: "light" },
  ] as const;

  it("is as WCAG wants it, wide and narrow, light and dark", async () => {
    const { page, close } = await shop.open(lookings[0]);
    const faults: Record<string, string[]> = {};
    const look = async (what: string) => {
      for (const looking of lookings) {
        const { width, colorScheme } = looking;
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        const found = await faultsOf(page, looking === lookings[0] ? "every" : "of sight");
        if (found.length > 0) faults[`${what}, ${width} pixels wide and ${colorScheme}`] = found;
        if (process.env.SCREENSHOTS)
          await page.screenshot({
            path: `${process.env.SCREENSHOTS}/${what}-${width}-${colorScheme}.png`,
            fullPage: true,
          });
      }
      await page.setViewportSize({ width: 320, height: 900 });
      const sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      if ((await page.evaluate<number>(sideways)) > 0) faults[`${what}, 320 pixels wide`] = ["scrolled sideways"];
      await page.emulateMedia({ media: "print" });
      const printed = await page.evaluate<string[]>(controlsInSight);
      if (printed.length > 0 && (await page.locator("main.narrow").count()) === 0) faults[`${what}, printed`] = printed;
      await page.emulateMedia({ media: "screen" });
      await page.setViewportSize({ width: 1440, height: 900 });
    };
    for (const [what, visit] of open) {
      await visit(page);
      await look(what);
    }
    await signIn(page, "admin");
    for (const [what, visit] of kinds) {
      await visit(page);
      await look(what);
    }
    assert.deepEqual(faults, {});
    await close();
  });
});
