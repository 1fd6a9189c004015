/**
 * A multipart/form-data body, parsed by @fastify/busboy as it streams in, under the same limit as any other body.
 */
import type { IncomingMessage } from "node:http";
import { ParseError, PayloadTooLarge } from "../errors.ts";
import { Form } from "./serializer/form.ts";

/** More parts than this are refused (Django: DATA_UPLOAD_MAX_NUMBER_FIELDS). */
const MAX_PARTS = 1000;

/**
 * @throws ParseError  no boundary, a broken part, or too many of them
 * @throws PayloadTooLarge
 */
export async function parseMultipart(message: IncomingMessage, maxBytes: number): Promise<Form> {
  const { Busboy } = await import("@fastify/busboy");
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      message.unpipe();
      message.resume();
      reject(error);
    };
    const broken = (cause?: unknown): void => fail(new ParseError("The multipart body is broken.", { cause }));
    const pairs: [string, string][] = [];
    let length = 0;
    try {
      const headers = { ...message.headers, "content-type": message.headers["content-type"] ?? "" };
      const parser = new Busboy({ headers, limits: { parts: MAX_PARTS, fieldSize: maxBytes } });
      parser.on("field", (name, value) => pairs.push([name, value]));
      parser.on("file", (_name, stream) => stream.resume());
      parser.on("partsLimit", () => fail(new ParseError(`At most ${MAX_PARTS} parts are allowed.`)));
      parser.on("error", broken);
      parser.on("finish", () => resolve(new Form(pairs)));
      message.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > maxBytes) fail(new PayloadTooLarge(maxBytes));
      });
      whenCut(message, broken);
      message.pipe(parser);
    } catch (cause) {
      broken(cause);
    }
  });
}

/** Tells when a body ends before its time, or has ended so already: then it says nothing any more. */
export function whenCut(message: IncomingMessage, tell: (cause?: unknown) => void): void {
  if (message.destroyed && !message.readableEnded) tell();
  message.on("error", tell);
  message.on("close", () => {
    if (!message.readableEnded) tell();
  });
}
