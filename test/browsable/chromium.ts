/** A real Chromium for tests of pages, and axe, which holds a page against WCAG. A package for 64-bit Linux. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import chromium from "@sparticuz/chromium";
import axe from "axe-core";
import { type BrowserContext, chromium as launcher, type Page, type Browser as RealBrowser } from "playwright-core";
import type { App } from "../../src/app/index.ts";
import { startTestApp, type TestApp, type TestAppOptions } from "../app.ts";
import { databases } from "../databases.ts";
import { stock } from "./bookshop.ts";

/** Where the package has a browser. */
export const hasChromium = process.platform === "linux" && process.arch === "x64";

/** How somebody looks at pages. */
export interface Looking {
  readonly width: 360 | 1440;
  readonly colorScheme: "light" | "dark";
  readonly javaScriptEnabled?: boolean;
}

export const launch = async (): Promise<RealBrowser> =>
  // Not the arguments of the package: they switch off what keeps origins apart.
  launcher.launch({ executablePath: await chromium.executablePath(), args: ["--no-sandbox"], timeout: 30_000 });

/** Opens a window; what pages complain of in it is told when it is closed. */
export async function openWindow(browser: RealBrowser, base: string, looking: Looking) {
  const { width, colorScheme, javaScriptEnabled = true } = looking;
  const context: BrowserContext = await browser.newContext({
    ...{ baseURL: base, viewport: { width, height: 900 }, colorScheme, javaScriptEnabled, reducedMotion: "reduce" },
  });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // An answer that is no success is told by the browser as well: its status is what the test looks at.
    if (message.type() === "error" && !/status of (4\d\d|500)/.test(message.text())) complaints.push(message.text());
  });
  return {
    page,
    context,
    async close(): Promise<void> {
      await context.close();
      assert.deepEqual(complaints, [], "what the pages complain of, such as the Content-Security-Policy");
    },
  };
}

/** A shop that somebody looks at with a real browser. */
export interface OpenShop {
  readonly test: TestApp;
  /** A window of the one browser of all tests. */
  open(looking: Looking): ReturnType<typeof openWindow>;
}

/**
 * Opens a bookshop and a browser before the tests of a `describe`, with "admin" and "alice" as users, and closes both after them.
 * One database: what a browser shows does not depend on it.
 * @param faults  messages of the faults that the tests cause on purpose
 */
export function openShop(app: App, options: TestAppOptions & { readonly faults?: readonly string[] } = {}): OpenShop {
  let test: TestApp | undefined;
  let browser: RealBrowser | undefined;
  const opened = <T>(one: T | undefined): T => one ?? assert.fail("the shop is opened before the tests");
  before(async () => {
    const [sqlite] = databases;
    assert.ok(sqlite);
    [test, browser] = await Promise.all([sqlite.create().then((one) => startTestApp(app, one, options)), launch()]);
    const admin = await test.user("admin", { is_staff: true, is_superuser: true });
    await test.user("alice");
    await stock(test, admin.id);
  });
  after(async () => {
    await browser?.close();
    const faults = new Set(test?.faults.map(String));
    await test?.stop();
    assert.deepEqual([...faults], options.faults ?? []);
  });
  return {
    get test() {
      return opened(test);
    },
    open: (looking) => openWindow(opened(browser), opened(test).client.base, looking),
  };
}

/** Presses the button that says just this. */
export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole("button", { name, exact: true }).click();

/** The rules that depend on width and colours. */
const ofSight = ["color-contrast", "target-size"];

/** What is wrong with a page for people who use a keyboard, a screen reader or a small screen. */
export async function faultsOf(page: Page, rules: "every" | "of sight" = "every"): Promise<string[]> {
  await page.evaluate(axe.source);
  const asked = rules === "every" ? { rules: { "target-size": { enabled: true } } } : { runOnly: ofSight };
  const options = JSON.stringify({ ...asked, resultTypes: ["violations"] });
  const found = await page.evaluate<string[]>(`axe.run(document, ${options}).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ": " + html.slice(0, 200) + " " + failureSummary)))`);
  const overflow = await page.evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  return overflow > 0 ? [...found, `the page itself is scrolled sideways, by ${overflow} pixels`] : found;
}

/** Signs in by the form. */
export async function signIn(page: Page, username: string, next = "/api/v1/books/"): Promise<void> {
  await page.goto(`/api-auth/login/?next=${encodeURIComponent(next)}`);
  await page.fill("#username", username);
  await page.fill("#password", `${username}-pass`);
  // Scripts have then done what they do to the next page: a combobox takes the place of an input.
  const loaded = page.waitForEvent("load");
  await page.click("main button[type=submit]");
  await loaded;
}
