/** Nonsense of every sort, at every route of an app: it is refused, and never a fault of ours. The same nonsense on every run. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import app from "../conformance/app.ts";
import { Antonym, Author, Book, Review, Synonym, Tag } from "../conformance/models.ts";
import { databases } from "../databases.ts";

const REQUESTS = 2000;

const words = [
  ...[
    "",
    "0",
    "1",
    "2",
    "-1",
    "01",
    "1.0",
    "1e3",
    "1e400",
    "-0",
    "NaN",
    "Infinity",
    "true",
    "null",
    "[]",
    "{}",
    "\0",
    "a\0b",
  ],
  ...[
    "2147483648",
    "-2147483649",
    "9223372036854775808",
    "-9223372036854775809",
    "9".repeat(30),
    "9".repeat(400),
    "1".repeat(5000),
  ],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "prototype",
    "\ud800",
    "\udfffx",
    "😀",
    "é",
    "ß",
    "\u2028",
    "\ufeff",
    "٣",
  ],
  ...[
    "' OR 1=1 --",
    '"; drop table x',
    "%",
    "_",
    "\\",
    "%00",
    "../../etc/passwd",
    "<script>",
    "a,b",
    ",",
    ",,",
    "1,2",
    "1,",
    "[0]",
    "$where",
  ],
  ...["(", "[", "*", "(?<a>b)", "(?=a)", "\\1", "\\p{L}", "(?i)a", "a{100000}", "^a$", "[[:alpha:]]", "(?<!a)b"],
  ...[
    "2024-01-01",
    "2024-13-01",
    "0000-00-00",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    "2024-01-01T00:00:00Z",
    "24:00",
    "P1D",
  ],
  ...[
    "00000000-0000-0000-0000-000000000000",
    "urn:uuid:x",
    "bzE=",
    "cD0x",
    "cj0xJnA9MQ==",
    "cD0lMDA=",
    "=",
    "====",
    "last",
    "-id",
    "id,-id,id",
  ],
  ...["fiction", "alpha", "on", "x".repeat(300), "😀".repeat(101), " ", "\t", "json", "api", "-", "+", "~"],
];
const values: readonly unknown[] = [
  ...words,
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e21,
    -1e308,
    2 ** 31,
    2 ** 53,
    [],
    {},
    [[]],
    [null],
    [1, "1", 1],
    ["\0"],
    [2 ** 40],
    { id: 1 },
  ],
  ...[
    { ["__proto__"]: 1 },
    { constructor: { prototype: 1 } },
    { "\0": "\0" },
    { a: "\0" },
    { "\ud800": 1 },
    Array(2000).fill(1),
  ],
];
const rawBodies = [
  "",
  "{",
  "[]",
  "null",
  '"x"',
  "1",
  "\0",
  '{"a":1}{',
  "[".repeat(100_000),
  `{"metadata":${"[".repeat(150)}${"]".repeat(150)}}`,
  `{"pages":${"9".repeat(2000)}}`,
  `{"metadata":${"9".repeat(20_000)}}`,
  '{"title":1e999}',
  '{"__proto__":{"title":"x"}}',
  '{"title":"\\u0000"}',
  '{"metadata":{"a":"\\u0000"}}',
  '{"metadata":"\\ud800"}',
  "a=1&a=2&%00=%00&metadata=%7B",
  "tags=1&tags=2&tags[0]=1&point.x=1&points[0]x=1",
  '--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nx\r\n--b--\r\n',
  "--b\r\n\r\n",
  "--b--",
];
const types = [
  "application/json",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=b",
  "multipart/form-data",
  "text/plain",
  "*/*",
  "a/b;c",
  ";",
];
const accepts = [
  "application/json",
  "application/json",
  "application/json; indent=4",
  "text/html",
  "*/*",
  "image/png",
  ";;,/",
  "application/json; indent=-99999999999",
];

/** Pseudo-random numbers from a seed (mulberry32), so that a failure happens again. */
function generator(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    chance: (part: number) => next() < part,
    pick: <T>(items: readonly T[]): T => items[below(items.length)] as T,
  };
}

const common = ["search", "ordering", "page", "page_size", "limit", "offset", "cursor", "format", "next", "__proto__"];

/** What a resource reads: its query parameters, the fields of its body. */
const namesOf = ({ filter, fields }: Resource) => ({
  fields: Object.keys(fields),
  parameters: [
    ...common,
    ...Object.entries(filter).flatMap(([name, lookups]) =>
      Array.isArray(lookups)
        ? lookups.map((lookup) => (lookup === "exact" ? name : `${name}__${lookup}`))
        : [name, `${name}_min`, `${name}_max`, `${name}_after`],
    ),
  ],
});
const resources = new Map(Object.values<Resource>(app.resources).map((each) => [each.model, namesOf(each)]));
const anything = namesOf(app.resources.books as Resource);

for (const { name, create } of databases) {
  describe(`nonsense on ${name}`, () => {
    let test: TestApp;
    before(async () => {
      test = await startTestApp(app, await create());
    });
    after(() => test.stop());

    it(`is never answered with a fault of ours, in ${REQUESTS} requests`, async () => {
      const { pick, chance, below } = generator(7);
      const alice = await test.user("alice", { is_staff: true, is_superuser: true });
      const many = <T>(make: (i: number) => T): T[] => Array.from({ length: 40 }, (_, i) => make(i + 1));
      const owner = alice.id;
      await test.insert(
        Author,
        many((i) => ({ name: `Author ${i}` })),
      );
      await test.insert(
        Tag,
        many((i) => ({ slug: `tag-${i}`, name: `Tag ${i}` })),
      );
      await test.insert(
        Synonym,
        many((i) => ({ word: `word ${i}`, synonym: "same", owner })),
      );
      await test.insert(
        Antonym,
        many((i) => ({ word: `word ${i}`, antonym: "other", owner })),
      );
      const book = { price: "1.00", pages: 1, genre: "poetry", owner };
      await test.insert(
        Book,
        many((i) => ({ ...book, title: `Book ${i}`, isbn: String(1e12 + i), author: i })),
      );
      await test.insert(
        Review,
        many((i) => ({ book: i, rating: 5, body: "x", owner })),
      );
      const { authorization } = alice.bearer;
      const credentials = [
        ...Array(12).fill(authorization),
        "",
        "Bearer x",
        "Bearer",
        "Basic AAA=",
        "Basic AGE6Yg==",
        "Basic 4pivOuKYrw==",
        "x",
      ];
      const encode = (text: string): string => encodeURIComponent(text.toWellFormed());
      const failures: string[] = [];
      const statuses = new Set<number>();
      for (let i = 0; i < REQUESTS; i++) {
        const endpoint = pick(test.endpoints);
        const { parameters, fields } = (endpoint.model && resources.get(endpoint.model)) ?? anything;
        const method = chance(0.05) ? "DELETE" : pick(["GET", "GET", "POST", "PUT", "PATCH", "OPTIONS", "HEAD"]);
        const key = chance(0.7)
          ? String(1 + below(40))
          : pick([() => encode(pick(words)), () => pick(["%ff", "%", "%2e%2e", "1.json", "1.__proto__", "a%2Fb"])])();
        const value = () => (chance(0.03) ? "%ff" : encode(pick(words)));
        const query = Array.from({ length: below(4) }, () => `${encode(pick(parameters))}=${value()}`).join("&");
        const path = endpoint.path.replace(":pk", key) + (query && `?${query}`);
        const headers: Record<string, string> = { accept: pick(accepts), authorization: pick(credentials) };
        if (chance(0.1))
          headers.cookie = pick([
            "sessionid=x",
            "sessionid=%00; csrftoken=é",
            "=;;;",
            "sessionid=__proto__",
            'a="\\777',
          ]);
        let body: string | undefined;
        if (method !== "GET" && method !== "HEAD") {
          headers["content-type"] = chance(0.8) ? "application/json" : pick(types);
          const right = {
            title: `T${i}`,
            isbn: String(2e12 + i),
            author: 1 + below(40),
            price: "2",
            pages: 1,
            genre: "poetry",
            word: `w${i}`,
            synonym: "s",
          };
          const others = { antonym: "a", slug: `s${i}`, name: "n", book: 1 + below(40), rating: 3, body: "b" };
          const wrong = Object.fromEntries(Array.from({ length: below(3) }, () => [pick(fields), pick(values)]));
          body = chance(0.15)
            ? pick(rawBodies)
            : JSON.stringify({ ...(chance(0.8) && { ...right, ...others }), ...wrong });
        }
        const answer = await test.client(method, path, { body, headers });
        statuses.add(answer.status);
        const leaks =
          answer.status >= 400 && /\bat .+:\d+:\d+|sqlite|postgres|select .* from|constraint/i.test(answer.text);
        if (answer.status >= 500 || leaks)
          failures.push(
            `${method} ${path} ${headers["content-type"]} ${body?.slice(0, 300)} -> ${answer.status} ${test.faults.at(-1)}`,
          );
      }
      assert.deepEqual(failures.map((failure) => failure.slice(0, 800)).slice(0, 10), []);
      for (const status of [200, 201, 204, 400, 401, 404, 405, 406, 415])
        assert.ok(statuses.has(status), `no answer was a ${status}`);
      assert.deepEqual(test.faults, []);
    });
  });
}
