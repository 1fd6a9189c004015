/**
 * Collects static files: every file of the sources goes into one directory, under its own name and under a name with a hash
 * of its content, with compressed variants beside it.
 *
 * Run by `cli/collectstatic`; `catalogue.ts` serves the result.
 * Reference: django.contrib.staticfiles (collectstatic, ManifestStaticFilesStorage of 3.2; names, hashes and manifest are the
 * same) and whitenoise.storage (variants).
 * Differs: nothing is written when a reference is missing; what is there already and equal is not touched; each file, and the
 * manifest last, takes its place by a rename, so a server may read the directory meanwhile. Files that no source has any more
 * stay, as in Django: pages of an earlier release still link to them.
 *
 * References in stylesheets (`css.ts`) and scripts (`javascript.ts`) get the hashed names (`rewriting.ts`).
 */
import { mkdir, readFile } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { ConfigurationError } from "../errors.ts";
import { referencesInCss } from "./css.ts";
import { eachOf } from "./each-of.ts";
import { ChangedMeanwhile, NotText } from "./errors.ts";
import { hashedName } from "./hashed-name.ts";
import { incompressibleName, readIncompressible } from "./incompressible.ts";
import { formatManifest, manifestName } from "./manifest.ts";
import { createOutput } from "./output.ts";
import { rewriteAll, type Text } from "./rewriting.ts";
import { listSources, type Source } from "./sources.ts";

export interface CollectOptions {
  /** Where two sources have the same name, the earlier one counts. */
  readonly sources: readonly Source[];
  /** Directory to collect into; made where it does not exist. */
  readonly target: string;
  /** Milliseconds since 1970; becomes the modification time of what is written. */
  readonly now: () => number;
  /** URL path that the target is served under, for absolute references in texts (default `/static/`). */
  readonly urlPrefix?: string;
  /** Files that are left out: patterns of names, or of paths where there is a `/` in them, such as `*.scss` or `src/*`. */
  readonly ignore?: readonly string[];
  /** Told after each file. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What was done, in numbers of files. */
export interface CollectResult {
  /** Files of the sources that were written under their own name. */
  readonly copied: number;
  /** Files of the sources that were there already. */
  readonly unmodified: number;
  /** Hashed copies written. */
  readonly hashed: number;
  /** Compressed variants written. */
  readonly compressed: number;
  /** Files that an earlier source hides. */
  readonly hidden: number;
}

/**
 * Collects the files of the sources into the target.
 *
 * @throws ConfigurationError  a source cannot be read, or source and target lie in each other
 * @throws MissingReference  a stylesheet or script refers to a file that no source has
 * @throws CircularReference  stylesheets refer to each other in a circle
 * @throws ChangedMeanwhile  somebody writes into a source while it is collected
 * @example
 * await collect({ sources: [{ directory: "static" }], target: "collected", now: Date.now });
 */
export async function collect(options: CollectOptions): Promise<CollectResult> {
  const { urlPrefix = "/static/", onProgress } = options;
  const target = resolve(options.target);
  checkApart(options.sources, target);
  const { files, hidden } = listSources(options.sources, options.ignore);
  const manifest = new Map<string, string>();
  const read = new Map<string, Text & { readonly bytes: Buffer }>();
  await eachOf(files, async ([name, { path }]) => {
    const bytes = await readFile(path);
    const text = await readText(name, bytes, urlPrefix);
    if (text) read.set(name, { ...text, bytes });
    else manifest.set(name, hashedName(name, bytes));
  });
  const folders = new Set([...files.keys()].flatMap(foldersOf));
  const hashedOf = (name: string) => manifest.get(name) ?? (folders.has(name) ? name : undefined);
  // In one order, whichever was read first: a circle is told from the same file each time.
  const rewritten = rewriteAll(sorted(read), hashedOf, urlPrefix);
  for (const [name, { hashedName }] of rewritten) manifest.set(name, hashedName);

  await mkdir(target, { recursive: true });
  const incompressible = await readIncompressible(target);
  const output = createOutput(target, options.now, incompressible);
  const count = { copied: 0, unmodified: 0, hashed: 0, compressed: 0 };
  let done = 0;
  try {
    await eachOf(files, async ([name, { path }]) => {
      // Only texts stay in memory; the others are read again, and must be what their names were made of.
      const bytes = read.get(name)?.bytes ?? (await readFile(path));
      const final = rewritten.get(name)?.bytes ?? bytes;
      const hashed = manifest.get(name) ?? hashedName(name, final);
      if (!read.has(name) && hashedName(name, bytes) !== hashed) throw new ChangedMeanwhile(path);
      if (await output.place(hashed, final)) count.hashed += 1;
      if (await output.place(name, bytes)) count.copied += 1;
      else count.unmodified += 1;
      if (final === bytes) count.compressed += await output.placeVariants([hashed, name], bytes);
      else
        count.compressed += (await output.placeVariants([hashed], final)) + (await output.placeVariants([name], bytes));
      onProgress?.(++done, files.size);
    });
    if (incompressible.text !== undefined) await output.place(incompressibleName, Buffer.from(incompressible.text));
    await output.place(manifestName, formatManifest(sorted(manifest)));
  } finally {
    await output.close();
  }
  return { ...count, hidden };
}

/**
 * Files that may refer to others: stylesheets, and scripts that do.
 * @throws NotText  a stylesheet that is not UTF-8
 */
async function readText(name: string, bytes: Buffer, urlPrefix: string): Promise<Text | undefined> {
  if (name.endsWith(".css")) {
    const text = textOf(bytes);
    if (text instanceof Error) throw new NotText(name, { cause: text });
    return { text, references: referencesInCss(text), mayCircle: false };
  }
  if (!/\.m?js$/.test(name)) return undefined;
  const text = textOf(bytes);
  if (text instanceof Error) return undefined;
  // Only collecting needs the lexer; servers start without it.
  const { referencesInScript } = await import("./javascript.ts");
  const references = referencesInScript(text, urlPrefix);
  return references.length === 0 ? undefined : { text, references, mayCircle: true };
}

/** `a/b/c.css` lies in `a` and `a/b`. */
function foldersOf(name: string): string[] {
  const parts = name.split("/").slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

function textOf(bytes: Uint8Array): string | Error {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** @throws ConfigurationError  collecting would read what it writes */
function checkApart(sources: readonly Source[], target: string): void {
  for (const { directory } of sources) {
    const source = resolve(directory);
    if (isWithin(source, target) || isWithin(target, source)) {
      throw new ConfigurationError(`collecting into ${target}`, `expected a directory apart from the source ${source}`);
    }
  }
}

function isWithin(inner: string, outer: string): boolean {
  const path = relative(outer, inner);
  return !isAbsolute(path) && path !== ".." && !path.startsWith(`..${sep}`);
}

const sorted = <T>(named: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
  new Map([...named].sort(([a], [b]) => (a < b ? -1 : 1)));
