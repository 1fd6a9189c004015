/**
 * References of a script: what it imports by a path, and its source map.
 *
 * es-module-lexer finds the imports, dynamic ones with a literal path among them. Names of packages are left to import maps; what
 * is no script that it can read is left as it is.
 * Reference: django.contrib.staticfiles.storage (`support_js_module_import_aggregation` of Django 4.2).
 * Differs: modules may import each other in a circle; imports are found by a lexer, so those in strings and comments are none; a
 * source map that is not there is no error.
 */
import { init, parse } from "es-module-lexer/minimal";
import type { Reference } from "./references.ts";

/** At the end of the script: what is like it further up is text in a string. */
const sourceMap = /\/\/# sourceMappingURL=(\S+)\s*$/;

/**
 * Finds the references of a script, in their order.
 * @param urlPrefix  URL path of static files: absolute paths below it are theirs
 */
export function referencesInScript(script: string, urlPrefix: string): readonly Reference[] {
  const imports = importsOf(script).flatMap(({ n: url, s: start, e: end, d }): Reference[] => {
    if (url === undefined || !(/^\.{1,2}\//.test(url) || url.startsWith(urlPrefix))) return [];
    // The place of a dynamic one has its quotes.
    return [{ start, end, url, write: d < 0 ? escaped : JSON.stringify }];
  });
  const map = sourceMap.exec(script);
  if (map?.[1] === undefined) return imports;
  const [whole, url] = map;
  const end = map.index + whole.length;
  return [
    ...imports,
    { start: map.index, end, url, isOptional: true, write: (other) => whole.replace(url, () => other) },
  ];
}

const escaped = (url: string): string => url.replaceAll("'", "%27");

// The lexer is WebAssembly, compiled once.
await init();

function importsOf(script: string): ReturnType<typeof parse>[0] {
  try {
    return parse(script)[0];
  } catch {
    return [];
  }
}
