/**
 * References inside a stylesheet: `url(...)` and `@import "..."`, rewritten to hashed names.
 *
 * Pure text work for `collect.ts`, which knows the names.
 * Reference: django.contrib.staticfiles.storage.HashedFilesMixin.url_converter; for the references Django can resolve, the
 * output is the same byte for byte, so the hash of the file is, too.
 * Differs: quotes and blanks are read as CSS has them, so `url( "a(1).svg" )` works; what stands in a comment is left
 * alone (as later Djangos do).
 */
import { posix } from "node:path";
import { MissingReference } from "./errors.ts";

export interface RewriteOptions {
  /** Name of the stylesheet, e.g. `css/site.css`. */
  readonly name: string;
  /** URL path that static files are served under; other absolute URLs are left alone. */
  readonly urlPrefix: string;
  /** The hashed name of a static file, the same name for a directory, undefined for what does not exist. */
  readonly hashedName: (name: string) => string | undefined;
}

const reference =
  /\/\*[\s\S]*?\*\/|(?:url\(\s*(?:"([^"\n]*)"|'([^'\n]*)'|([^"'()\s]*))\s*\))|@import\s*(?:"([^"\n]*)"|'([^'\n]*)')/gi;

/**
 * Rewrites the references of a stylesheet.
 *
 * @throws MissingReference  a relative reference, or one below `urlPrefix`, leads to no file
 */
export function rewriteCss(css: string, options: RewriteOptions): string {
  const { name, urlPrefix } = options;
  const replace = (whole: string, a?: string, b?: string, c?: string, d?: string, e?: string, offset = 0): string => {
    const url = (a ?? b ?? c ?? d ?? e)?.trim();
    if (url === undefined || isElsewhere(url, urlPrefix)) return whole;
    const rewritten = rewriteUrl(url, options);
    if (rewritten === undefined) throw new MissingReference(name, lineAt(css, offset), url);
    return `${whole.startsWith("@") ? "@import " : ""}url("${rewritten}")`;
  };
  return css.replace(reference, replace);
}

const isElsewhere = (url: string, urlPrefix: string) =>
  /^[a-z][a-z0-9+.-]*:/i.test(url) || (url.startsWith("/") && !url.startsWith(urlPrefix));

function rewriteUrl(url: string, { name, urlPrefix, hashedName }: RewriteOptions): string | undefined {
  const [path = "", rest = ""] = splitAt(url, url.search(/[?#]/));
  if (path === "" || path.endsWith("/")) return url;
  const decoded = decode(path);
  const target = path.startsWith("/") ? decoded.slice(urlPrefix.length) : posix.join(posix.dirname(name), decoded);
  const hashed = hashedName(posix.normalize(target));
  if (hashed === undefined) return undefined;
  const folder = decoded.slice(0, decoded.lastIndexOf("/") + 1);
  // Escaped: only what would end the URL's path or the string around it; Django leaves everything else readable, too.
  const escaped = (folder + posix.basename(hashed)).replace(/[%#?"\\]/g, encodeURIComponent);
  return escaped + rest;
}

const splitAt = (text: string, at: number) => (at < 0 ? [text] : [text.slice(0, at), text.slice(at)]);

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a stray "%" means itself
  }
}

const lineAt = (text: string, offset: number) => text.slice(0, offset).split("\n").length;
