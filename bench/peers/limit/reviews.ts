/** Reviews, newest first, by hand: one statement with its two joins, and the cursor of the next page. */
import { type Database, Refusal, row, rows, time, wholeNumber } from "./database.ts";

export interface Reviews {
  find(id: number): object | undefined;
  /** @param origin  scheme and host for the links, e.g. `http://127.0.0.1:8000` */
  list(origin: string, query: URLSearchParams): object;
}

type Row = readonly [
  id: number,
  rating: number,
  body: string,
  createdAt: string,
  owner: number,
  book: number,
  title: string,
  price: number,
  author: string,
];

const select = `SELECT r.id, r.rating, r.body, r.created_at, r.owner_id, b.id, b.title, b.price, a.name
  FROM bookshop_review r JOIN bookshop_book b ON b.id = r.book_id JOIN bookshop_author a ON a.id = b.author_id`;

/** The reviews of a database. */
export function reviewsOf({ prepare }: Database): Reviews {
  const one = prepare(`${select} WHERE r.id = ?`);
  // `0 +`: see `books.ts`.
  const first = prepare(`${select} ORDER BY r.created_at DESC, r.id DESC LIMIT 0 + ?`);
  const after = prepare(
    `${select} WHERE r.created_at <= ? AND (r.created_at < ? OR r.id < ?)
     ORDER BY r.created_at DESC, r.id DESC LIMIT 0 + ?`,
  );

  return {
    find(id) {
      const found = row<Row>(one.get(id));
      return found && toJson(found);
    },

    list(origin, query) {
      const size = Math.min(wholeNumber(query.get("page_size")) ?? 8, 30);
      const cursor = query.get("cursor");
      const at = cursor === null ? undefined : positionIn(cursor);
      // One row more tells whether another page follows.
      const found = rows<Row>(
        at === undefined ? first.all(size + 1) : after.all(at.createdAt, at.createdAt, at.id, size + 1),
      );
      const shown = found.slice(0, size);
      const last = found.length > size ? shown.at(-1) : undefined;
      return {
        next: last === undefined ? null : link(origin, query, positionOf(last)),
        // Only forward: nothing that is measured goes back.
        previous: null,
        results: shown.map(toJson),
      };
    },
  };
}

const toJson = ([id, rating, body, createdAt, owner, book, title, price, author]: Row): object => ({
  id,
  book,
  book_summary: { id: book, title, author, price: price.toFixed(2) },
  rating,
  body,
  owner,
  created_at: time(createdAt),
});

/** A cursor: base64 of a query string with the values of a row in the fields of the order. */
const positionOf = ([id, , , createdAt]: Row): string =>
  Buffer.from(`p=${encodeURIComponent(time(createdAt))}&p=${id}`).toString("base64");

function positionIn(cursor: string): { readonly createdAt: string; readonly id: number } {
  const [createdAt = "", id = ""] = new URLSearchParams(Buffer.from(cursor, "base64").toString()).getAll("p");
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(createdAt) || !/^\d{1,15}$/.test(id))
    throw new Refusal(404, { detail: "Invalid cursor" });
  return { createdAt: createdAt.replace("T", " ").slice(0, -1), id: Number(id) };
}

/** The same list at another cursor: parameters in alphabetical order. */
function link(origin: string, query: URLSearchParams, cursor: string): string {
  const parameters = new URLSearchParams(query);
  parameters.set("cursor", cursor);
  parameters.sort();
  return `${origin}/api/v1/reviews/?${parameters}`;
}
