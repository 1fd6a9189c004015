/**
 * A multipart/form-data body, parsed by @fastify/busboy as it streams in: its texts under the limit of any other body, its files
 * under a limit of their own, to the disk.
 *
 * It stops before the first file until it is told who takes the files, so that what stands before (a CSRF token, a method) may be
 * asked about first. A file that nobody takes is read past, and so is a part without a name.
 */
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { BusboyInstance } from "@fastify/busboy";
import { ParseError, PayloadTooLarge } from "../errors.ts";
import type { Upload } from "../media/index.ts";
import { Form } from "./serializer/form.ts";

/** More parts than this are refused (Django: DATA_UPLOAD_MAX_NUMBER_FIELDS). */
const MAX_PARTS = 1000;

/** Takes a file in; undefined where the field takes none, and then the stream was not touched. */
export type TakeFile = (field: string, sentName: string, stream: Readable) => Promise<Upload> | undefined;

export interface Multipart {
  /** What was sent before the first file. */
  readonly before: Promise<Form>;
  /** All of it, once it is there. @param take  who takes the files (default: nobody) */
  whole(take?: TakeFile): Promise<Form>;
  /** Nobody wants the rest: it is read past. */
  stop(): void;
}

export interface MultipartLimits {
  /** Of the texts together. */
  readonly maxBytes: number;
  /** Of the files together; 0 where none is taken: then they count with the texts. */
  readonly maxFileBytes: number;
  readonly maxFiles: number;
}

/**
 * Begins to read a multipart body. What it gives rejects with:
 * ParseError (no boundary, a broken part, too many of them, or the body was cut), PayloadTooLarge, and what `take` rejects with.
 */
export function readMultipart(message: IncomingMessage, limits: MultipartLimits): Multipart {
  const { maxBytes, maxFileBytes, maxFiles } = limits;
  const before = Promise.withResolvers<Form>();
  const whole = Promise.withResolvers<Form>();
  const taker = Promise.withResolvers<TakeFile>();
  const pairs: [string, string][] = [];
  const uploads: Upload[] = [];
  const untaken: string[] = [];
  let isOver = false;
  let textBytes = 0;
  let fileBytes = 0;
  let files = 0;
  let current: Readable | undefined;
  let taking: Promise<unknown> = Promise.resolve();

  const fail = (error: unknown): void => {
    if (isOver) return;
    isOver = true;
    message.unpipe();
    message.resume();
    current?.destroy(error instanceof Error ? error : undefined);
    before.reject(error);
    whole.reject(error);
  };
  const broken = (cause?: unknown): void => fail(new ParseError("The multipart body is broken.", { cause }));

  // busboy names a part without a name undefined, whatever its types say.
  const text = (name: string | undefined, value: string, _nameCut: boolean, valueCut: boolean): void => {
    if (name === undefined) return;
    textBytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    if (valueCut || textBytes > maxBytes) fail(new PayloadTooLarge(maxBytes));
    else pairs.push([name, value]);
  };
  const file = async (name: string | undefined, stream: Readable, sentName = ""): Promise<void> => {
    current = stream;
    stream.on("data", (chunk: Buffer) => {
      fileBytes += chunk.length;
      if (maxFileBytes > 0 && fileBytes > maxFileBytes) fail(new PayloadTooLarge(maxFileBytes));
    });
    stream.pause();
    before.resolve(new Form(pairs));
    const take = await taker.promise;
    // A browser sends a file without a name where none was chosen.
    const isSent = name !== undefined && sentName !== "" && !isOver;
    const taken = isSent ? take(name, sentName, stream) : undefined;
    if (isSent && !taken) untaken.push(name);
    if (taken && ++files > maxFiles) fail(new ParseError(`At most ${maxFiles} files are allowed.`));
    if (taken) uploads.push(await taken);
    else stream.resume();
  };
  const follow = (parser: BusboyInstance): void => {
    parser.on("field", text);
    parser.on("file", (name, stream, sentName) => {
      stream.on("error", () => undefined);
      taking = Promise.all([taking, file(name, stream, sentName)]);
      taking.catch(fail);
    });
    parser.on("partsLimit", () => fail(new ParseError(`At most ${MAX_PARTS} parts are allowed.`)));
    parser.on("error", broken);
    parser.on("finish", () => {
      taking.then(() => {
        isOver = true;
        before.resolve(new Form(pairs));
        whole.resolve(new Form(pairs, uploads, untaken));
      }, fail);
    });
    let length = 0;
    message.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes + maxFileBytes) fail(new PayloadTooLarge(maxBytes + maxFileBytes));
    });
    whenCut(message, broken);
    message.pipe(parser);
  };

  // Whoever waits for neither is not to end the process.
  before.promise.catch(() => undefined);
  whole.promise.catch(() => undefined);
  const headers = { ...message.headers, "content-type": message.headers["content-type"] ?? "" };
  import("@fastify/busboy")
    .then(({ Busboy }) => {
      const isPartAFile = (_field?: string, _type?: string, sentName?: string) => sentName !== undefined;
      follow(new Busboy({ headers, isPartAFile, limits: { parts: MAX_PARTS, fieldSize: maxBytes } }));
    })
    .catch(broken);
  return {
    before: before.promise,
    whole(take = () => undefined) {
      taker.resolve(take);
      return whole.promise;
    },
    stop: () => fail(new Error("nobody wants this body")),
  };
}

/** Tells when a body ends before its time, or has ended so already: then it says nothing any more. */
export function whenCut(message: IncomingMessage, tell: (cause?: unknown) => void): void {
  if (message.destroyed && !message.readableEnded) tell();
  message.on("error", tell);
  message.on("close", () => {
    if (!message.readableEnded) tell();
  });
}
