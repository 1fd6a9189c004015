/**
 * Writes the table of docs/reference/settings.md from the rows of the settings; a test compares the two.
 *
 *     node --conditions=drf-auth-source scripts/settings-page.ts
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeSettings } from "../src/config/index.ts";
import { projectSettings } from "../src/project/index.ts";

const page = fileURLToPath(new URL("../docs/reference/settings.md", import.meta.url));
const cell = (text: string) => text.replaceAll("|", "\\|");
const rows = describeSettings(projectSettings).map(({ name, flag, default: value, expected, description }) => {
  const cells = [`\`${name}\``, flag === undefined ? "" : `\`${flag}\``, value, expected, description];
  return `| ${cells.map(cell).join(" | ")} |`;
});
const kept = readFileSync(page, "utf8").split("\n");
const table = kept.flatMap((line, i) => (line.startsWith("| `") ? [i] : []));
writeFileSync(page, [...kept.slice(0, table[0]), ...rows, ...kept.slice((table.at(-1) ?? 0) + 1)].join("\n"));
