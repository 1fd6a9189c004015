/** Filters, search and order: whatever stands after `?` is answered, means what it says, and reaches no SQL unless it was declared. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { defineApp } from "../../src/app/index.ts";
import type { Database, Executor, Lookup } from "../../src/db/index.ts";
import { pagination, permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { Author, Sample, Tag } from "../resource/library.ts";
import { columns, compare, Entry, type EntryRow, entry, values } from "./rows.ts";
import { encoded, searchOf, texts } from "./texts.ts";
import "./seed.ts";

const ordered: readonly Lookup[] = ["exact", "gt", "gte", "lt", "lte", "in", "range", "isnull"];
const patterns: readonly Lookup[] = [
  ...([
    "iexact",
    "contains",
    "icontains",
    "startswith",
    "istartswith",
    "endswith",
    "iendswith",
    "regex",
    "iregex",
  ] as const),
];
const onDays: readonly Lookup[] = ["year", "month", "day", "year__gte", "month__in"];
const onClock: readonly Lookup[] = ["hour", "minute", "second", "hour__lt"];

/** Every lookup that each field has. */
const lookups: Readonly<Record<string, readonly Lookup[]>> = {
  boolean: ["exact", "isnull"],
  ...Object.fromEntries(["text", "email", "url", "slug", "choice"].map((name) => [name, [...ordered, ...patterns]])),
  ip: ["exact", "in", "isnull", ...patterns],
  ...Object.fromEntries(
    ["uuid", "integer", "big", "float", "decimal", "duration", "number_choice"].map((name) => [name, ordered]),
  ),
  datetime: [...ordered, "date", "date__gte", "date__in", ...onDays, ...onClock],
  date: [...ordered, ...onDays],
  time: [...ordered, ...onClock],
  json: ["isnull"],
  author: ["exact", "in", "isnull"],
  author__name: ["exact", "icontains", "iregex"],
  tags: ["exact", "in", "isnull"],
  tags__name: ["exact", "startswith"],
};
const parametersOf = (declared: Readonly<Record<string, readonly Lookup[]>>): string[] =>
  Object.entries(declared).flatMap(([name, each]) =>
    each.map((lookup) => (lookup === "exact" ? name : `${name}__${lookup}`)),
  );
const parameters = parametersOf(lookups);

const entryLookups: Readonly<Record<string, readonly Lookup[]>> = {
  run: ["exact"],
  text: [...ordered, "contains", "startswith"],
  ...Object.fromEntries(
    ["whole", "decimal", "float", "date", "datetime", "time", "duration"].map((name) => [name, ordered]),
  ),
};

const open = { permissions: [permission.allowAny()] };
const app = defineApp({
  resources: {
    authors: resource(Author, open),
    tags: resource(Tag, open),
    samples: resource(Sample, {
      ...open,
      ...{
        filter: lookups,
        order: "all",
        search: ["text", "^slug", "=email", "$author__name", "tags__name", "integer", "datetime"],
      },
      pagination: pagination.cursor({ order: ["-id"] }),
    }),
    entries: resource(Entry, { ...open, filter: entryLookups, order: "all", pagination: pagination.none() }),
  },
});

/** What a parameter may well hold, beside any text. */
const plausible = fc.oneof(
  fc.constantFrom(
    "1",
    "0",
    "-1",
    "2",
    "true",
    "false",
    "a",
    "b",
    "1.5",
    "2024-01-31",
    "2024-01-31T08:00:00Z",
    "08:30",
    "P1D",
    "1 00:00:00",
  ),
  fc.constantFrom(
    "127.0.0.1",
    "::1",
    "123e4567-e89b-12d3-a456-426614174000",
    "1/31/24",
    "2147483648",
    "-9223372036854775809",
    "2024",
    "10000",
  ),
  fc
    .array(fc.constantFrom("1", "2", "", "2024-01-31", "08:30", "x", "99999999999999999999"), { maxLength: 5 })
    .map((list) => list.join(",")),
);
const ordering = fc
  .array(fc.oneof(fc.constantFrom(...Object.keys(Sample.fields), "author__name", ""), texts), { maxLength: 4 })
  .chain((names) => fc.tuple(...names.map((name) => fc.constantFrom(name, `-${name}`, `--${name}`, ` ${name} `))))
  .map((names) => names.join(","));
const words = fc.array(texts, { maxLength: 40 }).map((list) => list.join(" "));
const huge = fc.constantFrom(
  "2147483648",
  "9223372036854775808",
  "-9223372036854775809",
  "99999999999999999999",
  "1e50",
  "1e-300",
);
const value = fc.oneof(plausible, texts, huge);
const pair = fc.oneof(
  { arbitrary: fc.tuple(fc.constantFrom(...parameters), value), weight: 6 },
  fc.tuple(fc.constantFrom("page_size", "cursor", "format"), value),
  fc.tuple(
    fc.constant("cursor"),
    fc
      .tuple(fc.constantFrom("", "r=1&"), fc.array(value))
      .map(([way, at]) => btoa(way + at.map((each) => `p=${encoded(each)}`).join("&"))),
  ),
  fc.tuple(fc.constant("ordering"), ordering),
  fc.tuple(fc.constant("search"), words),
  fc.tuple(texts, value),
);

/** A database that notes what it is asked to run: the SQL and the values. */
function noting(notes: unknown[]) {
  const wrapped = <E extends Executor>(executor: E): E =>
    new Proxy(executor, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        return (statement: { readonly sql?: string }, ...more: unknown[]) => {
          if (name === "all" || name === "get" || name === "run") notes.push([statement.sql, ...more]);
          return member.call(target, statement, ...more);
        };
      },
    });
  return (database: Database): Database => wrapped(database);
}

/** What is asked of an entry, done in JavaScript. */
interface Question {
  readonly column: string;
  readonly lookup: string;
  readonly text: string;
}
/** Filters take no number above 1e50, and none of hundreds of digits. */
const isAskable = (value: unknown): boolean =>
  typeof value !== "number" || value === 0 || (Math.abs(value) < 1e50 && Math.abs(value) > 1e-200);
const letters = fc.string({ unit: fc.constantFrom("a", "b", "B"), minLength: 1, maxLength: 2 });
const question: fc.Arbitrary<Question> = fc
  .constantFrom(...columns.filter((column) => column !== "flag"))
  .chain((column) =>
    fc.constantFrom(...(entryLookups[column] ?? [])).chain((lookup) => {
      const one = column === "text" ? letters : values[column].filter(isAskable).map(String);
      const text =
        lookup === "isnull"
          ? fc.constantFrom("true", "false", "1", "0", "True")
          : lookup === "in"
            ? fc.array(one, { minLength: 1, maxLength: 5 }).map((list) => list.join(","))
            : lookup === "range"
              ? fc.tuple(one, one).map((list) => list.join(","))
              : one;
      return fc.record({ column: fc.constant(column), lookup: fc.constant(lookup), text });
    }),
  );

function answers(row: EntryRow, { column, lookup, text }: Question, folds: boolean): boolean {
  const own = row[column] ?? null;
  if (lookup === "isnull") return (own === null) === ["true", "1", "True"].includes(text);
  if (own === null) return false;
  const read = (each: string): unknown => (typeof own === "number" ? Number(each) : each);
  const to = (each: string): number => compare(column, own, read(each));
  const fold = (each: unknown): string =>
    folds ? String(each).replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : String(each);
  switch (lookup) {
    case "exact":
      return to(text) === 0;
    case "gt":
      return to(text) > 0;
    case "gte":
      return to(text) >= 0;
    case "lt":
      return to(text) < 0;
    case "lte":
      return to(text) <= 0;
    case "in":
      return text.split(",").some((each) => to(each) === 0);
    case "range": {
      const [from = "", until = ""] = text.split(",");
      return to(from) >= 0 && to(until) <= 0;
    }
    case "contains":
      return fold(own).includes(fold(text));
    case "startswith":
      return fold(own).startsWith(fold(text));
    default:
      throw new TypeError(`no answer for ${lookup}`);
  }
}

for (const { name, create } of databases) {
  describe(`filters on ${name}`, () => {
    const notes: unknown[] = [];
    let test: TestApp;
    let run = 0;
    before(async () => {
      test = await startTestApp(app, await create(), { wrap: noting(notes) });
      await test.insert(Author, [{ name: "Ann (a|b)" }, { name: "100%_\\ Ben" }]);
      await test.insert(Tag, [{ name: "one" }, { name: "two" }]);
      await test.insert(Sample, [
        {
          text: "a",
          author: 1,
          tags: [1, 2],
          integer: 1,
          datetime: "2024-01-31T08:00:00Z",
          duration: "1 00:00:00",
          ip: "::1",
        },
        {
          text: "%_\\'\"",
          author: 2,
          tags: [],
          big: 1,
          date: "2024-01-31",
          time: "08:30:00",
          float: 1.5,
          decimal: "1.500",
        },
        {},
      ]);
    });
    after(() => test.stop());

    it("any parameters are answered or refused with findings under their names", async () => {
      // One alone more often than several: what is wrong with one would hide what the others do.
      const few = fc.oneof(fc.tuple(pair), fc.array(pair, { minLength: 2, maxLength: 5 }));
      await fc.assert(
        fc.asyncProperty(few, async (pairs) => {
          test.faults.length = 0;
          const { status, json, text } = await test.client("GET", `/api/v1/samples/?${searchOf(pairs)}`);
          assert.ok([200, 400, 404].includes(status), `${status} ${text}`);
          assert.deepEqual(test.faults, []);
          if (status === 400) {
            // What the database finds wrong with a pattern has no name of a parameter.
            const asked = ["non_field_errors", ...pairs.map(([parameter]) => parameter.toWellFormed())];
            for (const [parameter, findings] of Object.entries(json)) {
              assert.ok(asked.includes(parameter), text);
              assert.ok(Array.isArray(findings) && findings.length > 0, text);
            }
          }
        }),
        { numRuns: 800 },
      );
    });

    it("a name that is not declared changes neither the answer nor what the database is asked", async () => {
      const known = new Set([...parametersOf(entryLookups), "ordering", "search", "format"]);
      const near = fc.constantFrom(
        "text__regex",
        "text__",
        "__text",
        "TEXT",
        "text__exact",
        "id",
        "id__in",
        "run__gte",
        "limit",
        "page",
        "author__name",
        "flag",
      );
      const undeclared = fc.oneof(near, texts).filter((parameter) => !known.has(parameter.toWellFormed()));
      run++;
      await test.insert(Entry, [
        { run, text: "a" },
        { run, text: "b" },
      ]);
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(undeclared, value), { maxLength: 4 }), async (pairs) => {
          const ask = async (more: string) => {
            notes.length = 0;
            const { status, text } = await test.client(
              "GET",
              `/api/v1/entries/?text__gte=a&ordering=-text&run=${run}${more}`,
            );
            assert.equal(status, 200, text);
            return { text, asked: [...notes] };
          };
          const without = await ask("");
          assert.ok(without.asked.length > 0);
          assert.deepEqual(await ask(`&${searchOf(pairs)}`), without);
        }),
        { numRuns: 100 },
      );
    });

    it("find what the same questions find in JavaScript", async () => {
      const folds = name === "SQLite";
      const questions = fc.array(fc.array(question, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(fc.array(entry, { maxLength: 10 }), questions, async (rows, questions) => {
          run++;
          await test.insert(
            Entry,
            rows.map((row) => ({ ...row, run })),
          );
          const { json: all } = await test.client("GET", `/api/v1/entries/?run=${run}`);
          assert.equal(all.length, rows.length);
          for (const asked of questions) {
            // Of one name the last value counts.
            const byName = new Map(
              asked.map((each) => [each.lookup === "exact" ? each.column : `${each.column}__${each.lookup}`, each]),
            );
            const pairs = [...byName].map(([parameter, { text }]) => [parameter, text] as const);
            const {
              status,
              json: found,
              text,
            } = await test.client("GET", `/api/v1/entries/?run=${run}&${searchOf(pairs)}`);
            assert.equal(status, 200, text);
            const expected = all.filter((row: EntryRow) =>
              [...byName.values()].every((each) => answers(row, each, folds)),
            );
            assert.deepEqual(found, expected, searchOf(pairs));
          }
        }),
        { numRuns: 100 },
      );
      assert.deepEqual(test.faults, []);
    });
  });
}
