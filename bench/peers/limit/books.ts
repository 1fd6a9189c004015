/** Books, by hand: prepared statements, and one literal that maps a row to JSON. */
import { type Database, Refusal, row, rows, time, wholeNumber } from "./database.ts";

export interface Books {
  /** One book with its tags, or undefined. */
  find(id: number): object | undefined;
  /** @param origin  scheme and host for the links, e.g. `http://127.0.0.1:8000` */
  list(origin: string, query: URLSearchParams): object;
}

type Row = readonly [
  id: number,
  title: string,
  isbn: string,
  author: number,
  price: number,
  pages: number,
  inPrint: number,
  genre: string,
  rating: number | null,
  publishedAt: string | null,
  ref: string,
  metadata: string | null,
  owner: number,
  createdAt: string,
  updatedAt: string,
];

const columns = `id, title, isbn, author_id, price, pages, in_print, genre, rating, published_at, ref, metadata, owner_id,
  created_at, updated_at`;
const genres = ["fiction", "science", "history", "poetry"];
const orders = ["id", "title", "price", "pages", "published_at"];

/** The books of a database. */
export function booksOf({ prepare }: Database): Books {
  const book = prepare(`SELECT ${columns} FROM bookshop_book WHERE id = ?`);
  const tagsOfOne = prepare("SELECT tag_id FROM bookshop_book_tags WHERE book_id = ? ORDER BY tag_id");

  function tagsOf(ids: readonly number[]): Map<number, number[]> {
    const places = ids.map(() => "?").join();
    const sql = `SELECT book_id, tag_id FROM bookshop_book_tags WHERE book_id IN (${places}) ORDER BY tag_id`;
    const tags = new Map<number, number[]>(ids.map((id) => [id, []]));
    for (const [bookId, tagId] of rows<[number, number]>(prepare(sql).all(...ids))) tags.get(bookId)?.push(tagId);
    return tags;
  }

  return {
    find(id) {
      const found = row<Row>(book.get(id));
      return (
        found &&
        toJson(
          found,
          rows<[number]>(tagsOfOne.all(id)).map(([tag]) => tag),
        )
      );
    },

    list(origin, query) {
      const size = Math.min(wholeNumber(query.get("page_size")) ?? 10, 100);
      const where: string[] = [];
      const values: (string | number)[] = [];
      const genre = query.get("genre");
      if (genre) {
        if (!genres.includes(genre)) throw new Refusal(400, { genre: ["Expected one of the genres."] });
        where.push("genre = ?");
        values.push(genre);
      }
      const price = query.get("price__gte");
      if (price) {
        if (!/^-?\d+(\.\d+)?$/.test(price)) throw new Refusal(400, { price__gte: ["Expected a number."] });
        where.push("price >= ?");
        values.push(Number(price));
      }
      const filter = where.length > 0 ? ` WHERE ${where.join(" AND ")}` : "";
      const count = row<[number]>(prepare(`SELECT count(*) FROM bookshop_book${filter}`).get(...values))?.[0] ?? 0;

      const pages = Math.max(1, Math.ceil(count / size));
      const asked = query.get("page") ?? "1";
      const page = asked === "last" ? pages : wholeNumber(asked);
      if (page === undefined || page > pages) throw new Refusal(404, { detail: "There is no such page." });

      // `0 +`: SQLite's planner looks at a bare parameter there, and prepares the statement anew at each execution.
      const sql = `SELECT ${columns} FROM bookshop_book${filter} ORDER BY ${order(query)} LIMIT 0 + ? OFFSET ?`;
      const found = rows<Row>(prepare(sql).all(...values, size, (page - 1) * size));
      const tags = tagsOf(found.map(([id]) => id));
      return {
        count,
        next: page < pages ? link(origin, query, page + 1) : null,
        previous: page > 1 ? link(origin, query, page - 1) : null,
        results: found.map((one) => toJson(one, tags.get(one[0]) ?? [])),
      };
    },
  };
}

function order(query: URLSearchParams): string {
  const fields = (query.get("ordering") ?? "").split(",").map((field) => field.trim());
  const known = fields.filter((field) => orders.includes(field.startsWith("-") ? field.slice(1) : field));
  if (known.length === 0) return "id";
  return known.map((field) => (field.startsWith("-") ? `${field.slice(1)} DESC` : field)).join(", ");
}

/** The same list at another page: parameters in alphabetical order, none for the first page. */
function link(origin: string, query: URLSearchParams, page: number): string {
  const parameters = new URLSearchParams(query);
  if (page === 1) parameters.delete("page");
  else parameters.set("page", String(page));
  parameters.sort();
  const text = parameters.toString();
  return `${origin}/api/v1/books/${text && "?"}${text}`;
}

function toJson(one: Row, tags: readonly number[]): object {
  const [id, title, isbn, author, price, pages, inPrint, genre, rating, published, ref, metadata, owner] = one;
  return {
    id,
    title,
    isbn,
    author,
    price: price.toFixed(2),
    pages,
    in_print: inPrint === 1,
    genre,
    rating,
    published_at: published && time(published),
    ref: `${ref.slice(0, 8)}-${ref.slice(8, 12)}-${ref.slice(12, 16)}-${ref.slice(16, 20)}-${ref.slice(20)}`,
    metadata: metadata === null ? null : JSON.parse(metadata),
    tags,
    owner,
    created_at: time(one[13]),
    updated_at: time(one[14]),
  };
}
