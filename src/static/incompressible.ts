/**
 * `.incompressible.json` in the collected directory: contents that an encoding made no smaller, so that the next run does not try again.
 *
 * Read and written by `collect.ts`, never served. By a fingerprint of the content, as the names of files tell too little: one that is
 * not rewritten for its hashed name has the same content under both. It holds what the last run met, and so does not grow.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

export const incompressibleName = ".incompressible.json";

export interface Incompressible {
  /** Whether the content is known to gain nothing by the encoding. */
  has(bytes: Uint8Array, encoding: string): boolean;
  add(bytes: Uint8Array, encoding: string): void;
  /** What is to be kept for the next run; undefined for nothing. */
  readonly text: string | undefined;
}

/** Reads what the last run learned; a file that is not there, or not understood, says nothing. */
export async function readIncompressible(directory: string): Promise<Incompressible> {
  const before = new Set(await readKeys(join(directory, incompressibleName)));
  const met = new Set<string>();
  return {
    has(bytes, encoding) {
      if (before.size === 0) return false;
      const key = keyOf(bytes, encoding);
      if (!before.has(key)) return false;
      met.add(key);
      return true;
    },
    add(bytes, encoding) {
      met.add(keyOf(bytes, encoding));
    },
    get text() {
      return met.size === 0 ? undefined : JSON.stringify([...met].sort());
    },
  };
}

const keyOf = (bytes: Uint8Array, encoding: string): string =>
  `${encoding} ${createHash("md5").update(bytes).digest("hex")}`;

async function readKeys(path: string): Promise<readonly string[]> {
  try {
    const stored: unknown = JSON.parse(await readFile(path, "utf8"));
    return Array.isArray(stored) ? stored.filter((key) => typeof key === "string") : [];
  } catch {
    return [];
  }
}
