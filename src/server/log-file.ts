/**
 * A log file: one that is opened here, and can be opened again after somebody moved it away (logrotate, SIGUSR1), or one that this
 * process was given as standard output or error.
 *
 * Each write is at the end of the file, so the lines of several workers do not run into each other. Where the disk is full the
 * service goes on: lines that are lost are counted, and told as soon as there is room again.
 */
import { closeSync, fstatSync, openSync, writeSync } from "node:fs";
import { ConfigurationError } from "../errors.ts";
import { whyNotWritten } from "./errors.ts";

export interface LogFile {
  /** Writes whole lines. @returns whether the file took them */
  write(text: string): boolean;
  /** Opens the file of that name again; where that fails, the one before stays until it can be. */
  reopen(): void;
  close(): void;
}

/** Who is told; each is called once an outage, and may write to the file. */
export interface LogFileListeners {
  /** It takes no lines, and why. */
  readonly onFault?: (error: unknown) => void;
  /** It takes lines again, after so many were lost. */
  readonly onMended?: (lostLines: number) => void;
}

/**
 * Opens a log file to write at its end.
 * @param place  the setting that names it
 * @throws ConfigurationError  it cannot be written
 */
export function openLogFile(path: string, place: string, listeners: LogFileListeners = {}): LogFile {
  const open = (): number => openSync(path, "a");
  let descriptor: number;
  let isOld = false;
  try {
    descriptor = open();
  } catch (cause) {
    throw new ConfigurationError(`${place}=${path}`, whyNotWritten(cause), { cause });
  }
  const renew = (): void => {
    const next = open();
    closeSync(descriptor);
    descriptor = next;
    isOld = false;
  };
  const reopen = (): void => {
    isOld = true;
    try {
      renew();
    } catch {
      // Tried again with the next line.
    }
  };
  const write = createWrite(() => {
    if (isOld) reopen();
    return descriptor;
  }, listeners);
  return Object.freeze({ write, reopen, close: () => closeSync(descriptor) });
}

/** Standard output (1) or error (2) where it is a file; undefined where it is a terminal, a pipe or a socket. */
export function standardFile(descriptor: 1 | 2, listeners: LogFileListeners = {}): LogFile | undefined {
  try {
    if (!fstatSync(descriptor).isFile()) return undefined;
  } catch {
    return undefined;
  }
  return Object.freeze({ write: createWrite(() => descriptor, listeners), reopen() {}, close() {} });
}

const lineBreak = 0x0a;

function createWrite(descriptorOf: () => number, { onFault, onMended }: LogFileListeners): LogFile["write"] {
  let isBroken = false;
  let lost = 0;
  return (text) => {
    // The file may end in half a line, of this process or of another; an empty line does no harm.
    const bytes = Buffer.from(isBroken ? `\n${text}` : text);
    const begin = isBroken ? 1 : 0;
    let written = 0;
    try {
      // A disk that is nearly full takes less than it is given.
      for (const descriptor = descriptorOf(); written < bytes.length; )
        written += writeSync(descriptor, bytes, written);
    } catch (error) {
      for (const byte of bytes.subarray(Math.max(written, begin))) if (byte === lineBreak) lost++;
      if (!isBroken) {
        isBroken = true;
        onFault?.(error);
      }
      return false;
    }
    if (isBroken) {
      const lines = lost;
      isBroken = false;
      lost = 0;
      onMended?.(lines);
    }
    return true;
  };
}
