/** A column that gets another type: its values become values of that type, the same on both databases, or the migration is refused. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  alterField,
  type Database,
  defineStatement,
  formatOf,
  MigrationFailed,
  makeMigrations,
  migrate,
  migration,
  namedMigration,
} from "../../../src/db/index.ts";
import { type Field, field, type Model, model } from "../../../src/model/index.ts";
import { databases, type TestDatabase } from "../../databases.ts";
import { now } from "./bookshop.ts";

const nullable = { null: true } as const;
const kinds = {
  boolean: field.boolean(nullable),
  text: field.text(nullable),
  short: field.text({ maxLength: 5, null: true }),
  integer: field.integer(nullable),
  big: field.integer({ big: true, null: true }),
  float: field.float(nullable),
  cents: field.decimal({ maxDigits: 6, decimalPlaces: 2, null: true }),
  mills: field.decimal({ maxDigits: 9, decimalPlaces: 3, null: true }),
  uuid: field.uuid(nullable),
  ip: field.ip(nullable),
  json: field.json(nullable),
  date: field.date(nullable),
  datetime: field.datetime(nullable),
} satisfies Record<string, Field>;
type Kind = keyof typeof kinds;

const uuid = "6bb98ae6-7c04-4723-85d1-c437a2f16869";
const kept: readonly (readonly [Kind, unknown, Kind, unknown])[] = [
  ["boolean", true, "integer", 1],
  ["integer", 7, "boolean", true],
  ["integer", 0, "boolean", false],
  ["integer", -7, "text", "-7"],
  ["integer", 7, "float", 7],
  ["integer", 7, "cents", "7.00"],
  ["big", 7, "integer", 7],
  ["float", 2, "integer", 2],
  ["float", 1.5, "text", "1.5"],
  ["float", 1.256, "cents", "1.26"],
  ["mills", "1.256", "cents", "1.26"],
  ["mills", "3.000", "integer", 3],
  ["cents", "1.50", "text", "1.50"],
  ["cents", "1.50", "float", 1.5],
  ["text", "12", "integer", 12],
  ["text", "1.5", "cents", "1.50"],
  ["text", "-2.25", "float", -2.25],
  ["text", uuid.toUpperCase(), "uuid", uuid],
  ["text", "::1", "ip", "::1"],
  ["text", "2024-02-29", "date", "2024-02-29"],
  ["text", '{"a": [1]}', "json", { a: [1] }],
  ["text", "snows", "short", "snows"],
  ["uuid", uuid, "text", uuid],
  ["ip", "10.0.0.1", "text", "10.0.0.1"],
  ["date", "1968-02-29", "datetime", "1968-02-29T00:00:00Z"],
  ["datetime", "1968-02-29T23:59:59.123456Z", "date", "1968-02-29"],
];
const refused: readonly (readonly [Kind, unknown, Kind])[] = [
  ["text", "too long", "short"],
  ["text", "abc", "integer"],
  ["text", "12abc", "float"],
  ["text", "2024-02-30", "date"],
  ["text", "no key", "uuid"],
  ["text", "{", "json"],
  ["float", 1.5, "integer"],
  ["mills", "1.500", "integer"],
  ["big", 3_000_000_000, "integer"],
  ["mills", "12345.000", "cents"],
];

for (const { name, create } of databases) {
  describe(`a column of ${name} that gets another type`, () => {
    let test: TestDatabase;
    let database: Database;
    let labels = 0;
    before(async () => {
      test = await create();
      database = test.database;
    });
    after(() => test.drop());

    /** A filled table, its migrations so far, and what the column holds, read as a field of a kind. */
    async function filled(from: Kind, value: unknown) {
      labels += 1;
      const table = `c${labels}.row`;
      const rowOf = (kind: Kind): Model => model(table, { fields: { value: kinds[kind] } });
      const first = makeMigrations([], [rowOf(from)]);
      await migrate(database, first, { now });
      const slot = database.dialect === "sqlite" ? "?" : "$1";
      const insert = defineStatement(`INSERT INTO c${labels}_row (value) VALUES (NULL), (${slot})`);
      await database.run(insert, [formatOf(kinds[from], database.dialect).toColumn(value)]);
      const select = defineStatement(`SELECT value FROM c${labels}_row ORDER BY id`);
      const read = async (kind: Kind): Promise<unknown[]> =>
        (await database.all(select)).map(([raw]) =>
          raw === null ? null : formatOf(kinds[kind], database.dialect).fromColumn(raw),
        );
      return { first, rowOf, read, label: `c${labels}` };
    }

    for (const [from, value, to, result] of kept)
      it(`${from} ${JSON.stringify(value)} becomes ${to} ${JSON.stringify(result)}`, async () => {
        const { first, rowOf, read } = await filled(from, value);
        await migrate(database, [...first, ...makeMigrations(first, [rowOf(to)])], { now });
        assert.deepEqual(await read(to), [null, result]);
      });

    for (const [from, value, to] of refused)
      it(`${from} ${JSON.stringify(value)} does not become ${to}, and stays`, async () => {
        const { first, rowOf, read } = await filled(from, value);
        const all = [...first, ...makeMigrations(first, [rowOf(to)])];
        await assert.rejects(migrate(database, all, { now }), MigrationFailed);
        assert.deepEqual(await read(from), [null, value]);
      });

    it("takes no index of Django's along that is made for patterns of texts", async () => {
      if (name !== "PostgreSQL") return;
      const { first, rowOf, read, label } = await filled("text", "12");
      await database.run(defineStatement(`CREATE INDEX ON ${label}_row (value text_pattern_ops)`));
      await migrate(database, [...first, ...makeMigrations(first, [rowOf("integer")])], { now });
      assert.deepEqual(await read("integer"), [null, 12]);
    });

    it("is left to the user where nothing can become that, unless nothing is there", async () => {
      const { first, rowOf, label } = await filled("boolean", true);
      assert.throws(() => makeMigrations(first, [rowOf("uuid")]), /cannot become that by itself: add a field/);
      const operations = [alterField(`${label}.row`, "value", kinds.uuid)];
      const all = [...first, namedMigration(label, "0002_second", migration({ operations }))];
      await assert.rejects(migrate(database, all, { now }), /column "value": holds what cannot become .* in 1 rows/);
      await database.run(defineStatement(`UPDATE ${label}_row SET value = NULL`));
      await migrate(database, all, { now });
    });
  });
}
