/** Decimals of more digits than JavaScript writes out: never as 1e+21. SQLite keeps fifteen digits of them, as for Django. */
import assert from "node:assert/strict";
import { it, type TestContext } from "node:test";
import { defineApp, field, model, permission, resource } from "../../src/index.ts";
import { startTestApp } from "../app.ts";
import { databases } from "../databases.ts";

const Star = model("star", { fields: { mass: field.decimal({ maxDigits: 40, decimalPlaces: 2 }) } });
const app = defineApp({ resources: { stars: resource(Star, { permissions: [permission.allowAny()] }) } });

for (const { name, create } of databases)
  it(`a decimal of thirty digits is written out, on ${name}`, async (t: TestContext) => {
    const test = await startTestApp(app, await create());
    t.after(() => test.stop());
    for (const mass of [
      "1988470000000000000000000000000.00",
      "-1000000000000000000000.00",
      "999999999999999000000.00",
      "123456789012345000000000000000000000.00",
    ]) {
      const made = await test.client("POST", "/api/v1/stars/", { json: { mass } });
      assert.equal(made.status, 201, made.text);
      const read = await test.client("GET", `/api/v1/stars/${made.json.id}/`);
      assert.equal(read.json.mass, mass);
    }
  });
