/** Objects are found in a fixture however its bytes arrive, and what is no fixture is refused where it is not one. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { FixtureMalformed, objectsIn } from "../../src/moving/index.ts";
import { cut } from "./fixtures.ts";

async function read(text: string, size: number): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const objects of objectsIn(cut(text, size))) found.push(...objects.map((object) => JSON.parse(object)));
  return found;
}

const objects = [{ a: '}]"{[\\', "\\": [{}, [1, { b: "é💡" }]] }, {}, { c: "\\\\" }];

for (const [name, text] of [
  ["an array", JSON.stringify(objects)],
  ["an array that is indented, behind a byte order mark", `\ufeff${JSON.stringify(objects, null, 2)}\n`],
  ["lines", `${objects.map((each) => JSON.stringify(each)).join("\n")}\n`],
] as const)
  it(`${name}: every object is found, whatever the pieces are`, async () => {
    for (const size of [1, 2, 3, 7, 1000]) assert.deepEqual(await read(text, size), objects);
  });

it("an empty array has none", async () => assert.deepEqual(await read(" [ ] ", 2), []));

for (const [what, text, message] of [
  ["nothing at all", "", /^byte 1: expected the fixture to go on/],
  ["an array that is cut off", '[{"a": 1}, {"b"', /^byte 16: .*cut off here/],
  ["an array that is not closed", '[{"a": 1}', /cut off here/],
  ["no object in an array", "[1]", /^byte 2: expected an object$/],
  ["objects without a comma", "[{} {}]", /^byte 5: expected "," or "\]"$/],
  ["a comma at the end", "[{},]", /^byte 5: expected an object$/],
  ["more behind the array", "[{}] {}", /^byte 6: expected nothing behind/],
  ["something else", "model,pk", /^byte 1: expected a fixture: "\[" or an object$/],
] as const)
  it(`${what} is refused, with its place`, async () => {
    for (const size of [1, 1000])
      await assert.rejects(
        read(text, size),
        (error) => error instanceof FixtureMalformed && message.test(error.message),
      );
  });
