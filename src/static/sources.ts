/**
 * The files of one or more directories, by the name they are served under.
 *
 * Read once by `collect.ts` and at each start by `catalogue.ts`, with the same rules, so that development serves what
 * collecting would copy.
 * Reference: django.contrib.staticfiles.finders (the first source that has a name wins) and the ignore patterns of its
 * app config.
 * Differs: names with a leading dot are left out when serving from a plain directory, too, so that no `.env` or `.git` is
 * ever published; a file `x.gz` or `x.br` beside `x` is a variant of `x`, for collecting as well.
 */
import { readdirSync, realpathSync, statSync } from "node:fs";
import { join, matchesGlob, posix, relative, resolve, sep } from "node:path";
import { ConfigurationError } from "../errors.ts";
import { encodings } from "./encodings.ts";
import { manifestName } from "./manifest.ts";

/** A directory with static files. */
export interface Source {
  readonly directory: string;
  /** Goes before every name, e.g. `admin` makes `site.css` of this directory `admin/site.css`. */
  readonly prefix?: string;
}

/** A file as it was when its directory was read. */
export interface FileFacts {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** A file and its compressed variants, by the token of their encoding. */
export interface SourceFile extends FileFacts {
  readonly variants: ReadonlyMap<string, FileFacts>;
}

/** What the sources hold together. */
export interface Listing {
  /** By name: `/` between the parts, none at the start; in alphabetical order. */
  readonly files: ReadonlyMap<string, SourceFile>;
  /** Number of files that an earlier source hides. */
  readonly hidden: number;
}

/**
 * Reads the sources; where two have the same name, the earlier one counts.
 *
 * @throws ConfigurationError  a source is not a directory that can be read
 */
export function listSources(sources: readonly Source[], ignore: readonly string[] = []): Listing {
  const isLeftOut = ignoring(ignore);
  const files = new Map<string, SourceFile>();
  let hidden = 0;
  for (const { directory, prefix = "" } of sources) {
    for (const [ownName, file] of withVariants(readSource(directory))) {
      if (isLeftOut(ownName)) continue;
      const name = nameUnder(prefix, ownName);
      if (files.has(name)) hidden += 1;
      else files.set(name, file);
    }
  }
  return { files: new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))), hidden };
}

/** One file as the sources hold it now, whatever its name or kind: enough to know that a listing is out of date. */
export function findFile(name: string, sources: readonly Source[]): SourceFile | undefined {
  for (const { directory, prefix = "" } of sources) {
    const start = nameUnder(prefix, "");
    if (!name.startsWith(start)) continue;
    const ownName = name.slice(start.length);
    const found = new Map<string, FileFacts>();
    for (const suffix of ["", ...encodings.map((encoding) => encoding.suffix)]) {
      const path = join(resolve(directory), ownName + suffix);
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat?.isFile()) found.set(ownName + suffix, { path, sizeBytes: stat.size, modifiedMs: stat.mtimeMs });
    }
    const file = withVariants(found).get(ownName);
    if (file) return file;
  }
  return undefined;
}

/** Patterns match the last part of a name; those with a `/` the whole. Reference: `--ignore` of Django's collectstatic. */
function ignoring(patterns: readonly string[]): (name: string) => boolean {
  const isPath = (pattern: string) => pattern.includes("/");
  return (name) => patterns.some((pattern) => matchesGlob(isPath(pattern) ? name : posix.basename(name), pattern));
}

/** The name of a file of a source with this prefix. */
export function nameUnder(prefix: string, name: string): string {
  const parts = prefix.split("/").filter((part) => part !== "");
  return [...parts, name].join("/");
}

/** Puts `x.br` and `x.gz` with their `x`. A variant older than its file (in seconds) was made of something else. */
function withVariants(found: ReadonlyMap<string, FileFacts>): Map<string, SourceFile> {
  const isVariant = (name: string) =>
    encodings.some(({ suffix }) => name.endsWith(suffix) && found.has(name.slice(0, -suffix.length)));
  const files = new Map<string, SourceFile>();
  for (const [name, file] of found) {
    if (isVariant(name)) continue;
    const variants = new Map<string, FileFacts>();
    for (const { token, suffix } of encodings) {
      const variant = found.get(name + suffix);
      if (variant && secondsOf(variant) >= secondsOf(file)) variants.set(token, variant);
    }
    files.set(name, { ...file, variants });
  }
  return files;
}

const secondsOf = (file: FileFacts) => Math.floor(file.modifiedMs / 1000);

function readSource(directory: string): Map<string, FileFacts> {
  const found = new Map<string, FileFacts>();
  try {
    const root = realpathSync(directory);
    walk(resolve(directory), "", { root, above: [] }, found);
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw cause;
    throw new ConfigurationError(`static files in ${directory}`, "expected a directory that can be read", { cause });
  }
  return found;
}

const isIgnored = (name: string) =>
  name.startsWith(".") || name.endsWith("~") || name === "CVS" || name === manifestName;

interface Place {
  /** Where the source really lies: what is found must lie in it. */
  readonly root: string;
  readonly above: readonly string[];
}

function walk(directory: string, prefix: string, { root, above }: Place, found: Map<string, FileFacts>): void {
  const real = realpathSync(directory);
  if (above.includes(real)) return; // a symbolic link that leads back to where it stands
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const { name } = entry;
    if (isIgnored(name)) continue;
    const path = join(directory, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat && entry.isSymbolicLink()) checkInside(path, root);
    if (stat?.isDirectory()) walk(path, `${prefix}${name}/`, { root, above: [...above, real] }, found);
    else if (stat?.isFile()) found.set(prefix + name, { path, sizeBytes: stat.size, modifiedMs: stat.mtimeMs });
  }
}

/** @throws ConfigurationError  a link would publish what lies elsewhere */
function checkInside(path: string, root: string): void {
  const target = realpathSync(path);
  const way = relative(root, target);
  if (way === ".." || way.startsWith(`..${sep}`))
    throw new ConfigurationError(
      `static files, ${path}`,
      `a link out of the folder, to ${target}; expected a file in it, or that folder among STATIC_DIRS`,
    );
}
