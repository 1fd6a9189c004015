/**
 * The recorded cases of the reference: all of them answered alike, but for those that are known to differ.
 *
 * Groups named `quirks-…` record what the reference does against its own documents; they are counted, not demanded.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { root, start, type Tell } from "./process.ts";

/** Cases that are answered otherwise, by group. */
const known: Readonly<Record<string, readonly string[]>> = {};

interface Result {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly { readonly group: string; readonly case: string; readonly diffs: readonly string[] }[];
}

/** @throws AssertionError  a case differs that is not known to */
export async function runConformance(tell: Tell): Promise<void> {
  const serve = `${join(root, "test/conformance/serve")} --port {port} --db {db}`;
  const replay = join(root, "test/conformance/replay.mjs");
  const { out, all } = await start([process.execPath, replay, "--json", "--app", serve], root).end;
  assert.match(out, /^\{/, `the replay failed:\n${all}`);
  const { passed, failed, failures }: Result = JSON.parse(out);
  const strange = failures.filter(
    ({ group, case: name }) => !group.startsWith("quirks-") && !known[group]?.includes(name),
  );
  assert.deepEqual(strange, []);
  tell(`${passed} of ${passed + failed} cases are answered as recorded; the others are known`);
}
