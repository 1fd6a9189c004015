/** Bytes, and whole numbers of every width: what is sent, kept and shown is the same to the last digit, on both databases. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineStatement } from "../../src/db/index.ts";
import { defineApp, field, type InputOf, model, permission, resource } from "../../src/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Tiny = model("tiny", { fields: { id: field.integer({ primaryKey: true, small: true }), name: field.text() } });
const Sample = model("sample", {
  fields: {
    small: field.integer({ small: true, null: true }),
    few: field.integer({ small: true, min: 0, default: 0 }),
    many: field.integer({ min: 0, default: 0 }),
    big: field.integer({ big: true, null: true }),
    most: field.integer({ big: true, min: 0, null: true }),
    key: field.binary({ readOnly: false, maxBytes: 4, null: true, blank: true }),
    seal: field.binary({ default: "AP8K" }),
    tiny: field.foreignKey(Tiny, { null: true }),
  },
});

const permissions = [permission.allowAny()];
const app = defineApp({
  resources: {
    samples: resource(Sample, {
      permissions,
      bulk: true,
      filter: { small: ["exact", "lt"], big: ["exact", "gte", "in"], key: ["isnull"] },
      order: ["big"],
    }),
  },
});

for (const { name, create } of databases) {
  describe(`bytes and whole numbers, ${name}`, () => {
    let test: TestApp;
    const isSqlite = name === "SQLite";
    before(async () => {
      test = await startTestApp(app, await create());
      await test.insert(Tiny, [{ name: "one" }]);
    });
    after(() => test.stop());

    const send = async (json: unknown, method = "POST", path = "") => {
      const body = typeof json === "string" ? json : JSON.stringify(json);
      const headers = { "content-type": "application/json" };
      const answer = await test.client(method, `/api/v1/samples/${path}`, { body, headers });
      return { status: answer.status, json: answer.json, text: answer.text };
    };

    it("a whole number beyond 2^53 is exact in JSON, both ways, also in a filter and in an order", async () => {
      for (const digits of ["9007199254740993", "9223372036854775807", "-9223372036854775808"]) {
        const { status, text, json } = await send(`{"big": ${digits}}`);
        assert.equal(status, 201, text);
        assert.match(text, new RegExp(`"big":${digits}[,}]`));
        const found = await test.client("GET", `/api/v1/samples/?big=${digits}&ordering=big`);
        assert.match(found.text, new RegExp(`"count":1,.*"big":${digits}[,}]`));
        assert.match(
          (await send(`{"big": ${digits}}`, "PATCH", `${json.id}/`)).text,
          new RegExp(`"big":${digits}[,}]`),
        );
      }
      const { text } = await test.client(
        "GET",
        "/api/v1/samples/?big__in=9007199254740993,9223372036854775807&ordering=-big",
      );
      assert.match(text, /9223372036854775807.*9007199254740993/s);
    });

    it("what a column does not hold is told, whatever its width and sign", async () => {
      const told = async (json: string) => {
        const answer = await send(json);
        assert.equal(answer.status, 400, answer.text);
        return answer.json;
      };
      assert.deepEqual(await told('{"small": 32768, "few": -1, "many": 2147483648}'), {
        small: ["Must be 32767 or less."],
        few: ["Must be 0 or more."],
        many: ["Must be 2147483647 or less."],
      });
      assert.deepEqual(await told('{"big": 9223372036854775808, "most": -1}'), {
        big: ["Must be 9223372036854775807 or less."],
        most: ["Must be 0 or more."],
      });
      assert.equal((await send({ small: -32_768, few: 32_767, tiny: 1 })).status, 201);
      assert.equal((await test.client("GET", "/api/v1/samples/?small__lt=-40000")).json.count, 0);
      assert.equal((await test.client("GET", "/api/v1/samples/?small__lt=40000")).json.count, 1);
    });

    it("columns are Django's", async () => {
      const query = isSqlite
        ? "select name, lower(type) from pragma_table_info('sample')"
        : "select column_name, data_type from information_schema.columns where table_name = 'sample'";
      const types = Object.fromEntries((await test.database.all(defineStatement(query, true))) as [string, string][]);
      const unsigned = isSqlite ? " unsigned" : "";
      assert.deepEqual(
        {
          small: types.small,
          few: types.few,
          many: types.many,
          big: types.big,
          most: types.most,
          key: types.key,
          tiny: types.tiny_id,
        },
        {
          ...{
            small: "smallint",
            few: `smallint${unsigned}`,
            many: `integer${unsigned}`,
            big: "bigint",
            most: `bigint${unsigned}`,
          },
          ...{ key: isSqlite ? "blob" : "bytea", tiny: "smallint" },
        },
      );
    });

    it("bytes are base64 in JSON and bytes in the column", async () => {
      const { status, json } = await send({ key: "AP8Kdw==" });
      assert.deepEqual([status, json.key, json.seal], [201, "AP8Kdw==", "AP8K"]);
      const [bytes] =
        (await test.database.get(defineStatement(`select key from sample where id = ${json.id}`, true))) ?? [];
      assert.deepEqual([...(bytes as Uint8Array)], [0, 255, 10, 119]);
      assert.equal((await send({ key: "" }, "PATCH", `${json.id}/`)).json.key, "");
      assert.equal((await send({ key: null }, "PATCH", `${json.id}/`)).json.key, null);
      assert.equal((await test.client("GET", "/api/v1/samples/?key__isnull=false")).json.count, 0);
    });

    it("what is no base64, or too long, is told; bytes that nobody may send are left as they are", async () => {
      const wrong = { key: ["Expected bytes in base64."] };
      for (const key of ["AP8Kdw", "A===", "AP8Kdw==\n", "-_8K", 7, ["AP8K"]])
        assert.deepEqual((await send({ key })).json, wrong, JSON.stringify(key));
      assert.deepEqual((await send({ key: "AAAAAAA=" })).json, { key: ["At most 4 bytes are allowed."] });
      assert.equal((await send({ seal: "AAAA" })).json.seal, "AP8K");
    });
  });
}

it("bytes that nobody may send are no input, as types say", () => {
  const input: InputOf<typeof Sample> = { key: "AP8K" };
  // @ts-expect-error read-only
  const sealed: InputOf<typeof Sample> = { seal: "AP8K" };
  void [input, sealed];
});
