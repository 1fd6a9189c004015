/**
 * How answers are written to clients: from memory, from a file of this machine, from a storage elsewhere; the latter two as fast as the
 * client reads.
 */
import type { ServerResponse } from "node:http";
import type { RemoteFile, StoredFile } from "../media/index.ts";
import type { HeaderList } from "./catalogue.ts";
import type { ByteRange } from "./negotiate.ts";
import { type OpenFile, openShared } from "./open-files.ts";
import { sendFrom, written } from "./send-from.ts";

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
    cutOff(response, error);
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
  let isBegun = false;
  let onItsWay = Promise.resolve(true);
  try {
    // Who ends before the storage does, ends the storage's reading, too.
    for await (const piece of exactly(file, { start, end })) {
      if (!isBegun) response.writeHead(status, headers);
      isBegun = true;
      if (!(await onItsWay)) return;
      onItsWay = written(response, piece);
    }
    await onItsWay;
    response.end();
  } catch (error) {
    if (isBegun) cutOff(response, error);
    else sendUnavailable(response, refusal());
    throw error;
  }
}

/** Ends an answer so that nobody takes it for a whole one: HTTP/2 tells a fault from an end by it. */
const cutOff = (response: ServerResponse, error: unknown): unknown =>
  response.destroy(error instanceof Error ? error : new Error(String(error)));

async function* exactly(file: RemoteFile, { start, end }: ByteRange): AsyncGenerator<Uint8Array> {
  let left = end + 1 - start;
  for await (const piece of file.read(start, end)) {
    left -= piece.length;
    if (left < 0) break;
    yield piece;
  }
  if (left !== 0) throw new Error(`a storage gave ${left > 0 ? "fewer" : "more"} bytes than it was asked for`);
}
