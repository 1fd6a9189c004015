/**
 * What is measured: one row, one request. To measure something else, add an entry.
 *
 * Read by `run.ts` and `contest.ts`. A row is only fair if every server answers it with the same content; `compare.ts` refuses the others.
 */
import type { PeerId } from "./peers.ts";

export interface Row {
  /** A static file: asked of nginx, by wrk where there is one. `{css/site.css}` in its path stands for the URL with the hash. */
  readonly isStatic?: boolean;
  /** Short name, for `--only` and for machines. */
  readonly id: string;
  /** What a person reads. */
  readonly title: string;
  readonly method: string;
  /** `{connection}` stands for the number of the connection, four digits: each has a row of its own. */
  readonly path: string;
  /**
   * `{token}` stands for an access token of an active user, `{forged token}` for one that is signed with another secret, `{etag}` for
   * the ETag of the connection's last answer; the first comes of a GET.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON; each `{n}` in it is another number of twelve digits, which no other request has. */
  readonly body?: string;
  /** Status that every answer must have. */
  readonly status: number;
  /** Keys of the answer whose values are the time of the request: compared by their form. */
  readonly now?: readonly string[];
  /** The length of the answers varies, e.g. by the digits of an id, so only its own `Content-Length` is checked. */
  readonly varies?: boolean;
  /** Connections that ask at the same time, instead of those of `--connections`: for what queues at the database anyway. */
  readonly connections?: number;
  /** Who has this at all; all of them, unless it is said. */
  readonly peers?: readonly PeerId[];
}

const asUser = { Accept: "application/json", Authorization: "Bearer {token}" };
const sendsJson = { ...asUser, "Content-Type": "application/json" };
/** Django has no ETag for what its views answer, and no bulk writes. */
const withoutDjango: readonly PeerId[] = ["limit", "drf-auth"];
const items = Array.from({ length: 1000 }, () => ({ word: "bulk {n}", synonym: "of one request" }));

export const rows: readonly Row[] = [
  {
    id: "detail",
    title: "detail, token checked",
    method: "GET",
    path: "/api/v1/books/4321/",
    headers: asUser,
    status: 200,
  },
  {
    id: "list",
    title: "list of 20: filter, order, count",
    method: "GET",
    path: "/api/v1/books/?genre=science&price__gte=5&ordering=-price&page_size=20&page=1",
    headers: asUser,
    status: 200,
  },
  {
    id: "relations",
    title: "list of 20 with two relations, by cursor",
    method: "GET",
    path: "/api/v1/reviews/?page_size=20",
    headers: asUser,
    status: 200,
  },
  {
    id: "create",
    title: "create, unique",
    method: "POST",
    path: "/api/v1/synonyms/",
    headers: sendsJson,
    body: JSON.stringify({ word: "created {n}", synonym: "of one request" }),
    status: 201,
    now: ["created_at", "updated_at"],
    varies: true,
  },
  {
    id: "update",
    title: "update with If-Match",
    method: "PATCH",
    path: "/api/v1/synonyms/1{connection}/",
    headers: { ...sendsJson, "If-Match": "{etag}" },
    body: JSON.stringify({ synonym: "changed {n}" }),
    status: 200,
    now: ["updated_at"],
    varies: true,
    peers: withoutDjango,
  },
  {
    id: "bulk",
    title: "create of 1,000 in one request, 4 connections",
    method: "POST",
    path: "/api/v1/bulk-synonyms/",
    headers: sendsJson,
    body: JSON.stringify(items),
    status: 201,
    now: ["created_at", "updated_at"],
    varies: true,
    connections: 4,
    peers: withoutDjango,
  },
  {
    id: "invalid",
    title: "400: a word that is taken, a text that is empty",
    method: "POST",
    path: "/api/v1/synonyms/",
    headers: sendsJson,
    body: JSON.stringify({ word: "happy", synonym: " " }),
    status: 400,
  },
  {
    id: "unauthorized",
    title: "401: a token with a wrong signature",
    method: "GET",
    path: "/api/v1/books/4321/",
    headers: { ...asUser, Authorization: "Bearer {forged token}" },
    status: 401,
  },
  {
    id: "not-modified",
    title: "304: detail with If-None-Match",
    method: "GET",
    path: "/api/v1/books/4321/",
    headers: { ...asUser, "If-None-Match": "{etag}" },
    status: 304,
    peers: withoutDjango,
  },
  {
    id: "static-small",
    title: "static: stylesheet of 4 kB, hashed name",
    method: "GET",
    path: "{css/site.css}",
    headers: {},
    status: 200,
    isStatic: true,
  },
  {
    id: "static-gzip",
    title: "static: the same, compressed",
    method: "GET",
    path: "{css/site.css}",
    headers: { "Accept-Encoding": "gzip" },
    status: 200,
    isStatic: true,
  },
  {
    id: "static-not-modified",
    title: "static: 304, with If-None-Match",
    method: "GET",
    path: "{css/site.css}",
    headers: { "If-None-Match": "{etag}" },
    status: 304,
    isStatic: true,
  },
  {
    id: "static-large",
    title: "static: film of 20 MB, 4 connections",
    method: "GET",
    path: "{film.webm}",
    headers: {},
    status: 200,
    connections: 4,
    isStatic: true,
  },
  {
    id: "static-range",
    title: "static: 64 kB from the middle of the film",
    method: "GET",
    path: "{film.webm}",
    headers: { Range: "bytes=10000000-10065535" },
    status: 206,
    isStatic: true,
  },
];
