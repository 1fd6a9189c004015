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
import type { Known } from "./arbitraries.ts";
import { type Contract, contractOf, type Described } from "./contract.ts";
import { everything, nobodyGuesses, Paper } from "./everything.ts";
import { requests, rightRequests, type Sent } from "./requests.ts";
import "../properties/seed.ts";

const runs = Number(process.env.OPENAPI_RUNS ?? 4);

/** How many requests that look right are sent until one of them is done. */
const tries = 60;

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
      const { id: owner } = await test.user("writer");
      await test.insert(
        Paper,
        [1, 2, 3].map((n) => ({ title: `Draft ${n}`, file: "papers/draft.txt", owner })),
      );
    },
  },
];

/** Keys of rows, by where these stand. */
type Seen = Map<string, Set<unknown>>;

type Who = TestUser | "wrong" | undefined;

interface People {
  readonly users: readonly TestUser[];
  readonly hints: NonNullable<Known["hints"]>;
}

/** A user and one of the staff, and what they know. */
async function makePeople({ user, client, clock }: TestApp, number: number): Promise<People> {
  // Whoever guessed passwords from this address is forgiven by then.
  clock.now += 86_400_000;
  const [alice, staff] = [await user(`alice-${number}`), await user(`staff-${number}`, { is_staff: true })];
  const { username, password, bearer } = alice;
  const { json } = await client("POST", "/api/token/", { json: { username, password } });
  const [access, refresh] = [bearer.authorization.slice("Bearer ".length), String(json.refresh)];
  const sliding = await client("POST", "/api/token/sliding/", { json: { username, password } });
  const tokens = [access, ...(sliding.status === 200 ? [sliding.json.token] : [])];
  const hints = { username: [username, `newcomer-${number}`], password: [password], current_password: [password] };
  return { users: [alice, staff], hints: { ...hints, token: tokens, refresh: [refresh] } };
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

        it("describes every answer to whatever is sent, and everything is done at least once", async () => {
          const seen: Seen = new Map();
          const done = new Set<string>();
          const groups = new Map<string, People>();
          for (const operation of inTurn(contract.operations)) {
            const group = groupOf(operation);
            const people = groups.get(group) ?? (await makePeople(test, groups.size));
            groups.set(group, people);
            const where = operation.path.replace(/\{.*$/, "");
            const keys = seen.get(where) ?? new Set();
            seen.set(where, keys);
            const hints = { ...people.hints, ...(keys.size > 0 && { id: [...keys] }) };
            const known: Known = { resolve: contract.resolve, hints, keys: keysByModel(contract, seen) };

            /** Sends a request, and holds the answer against the document. */
            const ask = async (who: Who, { path, headers, body }: Sent): Promise<number> => {
              test.faults.length = 0;
              const bearer = who === "wrong" ? { authorization: "Bearer nonsense" } : who?.bearer;
              const answer = await test.client(operation.method, path, {
                headers: { ...headers, ...bearer },
                ...(body !== undefined && { body }),
              });
              const sent = `${operation.method} ${path} ${JSON.stringify(headers)} ${typeof body === "string" ? body : [...(body ?? [])]}`;
              assert.deepEqual(test.faults, [], sent);
              assert.equal(contract.faultOf(operation, answer), undefined, `${answer.status} to ${sent}`);
              if (answer.status >= 300) return answer.status;
              done.add(operation.id);
              if (operation.method === "DELETE")
                for (const key of keys) if (path === `${where}${key}/`) keys.delete(key);
              for (const row of [answer.json?.results ?? answer.json].flat())
                for (const key of [row?.id, row?.code]) if (key !== undefined) keys.add(key);
              return answer.status;
            };

            // What was asked too often may be asked again.
            test.clock.now += 60_000;
            // First what is right, until it is done: what comes later has rows to work with.
            const { users } = people;
            const right = fc.sample(rightRequests(operation, known, [...keys]), { numRuns: tries });
            for (const [i, request] of right.entries())
              if ((await ask(users[i % users.length], request)) < 300 || nobodyGuesses.has(operation.id)) break;
            const who = fc.oneof(
              { arbitrary: fc.constantFrom(undefined, ...users), weight: 9 },
              fc.constant("wrong" as const),
            );
            await fc.assert(
              fc.asyncProperty(who, requests(operation, known, [...keys]), async (...asked) => {
                await ask(...asked);
              }),
              { numRuns: runs, endOnFailure: true },
            );
          }
          const never = contract.operations.flatMap(({ id }) => (done.has(id) || nobodyGuesses.has(id) ? [] : [id]));
          assert.deepEqual(never, []);
        });

        // No database has a part in this.
        if (database !== "SQLite") return;
        it("has examples that their schemas allow, and the server says what those of a 400 do", async () => {
          const { wrong, count } = contract.examples();
          assert.deepEqual(wrong, []);
          assert.ok(count > contract.operations.length, String(count));
          const { bearer } = await test.user("reader", { is_staff: true });
          let said = 0;
          for (const { path, method, bodies, wrong } of contract.operations) {
            if (method !== "POST" || path.includes("{") || !("application/json" in bodies)) continue;
            const { status, json } = await test.client("POST", path, { json: {}, headers: bearer });
            const [name, texts] = Object.entries(wrong ?? {})[0] ?? [];
            if (status !== 400 || name === undefined) continue;
            said++;
            assert.deepEqual(json[name], texts, path);
          }
          assert.ok(said > 0);
        });

        it("says of each path what it may be asked for, and so do HEAD, OPTIONS, other methods and pages", async () => {
          const { bearer } = await test.user("visitor", { is_staff: true });
          const client = (method: string, path: string, headers = {}) =>
            test.client(method, path, { headers: { ...bearer, ...headers } });
          for (const [path, operations] of byPath(contract)) {
            const place = path.replace(/\{\w+\}/, "1");
            const read = operations.find(({ method }) => method === "GET");
            const allow = [...operations.map(({ method }) => method), ...(read ? ["HEAD"] : []), "OPTIONS"].join(", ");
            for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
              if (operations.some((one) => one.method === method)) continue;
              const { status, headers, json } = await client(method, place);
              assert.deepEqual([status, headers.get("allow"), Object.keys(json)], [405, allow, ["detail"]], path);
            }
            const about = await client("OPTIONS", place);
            assert.equal(about.status, 200, path);
            assert.deepEqual(Object.keys(about.json).slice(0, 4), ["name", "description", "renders", "parses"], path);
            if (!read) continue;
            const [got, head] = [await client("GET", place), await client("HEAD", place)];
            assert.deepEqual([head.status, head.text], [got.status, ""], path);
            assert.equal(head.headers.get("content-type"), got.headers.get("content-type"), path);
            const page = await client("GET", place, { accept: "text/html" });
            if (!read.parameters.some(({ name }) => name === "format")) assert.equal(page.status, 406, path);
            else if (read.parameters.every(({ name }) => name !== "Range")) {
              assert.equal(page.status, got.status, path);
              assert.match(page.text, /^<!doctype html>/, path);
            }
          }
        });
      });
    }
  });
}

/** Who asks: what is done to accounts and sessions is done to some that nobody else needs. */
function groupOf({ path, id }: Described): string {
  if (/^\/(api\/(token|second)|auth)/.test(path) || id === "auth_sessions_end_all") return id;
  return path.startsWith("/api/auth/sessions/") ? "sessions" : "rows";
}

/** Keys that were seen, by what the document says of such a key. */
const keysByModel = ({ operations }: Contract, seen: Seen): NonNullable<Known["keys"]> =>
  new Map(
    operations.flatMap(({ path, parameters }): [string, readonly unknown[]][] => {
      const { description } = parameters.find((one) => one.in === "path")?.schema ?? {};
      const keys = [...(seen.get(path.replace(/\{.*$/, "")) ?? [])];
      return description !== undefined && keys.length > 0 ? [[description, keys]] : [];
    }),
  );

const byPath = ({ operations }: Contract): Map<string, Described[]> => Map.groupBy(operations, ({ path }) => path);

/** Those that make rows come before those that need them; what is removed goes the other way, since its rows go with others. */
function inTurn(operations: readonly Described[]): Described[] {
  const removing = operations.filter(({ method }) => method === "DELETE").toReversed();
  const isOne = ({ path }: Described): boolean => path.includes("{");
  return [
    ...operations.filter(({ method }) => method !== "DELETE"),
    ...removing.filter(isOne),
    ...removing.filter((one) => !isOne(one)),
  ];
}
