/** Lists as tables and rows as records, without scripts, and what they cost. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestApp, type TestApp } from "../app.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";
import { Author, app, Order, OrderItem, stock } from "./bookshop.ts";
import { type Browser, openBrowser, type Page } from "./browser.ts";

const books = "/api/v1/books/";

/** The texts of a table, row by row. */
const rowsOf = ({ body }: Page): string[][] =>
  [...body.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = ""]) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = ""]) =>
      cell.replace(/<[^>]+>/g, "").replace(/[↕↑↓]/, ""),
    ),
  );
const columnOf = (page: Page, label: string): string[] => {
  const [head = [], ...rows] = rowsOf(page);
  return rows.map((row) => row[head.indexOf(label)] ?? "");
};
/** Where a link with a text leads. */
const linkOf = ({ body }: Page, text: string): string => {
  const found = [...body.matchAll(/<a [^>]*href="([^"]*)"[^>]*>(.*?)<\/a>/gs)].find(([, , inner = ""]) =>
    inner.replace(/<[^>]+>/g, "").startsWith(text),
  );
  assert.ok(found?.[1], `a link "${text}"`);
  return found[1].replaceAll("&amp;", "&");
};

for (const { name: database, create } of databases) {
  describe(`lists for people, on ${database}`, () => {
    const statements = countStatements();
    let test: TestApp;
    let browser: Browser;
    before(async () => {
      test = await startTestApp(app, await create(), { wrap: statements.wrap });
      const alice = await test.user("alice");
      await stock(test, alice.id);
      await test.insert(Order, [{ customer: alice.id, note: "for <b>Bob</b>" }]);
      await test.insert(OrderItem, [{ order: 1, book: 2, copies: 3, gift: true }]);
      browser = openBrowser(test.client.base);
      const login = await browser.visit(`/api-auth/login/?next=${books}`);
      await browser.press(login, "Log in", { username: "alice", password: "alice-pass" });
    });
    after(async () => {
      assert.deepEqual(test.faults, []);
      await test.stop();
    });

    it("a list is a table whose keys lead to the rows, and whose relations to theirs", async () => {
      const page = await browser.visit(books);
      const [head = [], first] = rowsOf(page);
      assert.deepEqual(head, ["ID", "Title", "Author", "Price", "Pages", "Genre", "In print", "Published at"]);
      assert.deepEqual(first, [
        "4",
        "Frankenstein",
        "Mary Shelley",
        "7.90",
        "280",
        "Novel",
        "Yes",
        "1818-01-01 00:00:00",
      ]);
      assert.match(page.body, /<a class="open" href="\/api\/v1\/books\/4\/">4<\/a>/);
      assert.match(page.body, /<a title="4" href="\/api\/v1\/authors\/4\/">Mary Shelley<\/a>/);
      assert.match(page.body, /<pre class="json"/, "the JSON stands beside it");
      assert.match(page.body, /10 of 12/);
    });

    it("the heads of columns sort, by what was declared and by nothing else", async () => {
      const page = await browser.visit(`${books}?genre=novel`);
      const up = await browser.visit(linkOf(page, "Price"));
      assert.equal(up.path, `${books}?genre=novel&ordering=price`);
      assert.deepEqual(columnOf(up, "Price"), ["7.90", "8.40", "9.50", "10.00", "11.20", "12.90", "13.30", "14.80"]);
      assert.match(up.body, /<th scope="col" class="numeric" aria-sort="ascending">/);
      const down = await browser.visit(linkOf(up, "Price"));
      assert.equal(columnOf(down, "Price")[0], "14.80");
      assert.match(down.body, /aria-sort="descending"/);
      assert.equal(linkOf(down, "Price"), `${books}?genre=novel`, "and then as it was");
      assert.doesNotMatch(page.body, /<th[^>]*><a[^>]*>Genre/);
    });

    it("each filter has the input of its kind, and what is asked stands above the table to be taken away", async () => {
      const page = await browser.visit(`${books}?genre=novel&price__gte=10&search=the&ordering=-price&page=1`);
      const expected = [
        /<input type="search" id="search" name="search" value="the"/,
        /<select id="filter-genre" name="genre"><option value="">any<\/option><option value="novel" selected>Novel/,
        /<select id="filter-in_print" name="in_print"><option value="">any<\/option><option value="true">yes/,
        /<input type="number" id="filter-price__gte" name="price__gte" value="10" step="any">/,
        /<input type="datetime-local" id="filter-published_at__gte" name="published_at__gte"/,
        /<input type="text" id="filter-author" name="author" data-look-up="\/api\/v1\/authors\/" data-key="id" data-label="name"/,
        /<input type="hidden" name="ordering" value="-price">/,
      ];
      for (const input of expected) assert.match(page.body, input);
      const [find = ""] = /<form class="find".*?<\/form>/s.exec(page.body) ?? [];
      assert.doesNotMatch(find, /<input type="hidden" name="page"/, "another question begins at the first page");
      assert.deepEqual(columnOf(page, "Price"), ["14.80", "13.30", "12.90", "11.20", "10.00"]);
      const without = linkOf(page, "Price is at least: 10");
      assert.equal(without, `${books}?genre=novel&ordering=-price&search=the`);
      assert.equal(linkOf(page, "Clear"), `${books}?ordering=-price`);
    });

    it("a wrong filter is told beside its input, which keeps what was typed", async () => {
      const page = await browser.visit(`${books}?price__gte=<much>&genre=novel`);
      assert.equal(page.status, 400);
      assert.match(page.body, /<details class="filters" open>/);
      assert.match(
        page.body,
        /<input type="text" id="filter-price__gte" name="price__gte" aria-describedby="filter-price__gte-errors" aria-invalid="true" value="&lt;much&gt;">/,
      );
      assert.match(page.body, /<ul class="errors" id="filter-price__gte-errors"><li>Expected a number\./);
    });

    it("chosen columns are shown, and remembered for this list alone", async () => {
      const chosen = await browser.visit(`${books}?_columns=&_columns=title&_columns=summary&_columns=nonsense`);
      assert.deepEqual(rowsOf(chosen)[0], ["Title", "Summary"]);
      assert.match(chosen.body, /<a class="open" href="\/api\/v1\/books\/4\/">Frankenstein<\/a>/);
      assert.equal(browser.cookies.get("columns"), "title.summary");
      assert.deepEqual(rowsOf(await browser.visit(`${books}?ordering=price`))[0], ["Title", "Summary"]);
      const { headers } = await test.client("GET", `${books}?_columns=id`, { headers: { accept: "text/html" } });
      assert.match(headers.getSetCookie().join("\n"), /^columns=id; .*Path=\/api\/v1\/books\/; SameSite=Lax/m);
      const all = await browser.visit(`${books}?_columns=`);
      assert.equal(rowsOf(all)[0]?.length, 8);
      assert.equal(browser.cookies.has("columns"), false);
    });

    it("says where there is nothing, and why", async () => {
      const found = await browser.visit(`${books}?search=nobody`);
      assert.match(found.body, /Nothing is like that\..*<a href="\/api\/v1\/books\/">Show everything<\/a>/s);
      const empty = await browser.visit("/api/v1/reviews/");
      assert.match(empty.body, /Nothing here yet\..*<a href="#form-post">Create the first one/s);
      assert.doesNotMatch((await openBrowser(test.client.base).visit("/api/v1/reviews/")).body, /Create the first/);
    });

    it("what is long is cut in a table and whole in a record", async () => {
      const [key] = (await test.insert(Author, [
        { name: "ß🙂".repeat(40), country: "de", website: `https://a.example/${"x".repeat(150)}` },
      ])) as [number];
      const list = await browser.visit("/api/v1/authors/?search=ß");
      assert.match(list.body, /<a href="https:\/\/a\.example\/x{150}" rel="nofollow noreferrer">a\.example\/x+…<\/a>/);
      const record = await browser.visit(`/api/v1/authors/${key}/`);
      assert.match(record.body, /<dd><a [^>]+>a\.example\/x{150}<\/a><\/dd>/);
      assert.match(record.body, /<dt>Country<\/dt><dd><span class="choice">Germany<\/span>/);
    });

    it("a row is a record with its relations as links, and the rows within it as a table", async () => {
      const record = await browser.visit("/api/v1/orders/1/");
      assert.match(record.body, /<dt>Note<\/dt><dd><span class="text">for &lt;b&gt;Bob&lt;\/b&gt;<\/span>/);
      assert.match(
        record.body,
        /<dt>Items<\/dt><dd>.*<th scope="col">Book<\/th>.*<a class="key" href="\/api\/v1\/books\/2\/">2<\/a>.*<span class="yes">Yes/s,
      );
      const frankenstein = await browser.visit(`${books}4/`);
      assert.match(frankenstein.body, /<h1>Frankenstein<\/h1>/);
      assert.match(frankenstein.body, /<dt>Owner<\/dt><dd><span title="1">alice<\/span>/, "one's own name");
    });

    it("a page costs the statements of its JSON, however many rows its relations could point at", async () => {
      const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const cost = async (path: string, accept: string) => {
        statements.count = 0;
        const { status } = await test.client("GET", path, { headers: { accept, cookie } });
        assert.equal(status, 200);
        return statements.count;
      };
      for (const path of [
        books,
        `${books}?genre=novel&author=4`,
        "/api/v1/authors/1/",
        "/api/v1/orders/1/",
        "/api/v1/reviews/",
      ]) {
        const json = await cost(path, "application/json");
        assert.equal(await cost(path, "text/html"), json, path);
      }
      // Where a permission looks at rows, the row and its links are read once more.
      const json = await cost(`${books}4/`, "application/json");
      assert.ok((await cost(`${books}4/`, "text/html")) <= json + 2);
      const page = await browser.visit(books);
      assert.doesNotMatch(page.body, /<option[^>]*>Mary Shelley/, "no author is read for a form");
    });

    it("a related row is looked up in a list that is searched and comes in pages, or its key is typed", async () => {
      const { body } = await browser.visit(books);
      assert.match(
        body,
        /<input type="text" name="author" value="" id="post-author" required aria-describedby="post-author-hint" data-look-up="\/api\/v1\/authors\/" data-key="id" data-label="name"><a class="find-row" href="\/api\/v1\/authors\/" target="_blank">/,
      );
      assert.match(body, /name="tags" value=""[^>]* data-look-up="\/api\/v1\/tags\/"[^>]* data-many/);
      // Reviews are not searched: nothing is looked up in them, and books are.
      const reviews = await browser.visit("/api/v1/reviews/");
      assert.match(reviews.body, /name="book"[^>]* data-look-up="\/api\/v1\/books\/" data-key="id" data-label="title"/);
    });
  });
}
