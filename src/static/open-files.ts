/**
 * Files that are open, for all who are sent parts of them at the time: each is opened and looked at once a second at most, since films are
 * asked for in many small parts. Reference: open_file_cache of nginx.
 */
import { type FileHandle, open } from "node:fs/promises";
import type { FileFacts } from "./sources.ts";

export interface OpenFile {
  readonly handle: FileHandle;
  /** Called by each who was given it, once he needs it no more. */
  release(): Promise<void>;
}

const keptMs = 1000;
/** Descriptors that wait for the next who asks. */
const maxKept = 64;

class Shared implements OpenFile {
  readonly handle: FileHandle;
  #users = 0;
  #isKept = true;

  constructor(handle: FileHandle) {
    this.handle = handle;
  }

  use(): this {
    this.#users++;
    return this;
  }

  async release(): Promise<void> {
    this.#users--;
    await this.#closeUnused();
  }

  /** Whoever has it keeps it; nobody else gets it any more. */
  async letGo(): Promise<void> {
    this.#isKept = false;
    await this.#closeUnused();
  }

  async #closeUnused(): Promise<void> {
    if (!this.#isKept && this.#users === 0) await this.handle.close();
  }
}

const kept = new Map<string, Promise<Shared>>();

/**
 * Opens a file, or gives one that is open.
 * @throws Error  it is not there any more, or not the one that was described: its headers would be wrong
 */
export async function openShared(file: FileFacts): Promise<OpenFile> {
  const id = `${file.path} ${file.sizeBytes} ${file.modifiedMs}`;
  const known = kept.get(id);
  if (known) return (await known).use();
  const opening = openUnchanged(file).then((handle) => new Shared(handle));
  const isFull = kept.size >= maxKept;
  if (!isFull) kept.set(id, opening);
  try {
    const shared = (await opening).use();
    if (isFull) await shared.letGo();
    else
      setTimeout(() => {
        kept.delete(id);
        // What was only read has nothing to lose by a close that fails.
        shared.letGo().catch(() => undefined);
      }, keptMs).unref();
    return shared;
  } catch (error) {
    kept.delete(id);
    throw error;
  }
}

async function openUnchanged({ path, sizeBytes, modifiedMs }: FileFacts): Promise<FileHandle> {
  const handle = await open(path);
  try {
    const { size, mtimeMs } = await handle.stat();
    if (size === sizeBytes && mtimeMs === modifiedMs) return handle;
    throw new Error(`${path}: changed since the server started; restart or reload it`);
  } catch (error) {
    await handle.close();
    throw error;
  }
}
