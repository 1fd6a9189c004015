/**
 * The folder of the files that clients sent: taken in under a temporary name, moved to their place, removed.
 *
 * Temporary files lie in a folder of their own within the same file system, so that moving one is a rename: there is no moment at
 * which half a file stands in its place. A name is taken by making it, which only one of two can do.
 * Reference: django.core.files.storage.FileSystemStorage, django.core.files.uploadhandler.TemporaryFileUploadHandler.
 */
import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { ConfigurationError } from "../errors.ts";
import { removeLeftovers } from "./leftovers.ts";
import { otherName, shortened } from "./names.ts";
import type { MediaSettings } from "./settings.ts";

export interface Media {
  /** Absolute path of the folder. */
  readonly root: string;
  /** What the URLs of files begin with; ends in a slash. */
  readonly url: string;
  readonly maxBytes: number;
  readonly maxFiles: number;
  /** Opens a new temporary file. */
  openTemporary(): Promise<{ readonly path: string; readonly handle: FileHandle }>;
  /**
   * Moves a temporary file to its place.
   * @param wanted      path relative to the folder, `covers/snow.png`
   * @param maxLength   characters of the longest path
   * @returns where it is: the path that was wanted, or one beside it where that is taken
   */
  place(temporary: string, wanted: string, maxLength: number): Promise<string>;
  /** Removes the file of a path such as `covers/snow.png`; one that is not there, or not within the folder, is left alone. */
  remove(path: string): Promise<void>;
  /** The absolute path of a file; undefined where it would not be within the folder. */
  pathOf(path: string): string | undefined;
}

/** Holds temporary files; its name begins with a dot, so that nothing of it is served. */
export const temporaryFolder = ".uploads";
/** Names that are tried where the one before was taken. */
const ATTEMPTS = 20;

/**
 * Opens the folder, which is made where it is missing, and removes what a process that died left of its uploads.
 * @throws ConfigurationError  it cannot be written
 */
export async function openMedia(settings: MediaSettings): Promise<Media> {
  const { mediaRoot, mediaUrl, maxUploadBytes, maxUploadFiles } = settings;
  if (mediaRoot === "")
    throw new ConfigurationError("MEDIA_ROOT", "a model has file fields; expected the folder that files are kept in");
  if (!/^(\/[^/]|https?:\/\/[^/])/.test(mediaUrl) || !mediaUrl.endsWith("/"))
    throw new ConfigurationError(
      "MEDIA_URL",
      `expected a path such as /media/, or a URL that ends in /, got "${mediaUrl}"`,
    );
  const root = resolve(mediaRoot);
  const temporary = join(root, temporaryFolder);
  try {
    await mkdir(temporary, { recursive: true });
    await removeLeftovers(temporary);
  } catch (cause) {
    throw new ConfigurationError("MEDIA_ROOT", `the folder ${root} cannot be written`, { cause });
  }
  const pathOf = (path: string): string | undefined =>
    path !== "" &&
    path.split(/[/\\]/).every((step) => step !== "" && step !== "." && step !== "..") &&
    !path.includes("\0")
      ? join(root, path)
      : undefined;

  return {
    root,
    url: mediaUrl,
    maxBytes: maxUploadBytes,
    maxFiles: maxUploadFiles,
    pathOf,
    async openTemporary() {
      const path = join(temporary, `${hostname()} ${process.pid} ${randomUUID()}`);
      return { path, handle: await open(path, "wx", 0o644) };
    },
    async place(from, wanted, maxLength) {
      const folder = wanted.slice(0, wanted.lastIndexOf("/") + 1);
      const name = wanted.slice(folder.length);
      const room = maxLength - Array.from(folder).length;
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        // What is added to a name that is taken are eight characters.
        const path = folder + (attempt === 0 ? shortened(name, room) : otherName(shortened(name, room - 8)));
        const target = join(root, path);
        await mkdir(dirname(target), { recursive: true });
        if (!(await isMade(target))) continue;
        try {
          await rename(from, target);
        } catch (error) {
          await rm(target, { force: true });
          throw error;
        }
        return path;
      }
      throw new Error(`${wanted}: no free name was found beside it`);
    },
    async remove(path) {
      const target = pathOf(path);
      if (target !== undefined) await rm(target, { force: true });
    },
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
