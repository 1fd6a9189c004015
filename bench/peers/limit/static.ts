/**
 * What node:http can do with static files: headers made at start, small files in memory, large ones streamed; no other feature.
 *
 * Run by `npm run bench`: `node bench/peers/limit/static.ts --port 8000 --root FOLDER`. One process, Node's default options.
 */
import { createReadStream, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values: flags } = parseArgs({ options: { port: { type: "string" }, root: { type: "string" } } });
const { port, root } = flags;
if (port === undefined || root === undefined) throw new TypeError("expected --port and --root");

interface File {
  readonly path: string;
  readonly size: number;
  readonly etag: string;
  readonly headers: string[];
  readonly notModified: string[];
  readonly body: Buffer | undefined;
}

const heldBytes = 256 * 1024;
const types: Readonly<Record<string, string>> = { css: 'text/css; charset="utf-8"', webm: "video/webm" };
const caching = ["Cache-Control", "max-age=315360000, public, immutable"];
const files = new Map<string, File>();
const names = readdirSync(root, { recursive: true, encoding: "utf8" });
for (const name of names) {
  const path = join(root, name);
  const { mtimeMs, size } = statSync(path);
  const [, end = "", compressed] = /\.(css|webm)(\.gz)?$/.exec(name) ?? [];
  if (end === "") continue;
  const etag = `"${Math.floor(mtimeMs / 1000).toString(16)}-${size.toString(16)}"`;
  const headers = ["Content-Type", types[end] ?? "", ...caching, "Access-Control-Allow-Origin", "*"];
  headers.push("Last-Modified", new Date(mtimeMs).toUTCString(), "ETag", etag);
  if (end === "css") headers.push("Vary", "Accept-Encoding");
  if (compressed !== undefined) headers.push("Content-Encoding", "gzip");
  headers.push("X-Content-Type-Options", "nosniff", "Referrer-Policy", "same-origin");
  const body = size <= heldBytes ? readFileSync(path) : undefined;
  files.set(`/static/${name}`, { path, size, etag, headers, notModified: [...caching, "ETag", etag], body });
}

createServer((request, response) => {
  const { url = "", headers } = request;
  const accepted = headers["accept-encoding"];
  const file = (accepted === "gzip" ? files.get(`${url}.gz`) : undefined) ?? files.get(url);
  if (file === undefined) {
    response.writeHead(404, { "Content-Length": 0 }).end();
    return;
  }
  if (headers["if-none-match"] === file.etag) {
    response.writeHead(304, file.notModified).end();
    return;
  }
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
  const [start, end] = first === undefined ? [0, file.size - 1] : [Number(first), Number(last)];
  const length = ["Content-Length", String(end - start + 1)];
  if (first === undefined) response.writeHead(200, [...file.headers, ...length]);
  else response.writeHead(206, [...file.headers, "Content-Range", `bytes ${start}-${end}/${file.size}`, ...length]);
  if (file.body) response.end(first === undefined ? file.body : file.body.subarray(start, end + 1));
  else createReadStream(file.path, { start, end }).pipe(response);
}).listen(Number(port), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
