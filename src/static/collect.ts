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
 * Stylesheets are hashed after rewriting, so those they refer to come first: one walk along the references. (Django repeats
 * passes over all stylesheets until nothing changes.)
 */
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { isAbsolute, posix, relative, resolve, sep } from "node:path";
import { ConfigurationError } from "../errors.ts";
import { rewriteCss } from "./css.ts";
import { CircularReference, NotText } from "./errors.ts";
import { formatManifest, manifestName } from "./manifest.ts";
import { createOutput } from "./output.ts";
import { listSources, type Source } from "./sources.ts";

export interface CollectOptions {
  /** Where two sources have the same name, the earlier one counts. */
  readonly sources: readonly Source[];
  /** Directory to collect into; made where it does not exist. */
  readonly target: string;
  /** Milliseconds since 1970; becomes the modification time of what is written. */
  readonly now: () => number;
  /** URL path that the target is served under, for absolute references in stylesheets (default `/static/`). */
  readonly urlPrefix?: string;
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
 * @throws MissingReference  a stylesheet refers to a file that no source has
 * @throws CircularReference  stylesheets refer to each other in a circle
 * @example
 * await collect({ sources: [{ directory: "static" }], target: "collected", now: Date.now });
 */
export async function collect(options: CollectOptions): Promise<CollectResult> {
  const target = resolve(options.target);
  checkApart(options.sources, target);
  const { files, hidden } = listSources(options.sources);
  const stylesheets = new Map<string, Buffer>();
  const manifest = new Map<string, string>();
  await eachOf(files, async ([name, { path }]) => {
    const bytes = await readFile(path);
    if (name.endsWith(".css")) stylesheets.set(name, bytes);
    else manifest.set(name, hashedName(name, bytes));
  });
  const rewritten = rewriteStylesheets(stylesheets, files, manifest, options.urlPrefix ?? "/static/");

  await mkdir(target, { recursive: true });
  const output = createOutput(target, options.now);
  const count = { copied: 0, unmodified: 0, hashed: 0, compressed: 0 };
  try {
    await eachOf(files, async ([name, { path }]) => {
      const bytes = stylesheets.get(name) ?? (await readFile(path));
      const final = rewritten.get(name) ?? bytes;
      const hashed = manifest.get(name) ?? hashedName(name, final);
      if (await output.place(hashed, final)) count.hashed += 1;
      if (await output.place(name, bytes)) count.copied += 1;
      else count.unmodified += 1;
      if (final === bytes) count.compressed += await output.placeVariants([hashed, name], bytes);
      else
        count.compressed += (await output.placeVariants([hashed], final)) + (await output.placeVariants([name], bytes));
    });
    await output.place(manifestName, formatManifest(sorted(manifest)));
  } finally {
    await output.close();
  }
  return { ...count, hidden };
}

/**
 * The name of a file with the hash of its content: `css/site.css` becomes `css/site.0123456789ab.css`.
 * Reference: HashedFilesMixin.hashed_name (12 hexadecimal digits of MD5: a fingerprint, not a protection).
 */
export function hashedName(name: string, content: Uint8Array): string {
  const hash = createHash("md5").update(content).digest("hex").slice(0, 12);
  const extension = posix.extname(name);
  return `${name.slice(0, name.length - extension.length)}.${hash}${extension}`;
}

/** Rewrites every stylesheet, those it refers to first, and enters their hashed names in the manifest. */
function rewriteStylesheets(
  stylesheets: ReadonlyMap<string, Buffer>,
  files: ReadonlyMap<string, unknown>,
  manifest: Map<string, string>,
  urlPrefix: string,
): Map<string, Buffer> {
  const rewritten = new Map<string, Buffer>();
  const folders = new Set([...files.keys()].flatMap(foldersOf));
  const rewrite = (name: string, bytes: Buffer, above: readonly string[]): string => {
    const path = [...above, name];
    if (above.includes(name)) throw new CircularReference(path.slice(path.indexOf(name)));
    const find = (other: string) => {
      const stylesheet = stylesheets.get(other);
      const known = manifest.get(other) ?? (folders.has(other) ? other : undefined);
      return known ?? (stylesheet && rewrite(other, stylesheet, path));
    };
    const final = Buffer.from(rewriteCss(textOf(name, bytes), { name, urlPrefix, hashedName: find }));
    const hashed = hashedName(name, final);
    rewritten.set(name, final);
    manifest.set(name, hashed);
    return hashed;
  };
  // In one order, whichever was read first: a circle is told from the same file each time.
  for (const [name, bytes] of sorted(stylesheets)) if (!manifest.has(name)) rewrite(name, bytes, []);
  return rewritten;
}

/** `a/b/c.css` lies in `a` and `a/b`. */
function foldersOf(name: string): string[] {
  const parts = name.split("/").slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

function textOf(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new NotText(name, { cause });
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

/** Runs `work` on every item, a few at a time: compressing uses the four threads of the pool. */
async function eachOf<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const lane = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value);
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
}
