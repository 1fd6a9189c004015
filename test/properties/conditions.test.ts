/** What is said of a rule before the write is what the database says of it, or nothing: on random rules and rows. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { defineApp } from "../../src/app/index.ts";
import { conditionHolds, defineStatement } from "../../src/db/index.ts";
import { conditionSql } from "../../src/db/migrations/condition-sql.ts";
import { type FieldTest, field, model, type Operand, type RowCondition } from "../../src/model/index.ts";
import { startTestApp } from "../app.ts";
import { databases } from "../databases.ts";
import "./seed.ts";

/** Two columns of each kind, so that one can be compared with the other; few values, so that they meet. */
const kinds = {
  whole: { make: () => field.integer({ big: true, null: true }), values: [-1, 0, 7, 2_147_483_648] },
  decimal: {
    make: () => field.decimal({ maxDigits: 9, decimalPlaces: 3, null: true }),
    values: ["-0.500", "0.000", "9.999", "10.000", "100.500"],
  },
  yes: { make: () => field.boolean({ null: true }), values: [true, false] },
  text: { make: () => field.text({ null: true }), values: ["", "a", "b", "A"] },
  pick: { make: () => field.choice({ choices: ["a", "b"], maxLength: 1, null: true }), values: ["a", "b"] },
  day: { make: () => field.date({ null: true }), values: ["0999-12-31", "2024-01-01", "2024-01-31"] },
  at: {
    make: () => field.datetime({ null: true }),
    values: ["2024-01-01T08:00:00Z", "2024-01-01T08:00:00.000001Z", "2023-12-31T23:59:59.999999Z"],
  },
  clock: { make: () => field.time({ null: true }), values: ["08:00:00", "08:00:00.500000", "23:59:59"] },
  span: {
    make: () => field.duration({ null: true }),
    values: ["00:00:01", "-1 23:59:59", "10 00:00:00", "9 00:00:00"],
  },
  code: { make: () => field.uuid({ null: true }), values: ["0f8fad5b-d9cb-469f-a165-70867728950e"] },
} as const;
type Kind = keyof typeof kinds;
const kindNames = Object.keys(kinds) as Kind[];
const columns = kindNames.flatMap((kind) => [`${kind}_a`, `${kind}_b`]);
const Entry = model("entry", {
  fields: Object.fromEntries(columns.map((name) => [name, kinds[name.slice(0, -2) as Kind].make()])),
});

const valueIn = (kind: Kind): fc.Arbitrary<string | number | boolean> => fc.constantFrom(...kinds[kind].values);
const rows = fc.record(
  Object.fromEntries(columns.map((name) => [name, fc.option(valueIn(name.slice(0, -2) as Kind), { freq: 4 })])),
);
const ordered = new Set<Kind>(["whole", "decimal", "text", "day", "at", "clock", "span"]);
const testOf = (kind: Kind): fc.Arbitrary<FieldTest> => {
  const operand: fc.Arbitrary<Operand> = fc.oneof(valueIn(kind), fc.constant({ field: `${kind}_b` }));
  const bound = ordered.has(kind) ? operand : fc.constant(undefined);
  return fc.oneof(
    fc.constant(null),
    operand,
    fc
      .record(
        {
          ...{ not: fc.option(operand), in: fc.array(operand, { minLength: 1, maxLength: 3 }) },
          ...{ gt: bound, gte: bound, lt: bound, lte: bound },
        },
        { requiredKeys: [] },
      )
      .filter((test) => Object.values(test).some((value) => value !== undefined)),
  );
};
const tests = fc
  .uniqueArray(fc.constantFrom(...kindNames), { minLength: 1, maxLength: 3 })
  .chain((some) => fc.record(Object.fromEntries(some.map((kind) => [`${kind}_a`, testOf(kind)]))));
const conditions: fc.Arbitrary<RowCondition> = fc.oneof(tests, fc.array(tests, { minLength: 1, maxLength: 2 }));

for (const { name, create } of databases) {
  describe(`rules before the write, ${name}`, () => {
    it("say what the database says, and of most rows they know", async () => {
      const test = await startTestApp(defineApp({ resources: {}, models: [Entry] }), await create());
      const { database } = test;
      const sample = fc.sample(rows, 80);
      await test.insert(Entry, sample);
      let [known, asked] = [0, 0];
      const keysWhere = async (sql: string) =>
        new Set(
          (await database.all(defineStatement(`SELECT id FROM entry WHERE ${sql}`, true))).map(([id]) => Number(id)),
        );
      await fc.assert(
        fc.asyncProperty(conditions, async (condition) => {
          const sql = conditionSql(Entry, condition, database.dialect, () => Entry);
          const [holds, fails] = [await keysWhere(`(${sql})`), await keysWhere(`NOT (${sql})`)];
          for (const [i, row] of sample.entries()) {
            const said = conditionHolds(Entry, condition, row);
            asked++;
            if (said === undefined) continue;
            known++;
            assert.ok((said ? holds : fails).has(i + 1), `${JSON.stringify(row)}: said ${said}`);
          }
        }),
        { numRuns: 150 },
      );
      assert.ok(known > asked / 2, `${known} of ${asked}`);
      await test.stop();
    });
  });
}
