/**
 * References: the places in a text that name other static files.
 *
 * `css.ts` and `javascript.ts` find them; `rewriting.ts` puts hashed names there.
 */
import { posix } from "node:path";
import { MissingReference } from "./errors.ts";

export interface Reference {
  /** What is replaced: from here up to there. */
  readonly start: number;
  readonly end: number;
  readonly url: string;
  /** What stands there instead, with another URL. */
  readonly write: (url: string) => string;
  /** Whether it may lead nowhere, as those of source maps that were not delivered do. */
  readonly isOptional?: boolean;
}

export interface RewriteOptions {
  /** Name of the text, e.g. `css/site.css`. */
  readonly name: string;
  /** URL path that static files are served under; other absolute URLs are left alone. */
  readonly urlPrefix: string;
  /** The hashed name of a static file, the same name for a directory, undefined for what does not exist. */
  readonly hashedName: (name: string) => string | undefined;
}

/** The name that a reference means; undefined where it leads elsewhere, or to no file. */
export function targetOf(
  { url }: Reference,
  { name, urlPrefix }: Omit<RewriteOptions, "hashedName">,
): string | undefined {
  const [path] = partsOf(url);
  if (path === "" || path.endsWith("/") || isElsewhere(url, urlPrefix)) return undefined;
  const decoded = decode(path);
  const below = path.startsWith("/") ? decoded.slice(urlPrefix.length) : posix.join(posix.dirname(name), decoded);
  return posix.normalize(below);
}

/**
 * Puts the hashed names into a text.
 * @throws MissingReference  a relative reference, or one below `urlPrefix`, leads to no file
 */
export function rewrite(text: string, references: readonly Reference[], options: RewriteOptions): string {
  let written = "";
  let at = 0;
  for (const reference of references) {
    const { start, end, url, write, isOptional } = reference;
    if (isElsewhere(url, options.urlPrefix)) continue;
    const target = targetOf(reference, options);
    const hashed = target === undefined ? undefined : options.hashedName(target);
    if (target !== undefined && hashed === undefined) {
      if (isOptional) continue;
      throw new MissingReference(options.name, text.slice(0, start).split("\n").length, url);
    }
    written += text.slice(at, start) + write(hashed === undefined ? url : withName(url, hashed));
    at = end;
  }
  return written + text.slice(at);
}

const isElsewhere = (url: string, urlPrefix: string): boolean =>
  /^[a-z][a-z0-9+.-]*:/i.test(url) || (url.startsWith("/") && !url.startsWith(urlPrefix));

/** The URL with another name at the end of its path. */
function withName(url: string, hashed: string): string {
  const [path, rest] = partsOf(url);
  const decoded = decode(path);
  const folder = decoded.slice(0, decoded.lastIndexOf("/") + 1);
  // Escaped: only what would end the URL's path or the string around it; Django leaves everything else readable, too.
  return (folder + posix.basename(hashed)).replace(/[%#?"\\]/g, encodeURIComponent) + rest;
}

/** Path, and query with fragment. */
function partsOf(url: string): readonly [path: string, rest: string] {
  const at = url.search(/[?#]/);
  return at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at)];
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a stray "%" means itself
  }
}
