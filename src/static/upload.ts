/**
 * Puts collected files where a CDN answers from: each under its hashed name, so that what is there already need not be sent again and
 * pages of an earlier release find theirs.
 */
import { copyFile, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileStorage } from "../media/index.ts";
import { eachOf } from "./each-of.ts";
import { manifestName, parseManifest } from "./manifest.ts";

export interface UploadOptions {
  /** The directory that files were collected into. */
  readonly directory: string;
  /** URL path that they are served under, such as `/static/`; that of `css/site.css` is then `static/css/site.0123456789ab.css`. */
  readonly urlPrefix: string;
  readonly storage: FileStorage;
  /** Told after each file. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Uploads what the storage does not have yet.
 * @returns the number of files that it did not have
 * @throws Error  the storage refuses one
 */
export async function upload({ directory, urlPrefix, storage, onProgress }: UploadOptions): Promise<number> {
  const manifest = join(directory, manifestName);
  const names = new Set(parseManifest(await readFile(manifest, "utf8"), manifest).values());
  const folder = await mkdtemp(join(tmpdir(), "drf-auth-upload-"));
  let [made, done, uploaded] = [0, 0, 0];
  try {
    await eachOf(names, async (name) => {
      const path = urlPrefix.slice(1) + name;
      if (!(await storage.find(path))) {
        // A storage may move away what it is given.
        const copy = join(folder, String(made++));
        await copyFile(join(directory, name), copy);
        const { size: sizeBytes } = await stat(copy);
        if (await storage.save({ path: copy, sizeBytes }, path)) uploaded++;
        await rm(copy, { force: true });
      }
      onProgress?.(++done, names.size);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return uploaded;
}
