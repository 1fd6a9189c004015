/**
 * Answers requests for static files, before the application sees them.
 *
 * `app.ts` calls the handler first for every request; whatever is not a known file is left to the application. A name is only
 * ever looked up in the catalogue, never turned into a path, so there is nothing to traverse.
 * Reference: whitenoise.responders.StaticFile.get_response.
 * Differs: `Range` counts for GET only (RFC 9110 14.2).
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Catalogue, HeaderList, Representation, StaticFile } from "./catalogue.ts";
import { type ByteRange, chooseRepresentation, evaluatePreconditions, rangeOf } from "./negotiate.ts";
import { send, sendPart, sendUnavailable } from "./sending.ts";

export interface ServeOptions {
  /** URL path that the files are served under, with `/` at both ends (default `/static/`). */
  readonly prefix?: string;
  /** Told when a file that is streamed could not be read, or not to its end; the client's leaving is no such case. */
  readonly onError?: (error: Error) => void;
  /** The id that a refusal carries (default: none). */
  readonly requestIdOf?: (request: IncomingMessage) => string;
}

/** Answers a request for a static file; `false` means that it is none, and nothing was done. */
export type StaticHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Method and headers of a request, which are all that an answer depends on. */
type Asked = Pick<IncomingMessage, "method" | "headers">;

/** An answer that is all in memory. */
export interface HeldFile {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body?: Buffer;
}

/** The answer to a request. */
interface FileResponse {
  readonly status: number;
  readonly headers: HeaderList;
  /** What is sent of it; nothing for HEAD, refusals, and what the client has. */
  readonly sent?: { readonly chosen: Representation; readonly range: ByteRange | undefined };
}

/**
 * Makes the handler of a catalogue.
 *
 * @throws TypeError  the prefix does not begin and end with `/`
 * @example
 * const handle = serveStatic(createCatalogue({ directories: [{ directory: "static" }] }), { prefix: "/static/" });
 * http.createServer((request, response) => handle(request, response) || app(request, response));
 */
export function serveStatic(catalogue: Catalogue, options: ServeOptions = {}): StaticHandler {
  const { prefix = "/static/", onError = () => {}, requestIdOf } = options;
  if (!prefix.startsWith("/") || !prefix.endsWith("/"))
    throw new TypeError(`prefix "${prefix}": expected / at both ends`);
  return (request, response) => {
    const name = findName(request.url ?? "", prefix);
    const refusal = refusalOf(catalogue.headers, request, requestIdOf);
    let file: StaticFile | undefined;
    try {
      file = name === undefined ? undefined : catalogue.find(name);
    } catch (error) {
      return refuseUnreadable(error, response, { refusal, onError });
    }
    if (file === undefined) return false;
    answerFile(request, response, { file, refusal, onError });
    return true;
  };
}

/** The headers of each refusal of a request. */
export const refusalOf =
  (common: HeaderList, request: IncomingMessage, idOf: ServeOptions["requestIdOf"]) => (): HeaderList =>
    idOf ? [...common, "X-Request-Id", idOf(request)] : common;

/** In development folders are read at a request, while somebody changes what is in them. */
export function refuseUnreadable(error: unknown, response: ServerResponse, answer: Omit<FileAnswer, "file">): true {
  answer.onError(error instanceof Error ? error : new Error(String(error)));
  sendUnavailable(response, answer.refusal());
  return true;
}

/** A file to answer with. */
export interface FileAnswer extends Required<Pick<ServeOptions, "onError">> {
  readonly file: StaticFile;
  /** What refusals say beside their status. */
  readonly refusal: () => HeaderList;
}

/**
 * Makes the function that finds answers which are all in memory, for a server that can send them by itself.
 * @returns undefined for what `serveStatic` must answer, or is no static file
 */
export function findHeldAnswer(
  catalogue: Catalogue,
  prefix: string,
): (request: Asked & Pick<IncomingMessage, "url">) => HeldFile | undefined {
  const findFile = (url: string): StaticFile | undefined => {
    const name = findName(url, prefix);
    try {
      return name === undefined ? undefined : catalogue.find(name);
    } catch {
      return undefined; // `serveStatic` meets the same fault, and tells it
    }
  };
  return (request) => {
    const file = findFile(request.url ?? "");
    if (file === undefined) return undefined;
    const { status, headers, sent } = responseOf(request, file, () => []);
    if (status >= 400) return undefined; // has the id of its request
    if (sent === undefined) return { status, headers };
    if (sent.range !== undefined || sent.chosen.body === undefined) return undefined;
    return { status, headers, body: sent.chosen.body };
  };
}

/** Answers with a file, or the part of it that is asked for. */
export function answerFile(request: Asked, response: ServerResponse, { file, refusal, onError }: FileAnswer): void {
  const { status, headers, sent } = responseOf(request, file, refusal);
  if (sent === undefined) {
    send(response, status, headers);
    return;
  }
  const { body, file: stored } = sent.chosen;
  const part = sent.range ?? { start: 0, end: stored.sizeBytes - 1 };
  if (body === undefined) void sendPart(response, { status, headers }, stored, part, refusal).catch(onError);
  else send(response, status, headers, sent.range === undefined ? body : body.subarray(part.start, part.end + 1));
}

function responseOf({ method, headers }: Asked, file: StaticFile, refusal: () => HeaderList): FileResponse {
  if (method !== "GET" && method !== "HEAD")
    return { status: 405, headers: ["Allow", "GET, HEAD", "Content-Length", "0", ...refusal()] };
  const chosen = chooseRepresentation(file, textOf(headers["accept-encoding"]));
  const condition = evaluatePreconditions(file, chosen, headers);
  if (condition === 304) return { status: 304, headers: chosen.notModifiedHeaders };
  if (condition === 412) return { status: 412, headers: ["Content-Length", "0", ...refusal()] };
  const range = method === "GET" ? rangeOf(file, chosen, headers.range, textOf(headers["if-range"])) : undefined;
  if (range === "unsatisfiable") {
    const size = `bytes */${chosen.file.sizeBytes}`;
    return { status: 416, headers: ["Content-Range", size, "Content-Length", "0", ...refusal()] };
  }
  if (method === "HEAD") return { status: 200, headers: chosen.headers };
  if (range === undefined) return { status: 200, headers: chosen.headers, sent: { chosen, range } };
  return { status: 206, headers: headersOfRange(chosen, range), sent: { chosen, range } };
}

/** The name in a URL path below the prefix, percent-encoding undone. */
export function findName(url: string, prefix: string): string | undefined {
  if (!url.startsWith(prefix)) return undefined;
  const query = url.indexOf("?");
  const name = url.slice(prefix.length, query < 0 ? undefined : query);
  if (!name.includes("%")) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

const textOf = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === "object" ? header.join(", ") : header;

function headersOfRange({ partialHeaders, file }: Representation, { start, end }: ByteRange): HeaderList {
  const range = `bytes ${start}-${end}/${file.sizeBytes}`;
  return [...partialHeaders, "Content-Range", range, "Content-Length", String(end - start + 1)];
}
