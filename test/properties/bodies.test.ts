/** Bodies of every sort, sent to a resource with a field of every kind: kept, or refused with findings, and never a fault of ours. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { defineApp } from "../../src/app/index.ts";
import { field, model } from "../../src/model/index.ts";
import { endpoint, pagination, permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import type { Answer } from "../http-client.ts";
import { Author, Sample, Tag } from "../resource/library.ts";
import { texts } from "./texts.ts";
import "./seed.ts";

const Box = model("properties.box", {
  fields: { label: field.text({ maxLength: 20 }), size: field.integer({ null: true }) },
});
const Thing = model("properties.thing", {
  fields: {
    box: field.foreignKey(Box),
    name: field.text({ maxLength: 20 }),
    weight: field.decimal({ maxDigits: 5, decimalPlaces: 1 }),
  },
});

const open = { permissions: [permission.allowAny()] };
const structures = {
  list: field.list({ of: field.integer(), maxItems: 5 }),
  dict: field.dict({ of: field.decimal({ maxDigits: 5, decimalPlaces: 2 }) }),
  nested: field.nested({ fields: { x: field.float(), inner: field.list({ of: field.dict() }) } }),
  any: field.list(),
};
const echo = { input: structures, output: structures, run: <T>({ input }: { input: T }) => input };

const app = defineApp({
  settings: { maxBodyBytes: 20_000 },
  resources: {
    authors: resource(Author, open),
    tags: resource(Tag, open),
    samples: resource(Sample, { ...open, pagination: pagination.none() }),
    boxes: resource(Box, { ...open, extra: { things: field.children(Thing, "box") }, pagination: pagination.none() }),
    locked: resource(Box),
  },
  endpoints: { echo: endpoint({ ...open, methods: { POST: echo, PUT: echo, PATCH: echo } }) },
});

/** What is sent where; each has names of its own that a body may use. */
const targets = [
  { list: "/api/v1/samples/", names: Object.keys(Sample.fields) },
  { list: "/api/v1/boxes/", names: ["id", "label", "size", "things", "name", "weight", "box"] },
  { list: "/api/v1/locked/", names: ["id", "label"] },
  { list: "/api/v1/echo/", names: [...Object.keys(structures), "x", "inner"] },
];
const names = [...new Set(targets.flatMap((target) => target.names))];

/** Values that some kind takes, so that bodies come through to the database. */
const plausible = fc.constantFrom(
  ...[
    '"a"',
    '"b"',
    "1",
    "2",
    "0",
    "-1",
    "true",
    "false",
    "null",
    "[]",
    "[1]",
    "[1,2]",
    "{}",
    '"1.5"',
    "1.5",
    '"127.0.0.1"',
    '"::1"',
  ],
  ...['"2024-01-31"', '"2024-01-31T08:00:00Z"', '"08:30"', '"1 00:00:00"', '"https://a.example"', '"a@b.example"'],
  ...[
    '"123e4567e89b12d3a456426614174000"',
    '[{"name":"a","weight":"1.5"}]',
    '[{"name":"a","weight":1},{}]',
    '{"x":1,"inner":[{"a":1}]}',
  ],
);
const numbers = fc.oneof(
  fc.constantFrom(
    "-0",
    "1e400",
    "-1e400",
    "1E-400",
    "2147483648",
    "-2147483649",
    "9223372036854775808",
    "1e50",
    "0.1e1",
    "1.0",
  ),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.integer({ min: 1, max: 2000 }).map((digits) => "7".repeat(digits)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
);
/** A text in JSON, escaped or as it is. */
const quoted = texts.map((text) => JSON.stringify(text));
const keys = fc.oneof(
  fc.constantFrom(...names, "", "__proto__", "constructor", "\0", "\ud800").map((name) => JSON.stringify(name)),
  quoted,
);

const json = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(plausible, numbers, quoted, fc.constantFrom("null", "true", "false")),
    fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${items.join(",")}]`),
    fc
      .array(fc.tuple(keys, tie("value")), { maxLength: 6 })
      .map((entries) => `{${entries.map((pair) => pair.join(":")).join(",")}}`),
  ),
})).value;

const member = fc.tuple(
  fc.constantFrom(...names),
  fc.oneof({ arbitrary: plausible, weight: 3 }, { arbitrary: quoted, weight: 2 }, numbers, json),
);
/** An object under the names of fields, one name perhaps twice; often of one or two, for a finding about one hides the others. */
const named = fc
  .oneof(fc.array(member, { minLength: 1, maxLength: 2 }), fc.array(member, { maxLength: 8 }))
  .map((entries) => `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`);
/** What is JSON, and no object with anything in it. */
const bare = fc.constantFrom("", "null", "true", "0", '""', "[]", "{}", "[null]", "[{}]", " ");
const deep = fc
  .tuple(fc.constantFrom(["[", "]"], ['{"a":', "}"], ['{"json":[', "]}"]), fc.integer({ min: 1, max: 400 }))
  .map(([[begin = "", end = ""], depth]) => `${begin.repeat(depth)}1${end.repeat(depth)}`);
const broken = fc.tuple(fc.oneof(named, json), fc.nat(40), texts).map(([text, at, more]) => text.slice(0, at) + more);
const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => new Uint8Array(array));
const forms = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom(...names, "things[0]name", "nested.x", "list[0]", "dict.a", "nested.inner[0].a"), texts),
      texts,
    ),
    { maxLength: 6 },
  )
  .map((pairs) => String(new URLSearchParams(pairs)));
const parts = fc
  .array(fc.tuple(fc.constantFrom(...names, "things[0]name", '"', "\r\n"), texts), { maxLength: 4 })
  .map(
    (pairs) =>
      `${pairs.map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`).join("")}--b--\r\n`,
  );

const types = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"] as const;
const otherTypes = fc.constantFrom(
  "text/plain",
  "application/json; charset=latin1",
  "multipart/form-data",
  "*/*",
  ";",
  "a",
);
interface Sent {
  readonly type: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
}
const typed = (type: fc.Arbitrary<string>, body: fc.Arbitrary<Sent["body"]>): fc.Arbitrary<Sent> =>
  fc.record({ type, body });
const bodies = fc.oneof(
  {
    arbitrary: typed(fc.constant(types[0]), fc.oneof({ arbitrary: named, weight: 4 }, json, bare, deep, broken, bytes)),
    weight: 5,
  },
  typed(fc.constant(types[1]), fc.oneof(forms, bytes)),
  typed(fc.constant(types[2]), fc.oneof(parts, broken, bytes)),
  typed(fc.oneof(fc.constantFrom(...types), otherTypes), fc.oneof(named, forms, parts, bytes)),
);

const refusals = new Set([400, 401, 403, 404, 413, 415]);

/** A refusal says what was wrong: a sentence, or findings by field, at any depth, with nothing empty among them. */
function assertFindings({ status, json: findings, text }: Answer): void {
  const hasFindings = (value: unknown): boolean => {
    if (typeof value === "string") return value !== "";
    if (typeof value !== "object" || value === null) return false;
    return Object.values(value).some(hasFindings);
  };
  assert.ok(refusals.has(status), `${status} ${text}`);
  assert.ok(!Array.isArray(findings) && hasFindings(findings), `${status} ${text}`);
}

for (const { name, create } of databases) {
  describe(`bodies on ${name}`, () => {
    let test: TestApp;
    before(async () => {
      test = await startTestApp(app, await create());
      await test.insert(Author, [{ name: "Ann" }, { name: "Ben" }]);
      await test.insert(Tag, [{ name: "one" }, { name: "two" }]);
    });
    after(() => test.stop());

    it("are kept or refused with findings, and the list still answers", async () => {
      const { client } = test;
      const targetOf = fc.constantFrom(...targets, targets[0] as (typeof targets)[number]);
      const method = fc.constantFrom("POST", "PUT", "PATCH");
      await fc.assert(
        fc.asyncProperty(targetOf, method, bodies, async ({ list }, method, { type, body }) => {
          test.faults.length = 0;
          const isResource = list !== "/api/v1/echo/";
          const isRow = isResource && method !== "POST";
          // A row to change, where one is changed.
          const row = isRow ? await client("POST", "/api/v1/boxes/", { json: { label: "a", things: [] } }) : undefined;
          const sample = isRow && list === "/api/v1/samples/" ? await client("POST", list, { json: {} }) : row;
          const path = isRow ? `${list}${sample?.json.id}/` : list;
          const answer = await client(method, path, { body, headers: { "content-type": type } });
          if (answer.status >= 400) assertFindings(answer);
          else {
            assert.equal(answer.status, isResource && method === "POST" ? 201 : 200, answer.text);
            assert.equal(typeof answer.json, "object", answer.text);
            if (isResource) {
              const shown = await client("GET", `${list}${answer.json.id}/`);
              assert.equal(shown.text, answer.text);
            }
          }
          for (const each of ["/api/v1/samples/", "/api/v1/boxes/"]) {
            const listed = await client("GET", each);
            assert.equal(listed.status, 200, listed.text);
            for (const { id } of listed.json) await client("DELETE", `${each}${id}/`);
          }
          assert.deepEqual(test.faults, []);
          assert.deepEqual(Object.keys(Object.prototype), []);
        }),
        { numRuns: 700 },
      );
    });
  });
}
