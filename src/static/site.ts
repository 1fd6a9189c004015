/**
 * The files at `/`: robots.txt, favicon.ico, or a built single-page app whose own router knows more pages than there are files.
 *
 * Asked last, so that no file hides a route of the API.
 * Reference: WHITENOISE_ROOT and WHITENOISE_INDEX_FILE.
 * Differs: a page that no file stands at may be the app's, and only a page: a script that is not there is no HTML.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { ConfigurationError } from "../errors.ts";
import { type Catalogue, createCatalogue } from "./catalogue.ts";
import { answerFile, findName, refusalOf, refuseUnreadable, type ServeOptions, type StaticHandler } from "./serve.ts";
import type { StaticSettings } from "./settings.ts";

export interface SiteOptions extends Pick<ServeOptions, "onError" | "requestIdOf"> {
  /** Path below which a missing page is the API's to tell, e.g. `/api/`. */
  readonly apart: readonly string[];
  /** Whether changed files are seen at once. */
  readonly looksAgain?: boolean;
}

/**
 * Makes the handler; undefined where there is no such folder.
 * @throws ConfigurationError  the folder cannot be read, or has no such fallback
 */
export function serveSite(
  { siteDirectory, siteFallback }: Pick<StaticSettings, "siteDirectory" | "siteFallback">,
  { apart, looksAgain = false, onError = () => {}, requestIdOf }: SiteOptions,
): StaticHandler | undefined {
  if (siteDirectory === "") {
    if (siteFallback === "") return undefined;
    throw new ConfigurationError("SITE_FALLBACK", "is a file of SITE_DIR; expected that to be set, too");
  }
  const catalogue = createCatalogue({
    directories: [{ directory: siteDirectory }],
    looksAgain,
    ...(siteFallback !== "" && { fallback: siteFallback }),
    ...(looksAgain && { maxAgeSeconds: 0 }),
  });
  if (siteFallback !== "" && catalogue.find(siteFallback) === undefined)
    throw new ConfigurationError("SITE_FALLBACK", `"${siteFallback}" is no file of ${siteDirectory}`);
  const fileFor = (request: IncomingMessage, response: ServerResponse): ReturnType<Catalogue["find"]> => {
    const { url = "/" } = request;
    const own = fileAt(catalogue, url);
    if (own !== undefined || siteFallback === "" || apart.some((path) => `${pathOf(url)}/`.startsWith(path)))
      return own;
    if (wantsPage(request)) return catalogue.find(siteFallback);
    response.setHeader("Vary", "Accept"); // of the 404 that follows: a browser would get the page
    return undefined;
  };
  return (request, response) => {
    const refusal = refusalOf(catalogue.headers, request, requestIdOf);
    let file: ReturnType<Catalogue["find"]>;
    try {
      file = fileFor(request, response);
    } catch (error) {
      return refuseUnreadable(error, response, { refusal, onError });
    }
    if (file === undefined) return false;
    answerFile(request, response, { file, refusal, onError });
    return true;
  };
}

const pathOf = (url: string): string => url.split("?", 1)[0] ?? url;

/** The file of a URL; that of a folder is its index.html. */
function fileAt(catalogue: Catalogue, url: string): ReturnType<Catalogue["find"]> {
  const name = findName(url, "/");
  if (name === undefined) return undefined;
  return catalogue.find(name === "" || name.endsWith("/") ? `${name}index.html` : name);
}

/** A browser that goes somewhere says that it wants HTML; scripts, styles and pictures are asked for otherwise. */
const wantsPage = ({ method, headers }: IncomingMessage): boolean =>
  (method === "GET" || method === "HEAD") && /\btext\/html\b/.test(headers.accept ?? "");
