/**
 * The files that clients sent: taken in under a temporary name, moved to their place in the storage, removed.
 *
 * Temporary files lie in a folder of their own within MEDIA_ROOT, whatever the storage is: where that is the folder itself, moving one
 * is a rename.
 * Reference: django.core.files.storage.Storage, django.core.files.uploadhandler.TemporaryFileUploadHandler.
 */
import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { ConfigurationError } from "../errors.ts";
import { folderStorage } from "./folder.ts";
import { removeLeftovers } from "./leftovers.ts";
import { otherName, shortened } from "./names.ts";
import type { MediaSettings } from "./settings.ts";
import type { FileStorage, IncomingFile, StoredFile } from "./storage.ts";

export interface Media {
  /** What the URLs of files begin with; ends in a slash. */
  readonly url: string;
  readonly maxBytes: number;
  readonly maxFiles: number;
  /** Opens a new temporary file. */
  openTemporary(): Promise<{ readonly path: string; readonly handle: FileHandle }>;
  /**
   * Moves a temporary file to its place.
   * @param wanted      path in the storage, `covers/snow.png`
   * @param maxLength   characters of the longest path
   * @returns where it is: the path that was wanted, or one beside it where that is taken
   */
  place(temporary: IncomingFile, wanted: string, maxLength: number): Promise<string>;
  /** Removes the file of a path such as `covers/snow.png`; what is no such path is left alone. */
  remove(path: string): Promise<void>;
  /** The file of a path; undefined where there is none, or it is no such path. */
  find(path: string): Promise<StoredFile | undefined>;
}

/** Holds temporary files; its name begins with a dot, so that nothing of it is served. */
export const temporaryFolder = ".uploads";
/** Names that are tried where the one before was taken. */
const ATTEMPTS = 20;

/**
 * Opens the storage, with a folder for temporary files, which is made where it is missing; removes what a process that died left of its
 * uploads.
 * @param storage  default: the folder MEDIA_ROOT
 * @throws ConfigurationError  the folder cannot be written
 */
export async function openMedia(settings: MediaSettings, storage?: FileStorage): Promise<Media> {
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
  const kept = storage ?? folderStorage(root);

  return {
    url: mediaUrl,
    maxBytes: maxUploadBytes,
    maxFiles: maxUploadFiles,
    async openTemporary() {
      const path = join(temporary, `${hostname()} ${process.pid} ${randomUUID()}`);
      return { path, handle: await open(path, "wx", 0o644) };
    },
    async place(file, wanted, maxLength) {
      const folder = wanted.slice(0, wanted.lastIndexOf("/") + 1);
      const name = wanted.slice(folder.length);
      const room = maxLength - Array.from(folder).length;
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        // What is added to a name that is taken are eight characters.
        const path = folder + (attempt === 0 ? shortened(name, room) : otherName(shortened(name, room - 8)));
        if (!(await kept.save(file, path))) continue;
        await rm(file.path, { force: true });
        return path;
      }
      throw new Error(`${wanted}: no free name was found beside it`);
    },
    remove: async (path) => (isPath(path) ? kept.remove(path) : undefined),
    find: async (path) => (isPath(path) ? kept.find(path) : undefined),
  };
}

/** A path leads nowhere but down; rows may hold any text. */
const isPath = (path: string): boolean =>
  path.split("/").every((step) => step !== "" && step !== "." && step !== "..") && !/[\0\\]/.test(path);
