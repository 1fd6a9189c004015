/** What the tests of reading values share: a value, or the codes of its findings in the shape of the findings. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Issue, type Issues, IssuesByIndex } from "../../../src/errors.ts";
import type { Field } from "../../../src/model/index.ts";
import { parserOf } from "../../../src/resource/serializer/parse.ts";
import { Invalid } from "../../../src/resource/serializer/parser.ts";

/** The codes of findings, in their shape. */
export function codesOf(issues: Issues): unknown {
  if (Array.isArray(issues)) return issues.map((issue: Issue) => issue.code);
  if (issues instanceof IssuesByIndex) return issues.items.map(codesOf);
  return Object.fromEntries(Object.entries(issues).map(([name, inner]) => [name, codesOf(inner)]));
}

/** Stands for a refusal, with its codes. */
export const refused = (codes: unknown) => ({ refused: codes });

/** What a field makes of a value. */
export function reading(field: Field, raw: unknown): unknown {
  const value = parserOf(field)(raw);
  return value instanceof Invalid ? refused(codesOf(value.issues)) : value;
}

/** The sentences of a refusal. */
export function sentences(field: Field, raw: unknown): string[] {
  const value = parserOf(field)(raw);
  assert(value instanceof Invalid && Array.isArray(value.issues), "the value was accepted");
  return value.issues.map((issue: Issue) => issue.message);
}

/** One test for a table of inputs and what they read as. */
export function reads(
  title: string,
  field: Field,
  table: readonly (readonly [raw: unknown, expected: unknown])[],
): void {
  test(title, () => {
    for (const [raw, expected] of table) assert.deepEqual(reading(field, raw), expected, `of ${String(raw)}`);
  });
}

/** One test that a field refuses each of some values with one code. */
export function refuses(title: string, field: Field, code: string, raws: readonly unknown[]): void {
  reads(
    title,
    field,
    raws.map((raw) => [raw, refused([code])]),
  );
}

/** One test that a field takes each of some values as they are. */
export function keeps(title: string, field: Field, raws: readonly unknown[]): void {
  reads(
    title,
    field,
    raws.map((raw) => [raw, raw]),
  );
}
