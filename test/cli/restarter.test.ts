/** What starts a process again when a file changes that it loaded: it misses no change, and tells how long it took. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startRestarter } from "../../src/cli/restarter.ts";
import { makeTree } from "../static/tree.ts";

/** Loads a file that is changed as soon as it is read: before the other process can know of it, and so watch it. */
const script = `
import { existsSync, statSync, utimesSync, writeFileSync } from "node:fs";
const [file, mark] = process.argv.slice(2);
const modifiedMs = statSync(file).mtimeMs;
if (!existsSync(mark)) {
  writeFileSync(mark, "");
  utimesSync(file, 1, 1);
}
process.send({ loaded: file, modifiedMs });
process.send({ serving: true });
process.once("disconnect", () => process.exit());
`;

test("a change between the reading of a file and the watching of it is noticed, and its time told", async (t) => {
  const folder = makeTree(t, { "child.mjs": script, "app.ts": "" });
  const changed: string[] = [];
  const { promise: serving, resolve } = Promise.withResolvers<number>();
  const restarter = startRestarter({
    script: join(folder, "child.mjs"),
    words: [join(folder, "app.ts"), join(folder, "mark")],
    onChange: (file) => changed.push(file),
    onServing: resolve,
  });
  t.after(async () => {
    restarter.stop();
    await restarter.finished;
  });
  const milliseconds = await serving;
  assert.deepEqual(changed, ["app.ts"]);
  // No less than what changes are gathered for.
  assert.ok(milliseconds >= 100 && milliseconds < 60_000, `${milliseconds}`);
});
