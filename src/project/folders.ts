/** What the file system refuses to a project, told as what it is: a folder that was set and cannot be used. */
import { ConfigurationError } from "../errors.ts";

const reasons: Readonly<Record<string, string>> = {
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "its file system is read-only",
  ENOENT: "its parent folder cannot be made or is not there",
  ENOTDIR: "a part of the path is a file",
  ENOSPC: "the disk is full",
};

/**
 * Does work that writes into a folder.
 * @param place  the setting that names the folder
 * @throws ConfigurationError  the file system refuses it; other errors pass
 */
export async function writingInto<T>(place: string, folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = cause instanceof Error && "syscall" in cause && "code" in cause ? String(cause.code) : undefined;
    if (code === undefined) throw cause;
    throw new ConfigurationError(place, `the folder ${folder} cannot be written: ${reasons[code] ?? code}`, { cause });
  }
}
