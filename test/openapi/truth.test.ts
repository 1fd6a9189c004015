/**
 * The document is true: whatever is sent to an operation, right or wrong, the answer is one that the document describes.
 *
 * `OPENAPI_RUNS=500` sends so many requests to each operation (default: a few).
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import shop, { Product } from "../../examples/shop/app.ts";
import thesaurus from "../../examples/thesaurus/app.ts";
import todo from "../../examples/todo/app.ts";
import type { App } from "../../src/app/index.ts";
import { startTestApp, type TestApp, type TestUser } from "../app.ts";
import { databases } from "../databases.ts";
import { Author, Publisher, Tag } from "../resource/library.ts";
import { type Known, sentBodies, valuesOf } from "./arbitraries.ts";
import { type Contract, contractOf, type Described } from "./contract.ts";
import { everything } from "./everything.ts";
import "../properties/seed.ts";

const runs = Number(process.env.OPENAPI_RUNS ?? 4);

interface Sent {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string | FormData;
}

const garbage = fc.oneof(
  fc.constantFrom("0", "x", "-1", "99999999999999999999", "", " ", "a,b", "%", "é"),
  fc.string({ maxLength: 6 }),
);

/** A text as forms and URLs carry a value; an object may have a `toString` of its own. */
const plain = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));

/** Requests to an operation, right ones most of the time. @param keys  of rows that are there */
function requests({ path, parameters, bodies }: Described, known: Known, keys: readonly unknown[]): fc.Arbitrary<Sent> {
  const textOf = (value: unknown): string => (Array.isArray(value) ? value.map(plain).join(",") : plain(value));
  const ofPath = parameters.filter((one) => one.in === "path");
  const key = fc.oneof(
    { arbitrary: keys.length > 0 ? fc.constantFrom(...keys.map(String)) : fc.constant("1"), weight: 6 },
    ...ofPath.map(({ schema }) => valuesOf(schema, known).map(String)),
    garbage,
  );
  const pair = fc.oneof(
    ...parameters
      .filter((one) => one.in === "query")
      .map(({ name, schema }) =>
        fc
          .oneof({ arbitrary: valuesOf(schema, known).map(textOf), weight: 4 }, garbage)
          .map((value): [string, string] => [name, value]),
      ),
  );
  const hasQuery = parameters.some((one) => one.in === "query");
  const pairs: fc.Arbitrary<readonly [string, string][]> = hasQuery
    ? fc.oneof(fc.constant([]), fc.array(pair, { maxLength: 3 }))
    : fc.constant([]);
  const ofHeader = parameters.filter((one) => one.in === "header");
  const values = Object.fromEntries(ofHeader.map(({ name }) => [name.toLowerCase(), headerValues(name)]));
  const required = ofHeader.flatMap((one) => (one.required ? [one.name.toLowerCase()] : []));
  const headers = fc.oneof(
    { arbitrary: fc.record(values, { requiredKeys: required }), weight: 6 },
    fc.record(values, { requiredKeys: [] }),
  );
  const accept = fc.oneof(
    { arbitrary: fc.constant("application/json"), weight: 15 },
    fc.constantFrom("*/*", "image/png"),
  );
  const types = Object.entries(bodies);
  const body: fc.Arbitrary<Pick<Sent, "body"> & { type?: string }> =
    types.length === 0
      ? fc.constant({})
      : fc.oneof(
          ...types.map(([type, schema]) => ({ arbitrary: bodyOf(type, sentBodies(schema, known)), weight: 8 })),
          fc.constantFrom({ body: "{", type: "application/json" }, { body: "a", type: "text/plain" }, {}),
          fc.constant({ body: `"${"x".repeat(30_000)}"`, type: "application/json" }),
        );
  return fc
    .record({ key, pairs, headers, accept, body })
    .map(({ key, pairs, headers, accept, body: { body, type } }) => {
      // A dot ends a key, and a slash begins another path.
      const bare = encodeURIComponent(key.toWellFormed().replaceAll(/[./]/g, "-")) || "0";
      const search = pairs.map((each) => each.map((text) => encodeURIComponent(text.toWellFormed())).join("="));
      return {
        path: path.replace(/\{\w+\}/, bare) + (search.length > 0 ? `?${search.join("&")}` : ""),
        headers: { accept, ...(type === undefined ? {} : { "content-type": type }), ...headers },
        ...(body !== undefined && { body }),
      };
    });
}

function headerValues(name: string): fc.Arbitrary<string> {
  if (name === "Prefer") return fc.constant("handling=lenient");
  if (name === "Idempotency-Key") return fc.oneof(fc.uuid(), fc.constantFrom("again", "x".repeat(300)));
  return fc.constantFrom("*", "*", "*", "*", '"other"', 'W/"other"', "what");
}

function bodyOf(type: string, values: fc.Arbitrary<unknown>): fc.Arbitrary<{ body: string | FormData; type?: string }> {
  const entries = (value: unknown): [string, string][] =>
    Object.entries(typeof value === "object" && value !== null ? value : {}).flatMap(([name, inner]) =>
      [inner].flat().map((one): [string, string] => [name, one === null ? "" : plain(one)]),
    );
  switch (type) {
    case "application/json":
      return values.map((value) => ({ body: JSON.stringify(value), type }));
    case "multipart/form-data":
      return fc.tuple(values, fc.constantFrom("a.txt", "b.png", "none")).map(([value, name]) => {
        const form = new FormData();
        for (const [own, text] of entries(value)) {
          if (["file", "cover"].includes(own)) {
            if (name !== "none") form.append(own, new Blob([text]), name);
          } else form.append(own, text);
        }
        return { body: form };
      });
    default:
      return values.map((value) => ({ body: String(new URLSearchParams(entries(value))), type }));
  }
}

const apps: readonly { readonly name: string; readonly app: App; fill?(test: TestApp): Promise<unknown> }[] = [
  { name: "the thesaurus", app: thesaurus },
  {
    name: "the shop",
    app: shop,
    fill: (test) =>
      test.insert(
        Product,
        [1, 2, 3].map((n) => ({ name: `Lamp ${n}`, sku: `lamp-${n}`, price: "9.50", stock: 999 })),
      ),
  },
  { name: "the to-do list", app: todo },
  {
    name: "an app with one of everything",
    app: everything,
    async fill(test) {
      for (const model of [Author, Publisher, Tag])
        await test.insert(
          model,
          ["one", "two", "three"].map((name) => ({ name })),
        );
    },
  },
];

interface People {
  readonly all: readonly (TestUser | undefined)[];
  readonly hints: NonNullable<Known["hints"]>;
}

/** Somebody unknown, a user, and one of the staff; and what they know. */
async function makePeople({ user, client, clock }: TestApp, number: number): Promise<People> {
  // Whoever guessed passwords from this address is forgiven by then.
  clock.now += 86_400_000;
  const [alice, staff] = [await user(`alice-${number}`), await user(`staff-${number}`, { is_staff: true })];
  const { username, password, bearer } = alice;
  const { json } = await client("POST", "/api/token/", { json: { username, password } });
  const [access, refresh] = [bearer.authorization.slice("Bearer ".length), String(json.refresh)];
  const hints = { username: [username], password: [password], current_password: [password] };
  return { all: [undefined, alice, alice, staff, staff], hints: { ...hints, token: [access], refresh: [refresh] } };
}

for (const { name: database, create } of databases) {
  // What differs between databases is all in the last one.
  const tried = database === "SQLite" || process.env.OPENAPI_RUNS ? apps : apps.slice(-1);
  describe(`the document on ${database}`, () => {
    for (const { name, app, fill } of tried) {
      describe(`of ${name}`, () => {
        let test: TestApp;
        let contract: Contract;
        before(async () => {
          test = await startTestApp(app, await create(), { settings: { accessLifetimeSeconds: 1e9 } });
          await fill?.(test);
          contract = contractOf((await test.client("GET", "/api/schema/")).json);
        });
        after(() => test.stop());

        it("describes every answer to whatever is sent", async () => {
          /** Keys of rows that were seen, by where they stand. */
          const seen = new Map<string, Set<unknown>>();
          const reached = new Map<string, Set<number>>();
          const groups = new Map<string, People>();
          // Those that make rows come before those that need them.
          const order = contract.operations.toSorted(
            (a, b) => Number(a.method === "DELETE") - Number(b.method === "DELETE"),
          );
          for (const operation of order) {
            // What is done to an account is done to one of its own.
            const isAccount = /^\/(api\/(token|second)|auth)/.test(operation.path);
            const group = isAccount ? operation.id : "rows";
            const people = groups.get(group) ?? (await makePeople(test, groups.size));
            groups.set(group, people);
            const where = operation.path.replace(/\{.*$/, "");
            const keys = seen.get(where) ?? new Set();
            seen.set(where, keys);
            const who = fc.oneof(
              { arbitrary: fc.constantFrom(...people.all), weight: 9 },
              fc.constant("wrong" as const),
            );
            await fc.assert(
              fc.asyncProperty(
                fc.context(),
                who,
                requests(operation, { resolve: contract.resolve, hints: people.hints }, [...keys]),
                async (context, who, { path, headers, body }) => {
                  test.faults.length = 0;
                  const bearer = who === "wrong" ? { authorization: "Bearer nonsense" } : who?.bearer;
                  const answer = await test.client(operation.method, path, {
                    headers: { ...headers, ...bearer },
                    ...(body !== undefined && { body }),
                  });
                  const sent = `${operation.method} ${path} ${JSON.stringify(headers)} ${typeof body === "string" ? body : [...(body ?? [])]}`;
                  context.log(sent);
                  assert.deepEqual(test.faults, [], sent);
                  assert.equal(contract.faultOf(operation, answer), undefined, `${answer.status} to ${sent}`);
                  reached.set(operation.id, (reached.get(operation.id) ?? new Set()).add(answer.status));
                  for (const row of [answer.json?.results ?? answer.json].flat())
                    if (operation.method !== "DELETE")
                      for (const key of [row?.id, row?.code]) if (key !== undefined) keys.add(key);
                },
              ),
              { numRuns: runs, endOnFailure: true },
            );
          }
          if (process.env.OPENAPI_RUNS) {
            const never = order.filter(({ id }) => ![...(reached.get(id) ?? [])].some((status) => status < 300));
            console.log(`${name}: never done: ${never.map(({ id }) => id).join(", ")}`);
          }
          // A run in which nothing was done would prove little.
          const done = [...reached.values()].filter((statuses) => [...statuses].some((status) => status < 300));
          assert.ok(done.length > reached.size / 3, `${done.length} of ${reached.size} operations were done`);
        });
      });
    }
  });
}
