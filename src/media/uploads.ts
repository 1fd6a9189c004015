/**
 * The files of one request: written to temporary files as they stream in, placed when a row is written, removed with the request
 * unless that row is kept.
 *
 * At most one chunk of a file is in memory: the next one is read when this one is written.
 */
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import { ApiError } from "../errors.ts";
import type { Media } from "./media.ts";
import { folderAt, safeName } from "./names.ts";

/** The facts of a file that was taken in: what it is checked by, and named after. */
export interface UploadFacts {
  /** As the client calls it. */
  readonly sentName: string;
  /** What is left of that, made harmless; may be "". */
  readonly name: string;
  /** Where it is wanted, relative to the folder of files. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Its first bytes, by which the format of an image is known. */
  readonly head: Buffer;
  /** Larger than the field takes; then nothing of it is kept. */
  readonly isTooLarge: boolean;
  /** Of its content, where the request's content must be told apart. */
  readonly hash: string | undefined;
}

/** A file that was taken in. A class, so that no JSON can look like one. */
export class Upload {
  readonly field: string;
  readonly facts: UploadFacts;
  constructor(field: string, facts: UploadFacts) {
    this.field = field;
    this.facts = facts;
  }
}

/** What a field takes. */
export interface Target {
  readonly uploadTo?: string;
  readonly maxBytes?: number;
  readonly maxLength: number;
}

export interface UploadsOptions {
  readonly media: Media;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly hashes: boolean;
}

interface Received {
  readonly upload: Upload;
  readonly target: Target;
  /** The temporary file, until it is placed. */
  temporary: string | undefined;
}

/** Enough to tell the formats of images apart. */
const HEAD_BYTES = 32;

export class Uploads {
  readonly #options: UploadsOptions;
  readonly #received: Received[] = [];
  /** Paths of files that stand in their place, and go again unless they are kept. */
  readonly #placed = new Set<string>();
  #receiving: Promise<unknown> = Promise.resolve();

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  get maxBytes(): number {
    return this.#options.media.maxBytes;
  }

  get maxFiles(): number {
    return this.#options.media.maxFiles;
  }

  /**
   * Takes a file in, after those before it.
   * @throws ApiError  507, the disk is full
   * @throws Error  the stream ended before its time, or the disk refuses it
   */
  receive(field: string, target: Target, sentName: string, stream: Readable): Promise<Upload> {
    const received = this.#receiving.then(() => orNoRoom(this.#take(field, target, sentName, stream)));
    this.#receiving = received.catch(() => undefined);
    return received;
  }

  async #take(field: string, target: Target, sentName: string, stream: Readable): Promise<Upload> {
    const { media, now, hashes } = this.#options;
    const { path: temporary, handle } = await media.openTemporary();
    const hash = hashes ? createHash("sha256") : undefined;
    const name = safeName(sentName);
    let sizeBytes = 0;
    let head = Buffer.alloc(0);
    const isTooLarge = (): boolean => sizeBytes > (target.maxBytes ?? Number.POSITIVE_INFINITY);
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        sizeBytes += chunk.length;
        if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES)]);
        hash?.update(chunk);
        if (!isTooLarge()) await writeAll(handle, chunk);
      }
    } catch (error) {
      await handle.close();
      await rm(temporary, { force: true });
      throw error;
    }
    await handle.close();
    if (isTooLarge()) await rm(temporary, { force: true });
    const folder = folderAt(target.uploadTo ?? "", now).replace(/^\/+|\/+$/g, "");
    const upload = new Upload(field, {
      ...{ sentName, name, sizeBytes, head, hash: hash?.digest("base64url") },
      path: folder === "" ? name : `${folder}/${name}`,
      isTooLarge: isTooLarge(),
    });
    this.#received.push({ upload, target, temporary });
    return upload;
  }

  /**
   * Moves the files that values name to their place, and returns the values with the paths they have there.
   * @throws ApiError  507, the disk is full
   */
  async place<V extends Readonly<Record<string, unknown>>>(values: V): Promise<V> {
    const paths: Record<string, string> = {};
    // Of several files for one field the last one counts (`Form.file`); the others may have its name.
    for (const [field, received] of new Map(this.#received.map((each) => [each.upload.field, each]))) {
      const { temporary, target } = received;
      const { facts } = received.upload;
      if (temporary === undefined || facts.isTooLarge || values[field] !== facts.path) continue;
      const path = await orNoRoom(
        this.#options.media.place({ path: temporary, sizeBytes: facts.sizeBytes }, facts.path, target.maxLength),
      );
      received.temporary = undefined;
      this.#placed.add(path);
      paths[field] = path;
    }
    return { ...values, ...paths };
  }

  /** The rows that name them are committed: the files stay. */
  keep(): void {
    this.#placed.clear();
  }

  /** The request is over: removes what was not kept. Never rejects. @param onError  told what the disk refused */
  async end(onError: (error: unknown) => void): Promise<void> {
    await this.#receiving;
    const left = this.#received.flatMap(({ temporary }) => temporary ?? []);
    const removed = await Promise.allSettled([
      ...left.map((path) => rm(path, { force: true })),
      ...[...this.#placed].map((path) => this.#options.media.remove(path)),
    ]);
    for (const result of removed) if (result.status === "rejected") onError(result.reason);
  }
}

/** A disk may take less than it is given. */
async function writeAll(handle: Awaited<ReturnType<Media["openTemporary"]>>["handle"], chunk: Buffer): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    written += (await handle.write(chunk, written, chunk.length - written)).bytesWritten;
  }
}

/** A disk without room is told as that (RFC 4918, section 11.5), its other errors as they are. */
function orNoRoom<T>(work: Promise<T>): Promise<T> {
  return work.catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code !== "ENOSPC" && code !== "EDQUOT") throw cause;
    throw new ApiError(507, "insufficient_storage", "The server has no room for this file just now.", { cause });
  });
}
