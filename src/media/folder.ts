/**
 * A folder as a storage. A name is taken by making an empty file of it, which only one of two can do; the file that came in is renamed
 * to it, so that there is no moment at which half a file stands in its place.
 * Reference: django.core.files.storage.FileSystemStorage.
 */
import { mkdir, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import type { FileStorage } from "./storage.ts";

/** @param root  absolute path of the folder; files come from the same file system */
export function folderStorage(root: string): FileStorage {
  return {
    async save({ path }, wanted) {
      const target = join(root, wanted);
      await mkdir(dirname(target), { recursive: true });
      if (!(await isMade(target))) return false;
      try {
        await rename(path, target);
      } catch (error) {
        await rm(target, { force: true });
        throw error;
      }
      return true;
    },
    async find(path) {
      try {
        const [folder, target] = await Promise.all([realpath(root), realpath(join(root, path))]);
        // A link may lead anywhere.
        if (!target.startsWith(folder + sep)) return undefined;
        const facts = await stat(target);
        return facts.isFile() ? { path: target, sizeBytes: facts.size, modifiedMs: facts.mtimeMs } : undefined;
      } catch {
        return undefined; // not there, or not to be read
      }
    },
    remove: (path) => rm(join(root, path), { force: true }),
  };
}

/** Makes an empty file, unless there is one already. */
async function isMade(path: string): Promise<boolean> {
  try {
    await (await open(path, "wx", 0o644)).close();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}
