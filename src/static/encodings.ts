/**
 * The content encodings that files are kept in: one row each, read by `collect.ts`, `catalogue.ts` and `serve.ts`.
 *
 * Another encoding is another row.
 * Reference: whitenoise.compress, which has no zstd (levels, the 5 % rule, what is not worth trying).
 */
import { promisify } from "node:util";
import { brotliCompress, constants, gzip, zstdCompress } from "node:zlib";

/** A content encoding: its token in HTTP (RFC 9110 8.4.1), its suffix on disk, and how to make it. */
export interface Encoding {
  readonly token: "br" | "zstd" | "gzip";
  readonly suffix: string;
  readonly compress: (bytes: Uint8Array) => Promise<Buffer>;
}

const zstdAsync = promisify<Uint8Array, object, Buffer>(zstdCompress);
const gzipAsync = promisify(gzip);
const brotliAsync = promisify<Uint8Array, object, Buffer>(brotliCompress);

export const encodings: readonly Encoding[] = [
  {
    token: "br",
    suffix: ".br",
    compress: (bytes) =>
      brotliAsync(bytes, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
        },
      }),
  },
  {
    token: "zstd",
    suffix: ".zst",
    compress: (bytes) => zstdAsync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 19 } }),
  },
  { token: "gzip", suffix: ".gz", compress: (bytes) => gzipAsync(bytes, { level: constants.Z_BEST_COMPRESSION }) },
];

const compressedAlready = new Set(
  (
    "avif gif heic jpeg jpg jxl png webp svgz  flac flv m4a m4v mov mp3 mp4 mpeg mpg ogg ogv swf webm  woff woff2  " +
    "7z br bz2 docx epub gz jar lz4 odp ods odt pdf pptx rar tbz tgz xlsx xz zip zst"
  ).split(/ +/),
);

/** Shorter files gain less than the headers of a compressed answer (`Content-Encoding`, `Vary`) cost. */
const minBytes = 128;

/** Whether it is worth trying to compress a file of this name and length. */
export const isCompressible = (name: string, sizeBytes: number): boolean =>
  sizeBytes >= minBytes && !compressedAlready.has(name.slice(name.lastIndexOf(".") + 1).toLowerCase());

/** Whether a variant of `compressedBytes` saves at least a twentieth, and so is kept. */
export const isWorthKeeping = (originalBytes: number, compressedBytes: number): boolean =>
  compressedBytes <= originalBytes * 0.95;
