/**
 * Answers requests for files that clients sent, so that none of them can act in the name of this site.
 *
 * Whatever a browser might run or take for a page is only offered to be saved; images, PDF and plain text are shown. What they are is
 * told by the end of their name alone. There is no listing; nothing whose name begins with a dot, and no link that leads out of the
 * folder, is served.
 */
import { realpath, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join, sep } from "node:path";
import type { HeaderList, StaticFile } from "./catalogue.ts";
import { contentTypeOf } from "./media-types.ts";
import { answerFile, findName, type StaticHandler, send } from "./serve.ts";

export interface MediaServer {
  /** Absolute path of the folder. */
  readonly root: string;
  /** URL path that the files are served under, with `/` at both ends. */
  readonly url: string;
  /** Told when a file could not be read to its end; the client's leaving is no such case. */
  readonly onError: (error: unknown) => void;
}

/** What a browser shows and never runs. SVG is not among them: it may hold a script. */
const inert = /^(image\/(png|jpeg|gif|webp|avif)|application\/pdf|text\/plain)\b/;

const common: HeaderList = ["X-Content-Type-Options", "nosniff", "Referrer-Policy", "same-origin"];
const caching: HeaderList = ["Cache-Control", "max-age=60, public"];

/** Makes the handler of the folder; it takes every URL below `url`. */
export function serveMedia({ root, url, onError }: MediaServer): StaticHandler {
  const answer = async (request: IncomingMessage, response: ServerResponse, name: string): Promise<void> => {
    const file = await find(root, name);
    if (file) answerFile(request, response, { file, headers: common, onError });
    else send(response, 404, ["Content-Type", "text/plain", "Content-Length", "0", ...common]);
  };
  return (request, response) => {
    if (!request.url?.startsWith(url)) return false;
    answer(request, response, findName(request.url, url) ?? "").catch((error: unknown) => {
      onError(error);
      response.destroy();
    });
    return true;
  };
}

async function find(root: string, name: string): Promise<StaticFile | undefined> {
  const isPath = name.split("/").every((step) => step !== "" && !step.startsWith("."));
  if (!isPath || /[\0\\]/.test(name)) return undefined;
  try {
    const [folder, path] = await Promise.all([realpath(root), realpath(join(root, name))]);
    if (!path.startsWith(folder + sep)) return undefined;
    const facts = await stat(path);
    return facts.isFile() ? describe(name, path, facts.size, facts.mtimeMs) : undefined;
  } catch {
    return undefined; // not there, or not to be read
  }
}

function describe(name: string, path: string, sizeBytes: number, modifiedMs: number): StaticFile {
  const modifiedSeconds = Math.floor(modifiedMs / 1000);
  const etag = `"${Math.floor(modifiedMs).toString(16)}-${sizeBytes.toString(16)}"`;
  const type = contentTypeOf(name);
  const fileName = encodeURIComponent(name.slice(name.lastIndexOf("/") + 1)).replaceAll("'", "%27");
  const partialHeaders = [
    ...["Content-Type", type, "Content-Disposition"],
    `${inert.test(type) ? "inline" : "attachment"}; filename*=UTF-8''${fileName}`,
    // A browser shows no PDF that is in a sandbox.
    ...(type === "application/pdf" ? [] : ["Content-Security-Policy", "default-src 'none'; sandbox"]),
    ...["Accept-Ranges", "bytes", "Last-Modified", new Date(modifiedSeconds * 1000).toUTCString(), "ETag", etag],
    ...[...caching, ...common],
  ];
  const file = { path, sizeBytes, modifiedMs };
  const headers = [...partialHeaders, "Content-Length", String(sizeBytes)];
  const notModifiedHeaders = [...caching, "ETag", etag, ...common];
  const whole = { encoding: "identity", file, etag, body: undefined, headers, partialHeaders, notModifiedHeaders };
  return { name, modifiedSeconds, representations: [whole] };
}
