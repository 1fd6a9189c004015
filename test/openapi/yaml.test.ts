/** YAML as it is written here, read by a library of others. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { toYaml } from "../../src/openapi/yaml.ts";
import { texts } from "../properties/texts.ts";
import "../properties/seed.ts";

describe("YAML", () => {
  it("is in block style, with quotes where a text could be taken for something else", () => {
    const value = {
      openapi: "3.1.1",
      list: ["a", { b: 1, c: [] }, [true, null]],
      "200": "no",
      text: "two words",
      e: {},
    };
    assert.equal(
      toYaml(value),
      `"200": "no"
openapi: "3.1.1"
list:
  - a
  - b: 1
    c: []
  - - true
    - null
text: two words
e: {}
`,
    );
  });

  it("is read as what was written, whatever that is", () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        texts.map((text) => text.toWellFormed()),
        fc.constantFrom(
          "yes",
          "NO",
          "~",
          "0x1",
          "1e3",
          "- a",
          "a: b",
          "a #b",
          "#a",
          "2024-01-01",
          "<<",
          "=",
          "a\n b",
          "$ref",
        ),
        fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.oneof(fc.constantFrom("a", "on", "200", "$ref", "x y"), fc.string()), tie("value"), {
          maxKeys: 3,
        }),
      ),
    })).value;
    fc.assert(
      fc.property(value, (value) => {
        // A `-0` is 0 in JSON, and a prototype is no entry.
        const plain: unknown = JSON.parse(JSON.stringify(value));
        assert.deepEqual(JSON.parse(JSON.stringify(parse(toYaml(plain)))), plain);
      }),
      { numRuns: 300 },
    );
  });
});
