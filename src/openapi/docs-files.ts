/**
 * The files of the page at `/api/docs/`: two of ours, and two of Swagger UI where the package `swagger-ui-dist` is installed.
 *
 * It is an optional dependency, since it is larger than all else together. Its files are no static files: compressing them well takes
 * seconds, at each start of a server whose page may never be opened. They are read when somebody first asks for them.
 */
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { NotFound } from "../errors.ts";
import { type Context, type Endpoint, etagOf, type Permission, type Shared } from "../resource/index.ts";
import { type ReadyText, textRenderer, textResult } from "./text-answer.ts";

const types = { css: "text/css", js: "text/javascript" } as const;

const own = join(import.meta.dirname, "assets");

/** The folder of the package; undefined where it is not installed. */
function packageDirectory(): string | undefined {
  try {
    return dirname(fileURLToPath(import.meta.resolve("swagger-ui-dist/package.json")));
  } catch {
    return undefined;
  }
}

/** Whether there is something to show the document with. */
export const hasViewer = (): boolean => packageDirectory() !== undefined;

export interface DocsFileOptions {
  /** Where the page stands. */
  readonly path: string;
  readonly permissions: readonly Permission[];
  readonly authenticators: Shared["authenticators"];
}

/** `/api/docs/:file`, beside the page. */
export function docsFiles({ path, ...common }: DocsFileOptions): Endpoint {
  const ofPackage = packageDirectory();
  const places = new Map([
    ...[join(own, "docs.css"), join(own, "docs.js")].map(named),
    ...(ofPackage ? [join(ofPackage, "swagger-ui.css"), join(ofPackage, "swagger-ui-bundle.js")].map(named) : []),
  ]);
  const read = new Map<string, Promise<ReadyText>>();
  const run = async (context: Context) => {
    const { file = "" } = context.request.params;
    const place = places.get(file);
    if (place === undefined) throw new NotFound();
    const ready = read.get(file) ?? readFile(place, "utf8").then((text) => ({ text, etag: etagOf(text) }));
    read.set(file, ready);
    const result = textResult(await ready, context);
    const type = types[file.endsWith(".css") ? "css" : "js"];
    return { ...result, headers: { ...result.headers, "content-type": `${type}; charset=utf-8` } };
  };
  return {
    ...{
      ...common,
      path: `${path}:file`,
      name: "Files",
      description: "What the page is made of.",
      formatSuffix: false,
    },
    renderers: [textRenderer("css", types.css), textRenderer("js", types.js)],
    actions: { GET: { name: "file", run } },
  };
}

const named = (place: string): [name: string, place: string] => [basename(place), place];
