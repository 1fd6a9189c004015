/**
 * Where the files that clients send are kept: the contract, of which the folder MEDIA_ROOT (`folder.ts`) is one implementation.
 *
 * A path has `/` between its steps, none of which is empty, `.` or `..`. A method that rejects is a fault of the request that it was called
 * for: whoever wanted to read is answered with 503, whoever wanted to write with 500, or 503 where it rejects with a `ServiceUnavailable`.
 */

/** Bytes that a storage takes over. */
export interface IncomingFile {
  /** Of a local file, which may be moved away, or read; what is left of it is removed afterwards. */
  readonly path: string;
  readonly sizeBytes: number;
}

interface FileFacts {
  readonly sizeBytes: number;
  /** Milliseconds since 1970; with the size it makes the ETag, so another content has another time. */
  readonly modifiedMs: number;
}

/** A file that lies in the file system of this machine. */
export interface LocalFile extends FileFacts {
  /** Absolute. */
  readonly path: string;
}

/** A file that is elsewhere. */
export interface RemoteFile extends FileFacts {
  /** Its bytes from the first to the last one, both included; whoever asks for them may end before they do. */
  read(first: number, last: number): AsyncIterable<Uint8Array>;
}

export type StoredFile = LocalFile | RemoteFile;

/**
 * Keeps the files of file fields.
 *
 * @example
 * const inMemory = (): FileStorage => {
 *   const files = new Map<string, Buffer>();
 *   return {
 *     async save({ path }, wanted) {
 *       if (files.has(wanted)) return false;
 *       files.set(wanted, await readFile(path));
 *       return true;
 *     },
 *     async find(path) {
 *       const bytes = files.get(path);
 *       if (!bytes) return undefined;
 *       return {
 *         sizeBytes: bytes.length,
 *         modifiedMs: 0,
 *         async *read(first, last) {
 *           yield bytes.subarray(first, last + 1);
 *         },
 *       };
 *     },
 *     async remove(path) {
 *       files.delete(path);
 *     },
 *   };
 * };
 */
export interface FileStorage {
  /**
   * Keeps a file under a path, once it resolves for good.
   * @returns false where there is a file of that path, which stays as it is: of two at once one is told so
   */
  save(file: IncomingFile, path: string): Promise<boolean>;
  /** Undefined where there is none. */
  find(path: string): Promise<StoredFile | undefined>;
  /** Removes a file; one that is not there is left alone. */
  remove(path: string): Promise<void>;
}
