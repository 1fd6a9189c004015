/** Directories of files for tests, removed after each. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Makes a directory with these files, all last changed at 2024-01-01 00:00 UTC. */
export function makeTree(
  test: { after(work: () => void): void },
  files: Readonly<Record<string, string | Uint8Array>> = {},
): string {
  const directory = mkdtempSync(join(tmpdir(), "static-"));
  test.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) addFile(directory, name, content);
  return directory;
}

export const newYear = new Date("2024-01-01T00:00:00Z");

export function addFile(directory: string, name: string, content: string | Uint8Array, modified = newYear): void {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  utimesSync(path, modified, modified);
}

/** Names of all files below a directory, in order. */
export const namesIn = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(directory, name)).isFile())
    .sort();

export const textIn = (directory: string, name: string): string => readFileSync(join(directory, name), "utf8");

/** What changes when a file is written or replaced. */
export const stampsIn = (directory: string): string[] =>
  namesIn(directory).map((name) => {
    const { ino, mtimeMs, ctimeMs } = statSync(join(directory, name));
    return `${name} ${ino} ${mtimeMs} ${ctimeMs}`;
  });
