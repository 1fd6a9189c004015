/** The query strings of page links: what they say is what was asked, but for what the link changes. */
import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { QueryParameters } from "../../src/resource/query-parameters.ts";
import { searchOf, texts } from "./texts.ts";
import "./seed.ts";

const names = fc.oneof(fc.constantFrom("page", "cursor", "a", "b", "__proto__"), texts);
const pairs = fc.array(fc.tuple(names, texts), { maxLength: 8 });
const changes = fc.array(fc.tuple(names, fc.option(texts)), { maxLength: 3 });

/** The values of each name, as any other reader of URLs finds them. */
function valuesOf(search: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  // Only the first mark is no part of the first name.
  for (const [name, value] of new URLSearchParams(`?${search}`)) values.set(name, [...(values.get(name) ?? []), value]);
  return values;
}

/** Names in no order: links sort them. */
const sorted = (values: ReadonlyMap<string, readonly string[]>) => [...values].sort(([a], [b]) => (a < b ? -1 : 1));

function assertLink(search: string, changed: readonly (readonly [string, string | null])[]): void {
  const link = new QueryParameters(search).with(Object.fromEntries(changed));
  const expected = valuesOf(search);
  for (const [name, value] of new Map(changed)) {
    // A link is text of whole characters, so half a one is replaced, in what is set as in what came.
    const written = name.toWellFormed();
    if (value === null) expected.delete(written);
    else expected.set(written, [value.toWellFormed()]);
  }
  assert.match(link, /^(\?[\x21-\x7e]+)?$/);
  assert.deepEqual(sorted(valuesOf(link.slice(1))), sorted(expected));
  const read = new QueryParameters(link.slice(1));
  for (const [name, values] of expected) {
    assert.deepEqual(read.all(name), values);
    assert.equal(read.get(name), values.at(-1));
  }
}

it("a link has the parameters of the request, and what it sets and removes", () => {
  const wellFormed = changes.map((list) => list.map(([name, value]) => [name.toWellFormed(), value] as const));
  fc.assert(
    fc.property(pairs, wellFormed, (asked, changed) => assertLink(searchOf(asked), changed)),
    { numRuns: 500 },
  );
});

it("a query string that nobody encoded is read and written as browsers do", () => {
  fc.assert(
    fc.property(texts, (search) => assertLink(search.toWellFormed(), [])),
    { numRuns: 500, examples: [["?page=2"]] },
  );
});
