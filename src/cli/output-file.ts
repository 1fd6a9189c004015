/** Where a command writes much: standard output, or a file that is there once it is whole. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { ConfigurationError } from "../errors.ts";

/** Takes a piece of text; what it returns is waited for. */
export type Write = (text: string) => Promise<void>;

/** For its owner alone: it may hold hashes of passwords. */
const MODE = 0o600;

/**
 * Does work that writes.
 * @param file  absent: standard output
 * @throws ConfigurationError  the file cannot be written
 */
export async function writingTo<T>(file: string | undefined, work: (write: Write) => Promise<T>): Promise<T> {
  if (file === undefined)
    return work(async (text) => {
      if (!process.stdout.write(text)) await once(process.stdout, "drain");
    });
  const partial = `${file}.partial`;
  const stream = createWriteStream(partial, { mode: MODE });
  try {
    await once(stream, "open");
    const result = await work(async (text) => {
      if (!stream.write(text)) await once(stream, "drain");
    });
    stream.end();
    await once(stream, "close");
    await rename(partial, file);
    return result;
  } catch (cause) {
    stream.destroy();
    await rm(partial, { force: true });
    if (cause instanceof Error && "syscall" in cause && "code" in cause)
      throw new ConfigurationError(file, `cannot be written: ${String(cause.code)}`, { cause });
    throw cause;
  }
}
