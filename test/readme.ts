/**
 * The README as data: its sections, the blocks in them, and the commands in those with what they print.
 *
 * `readme.test.ts` runs all of it; `scripts/smoke.ts` runs its first app against the packed package.
 * In what a command prints, `…` stands for anything, and on a line of its own for any lines or none.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "..");

const readme = readFileSync(join(root, "README.md"), "utf8");

/** A command of a `console` block, and the lines below it. */
export interface Step {
  /** Without its `$ `; a line that ends in a backslash goes on. */
  readonly command: string;
  readonly shown: string;
}

/** What stands below a heading, up to the next one of its level or above. @throws Error  there is no such heading */
export function sectionOf(title: string): string {
  const lines = readme.split("\n");
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === title);
  if (start < 0) throw new Error(`expected a heading "${title}" in README.md`);
  const [hashes = ""] = (lines[start] ?? "").split(" ");
  const isEnd = new RegExp(`^#{1,${hashes.length}} `);
  let isCode = false;
  const end = lines.findIndex((line, i) => {
    if (line.startsWith("```")) isCode = !isCode;
    return i > start && !isCode && isEnd.test(line);
  });
  return lines.slice(start + 1, end < 0 ? undefined : end).join("\n");
}

/** The fenced blocks of a language, e.g. `ts`. */
export const blocksOf = (markdown: string, language: string): readonly string[] =>
  Array.from(markdown.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms")), ([, text = ""]) => text);

/** The commands of a section's `console` blocks, in order. */
export const stepsOf = (markdown: string): readonly Step[] =>
  blocksOf(markdown, "console")
    .flatMap((block) => block.split(/^\$ /m).slice(1))
    .map((text) => {
      const [command = ""] = /^(?:.*\\\n)*.*/.exec(text) ?? [];
      return { command, shown: text.slice(command.length).trim() };
    });

/** The first table of a section. */
export const tableOf = (markdown: string): string => (/^\|.*\|$(?:\n^\|.*\|$)*/m.exec(markdown) ?? [""])[0];

/** The file that the README begins with. */
export const helloWorld = (): string => {
  const [source] = blocksOf(sectionOf("Hello world"), "ts");
  if (source === undefined) throw new Error("expected a block of TypeScript below Hello world in README.md");
  return source;
};

/** @throws AssertionError  what came is not what the README shows */
export function assertShown(came: string, shown: string, command: string): void {
  const pattern = `${shown}\n`
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("\n…\n", "\n(?:.*\n)*?")
    .replaceAll("…", ".*?");
  if (new RegExp(`^${pattern}$`).test(`${came.trim()}\n`)) return;
  assert.equal(came.trim(), shown, `README.md shows something else below: ${command}`);
}

/** The paths in this repository that the README links to or shows. */
export const links = (): readonly string[] =>
  Array.from(readme.matchAll(/(?:\]\(|(?:src|srcset)=")([^)"#]+)/g), ([, path = ""]) => path).filter(
    (path) => !/^https?:/.test(path),
  );
