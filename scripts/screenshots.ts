/**
 * The pictures of pages in the documents: `docs/images/*.png`, taken with the browser of the tests.
 *
 * Run it after the pages were changed: `node --conditions=drf-auth-source scripts/screenshots.ts`
 */
import { join, resolve } from "node:path";
import { defineApp, field, model, permission, resource } from "../src/index.ts";
import { createDatabase } from "../src/testing/database.ts";
import { startTestApp } from "../test/app.ts";
import { app as bookshop, stock } from "../test/browsable/bookshop.ts";
import { launch, openWindow, signIn } from "../test/browsable/chromium.ts";

const images = resolve(import.meta.dirname, "../docs/images");

/** The app of the README. */
const Snack = model("snack", {
  fields: { name: field.text({ maxLength: 64, unique: true }), owner: field.owner(), created_at: field.createdAt() },
});
const snacks = defineApp({
  resources: {
    snacks: resource(Snack, {
      permissions: [permission.authenticatedOrReadOnly(), permission.ownerOrReadOnly("owner")],
      search: ["name"],
    }),
  },
});

interface Picture {
  readonly name: string;
  readonly path: string;
  readonly width: 360 | 1440;
  readonly height: number;
  /** Default: light and dark. */
  readonly only?: "light" | "dark";
}

const browser = await launch();
try {
  const shop = await startTestApp(bookshop, await createDatabase());
  const { id } = await shop.user("alice");
  await stock(shop, id);
  await take(shop.client.base, [
    { name: "list", path: "/api/v1/books/?genre=novel&ordering=-price", width: 1440, height: 900 },
    { name: "row", path: "/api/v1/books/1/", width: 1440, height: 900, only: "light" },
    { name: "phone", path: "/api/v1/books/?search=the", width: 360, height: 740, only: "dark" },
  ]);
  await shop.stop();
  const hello = await startTestApp(snacks, await createDatabase());
  const alice = await hello.user("alice");
  for (const name of ["Almonds", "Dates & figs", "Salted pretzels"])
    await alice.client("POST", "/api/v1/snacks/", { json: { name } });
  await take(hello.client.base, [{ name: "snacks", path: "/api/v1/snacks/", width: 1440, height: 820 }]);
  await hello.stop();
} finally {
  await browser.close();
}

/** Each picture in its themes. */
async function take(base: string, pictures: readonly Picture[]): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const { name, path, width, height, only = colorScheme } of pictures) {
      if (only !== colorScheme) continue;
      const { page, close } = await openWindow(browser, base, { width, colorScheme });
      await signIn(page, "alice", path);
      await page.goto(path, { waitUntil: "networkidle" });
      await page.setViewportSize({ width: width === 1440 ? 1200 : width, height });
      await page.screenshot({ path: join(images, `${name}-${colorScheme}.png`) });
      await close();
    }
  }
}
