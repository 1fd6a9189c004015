/**
 * What a process that died left of the uploads that it was taking in: removed at start.
 *
 * A temporary file is named after its machine and process (`host pid uuid`). Those of a process of this machine that is gone are
 * removed; those of other machines, which may share the folder, once nobody has written to them for a day.
 */
import { readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

const DAY_MS = 86_400_000;

export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const facts = await stat(path).catch(() => undefined);
    if (facts && isLeft(name, facts.mtimeMs)) await rm(path, { force: true, recursive: true });
  }
}

function isLeft(name: string, writtenMs: number): boolean {
  const [host, process] = name.split(" ");
  if (host === hostname() && /^\d+$/.test(process ?? "")) return isGone(Number(process), writtenMs);
  return writtenMs < Date.now() - DAY_MS;
}

/** A process that began after the file was written is another one with the same number, as in a container that starts again. */
function isGone(pid: number, writtenMs: number): boolean {
  if (pid === process.pid) return writtenMs < performance.timeOrigin;
  try {
    process.kill(pid, 0);
    return writtenMs < Date.now() - DAY_MS;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
