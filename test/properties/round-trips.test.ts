/** Values of every kind, however a client may write them: they come back in the one form of the wire, and again and again. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { defineApp } from "../../src/app/index.ts";
import { permission, resource } from "../../src/resource/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { Author, Sample, Tag } from "../resource/library.ts";
import "./seed.ts";

const open = { permissions: [permission.allowAny()] };
const app = defineApp({
  resources: { authors: resource(Author, open), tags: resource(Tag, open), samples: resource(Sample, open) },
});

/** The text of JSON that a client sends, and the value that it gets. */
type Pair = readonly [sent: string, shown: unknown];

const same = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<Pair> =>
  arbitrary.map((value) => [JSON.stringify(value), value]);
const pad = (part: number | bigint, width = 2): string => String(part).padStart(width, "0");

/** Text without null characters, which stays as it is between two letters. */
const characters = fc.string({ unit: "binary", maxLength: 12 }).map((text) => text.replaceAll("\0", ""));
const blanks = fc.constantFrom("", " ", "\t\n", "\u00a0", "\u2028", "\u0085");
const text: fc.Arbitrary<Pair> = fc
  .tuple(blanks, characters, blanks)
  .map(([before, inner, after]) => [JSON.stringify(`${before}a${inner}z${after}`), `a${inner}z`]);

const addressGroups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });
/** RFC 5952: no zeros in front, the first longest run of two or more zero groups is `::`; a mapped address is IPv4 here. */
function shortest(groups: readonly number[]): string {
  let [start, length] = [0, 1];
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && groups[i + run] === 0) run++;
    if (run > length) [start, length] = [i, run];
  }
  const hex = groups.map((group) => group.toString(16));
  return length < 2 ? hex.join(":") : `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}
/** Addresses of IPv4 in another form: mapped ones are shown as IPv4, and PostgreSQL writes `::1:0` as `::0.1.0.0`. */
const holdsIpv4 = (groups: readonly number[]): boolean =>
  groups.slice(0, 5).every((group) => group === 0) && (groups[5] === 0xffff || (groups[5] === 0 && groups[6] !== 0));
const ip = fc.oneof(
  same(fc.ipV4()),
  addressGroups
    .filter((groups) => !holdsIpv4(groups))
    .map(
      (groups): Pair => [
        `"${groups.map((group) => group.toString(16).toUpperCase().padStart(4, "0")).join(":")}"`,
        shortest(groups),
      ],
    ),
);

const uuid = fc.tuple(fc.uuid(), fc.nat(3)).map(([value, spelling]): Pair => {
  const sent = [value, value.toUpperCase(), value.replaceAll("-", ""), `urn:uuid:${value}`][spelling];
  return [JSON.stringify(sent), value];
});

const whole = (min: number, max: number) =>
  fc
    .tuple(fc.integer({ min, max }), fc.boolean())
    .map(([value, asText]): Pair => [asText ? `" ${value} "` : `${value}`, value]);
/** Compared as text: `JSON.parse` of the test would lose digits. */
const big = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Pair => [`${value}`, value]);

const decimal = fc
  .tuple(fc.bigInt({ min: -999_999_999_999n, max: 999_999_999_999n }), fc.nat(2))
  .map(([units, spelling]): Pair => {
    const digits = pad(units < 0n ? -units : units, 4);
    const shown = `${units < 0n ? "-" : ""}${digits.slice(0, -3)}.${digits.slice(-3)}`;
    return [[`"${shown}"`, shown, `"${units}e-3"`][spelling] ?? shown, shown];
  });

const fraction = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 999_999 }));
const fractionText = (micros: number): string => (micros === 0 ? "" : `.${pad(micros, 6)}`);
/** Days since 1970 of the years 1 to 9999, but for the first and the last: an offset may lead into the neighbour. */
const day = fc.integer({ min: Date.parse("0001-01-02") / 86_400_000, max: Date.parse("9999-12-30") / 86_400_000 });
const dateText = (days: number): string => new Date(days * 86_400_000).toISOString().slice(0, 10);
const date = same(day.map(dateText));
const seconds = fc.nat(86_399);
const clock = (second: number): string =>
  [second / 3600, (second / 60) % 60, second % 60].map((part) => pad(Math.floor(part))).join(":");
const time = same(fc.tuple(seconds, fraction).map(([second, micros]) => clock(second) + fractionText(micros)));
const datetime = fc
  .tuple(day, seconds, fraction, fc.integer({ min: -1439, max: 1439 }))
  .map(([days, second, micros, offset]): Pair => {
    const local = new Date((days * 86_400 + second + offset * 60) * 1000).toISOString().slice(0, 19);
    const size = Math.abs(offset);
    const sign = offset < 0 ? "-" : "+";
    const sent = `${local}${fractionText(micros)}${sign}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
    return [`"${sent}"`, `${dateText(days)}T${clock(second)}${fractionText(micros)}Z`];
  });

const duration = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((micros): Pair => {
  const dayMicros = 86_400_000_000n;
  const rest = ((micros % dayMicros) + dayMicros) % dayMicros;
  const days = (micros - rest) / dayMicros;
  const shown = `${days === 0n ? "" : `${days} `}${clock(Number(rest / 1_000_000n))}${fractionText(Number(rest % 1_000_000n))}`;
  return [`"${shown}"`, shown];
});

const json = same(
  fc
    .jsonValue({ maxDepth: 4, stringUnit: "binary" })
    .map((value) => JSON.parse(JSON.stringify(value).replaceAll("\\u0000", "")) as unknown)
    .filter((value) => value !== null),
);

/** A valid value of each field of the sample. */
const values: Readonly<Record<Exclude<keyof typeof Sample.fields, "id">, fc.Arbitrary<Pair>>> = {
  boolean: fc
    .boolean()
    .chain((value) =>
      fc.constantFrom(...(value ? ["true", "1", '"yes"'] : ["false", "0", '"off"'])).map((sent): Pair => [sent, value]),
    ),
  text,
  email: same(fc.emailAddress({ size: "small" }).filter((address) => address.length <= 254)),
  url: same(
    fc.webUrl({ withQueryParameters: true, withFragments: true, size: "small" }).filter((url) => url.length <= 200),
  ),
  slug: same(fc.stringMatching(/^[-\w]{1,50}$/)),
  uuid,
  ip,
  integer: whole(-(2 ** 31), 2 ** 31 - 1),
  big,
  positive: whole(0, 2 ** 31 - 1),
  float: same(fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0)),
  decimal,
  datetime,
  date,
  time,
  duration,
  choice: same(fc.constantFrom("a", "b")),
  number_choice: same(fc.constantFrom(1, 2)),
  json,
  author: fc.constantFrom(1, 2).chain((key) => fc.constantFrom(`${key}`, `"${key}"`).map((sent): Pair => [sent, key])),
  tags: fc.subarray([1, 2, 3]).map((keys): Pair => [JSON.stringify([...keys, ...keys].reverse()), keys]),
};
const fields = Object.keys(values);
const nothing: Pair = ["null", null];
const whatever = fc.record(
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      name === "tags" ? value : fc.oneof({ arbitrary: value, weight: 5 }, fc.constant(nothing)),
    ]),
  ),
  { requiredKeys: [] },
);
const withJson = (body: string) => ({ body, headers: { "content-type": "application/json" } });

for (const { name, create } of databases) {
  describe(`round trips on ${name}`, () => {
    let test: TestApp;
    before(async () => {
      test = await startTestApp(app, await create());
      await test.insert(Author, [{ name: "Ann" }, { name: "Ben" }]);
      await test.insert(Tag, [{ name: "one" }, { name: "two" }, { name: "three" }]);
    });
    after(() => test.stop());

    it("what is posted comes back in the form of the wire, and what came back is put back unchanged", async () => {
      await fc.assert(
        fc.asyncProperty(whatever, async (sent) => {
          const { client } = test;
          const body = `{${Object.entries(sent)
            .map(([name, [text] = nothing]) => `"${name}":${text}`)
            .join(",")}}`;
          const made = await client("POST", "/api/v1/samples/", withJson(body));
          assert.equal(made.status, 201, made.text);
          const path = `/api/v1/samples/${made.json.id}/`;
          const { json, text } = await client("GET", path);
          assert.equal(text, made.text);
          for (const field of fields) {
            const [, shown] = sent[field] ?? [undefined, field === "tags" ? [] : null];
            if (typeof shown === "bigint") assert.ok(text.includes(`"${field}":${shown},`), text);
            else assert.deepEqual(field === "tags" ? json.tags.toSorted() : json[field], shown, field);
          }
          const put = await client("PUT", path, withJson(text));
          assert.equal(put.status, 200, put.text);
          assert.equal(put.text, text);
          assert.equal((await client("GET", path)).text, text);
          const patched = await client("PATCH", path, withJson(text));
          assert.equal(patched.text, text);
        }),
        { numRuns: 250 },
      );
      assert.deepEqual(test.faults, []);
    });
  });
}
