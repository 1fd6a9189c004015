/** Lists over HTTP: filters, search, order and pages, of tables and queries, in a number of statements that never grows. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestApp, type TestApp, type TestUser } from "../app.ts";
import conformance from "../conformance/app.ts";
import { Antonym, Author, Review, Synonym, Tag } from "../conformance/models.ts";
import { countStatements } from "../counting.ts";
import { databases } from "../databases.ts";

const BOOKS = 50;

for (const { name, create } of databases) {
  describe(`lists on ${name}`, () => {
    const counter = countStatements();
    let test: TestApp;
    let alice: TestUser;
    before(async () => {
      test = await startTestApp(conformance, await create(), { wrap: counter.wrap });
      alice = await test.user("alice", { is_staff: true });
      const owner = alice.id;
      await test.insert(Author, [{ name: "Ann Alder" }, { name: "ben birch", email: "ben@example.com" }]);
      await test.insert(
        Tag,
        Array.from({ length: 13 }, (_, i) => ({ slug: `tag-${i + 1}`, name: `Tag ${i + 1}` })),
      );
      for (let i = 1; i <= BOOKS; i++) {
        const { status, text } = await test.client("POST", "/api/v1/books/", {
          headers: alice.bearer,
          json: {
            ...{
              title: `${i % 2 ? "Odd" : "even"} ${i}`,
              isbn: String(1e12 + i),
              author: 1 + (i % 2),
              price: `${i}.50`,
              pages: i,
            },
            ...{
              genre: "poetry",
              tags: [1 + (i % 3), 5],
              published_at: i % 5 ? `2024-01-${String(1 + (i % 28)).padStart(2, "0")}T10:00:00Z` : null,
            },
            rating: i % 4 === 0 ? null : 2.5,
          },
        });
        assert.equal(status, 201, text);
      }
      await test.insert(
        Review,
        Array.from({ length: 30 }, (_, i) => ({ book: 1 + (i % 7), rating: 1 + (i % 5), body: `Body ${i}`, owner })),
      );
      await test.insert(
        Synonym,
        Array.from({ length: 25 }, (_, i) => ({ word: `w${String(i).padStart(2, "0")}`, synonym: `s${i}`, owner })),
      );
      await test.insert(
        Antonym,
        Array.from({ length: 5 }, (_, i) => ({ word: `w${String(i * 5).padStart(2, "0")}`, antonym: `a${i}`, owner })),
      );
    });
    after(() => test.stop());

    const get = async (path: string, headers: Record<string, string> = {}) => {
      const answer = await test.client("GET", `/api/v1/${path}`, { headers });
      assert.equal(answer.status, 200, `${path}: ${answer.text}`);
      return answer.json;
    };
    const count = async (query: string, path = "books"): Promise<number> => (await get(`${path}/?${query}`)).count;
    const pluck = async (path: string, field: string): Promise<unknown[]> =>
      (await get(path)).results.map((row: Record<string, unknown>) => row[field]);
    const refusal = async (path: string) => {
      const answer = await test.client("GET", `/api/v1/${path}`);
      return [answer.status, Object.keys(answer.json)];
    };

    it("filters by every lookup, all of them together", async () => {
      assert.equal(await count(""), BOOKS);
      assert.equal(await count("title=Odd%201"), 1);
      assert.equal(await count("title__iexact=oDD%201"), 1);
      assert.equal(await count("title__icontains=ODD"), 25);
      assert.equal(await count("title__istartswith=EVEN"), 25);
      assert.equal(await count("title__endswith=0"), 5);
      assert.equal(await count("title__regex=%5EOdd%20%5Cd%24"), 5);
      assert.equal(await count("author=1&price__lte=10.50"), 5);
      assert.equal(await count("author__in=1,2&pages_min=41&pages_max=45"), 5);
      assert.equal(await count("price__range=1,5"), 4);
      assert.equal(await count("rating__isnull=true"), 12);
      assert.equal(await count("tags=1&tags=2"), 33);
      assert.equal(await count("tag=tag-1"), 16);
      assert.equal(await count("cheap=true"), 9);
      assert.equal(await count("published_at__isnull=false&published_at__month=1&published_at__year=2024"), 40);
      assert.equal(await count("published_after=2024-01-10T00:00:00Z&published_before=2024-01-10T23:00:00Z"), 2);
      assert.equal(await count("author__name__icontains=ALDER"), 25);
      assert.equal(await count(`owner=${alice.id}&unknown=1`), BOOKS);
    });

    it("tells every wrong filter at once, before a wrong page", async () => {
      assert.deepEqual(await refusal("books/?price=x&ref=x&author=99&genre=x&page=99"), [
        400,
        ["author", "price", "genre", "ref"],
      ]);
      assert.deepEqual(await refusal("books/?page=99"), [404, ["detail"]]);
    });

    it("tells which of the rows that a filter names are not there", async () => {
      const detail = async (path: string) => (await test.client("GET", `/api/v1/${path}`)).json;
      const missing = (key: number) => `There is no object with key "${key}" here.`;
      assert.deepEqual(await detail("books/?author__in=1,99"), { author__in: [missing(99)] });
      assert.deepEqual(await detail("books/?author__in=98,2,99"), { author__in: [missing(98), missing(99)] });
      assert.deepEqual(await detail("books/?tags=1&tags=77"), { tags: [missing(77)] });
    });

    it("searches every word in every declared field, through relations and in any case", async () => {
      assert.equal(await count("search=odd"), 25);
      assert.equal(await count("search=ODD%20alder"), 0);
      assert.equal(await count("search=even,alder"), 25);
      assert.equal(await count(`search=${1e12 + 7}`), 1);
      assert.equal(await count("search=tag"), BOOKS);
      assert.equal(await count("search=%00"), BOOKS);
      assert.equal(await count("search=100%25"), 0);
    });

    it("orders by what is allowed, and by the key where that leaves a tie", async () => {
      assert.deepEqual(await pluck("books/?ordering=-price&page_size=3", "pages"), [50, 49, 48]);
      assert.deepEqual(await pluck("books/?ordering=author__name,-pages&page_size=2", "pages"), [50, 48]);
      assert.deepEqual(await pluck("books/?ordering=owner,__proto__,password,-id&page_size=2", "pages"), [50, 49]);
    });

    it("pages by number", async () => {
      const second = await get("books/?page=2&page_size=20&ordering=id");
      assert.equal(second.results[0].pages, 21);
      assert.match(second.next, /\?ordering=id&page=3&page_size=20$/);
      assert.match(second.previous, /\?ordering=id&page_size=20$/);
      assert.equal((await get("books/?page=last&page_size=20")).results.length, 10);
      for (const page of ["0", "-1", "x", "4.0", "99", "9".repeat(40), "%00"])
        assert.deepEqual(await refusal(`books/?page=${page}`), [404, ["detail"]], page);
      for (const size of ["0", "-1", "x", "%00"])
        assert.equal((await get(`books/?page_size=${size}`)).results.length, 10);
      assert.equal((await get(`books/?page_size=${"9".repeat(40)}`)).results.length, BOOKS);
    });

    it("a second question mark belongs to the name of a parameter", async () => {
      const { results } = await get("books/??page=2&page_size=1");
      assert.deepEqual(results, (await get("books/?page_size=1")).results);
    });

    it("pages by limit and offset", async () => {
      const middle = await get("tags/?limit=3&offset=3&ordering=id");
      assert.deepEqual([middle.count, middle.results.map(({ id }: { id: number }) => id)], [13, [4, 5, 6]]);
      assert.equal((await get(middle.next.replace(/^.*v1\//, ""))).results[0].id, 7);
      assert.equal((await get("tags/?limit=999")).results.length, 12);
      for (const [query, length] of [
        ["limit=-1", 5],
        ["limit=x", 5],
        ["offset=-5", 5],
        [`offset=${"9".repeat(40)}`, 0],
        ["offset=13", 0],
      ] as const)
        assert.equal((await get(`tags/?${query}`)).results.length, length, query);
    });

    it("pages by cursor, and a cursor that is none is a 404", async () => {
      const seen: number[] = [];
      for (let path: string | null = "reviews/?page_size=7"; path !== null; ) {
        const { results, next }: { results: { id: number }[]; next: string | null } = await get(path);
        seen.push(...results.map(({ id }) => id));
        path = next?.replace(/^.*v1\//, "") ?? null;
      }
      assert.deepEqual(
        seen,
        Array.from({ length: 30 }, (_, i) => 30 - i),
      );
      const encode = (text: string) => encodeURIComponent(Buffer.from(text).toString("base64"));
      for (const cursor of [
        "x",
        "====",
        encode("p=yesterday"),
        encode("p=2024-01-01T00:00:00Z&p=x"),
        encode("p=2024-01-01T00:00:00Z&p=1&p=2"),
        encode("o=x"),
        encode("o=-1"),
        encode("p=%00"),
        encode(`p=2024-01-01T00:00:00Z&p=${"9".repeat(30)}`),
      ])
        assert.deepEqual(await refusal(`reviews/?cursor=${cursor}`), [404, ["detail"]], cursor);
    });

    it("a query has filters, search, order and pages like any table", async () => {
      const first = await get("words/");
      assert.equal(first.count, 25);
      assert.deepEqual(first.results[0], { word: "w00", synonym: "s0", antonym: "a0" });
      assert.deepEqual(first.results[1], { word: "w01", synonym: "s1", antonym: null });
      assert.equal((await get("words/?page=3")).results.length, 5);
      assert.equal(await count("antonym__isnull=true", "words"), 20);
      assert.equal(await count("antonym=a1", "words"), 1);
      assert.equal(await count("search=A2", "words"), 1);
      assert.deepEqual(await pluck("words/?ordering=-word&page_size=2", "word"), ["w24", "w23"]);
      assert.equal((await test.client("POST", "/api/v1/words/", { json: {}, headers: alice.bearer })).status, 405);
    });

    it("actions of a list see what its filters leave, those of a row that row", async () => {
      const recent = await get("books/recent/?author=1");
      assert.equal(recent.length, 5);
      assert.ok(
        recent.every(
          ({ author, published_at }: { author: number; published_at: string }) => author === 1 && published_at,
        ),
      );
      assert.deepEqual(await refusal("books/recent/?author=99"), [400, ["author"]]);
      const publish = (id: number, json: unknown = {}) =>
        test.client("POST", `/api/v1/books/${id}/publish/`, { json, headers: alice.bearer });
      assert.equal((await publish(5, { published_at: "never" })).status, 400);
      assert.equal((await publish(5)).json.published_at, "2024-06-01T12:00:00Z");
      assert.equal((await publish(5)).status, 409);
      assert.equal((await publish(999)).status, 404);
      assert.equal((await test.client("POST", "/api/v1/books/10/publish/", { json: {} })).status, 401);
      assert.equal((await test.client("GET", "/api/v1/books/10/publish/", { headers: alice.bearer })).status, 405);
    });

    it("asks the database as often for fifty rows as for one", async () => {
      const statements = async (path: string, headers: Record<string, string>): Promise<number> => {
        counter.count = 0;
        await get(path, headers);
        return counter.count;
      };
      for (const path of [
        "books/",
        "books/?search=o&ordering=author__name&author=1",
        "reviews/",
        "synonyms/",
        "words/",
        "users/",
        "authors/",
        "tags/",
        "books/recent/",
      ]) {
        const mark = path.includes("?") ? "&" : "?";
        for (const headers of [alice.bearer, { ...alice.bearer, accept: "text/html" }]) {
          const one = await statements(`${path}${mark}page_size=1&limit=1`, headers);
          assert.ok(one > 0);
          assert.equal(
            await statements(`${path}${mark}page_size=50&limit=12`, headers),
            one,
            `${path} ${"accept" in headers ? "as a page" : ""}`,
          );
        }
      }
    });

    it("nothing of it was a fault of ours", () => assert.deepEqual(test.faults, []));
  });
}
