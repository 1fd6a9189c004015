/** The page at /api/docs/ in a real browser: drawn under its Content-Security-Policy, in both colours and widths, and of use. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import chromium from "@sparticuz/chromium";
import { type Browser, chromium as launcher, type Page } from "playwright-core";
import thesaurus from "../../examples/thesaurus/app.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { faultsOf } from "../browsable/chromium.ts";
import { databases } from "../databases.ts";

/** The package is for 64-bit Linux. */
const hasChromium = process.platform === "linux" && process.arch === "x64";

describe("the docs page", { skip: !hasChromium }, () => {
  let test: TestApp;
  let browser: Browser;
  before(async () => {
    const [sqlite] = databases;
    assert.ok(sqlite);
    test = await startTestApp(thesaurus, await sqlite.create());
    // Not the arguments of the package: they switch off what keeps origins apart.
    browser = await launcher.launch({ executablePath: await chromium.executablePath(), args: ["--no-sandbox"] });
  });
  after(async () => {
    await browser?.close();
    await test?.stop();
  });

  /** Opens the page, and collects what it complains of and what it asks other hosts for. */
  const open = async (width: number, colorScheme: "light" | "dark"): Promise<{ page: Page; complaints: string[] }> => {
    const { base } = test.client;
    const page = await browser.newPage({ baseURL: base, viewport: { width, height: 900 }, colorScheme });
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("request", (request) => {
      if (!request.url().startsWith(base) && !request.url().startsWith("data:")) complaints.push(request.url());
    });
    await page.goto("/api/docs/");
    await page.waitForSelector(".opblock");
    return { page, complaints };
  };

  it("shows every operation in both colours and widths, and asks nobody else for anything", async () => {
    const { json } = await test.client("GET", "/api/schema/");
    const operations = Object.values<object>(json.paths).flatMap((methods) => Object.keys(methods));
    const { page, complaints } = await open(360, "light");
    for (const colorScheme of ["light", "dark"] as const)
      for (const width of [360, 1440]) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        assert.equal(await page.locator(".opblock").count(), operations.length);
        const html = page.locator(colorScheme === "dark" ? "html.dark-mode" : "html:not(.dark-mode)");
        await html.waitFor({ state: "attached" });
        assert.equal(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
      }
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("can be used by keyboard and screen reader", async () => {
    for (const [width, colorScheme] of [
      [1440, "light"],
      [360, "dark"],
    ] as const) {
      const { page } = await open(width, colorScheme);
      const create = page.locator("#operations-synonyms-synonyms_create");
      await create.locator(".opblock-summary-control").click();
      await create.getByRole("button", { name: "Try it out" }).click();
      await create.getByLabel("Body").waitFor();
      assert.deepEqual(await faultsOf(page), [], colorScheme);
      await page.getByRole("button", { name: "Authorize" }).first().click();
      await page.getByRole("dialog", { name: "Credentials" }).waitFor();
      assert.deepEqual(await faultsOf(page), [], `${colorScheme}, credentials`);
      const isWithin = () => page.evaluate("document.querySelector('.modal-ux').contains(document.activeElement)");
      for (const key of ["Tab", "Shift+Tab", "Shift+Tab", "Tab", "Tab"]) {
        await page.keyboard.press(key);
        assert.equal(await isWithin(), true, key);
      }
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      assert.match(await page.evaluate("document.activeElement.className"), /authorize/);
      await page.close();
    }
  });

  it("sends a request with a token, and shows the answer", async () => {
    const { bearer } = await test.user("alice");
    const { page, complaints } = await open(1440, "light");
    await page.getByRole("button", { name: "Authorize" }).first().click();
    await page.locator(".modal-ux input[type=text]").first().fill(bearer.authorization.replace("Bearer ", ""));
    await page.locator(".modal-ux").getByRole("button", { name: "Authorize" }).first().click();
    await page.locator(".modal-ux").getByRole("button", { name: "Close" }).first().click();
    const create = page.locator("#operations-synonyms-synonyms_create");
    await create.locator(".opblock-summary-control").click();
    await create.getByRole("button", { name: "Try it out" }).click();
    await create.locator("textarea.body-param__text").fill('{ "word": "big", "synonym": "large" }');
    await create.getByRole("button", { name: "Execute" }).click();
    await create.locator(".live-responses-table .response-col_status").getByText("201").waitFor();
    const { json } = await test.client("GET", "/api/v1/synonyms/");
    assert.deepEqual([json.results[0].word, json.results[0].owner], ["big", "alice"]);
    assert.deepEqual(complaints, []);
  });
});
