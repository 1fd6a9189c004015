/**
 * A log file, which can be opened again after somebody moved it away (logrotate, SIGUSR1).
 *
 * Each write is one call to the system at the end of the file, so the lines of several workers do not run into each other. Where
 * the disk is full, lines are lost and the service goes on.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { ConfigurationError } from "../errors.ts";

export interface LogFile {
  write(text: string): void;
  /** Opens the file of that name again; where that fails, the one before stays. */
  reopen(): void;
  close(): void;
}

/**
 * Opens a log file to write at its end.
 * @param place  the setting that names it
 * @throws ConfigurationError  it cannot be written
 */
export function openLogFile(path: string, place: string): LogFile {
  const open = (): number => openSync(path, "a");
  let descriptor: number;
  try {
    descriptor = open();
  } catch (cause) {
    throw new ConfigurationError(`${place}=${path}`, "expected a file that this user may write", { cause });
  }
  return Object.freeze({
    write(text: string) {
      try {
        writeSync(descriptor, text);
      } catch {
        // A log that cannot be written must not end what it tells about.
      }
    },
    reopen() {
      try {
        const next = open();
        closeSync(descriptor);
        descriptor = next;
      } catch {
        // As above; the lines go to the file of before.
      }
    },
    close: () => closeSync(descriptor),
  });
}
