/**
 * The story of somebody with a real browser, with scripts and without, wide and narrow, light and dark; and what only a browser can tell:
 * that a keyboard is enough, and that no data becomes code.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { codeOf, stepAt } from "../../src/auth/second-factor/totp.ts";
import { Author, app, Book, Tag } from "./bookshop.ts";
import { faultsOf, hasChromium, type Looking, openShop, press, signIn } from "./chromium.ts";

const books = "/api/v1/books/";

const fromBase32 = (text: string): Buffer => {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = Array.from(text, (letter) => digits.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
};

describe("somebody with a real browser", { skip: !hasChromium }, () => {
  const shop = openShop(app);
  const cells = (page: Page, column: number) =>
    page.locator(`table.rows tbody td:nth-child(${column})`).allInnerTexts();

  const everyLooking = [true, false].flatMap((javaScriptEnabled) =>
    (["light", "dark"] as const).flatMap((colorScheme) =>
      ([1440, 360] as const).map((width): Looking => ({ width, colorScheme, javaScriptEnabled })),
    ),
  );
  for (const looking of everyLooking) {
    const { width, colorScheme } = looking;
    const withScripts = looking.javaScriptEnabled === true;
    it(`signs in, creates with a mistake, corrects it, filters, sorts, pages, edits, runs an action, deletes and signs out, ${withScripts ? "with" : "without"} scripts, ${width} pixels wide and ${colorScheme}`, async () => {
      const { page, close } = await shop.open(looking);
      await page.goto("/api-auth/login/?next=/api/v1/books/");
      await page.fill("#username", "alice");
      await page.fill("#password", "wrong");
      await page.click("main button[type=submit]");
      assert.match(await page.locator("[role=alert]").innerText(), /wrong/);
      await page.fill("#password", "alice-pass");
      await page.click("main button[type=submit]");
      await page.waitForURL(`**${books}`);

      await page.locator("#post-title").fill("The <castle>");
      await page.locator("#post-author").fill("nobody");
      await page.locator("#post-price").fill("19.90");
      await page.locator("#post-pages").fill("352");
      await page.locator("#post-genre").selectOption("novel");
      await page.getByRole("button", { name: "Create", exact: true }).click();
      assert.match(await page.locator(".alert").innerText(), /Nothing was saved\. Please correct: Author\./);
      assert.equal(await page.locator("#post-author").getAttribute("aria-invalid"), "true");
      assert.match(await page.locator("#post-author-errors").innerText(), /key/);
      assert.equal(await page.locator("#post-title").inputValue(), "The <castle>", "what was typed is still there");
      if (withScripts) {
        await page.locator("#post-author").fill("shel");
        await page.getByRole("option", { name: "Mary Shelley" }).waitFor();
        await page.keyboard.press("ArrowDown");
        await page.keyboard.press("Enter");
        assert.equal(await page.locator("#post-author").inputValue(), "Mary Shelley");
      } else await page.locator("#post-author").fill("4");
      await press(page, "Create");
      const made = page.getByRole("status").getByRole("link", { name: "Open it" });
      const path = (await made.getAttribute("href")) ?? "";
      await made.click();
      assert.equal(await page.locator("h1").innerText(), "The <castle>");
      assert.equal(await page.locator(".record dd a").first().innerText(), "Mary Shelley");

      await page.goto(books);
      await page.locator(".filters > summary").click();
      await page.locator("#filter-genre").selectOption("novel");
      await press(page, "Apply");
      if (withScripts) assert.equal(new URL(page.url()).search, "?genre=novel", "no more than was asked");
      await page.locator("th").getByRole("link", { name: "Price" }).click();
      await page.locator("th").getByRole("link", { name: "Price" }).click();
      assert.deepEqual((await cells(page, 4)).slice(0, 2), ["19.90", "14.80"]);
      await page.getByRole("link", { name: /^Genre: Novel/ }).click();
      await page.getByRole("link", { name: "Next →" }).click();
      assert.equal((await cells(page, 1)).length, 3);

      await page.locator(".columns > summary").click();
      await page.getByLabel("Genre", { exact: true }).and(page.locator("[name=_columns]")).uncheck();
      await press(page, "Show these");
      await page.goto(books);
      assert.doesNotMatch(await page.locator("thead").innerText(), /Genre/, "remembered");

      await page.goto(path);
      await page.locator("#patch-price").fill("21.00");
      await press(page, "Save");
      assert.match(await page.getByRole("status").first().innerText(), /Saved/);
      assert.match(await page.locator(".record").innerText(), /21\.00/);
      await page.locator("#patch-in_print").uncheck();
      await press(page, "Save");
      await page.getByRole("link", { name: "Reprint" }).click();
      await page.locator("#post-copies").fill("5");
      await press(page, "Reprint");
      assert.match(await page.locator(".json").first().innerText(), /"in_print": true/);

      await page.goto(path);
      await page.locator(".delete > summary").click();
      await press(page, "Yes, delete");
      assert.match(await page.locator(".status").innerText(), /204 No Content/);
      assert.equal((await page.goto(path))?.status(), 404);
      await page.locator(".account > summary").click();
      await press(page, "Log out");
      await page.goto(books);
      assert.equal(await page.locator("#form-post").count(), 0);
      await close();
    });
  }

  it("orders several things: items are added and removed in place, and who loads the answer again orders nothing", async () => {
    const { page, close } = await shop.open({ width: 1440, colorScheme: "dark" });
    await signIn(page, "alice", "/api/v1/orders/");
    const pick = async (item: number, words: string, title: string) => {
      await page.locator(`[id="post-items[${item}]book"]`).fill(words);
      await page.getByRole("option", { name: title }).click();
    };
    await pick(0, "geese", "The wild geese");
    await press(page, "One more");
    await pick(1, "morocco", "In Morocco");
    await page.locator('[id="post-items[1]copies"]').fill("2");
    await press(page, "One more");
    await page.getByRole("button", { name: "Remove", exact: true }).first().click();
    assert.equal(await page.locator('[id="post-items[0]book"]').inputValue(), "In Morocco");
    await press(page, "Create");
    const href = (await page.getByRole("link", { name: "Open it" }).getAttribute("href")) ?? "";
    await page.reload();
    assert.equal(await page.getByRole("link", { name: "Open it" }).getAttribute("href"), href);
    await page.goto(href);
    assert.deepEqual([await cells(page, 1), await cells(page, 2)], [["12"], ["2"]]);
    await page.goto("/api/v1/orders/");
    assert.equal((await cells(page, 1)).length, 1);
    await close();
  });

  it("obtains a pair of tokens, sees what they say and how long they last, and asks with them", async () => {
    const { page, close } = await shop.open({ width: 1440, colorScheme: "light" });
    await page.clock.setFixedTime(shop.test.clock.now);
    await signIn(page, "alice", "/api/v1/orders/");
    const panel = page.locator(".tokens");
    await panel.locator("summary").click();
    await page.fill("#token-username", "alice");
    await page.fill("#token-password", "wrong");
    await press(page, "Obtain a pair");
    await panel.getByText(/No active account|wrong|not/i).waitFor();
    await page.fill("#token-password", "alice-pass");
    await press(page, "Obtain a pair");
    await panel.getByText("A pair was obtained.").waitFor();
    assert.match(await panel.locator("h3").first().innerText(), /^(refresh|access) · .+ left$/);
    assert.match(await panel.locator(".claims").innerText(), /"token_type": "access"/);
    await press(page, "Send");
    await panel.getByText("GET /api/v1/orders/: 200").waitFor();
    await panel.getByLabel("Method").selectOption("POST");
    await panel.getByLabel("Body, in JSON").fill('{"note": "by token", "items": [{"book": 3}]}');
    await press(page, "Send");
    await panel.getByText("POST /api/v1/orders/: 201").waitFor();
    // The raw editor of the page sends with it as well, and the page stays.
    await page.locator(".raw > summary").click();
    await page.locator(".raw textarea").fill('{"items": []}');
    await press(page, "POST");
    await panel.getByText("POST /api/v1/orders/: 400").waitFor();
    await press(page, "Refresh it");
    await panel.getByText("The pair was refreshed.").waitFor();
    assert.deepEqual(await faultsOf(page), []);

    await page.goto("/api/v1/orders/");
    assert.equal(await page.locator("[data-pair]").isHidden(), true, "kept by its page alone");
    assert.equal(
      await page
        .evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")
        .then((kept) => /eyJ/.test(String(kept))),
      false,
    );
    await close();
  });

  it("signs in in two steps, where an account has a second factor", async () => {
    const carol = await shop.test.user("carol");
    const setup = await carol.client("POST", "/api/second-factor/setup/", { json: { password: carol.password } });
    const secret = fromBase32((setup.json as { secret: string }).secret);
    const code = () => codeOf(secret, stepAt(shop.test.clock.now));
    await carol.client("POST", "/api/second-factor/confirm/", { json: { code: code() } });
    shop.test.clock.now += 30_000;
    const { page, close } = await shop.open({ width: 360, colorScheme: "light" });
    await signIn(page, "carol");
    assert.deepEqual(await faultsOf(page), []);
    await page.fill("#code", "000000");
    await press(page, "Log in");
    assert.match(await page.locator("[role=alert]").innerText(), /wrong/);
    await page.fill("#code", code());
    await press(page, "Log in");
    await page.waitForURL(`**${books}`);
    await close();
  });

  it("copies the request as it would be sent by a program, without a secret", async () => {
    const { page, context, close } = await shop.open({ width: 1440, colorScheme: "light" });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await signIn(page, "alice", `${books}?search=it's`);
    await page.locator(".copy > summary").click();
    await page.getByRole("button", { name: "Copy the request for curl" }).click();
    const copied = String(await page.evaluate("navigator.clipboard.readText()"));
    assert.equal(
      copied,
      [
        `curl '${shop.test.client.base}${books}?search=it%27s'`,
        "-H 'Accept: application/json'",
        '-H "Authorization: Bearer $TOKEN"',
      ].join(" \\\n  "),
    );
    const cookies = await context.cookies();
    for (const { value } of cookies) assert.equal((await page.locator(".copy").innerText()).includes(value), false);
    await close();
  });

  it("finds no more in a URL than was asked, whatever the filters are called", async () => {
    const { page, close } = await shop.open({ width: 1440, colorScheme: "light" });
    await page.goto(books);
    await page.locator(".filters > summary").click();
    await page.evaluate("document.querySelector('#filter-in_print').name = 'method'");
    await page.evaluate("document.querySelector('#filter-author').name = 'elements'");
    await page.locator("#filter-genre").selectOption("novel");
    await press(page, "Apply");
    await page.waitForURL(/\?/);
    assert.equal(new URL(page.url()).search, "?genre=novel");
    await close();
  });

  it("needs no mouse", async () => {
    const { page, close } = await shop.open({ width: 1440, colorScheme: "light" });
    await signIn(page, "alice");
    const focused = () => page.evaluate<string>("document.activeElement.outerHTML.slice(0, 200)");
    /** Goes on with the Tab key until something has the focus. */
    const reach = async (what: RegExp) => {
      for (let i = 0; i < 80; i++) {
        await page.keyboard.press("Tab");
        if (what.test(await focused())) return;
      }
      assert.fail(`${what} is not reached by the Tab key`);
    };
    await page.locator("body").press("Tab");
    assert.match(await focused(), /class="skip"/);
    await page.keyboard.press("Enter");
    await reach(/^<summary class="button">Filters/);
    await page.keyboard.press("Enter");
    await reach(/id="filter-genre"/);
    for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowDown");
    await reach(/type="submit">Apply/);
    await page.keyboard.press("Enter");
    await page.waitForURL("**genre=travel");
    await reach(/<a class="open"/);
    await page.keyboard.press("Enter");
    await page.waitForURL(/books\/\d+\/$/);
    await page.goto(books);
    await reach(/id="post-author"/);
    await page.keyboard.type("zola");
    await page.getByRole("option", { name: "Émile Zola" }).waitFor();
    await page.keyboard.press("ArrowDown");
    const active = await page.locator("#post-author").getAttribute("aria-activedescendant");
    assert.equal(await page.locator(`#${active}`).getAttribute("aria-selected"), "true");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("#post-author").getAttribute("aria-expanded"), "false");
    await reach(/id="post-tags"/);
    await page.keyboard.press("ArrowDown");
    await page.getByRole("option", { name: "classic" }).waitFor();
    const options = await page.locator(".combo [role=option]:visible").allInnerTexts();
    assert.equal(options.length, 4, "and not the tag that is out of sight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    assert.match(await page.locator(".picked").innerText(), /classic ×/);
    await page.keyboard.press("Backspace");
    assert.equal(await page.locator(".picked li").count(), 0);
    await close();
  });

  it("sees hostile data as data, wherever it appears", async () => {
    const hostile = `"><img src=x onerror="pwned()"><script>pwned()</script>{{7*7}}'`;
    const eve = await shop.test.user("eve<script>pwned()</script>");
    const [author] = (await shop.test.insert(Author, [
      { name: hostile, country: "de", website: "javascript:pwned()" },
    ])) as [number];
    await shop.test.insert(Tag, [{ name: `<svg onload=pwned()>` }]);
    const [book] = (await shop.test.insert(Book, [
      {
        ...{
          title: `</title></textarea>${hostile}`,
          author,
          price: "1.00",
          pages: 1,
          genre: "novel",
          owner: eve.id,
          in_print: true,
        },
        ...{
          summary: `</pre>${hostile}`,
          facts: { [hostile]: hostile },
          cover: `"><script>pwned()</script>.png`,
          published_at: null,
        },
      },
    ])) as [number];
    const { page, close } = await shop.open({ width: 1440, colorScheme: "light" });
    await page.exposeFunction("pwned", () => assert.fail("data became code"));
    await page.goto(`/api-auth/login/?next=${encodeURIComponent(`javascript:pwned()//${hostile}`)}`);
    await page.fill("#username", eve.username);
    await page.fill("#password", eve.password);
    await page.click("main button[type=submit]");
    const query = encodeURIComponent(hostile);
    for (const path of [
      "/api/v1/",
      `${books}?search=${query}&ordering=${query}&genre=${query}&_columns=${query}`,
      `${books}?_columns=title&_columns=summary&_columns=facts&_columns=cover&ordering=-published_at&search=img`,
      `${books}${book}/?x=${query}`,
      `/api/v1/authors/${author}/`,
      "/api/v1/authors/?search=img",
      `${books}${query}/`,
    ]) {
      await page.goto(path);
      assert.equal(
        await page.locator('img[src="x"], svg, script:not([src]), [onerror], [onload], a[href^="javascript:"]').count(),
        0,
        path,
      );
    }
    await page.goto(`${books}${book}/`);
    await page.locator("#patch-author").fill("img");
    await page.locator(".combo [role=option]:visible").first().waitFor();
    assert.match(await page.locator(".combo [role=option]:visible").first().innerText(), /<img src=x/);
    await page.locator(".combo [role=option]:visible").first().click();
    await page.locator("#patch-tags").fill("svg");
    await page.locator(".combo [role=option]:visible").first().click();
    await page.locator("#patch-price").fill("2.00");
    await page.locator(".raw > summary").click();
    await page
      .locator(".raw textarea")
      .fill(`{"title": ${JSON.stringify(hostile.repeat(4))}, "price": ${JSON.stringify(hostile)}}`);
    await press(page, "PATCH");
    assert.equal(
      await page
        .locator(".status")
        .innerText()
        .then((text) => text.includes("400")),
      true,
    );
    assert.equal(await page.locator('img[src="x"], svg, script:not([src])').count(), 0);
    await close();
  });
});
