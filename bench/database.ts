/**
 * The database that is measured on: the conformance fixture, grown.
 *
 * Made once a run by `contest.ts`; each server then gets a copy of its own. Every grown book or review is a copy of one of the
 * fixture's under its own number, so the file is the same each time. Prices are all different, so that an order by price is complete.
 * It has an index on genre and price of the books, and one on the time of the reviews, as tables with such lists would: without them
 * every server spends its time in the same scan of the table, and the comparison says nothing about the servers. The grown synonyms
 * belong to the user of the bench, who changes them. It is in WAL mode for everyone, Django included.
 */
import { copyFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/**
 * Copies a fixture and grows it.
 *
 * @param fixture  a database as the conformance contract describes it; stays as it is
 * @param target   path of the file to make
 * @param size     number of books, of reviews and of synonyms in it afterwards; at most 20,000, more prices than that are not different
 */
export function growFixture(fixture: string, target: string, size: number): void {
  copyFileSync(fixture, target);
  const database = new DatabaseSync(target);
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN");
    const numbersOf = (table: string) => {
      const counted = database.prepare(`SELECT count(*) AS count FROM ${table}`).get();
      // As bigints: a number would be bound as a double, and the digits of an ISBN would end in ".0".
      return { first: BigInt(Number(counted?.count)), size: BigInt(size) };
    };
    const ofBooks = numbersOf("bookshop_book");
    database.prepare(growBooks).run(ofBooks);
    database.prepare(growTags).run(ofBooks);
    database.prepare(growReviews).run(numbersOf("bookshop_review"));
    database.prepare(growSynonyms).run(numbersOf("thesaurus_synonym"));
    database.exec(
      `UPDATE bookshop_book SET price = (id * 7919 % 20011) / 100.0;
       CREATE INDEX bench_book_genre_price ON bookshop_book (genre, price);
       CREATE INDEX bench_review_created ON bookshop_review (created_at, id);
       COMMIT`,
    );
  } finally {
    database.close(); // moves the log into the file, so that the file alone can be copied
  }
}

/** The numbers of the copies of a row: as many rounds of the fixture as are needed. */
const rounds = `WITH RECURSIVE round (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM round WHERE n < :size / :first)`;

const growBooks = `${rounds}
  INSERT INTO bookshop_book (id, title, isbn, price, pages, in_print, genre, rating, published_at, ref, metadata,
                             created_at, updated_at, author_id, owner_id)
  SELECT id + n * :first, title || ' (' || n || ')', 9780000000000 + (id + n * :first) * 37, price, pages, in_print, genre,
         rating, published_at, substr(ref, 1, 24) || printf('%08x', id + n * :first), metadata,
         created_at, updated_at, author_id, owner_id
  FROM bookshop_book, round WHERE id + n * :first <= :size ORDER BY n, id`;

const growTags = `${rounds}
  INSERT INTO bookshop_book_tags (book_id, tag_id)
  SELECT book_id + n * :first, tag_id
  FROM bookshop_book_tags, round WHERE book_id + n * :first <= :size ORDER BY n, id`;

/** Four an hour at most, as in the fixture. */
const growReviews = `${rounds}
  INSERT INTO bookshop_review (id, rating, body, created_at, book_id, owner_id)
  SELECT id + n * :first, rating, body, datetime(created_at, n || ' days'), (book_id * 31 + n * 97) % 120 + 1, owner_id
  FROM bookshop_review, round WHERE id + n * :first <= :size ORDER BY n, id`;

const growSynonyms = `${rounds}
  INSERT INTO thesaurus_synonym (id, word, synonym, created_at, updated_at, owner_id)
  SELECT id + n * :first, word || ' (' || n || ')', synonym, created_at, updated_at, 3
  FROM thesaurus_synonym, round WHERE id + n * :first <= :size ORDER BY n, id`;
