/**
 * Writes collected files: only what is not there already, each taking its place whole.
 *
 * Used by `collect.ts`. Files are made in a folder of their own inside the target, on the same file system, and renamed to
 * their place; a server that reads the target meanwhile never sees half a file.
 */
import type { Stats } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { encodings, isCompressible, isWorthKeeping } from "./encodings.ts";
import type { Incompressible } from "./incompressible.ts";

/**
 * Makes the output of a directory that exists.
 *
 * @param incompressible  what is not tried again *
 * @param now  milliseconds since 1970; the modification time of what is written
 */
export function createOutput(target: string, now: () => number, incompressible: Incompressible) {
  let staging: Promise<string> | undefined;
  let written = 0;

  const write = async (name: string, bytes: Uint8Array) => {
    staging ??= mkdtemp(join(target, ".collect-"));
    const temporary = join(await staging, String(written++));
    const modified = new Date(now());
    await writeFile(temporary, bytes);
    await utimes(temporary, modified, modified);
    await mkdir(dirname(join(target, name)), { recursive: true });
    await rename(temporary, join(target, name));
  };

  return {
    /** Makes the file hold these bytes; says whether it had to be written. */
    async place(name: string, bytes: Uint8Array): Promise<boolean> {
      if (await holds(join(target, name), bytes)) return false;
      // Variants of the content before go first: a run that breaks off here must not leave them in use.
      for (const { suffix } of encodings) await rm(join(target, name + suffix), { force: true });
      await write(name, bytes);
      return true;
    },
    /** Makes the variants of files that all hold these bytes; returns how many had to be written. */
    async placeVariants(names: readonly string[], bytes: Uint8Array): Promise<number> {
      let count = 0;
      for (const { token, suffix, compress } of encodings) {
        const missing: string[] = [];
        for (const name of names) {
          if (isCompressible(name, bytes.byteLength) && !(await isFresh(join(target, name), suffix)))
            missing.push(name + suffix);
        }
        if (missing.length === 0 || incompressible.has(bytes, token)) continue;
        const compressed = await compress(bytes);
        if (!isWorthKeeping(bytes.byteLength, compressed.byteLength)) {
          incompressible.add(bytes, token);
          continue;
        }
        for (const name of missing) await write(name, compressed);
        count += missing.length;
      }
      return count;
    },
    /** Removes what is temporary. */
    async close(): Promise<void> {
      if (staging) await rm(await staging, { recursive: true, force: true });
    },
  };
}

async function holds(path: string, bytes: Uint8Array): Promise<boolean> {
  const there = await findStat(path);
  return there?.size === bytes.byteLength && (await readFile(path)).equals(bytes);
}

/** Whether the variant of a file is there and not older than the file. */
async function isFresh(path: string, suffix: string): Promise<boolean> {
  const [file, variant] = [await findStat(path), await findStat(path + suffix)];
  return file !== undefined && variant !== undefined && variant.mtimeMs >= file.mtimeMs;
}

async function findStat(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
