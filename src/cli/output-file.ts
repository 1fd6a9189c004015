/** Where a command writes much: standard output, or a file that is there once it is whole. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { ConfigurationError } from "../errors.ts";

/** Takes a piece of text; what it returns is waited for. */
export type Write = (text: string) => Promise<void>;

/** For its owner alone: it may hold hashes of passwords. */
const MODE = 0o600;

/**
 * Does work that writes.
 * @param file  absent: standard output
 * @param mode  of the file
 * @throws ConfigurationError  the file cannot be written
 */
export async function writingTo<T>(
  file: string | undefined,
  work: (write: Write) => Promise<T>,
  mode = MODE,
): Promise<T> {
  if (file === undefined) return work(writerTo(process.stdout, "standard output"));
  const partial = `${file}.partial`;
  const stream = createWriteStream(partial, { mode });
  try {
    const result = await work(writerTo(stream, file));
    stream.end();
    await finished(stream);
    await rename(partial, file);
    return result;
  } catch (cause) {
    stream.destroy();
    await rm(partial, { force: true }).catch(() => undefined); // the first error tells more
    throw refusal(file, cause);
  }
}

/** Writes and waits while the other side is full; fails as soon as it is gone. */
function writerTo(stream: Writable, name: string): Write {
  let lost: unknown;
  stream.on("error", (error) => {
    lost ??= error;
  });
  return async (text) => {
    if (lost === undefined && !stream.write(text)) await once(stream, "drain").catch(() => undefined);
    if (lost !== undefined) throw refusal(name, lost);
  };
}

/** What the system refuses is the file's fault; other errors pass. */
function refusal(name: string, cause: unknown): unknown {
  if (!(cause instanceof Error && "syscall" in cause && "code" in cause)) return cause;
  const reason =
    cause.code === "EPIPE" ? "was closed before all was written" : `cannot be written: ${String(cause.code)}`;
  return new ConfigurationError(name, reason, { cause });
}
