/**
 * Answers requests for files that clients sent, so that none of them can act in the name of this site.
 *
 * Whatever a browser might run or take for a page is only offered to be saved; images, PDF and plain text are shown. What they are is
 * told by the end of their name alone. There is no listing, and nothing whose name begins with a dot is served.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { NotFound } from "../errors.ts";
import type { Media, StoredFile } from "../media/index.ts";
import type { HeaderList, StaticFile } from "./catalogue.ts";
import { contentTypeOf } from "./media-types.ts";
import { send } from "./sending.ts";
import { answerFile, type FileAnswer, findName, refusalOf, refuseUnreadable, type StaticHandler } from "./serve.ts";

export interface MediaServer {
  /** The file of a path in the storage. */
  readonly find: Media["find"];
  /** URL path that the files are served under, with `/` at both ends. */
  readonly url: string;
  /** Told when a file could not be read to its end; the client's leaving is no such case. */
  readonly onError: (error: unknown) => void;
  /** The id that a refusal carries (default: none). */
  readonly requestIdOf?: (request: IncomingMessage) => string;
}

/** What a browser shows and never runs. SVG is not among them: it may hold a script. */
const inert = /^(image\/(png|jpeg|gif|webp|avif)|application\/pdf|text\/plain)\b/;

const common: HeaderList = ["X-Content-Type-Options", "nosniff", "Referrer-Policy", "same-origin"];
const shared: HeaderList = ["Cache-Control", "max-age=60, public"];
const unshared: HeaderList = ["Cache-Control", "private, no-cache"];

/** Makes the handler of the folder; it takes every URL below `url`. */
export function serveMedia({ find, url, onError, requestIdOf }: MediaServer): StaticHandler {
  return (request, response) => {
    if (!request.url?.startsWith(url)) return false;
    const name = findName(request.url, url) ?? "";
    const found = isHidden(name) ? undefined : describeFound(find, name, shared);
    answer(request, response, { found, onError, missing: nothing, refusal: refusalOf(common, request, requestIdOf) });
    return true;
  };
}

/**
 * Makes what answers with one file to somebody who was asked whether they may have it: the hidden ones, too, and no cache keeps them.
 * @param find  undefined where no files are kept, so that none is there
 */
export function sendPrivately({ find, onError }: Partial<Pick<MediaServer, "find">> & Pick<MediaServer, "onError">) {
  return ({ method, headers }: IncomingMessage, response: ServerResponse, name: string): void =>
    answer({ method: method === "HEAD" ? method : "GET", headers }, response, {
      found: find && describeFound(find, name, unshared),
      onError,
      missing: nothingOfApi,
      refusal: () => common,
    });
}

interface Missing {
  readonly type: string;
  readonly body: Buffer;
}

const nothing: Missing = { type: "text/plain", body: Buffer.alloc(0) };
/** It is an answer of the API, whose refusals are JSON. */
const nothingOfApi: Missing = {
  type: "application/json",
  body: Buffer.from(JSON.stringify(new NotFound().body())),
};

const isHidden = (name: string): boolean => name.split("/").some((step) => step.startsWith("."));

interface MediaAnswer extends Omit<FileAnswer, "file"> {
  readonly found: Promise<StaticFile | undefined> | undefined;
  readonly missing: Missing;
}

function answer(
  request: Pick<IncomingMessage, "method" | "headers">,
  response: ServerResponse,
  { found, missing: { type, body }, refusal, onError }: MediaAnswer,
): void {
  const reply = async (): Promise<void> => {
    const file = await found;
    if (file) answerFile(request, response, { file, refusal, onError });
    else
      send(
        response,
        404,
        ["Content-Type", type, "Content-Length", String(body.length), ...refusal()],
        request.method === "HEAD" ? undefined : body,
      );
  };
  reply().catch((error: unknown) => void refuseUnreadable(error, response, { refusal, onError }));
}

async function describeFound(find: Media["find"], name: string, caching: HeaderList): Promise<StaticFile | undefined> {
  const file = await find(name);
  return file && describe(name, file, caching);
}

function describe(name: string, file: StoredFile, caching: HeaderList): StaticFile {
  const { sizeBytes, modifiedMs } = file;
  const modifiedSeconds = Math.floor(modifiedMs / 1000);
  const etag = `"${Math.floor(modifiedMs).toString(16)}-${sizeBytes.toString(16)}"`;
  const type = contentTypeOf(name);
  const fileName = encodeURIComponent(name.slice(name.lastIndexOf("/") + 1)).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const partialHeaders = [
    ...["Content-Type", type, "Content-Disposition"],
    `${inert.test(type) ? "inline" : "attachment"}; filename*=UTF-8''${fileName}`,
    // A browser shows no PDF that is in a sandbox.
    ...(type === "application/pdf" ? [] : ["Content-Security-Policy", "default-src 'none'; sandbox"]),
    ...["Accept-Ranges", "bytes", "Last-Modified", new Date(modifiedSeconds * 1000).toUTCString(), "ETag", etag],
    ...[...caching, ...common],
  ];
  const headers = [...partialHeaders, "Content-Length", String(sizeBytes)];
  const notModifiedHeaders = [...caching, "ETag", etag, ...common];
  const whole = { encoding: "identity", file, etag, body: undefined, headers, partialHeaders, notModifiedHeaders };
  return { name, modifiedSeconds, representations: [whole] };
}
