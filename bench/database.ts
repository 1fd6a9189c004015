/**
 * The database that is measured on: the conformance fixture, grown.
 *
 * Made once a run by `contest.ts`; each server then gets a copy of its own. Every grown book is a copy of one of the fixture's
 * under its own number, so the file is the same each time. Prices are all different, so that an order by price is complete.
 * It has an index on genre and price, as a table with such a list would: without it every server spends its time in the same
 * scan of the table, and the comparison says nothing about the servers. It is in WAL mode for everyone, Django included.
 */
import { copyFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/**
 * Copies a fixture and grows it.
 *
 * @param fixture  a database as the conformance contract describes it; stays as it is
 * @param target   path of the file to make
 * @param books    number of books in it afterwards; at most 20,000, more prices than that are not different
 */
export function growFixture(fixture: string, target: string, books: number): void {
  copyFileSync(fixture, target);
  const database = new DatabaseSync(target);
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN");
    const counted = database.prepare("SELECT count(*) AS count FROM bookshop_book").get();
    // As bigints: a number would be bound as a double, and the digits of an ISBN would end in ".0".
    const numbers = { first: BigInt(Number(counted?.count)), books: BigInt(books) };
    database.prepare(growBooks).run(numbers);
    database.prepare(growTags).run(numbers);
    database.exec(
      `UPDATE bookshop_book SET price = (id * 7919 % 20011) / 100.0;
       CREATE INDEX bench_book_genre_price ON bookshop_book (genre, price);
       COMMIT`,
    );
  } finally {
    database.close(); // moves the log into the file, so that the file alone can be copied
  }
}

/** The numbers of the copies of a book: as many rounds of the fixture as are needed. */
const rounds = `WITH RECURSIVE round (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM round WHERE n < :books / :first)`;

const growBooks = `${rounds}
  INSERT INTO bookshop_book (id, title, isbn, price, pages, in_print, genre, rating, published_at, ref, metadata,
                             created_at, updated_at, author_id, owner_id)
  SELECT id + n * :first, title || ' (' || n || ')', 9780000000000 + (id + n * :first) * 37, price, pages, in_print, genre,
         rating, published_at, substr(ref, 1, 24) || printf('%08x', id + n * :first), metadata,
         created_at, updated_at, author_id, owner_id
  FROM bookshop_book, round WHERE id + n * :first <= :books ORDER BY n, id`;

const growTags = `${rounds}
  INSERT INTO bookshop_book_tags (book_id, tag_id)
  SELECT book_id + n * :first, tag_id
  FROM bookshop_book_tags, round WHERE book_id + n * :first <= :books ORDER BY n, id`;
