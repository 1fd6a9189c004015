/**
 * Bytes of a file to a client, as fast as he reads: one piece is read while the one before is on its way.
 *
 * The memory of the pieces is used again, since to get and to clear it would cost more than to read.
 */
import type { FileHandle } from "node:fs/promises";
import type { ServerResponse } from "node:http";

interface Part {
  readonly path: string;
  /** First and last byte. */
  readonly start: number;
  readonly end: number;
}

/** What is read at a time; a client who does not read holds two of these. */
const pieceBytes = 128 * 1024;
/** Memory that waits for the next file. */
const idle: Buffer[] = [];
const maxIdle = 32;

/**
 * Sends a part of a file, and resolves when the system has all of it, or the client is gone.
 * @throws Error  the file ended too early, or could not be read
 */
export async function sendFrom(
  handle: FileHandle,
  response: ServerResponse,
  { path, start, end }: Part,
): Promise<void> {
  let [piece, other] = [idle.pop(), idle.pop()].map((buffer) => buffer ?? Buffer.allocUnsafeSlow(pieceBytes));
  if (piece === undefined || other === undefined) return;
  let onItsWay = Promise.resolve(true);
  for (let at = start; at <= end; ) {
    const { bytesRead } = await handle.read(piece, 0, Math.min(pieceBytes, end + 1 - at), at);
    if (bytesRead === 0) throw new Error(`${path}: became shorter while it was sent`);
    at += bytesRead;
    if (!(await onItsWay)) return;
    onItsWay = written(response, piece.subarray(0, bytesRead));
    [piece, other] = [other, piece];
  }
  // Only then is it certain that nobody writes from them any more.
  if ((await onItsWay) && !response.destroyed && idle.length < maxIdle) idle.push(piece, other);
}

/**
 * Resolves when the system has taken the bytes, or the client is gone.
 * @returns whether the client is there; an answer of HTTP/2 does not tell by `destroyed`
 */
export function written(response: ServerResponse, bytes: Uint8Array): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const onClose = (): void => resolve(false);
    response.on("close", onClose);
    response.write(bytes, (error) => {
      response.off("close", onClose);
      resolve(!error);
    });
  });
}
