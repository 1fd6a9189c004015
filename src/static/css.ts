/**
 * References of a stylesheet: `url(...)`, `@import "..."`, and its source map.
 *
 * Reference: django.contrib.staticfiles.storage.HashedFilesMixin.patterns and url_converter; for the references Django can
 * resolve, the output is the same byte for byte, so the hash of the file is, too (source maps since Django 4.0).
 * Differs: quotes and blanks are read as CSS has them, so `url( "a(1).svg" )` works; what stands in a comment is left
 * alone (as later Djangos do); a source map that is not there is no error.
 */
import type { Reference } from "./references.ts";

const pattern =
  /\/\*#[ \t]sourceMappingURL=(\S+)[ \t]*\*\/(?=\s*$)|\/\*[\s\S]*?\*\/|(?:url\(\s*(?:"([^"\n]*)"|'([^'\n]*)'|([^"'()\s]*))\s*\))|@import\s*(?:"([^"\n]*)"|'([^'\n]*)')/gi;

/** Finds the references of a stylesheet, in their order. */
export function referencesInCss(css: string): readonly Reference[] {
  return Array.from(css.matchAll(pattern)).flatMap((found): Reference[] => {
    const [whole, map, ...urls] = found;
    const [start, end] = [found.index, found.index + whole.length];
    if (map !== undefined)
      return [{ start, end, url: map, isOptional: true, write: (url) => `/*# sourceMappingURL=${url} */` }];
    const url = urls.find((one) => one !== undefined)?.trim();
    const write = (rewritten: string): string => `${whole.startsWith("@") ? "@import " : ""}url("${rewritten}")`;
    return url === undefined ? [] : [{ start, end, url, write }];
  });
}
