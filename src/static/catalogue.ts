/**
 * The catalogue: every static file with everything a response needs, made at start.
 *
 * Reads one or more directories: what `collect.ts` made, a plain directory, or in development the sources themselves.
 * `serve.ts` looks files up in it by name; pages link through `urlOf`.
 * Reference: whitenoise.base.WhiteNoise and whitenoise.responders.StaticFile (headers and their order, cache times, ETag).
 * Differs: each content encoding has an ETag of its own, as RFC 9110 8.8.3 asks (WhiteNoise sends one for all); hashed
 * names count as unchanging only by the manifest, never by their look; `staticfiles.json` and dot files are not served.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StoredFile } from "../media/index.ts";
import { UnknownStaticFile } from "./errors.ts";
import { manifestName, parseManifest } from "./manifest.ts";
import { contentTypeOf } from "./media-types.ts";
import { type FileFacts, findFile, listSources, nameUnder, type Source, type SourceFile } from "./sources.ts";

export interface CatalogueOptions {
  /** Where two directories have the same name, the earlier one counts. */
  readonly directories: readonly Source[];
  /** Files that are left out, as in collecting. */
  readonly ignore?: readonly string[];
  /** `max-age` of files that may change under their name (default 60; 0 in development). */
  readonly maxAgeSeconds?: number;
  /** The file that `Accept` selects where no file has the name: caches must tell its answers by that. */
  readonly fallback?: string;
  /** Sent with every response (default: what Django's SecurityMiddleware adds). */
  readonly headers?: Readonly<Record<string, string>>;
  /** Files up to this size are held in memory, larger ones are streamed (default 256 kB). */
  readonly maxMemoryFileBytes?: number;
  /** Whether a file that was changed, or is new, is seen at once, for development (default false: what is known at start is served). */
  readonly looksAgain?: boolean;
  /** Once the held files reach this size together, all further ones are streamed (default 64 MB). */
  readonly maxMemoryBytes?: number;
}

/** A header list as `writeHead` takes it: name, value, name, value. Made once, never changed. */
export type HeaderList = string[];

/** One form of a file: as it is, or compressed. */
export interface Representation {
  /** Token of its content encoding, `identity` for none. */
  readonly encoding: string;
  readonly file: StoredFile;
  readonly etag: string;
  /** The bytes, unless they are streamed. */
  readonly body: Buffer | undefined;
  /** Headers of a 200. */
  readonly headers: HeaderList;
  /** Headers of a 206, without the length and the range. */
  readonly partialHeaders: HeaderList;
  /** Headers of a 304 (RFC 9110 15.4.5). */
  readonly notModifiedHeaders: HeaderList;
}

export interface StaticFile {
  readonly name: string;
  /** Seconds since 1970. */
  readonly modifiedSeconds: number;
  /** The smallest first; one of them is `identity`. */
  readonly representations: readonly Representation[];
}

export interface Catalogue {
  /** The file of a name such as `css/site.css`. */
  find(name: string): StaticFile | undefined;
  /** The name with the hash, or the name itself where the files were not collected; undefined for an unknown name. */
  findHashedName(name: string): string | undefined;
  /** Number of files. */
  readonly size: number;
  /** Sent with every response, refusals included. */
  readonly headers: HeaderList;
  /** Reads the directories anew; until that is done, and if it fails, the files are those of before. */
  reload(): void;
}

// Ten years; WhiteNoise took it from nginx's `expires max`.
const forever = 10 * 365 * 24 * 60 * 60;
const securityHeaders = { "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin" };

/**
 * Makes the catalogue of some directories. It reads them before it returns.
 *
 * @throws ConfigurationError  a directory, or the manifest in it, cannot be read
 * @example
 * const catalogue = createCatalogue({ directories: [{ directory: "static" }] });
 */
export function createCatalogue(options: CatalogueOptions): Catalogue {
  let index = readIndex(options);
  return {
    find(name) {
      const file = index.files.get(name);
      if (!options.looksAgain || (file !== undefined && isAsItWas(name, file, options.directories))) return file;
      index = readIndex(options);
      return index.files.get(name);
    },
    findHashedName: (name) => index.hashedNames.get(name) ?? (index.files.has(name) ? name : undefined),
    get size() {
      return index.files.size;
    },
    headers: Object.entries(options.headers ?? securityHeaders).flat(),
    reload() {
      index = readIndex(options);
    },
  };
}

/**
 * The URL of a static file for a page to link: with the hash where the files were collected.
 *
 * @param prefix  what the files are served under; may be the URL of another host
 * @throws UnknownStaticFile  there is no such file
 * @example
 * urlOf(catalogue, "css/site.css"); // "/static/css/site.0123456789ab.css"
 */
export function urlOf(catalogue: Catalogue, name: string, prefix = "/static/"): string {
  const hashed = catalogue.findHashedName(name);
  if (hashed === undefined) throw new UnknownStaticFile(name);
  return prefix + hashed.split("/").map(encodeURIComponent).join("/");
}

function readIndex(options: CatalogueOptions) {
  const { maxMemoryFileBytes = 256 * 1024, maxMemoryBytes = 64 * 1024 * 1024, maxAgeSeconds = 60 } = options;
  const common = Object.entries(options.headers ?? securityHeaders).flat();
  const hashedNames = readManifests(options.directories);
  const immutable = new Set(hashedNames.values());
  let heldBytes = 0;
  const bodyOf = ({ path, sizeBytes }: FileFacts) => {
    if (sizeBytes > maxMemoryFileBytes || heldBytes + sizeBytes > maxMemoryBytes) return undefined;
    heldBytes += sizeBytes;
    return readFileSync(path);
  };
  const files = new Map<string, StaticFile>();
  for (const [name, file] of listSources(options.directories, options.ignore).files) {
    const cacheControl = immutable.has(name)
      ? `max-age=${forever}, public, immutable`
      : `max-age=${maxAgeSeconds}, public`;
    const isNegotiated = name === options.fallback;
    files.set(name, describe(name, file, { cacheControl, isNegotiated, common, bodyOf }));
  }
  return { files, hashedNames: new Map([...hashedNames].filter(([, hashed]) => files.has(hashed))) };
}

/** Whether the name still stands for the same file, and the same variants of it. */
function isAsItWas(name: string, { representations }: StaticFile, directories: readonly Source[]): boolean {
  const now = findFile(name, directories);
  return (
    now !== undefined &&
    representations.length === now.variants.size + 1 &&
    representations.every(({ encoding, file }) => {
      const facts = encoding === "identity" ? now : now.variants.get(encoding);
      const isThere = facts !== undefined && "path" in file && facts.path === file.path;
      return isThere && facts.sizeBytes === file.sizeBytes && facts.modifiedMs === file.modifiedMs;
    })
  );
}

/** The path under which files are served that are linked under a path or URL. */
export const pathOf = (url: string): string => (url.startsWith("/") ? url : new URL(url).pathname);

function readManifests(directories: readonly Source[]): Map<string, string> {
  const hashedNames = new Map<string, string>();
  for (const { directory, prefix = "" } of directories) {
    const path = join(directory, manifestName);
    const text = readIfThere(path);
    if (text === undefined) continue;
    for (const [name, hashed] of parseManifest(text, path)) {
      const fullName = nameUnder(prefix, name);
      if (!hashedNames.has(fullName)) hashedNames.set(fullName, nameUnder(prefix, hashed));
    }
  }
  return hashedNames;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // a directory that cannot be read at all is reported by its listing
  }
}

/** Of two versions within one second the fractions differ; of a whole second it is the stamp of WhiteNoise and nginx. */
function stampOf(modifiedMs: number): string {
  const microseconds = Math.round((modifiedMs % 1000) * 1000);
  return Math.floor(modifiedMs / 1000).toString(16) + (microseconds === 0 ? "" : `.${microseconds.toString(16)}`);
}

interface Description {
  readonly cacheControl: string;
  readonly isNegotiated: boolean;
  readonly common: HeaderList;
  readonly bodyOf: (file: FileFacts) => Buffer | undefined;
}

function describe(name: string, source: SourceFile, description: Description): StaticFile {
  const { cacheControl, isNegotiated, common, bodyOf } = description;
  const modifiedSeconds = Math.floor(source.modifiedMs / 1000);
  const lastModified = new Date(modifiedSeconds * 1000).toUTCString();
  const caching = ["Cache-Control", cacheControl];
  const varying = [...(isNegotiated ? ["Accept"] : []), ...(source.variants.size > 0 ? ["Accept-Encoding"] : [])];
  const vary = varying.length > 0 ? ["Vary", varying.join(", ")] : [];
  const represent = (encoding: string, file: FileFacts): Representation => {
    const body = bodyOf(file);
    const sizeBytes = body?.byteLength ?? file.sizeBytes;
    const isPlain = encoding === "identity";
    const etag = `"${stampOf(file.modifiedMs)}-${file.sizeBytes.toString(16)}${isPlain ? "" : `-${encoding}`}"`;
    const partialHeaders = [
      ...["Content-Type", contentTypeOf(name), ...caching, "Access-Control-Allow-Origin", "*", ...vary],
      ...[
        "Accept-Ranges",
        "bytes",
        "Last-Modified",
        lastModified,
        "ETag",
        etag,
        ...(isPlain ? [] : ["Content-Encoding", encoding]),
        ...common,
      ],
    ];
    return {
      encoding,
      file: { ...file, sizeBytes },
      etag,
      body,
      headers: [...partialHeaders, "Content-Length", String(sizeBytes)],
      partialHeaders,
      notModifiedHeaders: [...caching, "ETag", etag, ...vary, ...common],
    };
  };
  const variants = [...source.variants].map(([encoding, file]) => represent(encoding, file));
  const representations = [...variants, represent("identity", source)];
  return {
    name,
    modifiedSeconds,
    representations: representations.sort((a, b) => a.file.sizeBytes - b.file.sizeBytes),
  };
}
