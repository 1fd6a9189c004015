/** What own code makes of the values that are shown. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { defineApp, field, model, permission, resource } from "../../src/index.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Box = model("yard.box", { fields: { name: field.text({ maxLength: 20 }), weight: field.float() } });
const Part = model("yard.part", { fields: { box: field.foreignKey(Box), weight: field.float() } });

const app = defineApp({
  resources: {
    boxes: resource(Box, {
      permissions: [permission.allowAny()],
      extra: {
        parts: field.children(Part, "box", { required: false }),
        double: field.computed(({ weight }: { weight: number }) => weight * 2),
        total: field.computed((box: { double: number; parts: readonly { weight: number }[] }) =>
          box.parts.reduce((sum, { weight }) => sum + weight, box.double),
        ),
      },
    }),
  },
});

for (const { name, create } of databases) {
  describe(`computed fields on ${name}`, () => {
    let test: TestApp;
    before(async () => {
      test = await startTestApp(app, await create());
    });
    after(() => test.stop());

    it("are made of numbers, of the row and of its children, each of those before it", async () => {
      for (const weight of [4, 4.5]) {
        const parts = [{ weight: 1 }, { weight: 0.5 }];
        const { status, text } = await test.client("POST", "/api/v1/boxes/", { json: { name: "b", weight, parts } });
        assert.equal(status, 201, text);
      }
      const { text, json } = await test.client("GET", "/api/v1/boxes/");
      assert.deepEqual(
        json.results.map(({ double, total }: { double: number; total: number }) => [double, total]),
        [
          [8, 9.5],
          [9, 10.5],
        ],
      );
      assert.match(text, /"weight":4\.0,"parts":\[\{"id":1,"weight":1\.0\}/);
      assert.deepEqual(test.faults, []);
    });
  });
}
