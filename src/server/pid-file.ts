/**
 * The file that tells the process id of a server.
 *
 * Reference: gunicorn.pidfile. As there, a server that takes over from another one writes `FILE.2`, and renames it when the
 * other has ended. A file whose process is gone is replaced.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { ConfigurationError } from "../errors.ts";
import { whyNotWritten } from "./errors.ts";

export interface PidFile {
  /** The server before this one has ended: the file gets its name. */
  promote(): void;
  remove(): void;
}

/**
 * Writes the file.
 *
 * @param isSuccessor  another server has the name still
 * @throws ConfigurationError  another server runs under that name, or the file cannot be written
 */
export function writePidFile(path: string, isSuccessor: boolean): PidFile {
  let current = isSuccessor ? `${path}.2` : path;
  const other = readPid(current);
  if (other !== undefined && other !== process.pid && isRunning(other))
    throw new ConfigurationError(`PID_FILE=${path}`, `a server runs already, with process id ${other}`);
  try {
    writeFileSync(current, `${process.pid}\n`);
  } catch (cause) {
    // A disk that is full takes the name and not the number.
    if (readPid(current) === undefined) attempt(() => rmSync(current));
    throw new ConfigurationError(`PID_FILE=${path}`, whyNotWritten(cause), { cause });
  }
  return {
    promote() {
      attempt(() => renameSync(current, path));
      current = path;
    },
    remove() {
      if (readPid(current) === process.pid) attempt(() => rmSync(current));
    },
  };
}

function readPid(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** The folder may belong to the user that this server was before it became another. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // The next start finds the process gone, and replaces the file.
  }
}
