/** The reference pages, held against what they describe. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commands } from "../src/cli/commands.ts";
import { describeSettings } from "../src/config/index.ts";
import { projectSettings } from "../src/project/index.ts";

const page = (name: string): string => readFileSync(join(import.meta.dirname, "../docs/reference", name), "utf8");

test("docs/reference/settings.md names every setting with its default and description, and no other", () => {
  const rows = page("settings.md")
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  const settings = describeSettings(projectSettings);
  assert.deepEqual(
    rows.map((row) => /^\| `(\w+)`/.exec(row)?.[1]),
    settings.map(({ name }) => name),
  );
  for (const [i, setting] of settings.entries()) {
    for (const fact of [setting.default, setting.expected, setting.description]) {
      assert.ok(rows[i]?.includes(fact.replaceAll("|", "\\|")), `${setting.name}: ${fact}`);
    }
  }
});

test("every command has examples that begin with its name", () => {
  for (const { name, examples, summary } of commands) {
    assert.ok(summary.length > 0);
    assert.ok(examples.length > 0, name);
    for (const example of examples) assert.match(example, new RegExp(`drf-auth ${name}\\b`));
  }
});

test("README.md lists every command as the help does", () => {
  const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
  const [, section = ""] = /^## Commands\n(.*?)^## /ms.exec(readme) ?? [];
  const rows = Array.from(section.matchAll(/^\| `(\w+)` \| (.*) \|$/gm), ([, name, summary]) => [name, summary]);
  assert.deepEqual(
    rows,
    commands.map(({ name, summary }) => [name, summary]),
  );
});

test("docs/reference/asvs.md names tests that there are", () => {
  const rows = Array.from(page("asvs.md").matchAll(/^\| [\d., ]+ \| .* \| `([^`]+)` \| (.*) \|$/gm));
  assert.ok(rows.length > 30);
  for (const [, file = "", says = ""] of rows) {
    const source = readFileSync(join(import.meta.dirname, "..", file), "utf8");
    assert.ok(source.includes(says), `${file}: ${says}`);
  }
});
