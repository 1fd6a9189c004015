/** Values of every kind, from JSON to a column and back, on every database. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { library } from "./library.ts";

/** By field: what is sent, and what comes back where that differs. */
const accepted: Readonly<Record<string, readonly (readonly [sent: unknown, shown?: unknown])[]>> = {
  boolean: [[true], [false], ["yes", true]],
  text: [["plain"], ["Zürich 😀 ☃"], ['it\'s "quoted" \\ %_'], ["<script>"], [" padded ", "padded"], [12, "12"]],
  email: [["someone@example.com"]],
  url: [["https://example.com/a?b=c#d"]],
  slug: [["a-b_9"]],
  uuid: [["123E4567E89B12D3A456426614174000", "123e4567-e89b-12d3-a456-426614174000"]],
  ip: [["127.0.0.1"], ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"]],
  integer: [[0], [-5], [2147483647], [-2147483648], ["7", 7]],
  big: [[9007199254740991], [-1]],
  positive: [[0], [2147483647]],
  float: [[0.5], [-1e300], [5e-324], [3]],
  decimal: [["1.5", "1.500"], ["-999999999.999"], [0, "0.000"]],
  datetime: [
    ["2024-01-31T08:00:00Z"],
    ["2024-01-31T08:00:00.000001Z"],
    ["0001-01-01T00:00:00Z"],
    ["9999-12-31T23:59:59.999999Z"],
    ["2024-01-31T08:00:00+02:00", "2024-01-31T06:00:00Z"],
  ],
  date: [["2024-02-29"], ["0001-01-01"], ["9999-12-31"]],
  time: [["00:00:00"], ["23:59:59.999999"], ["08:30", "08:30:00"]],
  duration: [["00:00:01"], ["1 02:03:04.500000"], ["-1 23:59:59"], ["106751991 04:00:54.775807"]],
  choice: [["a"]],
  number_choice: [[2]],
  json: [
    [{ a: [1, "x", null, { "": true }] }],
    [[]],
    [0],
    ["text"],
    [false],
    [JSON.parse('{"__proto__": {"constructor": 1}}')],
  ],
};

/** By field: what is refused. */
const refused: Readonly<Record<string, readonly unknown[]>> = {
  boolean: ["maybe", 2, [], {}],
  text: [true, [], {}, "a\0b", "\ud800", ""],
  email: ["nobody", "a\0@example.com", `${"a".repeat(250)}@example.com`],
  url: ["example.com", "javascript:alert(1)"],
  slug: ["a b", "é", "x".repeat(51)],
  uuid: ["x", {}, 1.5],
  ip: ["1.2.3", "::g", "127.0.0.1/8"],
  integer: [2147483648, -2147483649, "9".repeat(30), 1.5, "1e3", true, [], "x".repeat(5000)],
  big: ["9223372036854775808", "-9223372036854775809", "9".repeat(400)],
  positive: [-1, 2147483648],
  float: ["nan", "inf", "1e400", {}],
  decimal: ["1.2345", "9999999999", "NaN", "1e400", true],
  datetime: ["yesterday", "2024-02-30T00:00:00Z", "0001-01-01T00:00:00+01:00", 1700000000],
  date: ["2024-02-30", "2024-1", "0000-01-01"],
  time: ["25:00", "8"],
  duration: ["later", "999999999 00:00:00", "-999999999 00:00:00"],
  choice: ["c", 1, null, ["a"]].filter((value) => value !== null),
  number_choice: [3, "x"],
  json: ["a\0b", { "a\0": 1 }, "\ud800", { "\udfff": 1 }],
  author: [0, 999999, "x", true, [], {}, "9223372036854775808", -1, 1.9e300],
  tags: [1, "x", [999999], [null], [[1]], ["9223372036854775808"], { a: 1 }],
};

for (const { name, create } of databases) {
  describe(`fields of every kind on ${name}`, () => {
    let test: TestApp;
    before(async () => {
      test = await startTestApp(library, await create());
    });
    after(() => test.stop());

    for (const [field, values] of Object.entries(accepted)) {
      it(`${field} keeps what it is given`, async () => {
        for (const [sent, shown = sent] of values) {
          const made = await test.client("POST", "/api/v1/samples/", { json: { [field]: sent } });
          assert.equal(made.status, 201, made.text);
          assert.deepEqual(made.json[field], shown);
          const read = await test.client("GET", `/api/v1/samples/${made.json.id}/`);
          assert.deepEqual(read.json, made.json);
          const emptied = await test.client("PATCH", `/api/v1/samples/${made.json.id}/`, { json: { [field]: null } });
          assert.equal(emptied.status, 200, emptied.text);
          assert.equal(emptied.json[field], null);
          const changed = await test.client("PUT", `/api/v1/samples/${made.json.id}/`, { json: { [field]: sent } });
          assert.deepEqual(changed.json, made.json);
        }
      });
    }

    for (const [field, values] of Object.entries(refused)) {
      it(`${field} refuses what it cannot hold`, async () => {
        for (const sent of values) {
          const { status, json, text } = await test.client("POST", "/api/v1/samples/", { json: { [field]: sent } });
          assert.equal(status, 400, `${field} ${JSON.stringify(sent)}: ${text}`);
          assert.deepEqual(Object.keys(json), [field]);
        }
      });
    }

    it("a negative zero is repeated by the write, and is none when it is read", async () => {
      const made = await test.client("POST", "/api/v1/samples/", { json: { decimal: "-0.00" } });
      assert.equal(made.json.decimal, "-0.000");
      const path = `/api/v1/samples/${made.json.id}/`;
      const read = await test.client("GET", path);
      assert.deepEqual([read.json.decimal, read.headers.get("etag")], ["0.000", made.headers.get("etag")]);
      const headers = { "if-match": made.headers.get("etag") ?? "" };
      const changed = await test.client("PATCH", path, { json: { decimal: "-0" }, headers });
      assert.deepEqual([changed.status, changed.json.decimal], [200, "-0.000"]);
    });

    it("whole numbers of 64 bits keep every digit", async () => {
      const largest = '{"big":9223372036854775807,"json":12345678901234567890}';
      const { status, text, json } = await test.client("POST", "/api/v1/samples/", {
        body: largest,
        headers: { "content-type": "application/json" },
      });
      assert.equal(status, 201);
      assert.match(text, /"big":9223372036854775807,/);
      assert.match(text, /"json":12345678901234567890,/);
      const least = await test.client("POST", "/api/v1/samples/", { json: { big: "-9223372036854775808" } });
      assert.match(least.text, /"big":-9223372036854775808,/);
      const found = await test.client("GET", "/api/v1/samples/?big=9223372036854775807");
      assert.deepEqual(
        found.json.results.map(({ id }: { id: number }) => id),
        [json.id],
      );
    });

    it("everything that is wrong is told at once", async () => {
      const json = Object.fromEntries(Object.entries(refused).map(([field, [value]]) => [field, value]));
      const answer = await test.client("POST", "/api/v1/samples/", { json });
      assert.equal(answer.status, 400);
      assert.deepEqual(Object.keys(answer.json).sort(), Object.keys(refused).sort());
    });

    it("every kind is filtered by its own values, and a value that is none is a 400 or finds nothing", async () => {
      const { json: sample } = await test.client("POST", "/api/v1/samples/", {
        json: {
          ...Object.fromEntries(Object.entries(accepted).map(([field, [first]]) => [field, first?.[0]])),
          text: "needle",
        },
      });
      const find = async (query: string): Promise<unknown[]> => {
        const { status, json, text } = await test.client("GET", `/api/v1/samples/?text=needle&${query}`);
        assert.equal(status, 200, `${query}: ${text}`);
        return json.results.map(({ id }: { id: number }) => id);
      };
      for (const field of [
        "boolean",
        "email",
        "uuid",
        "ip",
        "integer",
        "big",
        "positive",
        "float",
        "decimal",
        "datetime",
        "date",
        "time",
        "duration",
        "choice",
        "number_choice",
      ]) {
        assert.deepEqual(await find(`${field}=${encodeURIComponent(sample[field])}`), [sample.id], field);
      }
      for (const query of [
        "integer__lt=99999999999999999999",
        "big__gte=-99999999999999999999",
        "datetime__year=2024",
        "datetime__date=2024-01-31",
        "datetime__hour=8",
        "text__regex=^n.*e$",
        "text__iregex=^N",
        "duration__lt=P1D",
        "time__range=00:00,01:00",
      ])
        assert.deepEqual(await find(query), [sample.id], query);
      for (const query of [
        "integer=99999999999999999999",
        "ip=nonsense",
        "text=x%20",
        "integer__in=1,99999999999999999999",
        "float=1e50",
      ])
        assert.deepEqual(await find(query), [], query);
      for (const query of [
        "integer=x",
        "uuid=x",
        "datetime=x",
        "date=x",
        "time=x",
        "duration=x",
        "duration=999999999%2000:00:00",
        "duration__gt=-999999999%2000:00:00",
        "choice=c",
        "author=x",
        "tags=x",
        "text__regex=(",
        "decimal=1e60",
      ]) {
        const { status, text } = await test.client("GET", `/api/v1/samples/?${query}`);
        assert.equal(status, 400, `${query}: ${text}`);
      }
    });

    it("a list goes forward and back in the order of every kind, nulls included", async () => {
      const { json: first } = await test.client("GET", "/api/v1/samples/?page_size=100");
      const { length } = first.results;
      for (const field of [...Object.keys(accepted).filter((kind) => kind !== "json"), "author"]) {
        for (const direction of ["", "-"]) {
          const seen: number[] = [];
          let path: string | null = `/api/v1/samples/?page_size=17&ordering=${direction}${field}`;
          let last: string | null = null;
          while (path !== null) {
            const { status, json, text } = await test.client("GET", path);
            assert.equal(status, 200, `${path} ${text}`);
            seen.push(...json.results.map(({ id }: { id: number }) => id));
            last = json.previous?.replace(test.client.base, "") ?? last;
            path = json.next?.replace(test.client.base, "") ?? null;
          }
          assert.equal(seen.length, length, `${direction}${field}`);
          assert.equal(new Set(seen).size, length, `${direction}${field}`);
          const back = await test.client("GET", String(last));
          assert.equal(back.status, 200, back.text);
        }
      }
    });

    it("nothing of it was a fault of ours", () => assert.deepEqual(test.faults, []));
  });
}
