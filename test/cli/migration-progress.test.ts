/** What is told of migrations while they run. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { tellMigrations } from "../../src/cli/migration-progress.ts";
import { migration, namedMigration } from "../../src/db/index.ts";

const shop = namedMigration("shop", "0002_slug", migration({ operations: [] }));

it("a short migration is one line, and of a long one the operation that it is at is told, now and then", ({ mock }) => {
  mock.timers.enable({ apis: ["setInterval", "Date"] });
  const lines: string[] = [];
  const { onProgress, onStep } = tellMigrations((line) => lines.push(line));
  const begin = (): void => onProgress({ migration: shop, direction: "forward", phase: "start" });
  begin();
  onStep({ number: 1, of: 2, operation: "add field slug" });
  mock.timers.tick(1000);
  onProgress({ migration: shop, direction: "forward", phase: "done" });
  mock.timers.tick(60_000);
  assert.deepEqual(lines.splice(0), ["applying shop.0002_slug"]);
  begin();
  onStep({ number: 1, of: 2, operation: "add field slug" });
  for (const passed of [10_000, 10_000, 1000]) mock.timers.tick(passed);
  onStep({ number: 2, of: 2, operation: "run code" });
  onProgress({ migration: shop, direction: "forward", phase: "done" });
  mock.timers.tick(60_000);
  assert.deepEqual(lines, [
    "applying shop.0002_slug",
    "  0:10 operation 1 of 2, add field slug",
    "  0:20 operation 1 of 2, add field slug",
    "  0:21 operation 2 of 2, run code",
  ]);
});
