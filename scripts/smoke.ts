/**
 * `npm run smoke`: what users do first, done once from outside: the main example, the packed package, the recorded cases.
 *
 * Part of `.ci/run`. One line for each thing that was seen; the first that is not as it should be ends it with 1.
 * `npm run smoke -- package` does one part.
 */
import { runConformance } from "./smoke/conformance.ts";
import { tryExample } from "./smoke/example.ts";
import { tryPackage } from "./smoke/package.ts";

const parts = { example: tryExample, package: tryPackage, conformance: runConformance };

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) throw new TypeError(`expected ${Object.keys(parts).join(", ")}; got ${unknown}`);

const started = performance.now();
for (const [name, run] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`\n${name}`);
  await run((line) => console.log(`  ${Math.round((performance.now() - started) / 1000)} s  ${line}`));
}
