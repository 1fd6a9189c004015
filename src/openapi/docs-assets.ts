/**
 * The files of the page at `/api/docs/`: two of ours, and two of Swagger UI where the package `swagger-ui-dist` is installed.
 *
 * It is an optional dependency, since it is larger than all else together; nothing of it is loaded by the server, which only sends it.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where files lie, and under which names they are served. */
export interface DocsSource {
  readonly directory: string;
  readonly prefix: string;
  readonly only?: readonly string[];
}

const prefix = "docs";
const own: DocsSource = { directory: join(import.meta.dirname, "assets"), prefix };

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

/** The sources of the page's files. */
export function docsSources(): readonly DocsSource[] {
  const directory = packageDirectory();
  return directory === undefined
    ? [own]
    : [own, { directory, prefix, only: ["swagger-ui-bundle.js", "swagger-ui.css"] }];
}
