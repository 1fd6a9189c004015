/** The database of the bench: the fixture, grown, the same each time. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { growFixture } from "../../bench/database.ts";

const fixture = fileURLToPath(new URL("../conformance/fixture.sqlite3", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "bench-database-"));
after(() => rmSync(folder, { recursive: true }));

const grow = (name: string, books: number) => {
  const path = join(folder, name);
  growFixture(fixture, path, books);
  return path;
};

describe("the grown fixture", () => {
  it("is the same file each time", () => {
    assert.ok(readFileSync(grow("one", 500)).equals(readFileSync(grow("two", 500))));
  });

  it("has as many books as asked for, well formed and with prices of their own", () => {
    const database = new DatabaseSync(grow("books", 1000));
    const found = database
      .prepare(
        `SELECT count(*) AS books, count(DISTINCT price) AS prices, min(length(isbn)) AS isbn, max(length(isbn)) AS isbnMax,
           count(DISTINCT ref) AS refs, max(id) AS id FROM bookshop_book`,
      )
      .get();
    assert.deepEqual({ ...found }, { books: 1000, prices: 1000, isbn: 13, isbnMax: 13, refs: 1000, id: 1000 });
    database.close();
  });

  it("has as many reviews of books that are there, each with a place of its own in the order", () => {
    const database = new DatabaseSync(grow("reviews", 1000));
    const found = database
      .prepare(
        `SELECT count(*) AS reviews, count(DISTINCT r.created_at || r.id) AS places, count(b.id) AS books, count(DISTINCT b.id) > 60 AS varied
         FROM bookshop_review r LEFT JOIN bookshop_book b ON b.id = r.book_id`,
      )
      .get();
    assert.deepEqual({ ...found }, { reviews: 1000, places: 1000, books: 1000, varied: 1 });
    database.close();
  });

  it("has synonyms of the bench's user to change, with words of their own", () => {
    const database = new DatabaseSync(grow("synonyms", 1000));
    const found = database
      .prepare(
        "SELECT count(*) AS own, count(DISTINCT word) AS words FROM thesaurus_synonym WHERE id > 40 AND owner_id = 3",
      )
      .get();
    assert.deepEqual({ ...found }, { own: 960, words: 960 });
    database.close();
  });

  it("gives a grown book the tags of the one it was copied from", () => {
    const database = new DatabaseSync(grow("tags", 300));
    const tags = database.prepare("SELECT tag_id FROM bookshop_book_tags WHERE book_id = ? ORDER BY tag_id");
    assert.deepEqual(tags.all(241), tags.all(1));
    assert.ok(tags.all(241).length > 0);
    database.close();
  });
});
