/** What the pages of docs/guide say that a client gets, it gets: every ```http passage of these pages is sent to an app. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import shop, { Product } from "../examples/shop/app.ts";
import todo, { List, Task } from "../examples/todo/app.ts";
import { defineApp, field, model, pagination, resource, type Scope } from "../src/index.ts";
import { startTestApp, type TestApp } from "./app.ts";
import { databases } from "./databases.ts";

const Note = model("note", { fields: { is_public: field.boolean({ default: true }), owner: field.owner() } });
const Trip = model("trip", { fields: { seats: field.integer() } });
const Visit = model("visit", { fields: { page: field.text() } });
const scope: Scope<typeof Note> = ({ user }) => ({
  or: [
    { path: "is_public", value: true },
    { path: "owner", value: user?.id ?? 0 },
  ],
});
const other = defineApp({
  resources: {
    notes: resource(Note, { scope }),
    visits: resource(Visit, { pagination: pagination.pageNumber({ count: "none" }) }),
    trips: resource(Trip, { order: ["seats"], pagination: pagination.cursor() }),
  },
  // Signing in takes both.
  throttle: { token: "2/min" },
});

/** Who sends what stands on a page. */
const pages = {
  "fields.md": "alice",
  "permissions.md": "nobody",
  "scope.md": "bob",
  "filters.md": "alice",
  "pagination.md": "alice",
  "actions.md": "alice",
  "content-types.md": "alice",
  "throttling.md": "nobody",
} as const;

const rowsOf = {
  shop: (test: TestApp, _owner: number) =>
    test.insert(Product, [{ name: "Lamp", sku: "lamp", price: "12.50", stock: 4 }]),
  todo: async (test: TestApp, owner: number) => {
    await test.insert(List, [{ name: "Home", owner }]);
    await test.insert(Task, [
      { list: 1, title: "Water", due: "2024-06-03", priority: "low" },
      { list: 1, title: "Paint the door", due: "2024-06-10", priority: "high" },
      { list: 1, title: "Sleep", due: "2024-06-01" },
    ]);
  },
  other: async (test: TestApp, owner: number) => {
    await test.insert(Note, [{ owner }]);
    await test.insert(Visit, [{ page: "/" }, { page: "/shop" }, { page: "/" }]);
    await test.insert(Trip, [{ seats: 2 }, { seats: 4 }, { seats: 4 }]);
  },
};
const apps = { shop, todo, other };
const appOf = (path: string): keyof typeof apps =>
  /orders|products/.test(path) ? "shop" : /tasks|lists/.test(path) ? "todo" : "other";

/** `GET /path/`, headers and a body; then the status, headers and a body. */
function parse(passage: string) {
  const [asked = "", answered = ""] = passage.split(/\n\n(?=\d{3}\n)/);
  const [first = "", ...rest] = asked.split("\n");
  const [method = "", path = ""] = first.split(" ");
  const headers = headersIn(rest);
  const body = rest
    .filter((line) => !isHeader.test(line))
    .join("\n")
    .trim();
  const [status = "", ...answer] = answered.split("\n");
  const shown = answer.filter((line) => !isHeader.test(line)).join("\n");
  return { method, path, headers, body, status: Number(status), answerHeaders: headersIn(answer), shown };
}

const isHeader = /^([A-Z][\w-]+): (.*)$/;
const headersIn = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    lines.flatMap((line) => {
      const [, name = "", value = ""] = isHeader.exec(line) ?? [];
      return name === "" ? [] : [[name.toLowerCase(), value]];
    }),
  );

/** What is left out of a passage is marked with `…` as the last thing of an object. */
const LEFT_OUT = "…";
const readShown = (shown: string): unknown => JSON.parse(shown.replaceAll(/, …(?=[,}])/g, `, "${LEFT_OUT}": 0`));

/** The part of an answer that a passage shows. */
function partOf(answer: unknown, shown: unknown): unknown {
  if (Array.isArray(answer) && Array.isArray(shown)) return answer.map((each, i) => partOf(each, shown[i]));
  if (!isObject(answer) || !isObject(shown)) return answer;
  const names = LEFT_OUT in shown ? Object.keys(shown) : Object.keys(answer);
  return Object.fromEntries(names.map((name) => [name, name === LEFT_OUT ? 0 : partOf(answer[name], shown[name])]));
}
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

for (const { name: database, create } of databases) {
  describe(`what the guide says that a client gets, on ${database}`, () => {
    for (const [page, who] of Object.entries(pages)) {
      const text = readFileSync(join(import.meta.dirname, "../docs/guide", page), "utf8");
      const passages = Array.from(text.matchAll(/```http\n(.*?)\n```/gs), ([, passage = ""]) => parse(passage));
      it(`${page}: ${passages.length} requests`, async () => {
        assert.notEqual(passages.length, 0);
        for (const { method, path, headers, body, status, answerHeaders, shown } of passages) {
          const name = appOf(path);
          const test = await startTestApp(apps[name], await create());
          try {
            const users = { alice: await test.user("alice"), bob: await test.user("bob") };
            await rowsOf[name](test, users.alice.id);
            const answer = await test.client(method, path, {
              body: body === "" ? undefined : body,
              headers: { "content-type": "application/json", ...headers, ...(who !== "nobody" && users[who].bearer) },
            });
            assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
            for (const [header, value] of Object.entries(answerHeaders))
              assert.equal(answer.headers.get(header), value, header);
            const expected = readShown(shown);
            const got = JSON.parse(answer.text.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:8000"));
            assert.deepEqual(partOf(got, expected), expected, `${method} ${path}`);
          } finally {
            await test.stop();
          }
        }
      });
    }
  });
}
