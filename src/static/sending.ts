/**
 * How answers are written to clients: from memory, from a file of this machine, from a storage elsewhere; the latter two as fast as the
 * client reads.
 */
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { RemoteFile, StoredFile } from "../media/index.ts";
import type { HeaderList } from "./catalogue.ts";
import type { ByteRange } from "./negotiate.ts";
import { type OpenFile, openShared } from "./open-files.ts";
import { sendFrom } from "./send-from.ts";

/** Status and headers of an answer whose body is a file, or a part of it. */
interface Head {
  readonly status: number;
  readonly headers: HeaderList;
}

export function send(response: ServerResponse, status: number, headers: HeaderList, body?: Uint8Array): void {
  response.writeHead(status, headers);
  response.end(body);
}

/** A file is there and cannot be had just now. @param refusal  the headers of a refusal */
export const sendUnavailable = (response: ServerResponse, refusal: HeaderList): void =>
  send(response, 503, ["Retry-After", "5", "Cache-Control", "no-store", "Content-Length", "0", ...refusal]);

/**
 * Sends a part of a file.
 * @throws Error  it could not be read (answered 503), or ended too early (the connection is cut, so that the client does not take half
 *   a file for a whole one)
 */
export async function sendPart(
  response: ServerResponse,
  { status, headers }: Head,
  stored: StoredFile,
  { start, end }: ByteRange,
  refusal: () => HeaderList,
): Promise<void> {
  if ("read" in stored) return sendRead(response, { status, headers }, stored, { start, end }, refusal);
  let file: OpenFile;
  try {
    file = await openShared(stored);
  } catch (error) {
    sendUnavailable(response, refusal());
    throw error;
  }
  try {
    if (response.destroyed) return;
    response.writeHead(status, headers);
    await sendFrom(file.handle, response, { path: stored.path, start, end });
    response.end();
  } catch (error) {
    response.destroy();
    throw error;
  } finally {
    await file.release();
  }
}

async function sendRead(
  response: ServerResponse,
  { status, headers }: Head,
  file: RemoteFile,
  { start, end }: ByteRange,
  refusal: () => HeaderList,
): Promise<void> {
  if (end < start) return send(response, status, headers);
  const pieces = exactly(file.read(start, end), end + 1 - start);
  let first: IteratorResult<Uint8Array>;
  try {
    first = await pieces.next();
  } catch (error) {
    sendUnavailable(response, refusal());
    throw error;
  }
  response.writeHead(status, headers);
  try {
    await pipeline(joined(first, pieces), response);
  } catch (error) {
    response.destroy();
    // The client's leaving is nobody's fault.
    if (!(error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE")) throw error;
  }
}

/** What was read to see whether anything can be, and the rest. */
async function* joined(first: IteratorResult<Uint8Array>, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

async function* exactly(pieces: AsyncIterable<Uint8Array>, sizeBytes: number): AsyncGenerator<Uint8Array> {
  let left = sizeBytes;
  for await (const piece of pieces) {
    left -= piece.length;
    if (left < 0) break;
    yield piece;
  }
  if (left !== 0) throw new Error(`a storage gave ${left > 0 ? "fewer" : "more"} bytes than it was asked for`);
}
