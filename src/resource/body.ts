/**
 * Reading a request's body: JSON, an HTML form, or multipart.
 *
 * Asked for by an action, after authentication and permissions, and only if the action wants a body.
 * Reference: rest_framework.parsers; a body without a media type is refused only if there is one.
 */
import type { IncomingMessage } from "node:http";
import { parseJson } from "../db/index.ts";
import { ParseError, PayloadTooLarge, UnsupportedMediaType } from "../errors.ts";
import { type Multipart, type MultipartLimits, readMultipart, whenCut } from "./multipart.ts";
import type { Request } from "./request.ts";
import { Form } from "./serializer/form.ts";

/** Media types that can be read, in the order that OPTIONS lists them. */
export const parsers = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"] as const;

/** Deeper JSON is refused: nobody means it, and every later step would recurse into it. */
const MAX_DEPTH = 200;

/** A body that is being read: JSON values, or a `Form`. */
export interface Body extends Omit<Multipart, "before" | "whole"> {
  /** What was sent before the first file: all of it, where there is none. */
  readonly before: Promise<unknown>;
  whole(...take: Parameters<Multipart["whole"]>): Promise<unknown>;
}

/**
 * Begins to read a body; a longer one than the limits allow is refused as soon as that is known.
 * What it gives rejects with: ParseError | UnsupportedMediaType | PayloadTooLarge
 */
export function openBody(request: Request, limits: MultipartLimits): Body {
  const { message } = request;
  const length = lengthOf(request);
  const { maxBytes, maxFileBytes } = limits;
  if (length !== 0 && typeOf(request) === "multipart/form-data" && !(length > maxBytes + maxFileBytes))
    return readMultipart(message, limits);
  const whole = readWhole(request, typeOf(request) === "multipart/form-data" ? maxBytes + maxFileBytes : maxBytes);
  return { before: whole, whole: () => whole, stop: () => undefined };
}

/** Bytes; NaN where nobody says how many. */
const lengthOf = ({ headers }: Request): number =>
  Number(headers["content-length"] ?? (headers["transfer-encoding"] === undefined ? 0 : Number.NaN));

const typeOf = ({ headers }: Request): string => readableAs(mediaType(headers["content-type"]));

async function readWhole(request: Request, maxBytes: number): Promise<unknown> {
  const { message, headers } = request;
  const length = lengthOf(request);
  if (length > maxBytes) throw new PayloadTooLarge(maxBytes);
  const type = typeOf(request);
  if (length === 0) return type === "application/json" || !isReadable(type) ? {} : new Form([]);
  switch (type) {
    case "application/json":
      return parseJsonBody(strictText(await readBytes(message, maxBytes)));
    case "application/x-www-form-urlencoded":
      return parseText(type, (await readBytes(message, maxBytes)).toString());
    default:
      throw new UnsupportedMediaType(headers["content-type"] ?? "", parsers);
  }
}

/**
 * The parsed body that a text is: JSON values, or a `Form`.
 * @throws ParseError | UnsupportedMediaType
 */
export function parseText(type: string, text: string): unknown {
  switch (type) {
    case "application/json":
      return parseJsonBody(text);
    case "application/x-www-form-urlencoded":
      return new Form(new URLSearchParams(text));
    default:
      throw new UnsupportedMediaType(type, ["application/json", "application/x-www-form-urlencoded"]);
  }
}

const isReadable = (type: string): boolean => (parsers as readonly string[]).includes(type);

/** The media type that a range such as `*\/*` stands for: the first one that it covers. */
const readableAs = (type: string): string =>
  type.endsWith("/*") ? (parsers.find((known) => type === "*/*" || known.startsWith(type.slice(0, -1))) ?? type) : type;

const mediaType = (header = ""): string => (header.split(";", 1)[0] ?? "").trim().toLowerCase();

/**
 * The bytes of a body. The rest of one that is too large is read past, not kept: the answer must find a connection to go out by,
 * which leaving a loop over the stream would destroy.
 */
function readBytes(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    message.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      else {
        chunks.length = 0;
        reject(new PayloadTooLarge(maxBytes));
      }
    });
    message.on("end", () => resolve(Buffer.concat(chunks, Math.min(length, maxBytes))));
    whenCut(message, (cause) => reject(new ParseError("The body ended before its time.", { cause })));
  });
}

function strictText(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new ParseError("The body is not valid UTF-8.", { cause });
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function parseJsonBody(text: string): unknown {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw new ParseError(`The body is not valid JSON${positionIn(cause)}.`, { cause });
  }
  if (depthOf(text) > MAX_DEPTH) throw new ParseError(`The JSON is nested deeper than ${MAX_DEPTH} levels.`);
  return value;
}

/** Where V8 says that it gave up; its own sentence quotes the body, which may hold a password. */
function positionIn(error: unknown): string {
  const position = /at position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
  return position === undefined ? "" : ` (at character ${Number(position) + 1})`;
}

/** The deepest nesting, brackets in texts counted too: an upper bound that costs one pass. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 91 || code === 123) deepest = Math.max(deepest, ++depth);
    else if (code === 93 || code === 125) depth--;
  }
  return deepest;
}
