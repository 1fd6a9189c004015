/** Static files and uploads under random names, ranges and headers: only files of the folders, whole or a true part, and never a fault. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync, symlinkSync } from "node:fs";
import http from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { openMedia } from "../../src/media/index.ts";
import { collect, createCatalogue, serveMedia, serveStatic } from "../../src/static/index.ts";
import { addFile, makeTree, namesIn, newYear } from "./tree.ts";
import "../properties/seed.ts";

const noise = Buffer.concat(Array.from({ length: 200 }, (_, i) => createHash("sha256").update(`${i}`).digest()));
const suffixes: Readonly<Record<string, string>> = { br: ".br", zstd: ".zst", gzip: ".gz" };

/** A name as somebody may write it who looks for a way out, or the name of a file, encoded in part or twice. */
const path = (known: readonly string[]) => {
  const tricks = [
    "..",
    ".",
    "",
    "%2e%2e",
    "..%2f",
    "%2e%2e%2f",
    "..%5c",
    "..\\",
    "%00",
    "%",
    "%ff",
    "%252e%252e",
    "..;",
  ];
  const places = [
    ".hidden",
    "secret.txt",
    "out.txt",
    "outside",
    "etc",
    "passwd",
    "static",
    "media",
    "__proto__",
    "?",
    "?x=1",
  ];
  const encoded = fc
    .tuple(fc.constantFrom(...known), fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), fc.boolean())
    .map(([name, isEncoded, isPlain]) => {
      const plain = name.split("/").map(encodeURIComponent).join("/");
      if (isPlain) return plain;
      return Array.from(Buffer.from(name), (byte, at) =>
        isEncoded[at] || byte <= 0x20 || byte > 0x7e || byte === 0x25
          ? `%${byte.toString(16).padStart(2, "0")}`
          : String.fromCharCode(byte),
      ).join("");
    });
  const piece = fc.oneof(fc.constantFrom(...tricks, ...places), encoded, fc.webSegment());
  return fc.oneof(
    { weight: 3, arbitrary: encoded },
    { weight: 2, arbitrary: fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join("/")) },
  );
};

const text = fc.string({ unit: fc.constantFrom(...' !"*+,-./0159:;=<>AZabgnqrstyz|~'), maxLength: 24 });
const number = fc.oneof(
  fc.nat({ max: 7000 }).map(String),
  fc.constantFrom("", "0", "6399", "6400", "99999999999999999999", "-1", "1e3", "x"),
);
const range = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(number, number).map(([from, to]) => `bytes=${from}-${to}`) },
  fc.tuple(number, number, number).map(([from, to, last]) => `bytes=${from}-${to},-${last}`),
  text,
);
const encoding = fc
  .tuple(
    fc.constantFrom("br", "zstd", "gzip", "x-gzip", "identity", "*", "deflate", "GZIP", ""),
    fc.constantFrom("", ";q=0", ";q=1", ";q=0.5", ";q=0.001", "; Q=1.000", ";q=2", ";q=", ";x=1"),
  )
  .map((parts) => parts.join(""));
const encodings = fc.oneof(
  { weight: 4, arbitrary: fc.array(encoding, { maxLength: 5 }).map((parts) => parts.join(", ")) },
  text,
);
const validator = fc.oneof(
  fc.constantFrom("*", '"a"', newYear.toUTCString(), "Fri, 01 Jan 2100 00:00:00 GMT", "2024"),
  text,
);
/** Half of the requests have no precondition, so that parts are asked for in earnest. */
const headers = fc.oneof(
  fc.record({ Range: range, "Accept-Encoding": encodings }),
  fc.record(
    {
      Range: range,
      "Accept-Encoding": encodings,
      "If-Range": validator,
      "If-Match": validator,
      "If-None-Match": validator,
      "If-Modified-Since": validator,
      "If-Unmodified-Since": validator,
    },
    { requiredKeys: [] },
  ),
);

describe("whatever is asked for", () => {
  const clean: (() => void)[] = [];
  const faults: unknown[] = [];
  /** By URL prefix: the folder, and the names that may be had from it. */
  const folders = new Map<string, { readonly folder: string; readonly names: ReadonlySet<string> }>();
  let server: http.Server;
  let port = 0;

  before(async () => {
    const keeper = { after: (work: () => void) => void clean.push(work) };
    const files = {
      "css/site.css": "body { color: red }\n".repeat(320),
      "noise.bin": noise,
      "tiny.txt": "tiny",
      "é 100%.txt": "odd",
    };
    const root = makeTree(keeper, {
      "secret.txt": "SECRET",
      "outside/secret.txt": "SECRET",
      "static/.hidden": "SECRET",
    });
    const [statics, media] = [join(root, "static"), join(root, "media")];
    await collect({ sources: [{ directory: makeTree(keeper, files) }], target: statics, now: () => newYear.getTime() });
    for (const [name, content] of Object.entries(files)) addFile(media, name, content);
    addFile(media, ".hidden/a.txt", "SECRET");
    for (const [name, to] of [
      ["out.txt", "secret.txt"],
      ["outside", "outside"],
    ] as const)
      symlinkSync(join(root, to), join(media, name));
    symlinkSync(join(media, "tiny.txt"), join(media, "within.txt"));
    const served = namesIn(statics).filter((name) => !/^\.|\.(br|gz|zst|json)$/.test(name));
    folders.set("/static/", { folder: statics, names: new Set(served) });
    folders.set("/media/", { folder: media, names: new Set([...Object.keys(files), "within.txt"]) });

    const onError = (error: unknown) => faults.push(error);
    // Half of the files are held, the others streamed.
    const catalogue = createCatalogue({ directories: [{ directory: statics }], maxMemoryFileBytes: 1000 });
    const { find } = await openMedia({
      ...{ mediaRoot: media, mediaUrl: "/media/", maxUploadBytes: 1, maxUploadFiles: 1 },
    });
    const handlers = [serveStatic(catalogue, { onError }), serveMedia({ find, url: "/media/", onError })];
    server = http.createServer((request, response) => {
      if (!handlers.some((handle) => handle(request, response))) response.writeHead(404, { "Content-Length": 0 }).end();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    port = typeof address === "object" && address ? address.port : 0;
  });
  after(() => {
    server.close();
    for (const work of clean) work();
  });

  const ask = async (line: string, sent: Readonly<Record<string, string | undefined>>) => {
    const socket = connect(port, "127.0.0.1");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${lines.join("")}\r\n`, "latin1");
    await once(socket, "close");
    const bytes = Buffer.concat(chunks);
    const end = bytes.indexOf("\r\n\r\n");
    const head = bytes.toString("latin1", 0, end);
    const header = (name: string) => new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim();
    return { status: Number(head.split(" ")[1]), header, body: bytes.subarray(end + 4), all: bytes };
  };

  for (const prefix of ["/static/", "/media/"])
    it(`below ${prefix} only its files are sent, whole or a true part of them`, async () => {
      const { folder, names } = folders.get(prefix) ?? assert.fail();
      let partial = 0;
      const method = fc.constantFrom("GET", "GET", "GET", "GET", "HEAD", "POST");
      await fc.assert(
        fc.asyncProperty(method, path([...names]), headers, async (method, path, sent) => {
          const { status, header, body, all } = await ask(`${method} ${prefix}${path}`, sent);
          assert.ok([200, 206, 304, 400, 404, 405, 412, 416].includes(status), `${status}`);
          assert.ok(!all.includes("SECRET"));
          if (method === "HEAD" || (status !== 200 && status !== 206)) {
            if (status !== 400) assert.equal(body.length, 0);
            return;
          }
          const name = decodeURIComponent(path.split("?", 1)[0] ?? "");
          assert.ok(names.has(name), name);
          const encoding = header("content-encoding");
          if (encoding !== undefined) assert.match(`${sent["Accept-Encoding"]}`, new RegExp(`${encoding}|\\*`, "i"));
          const whole = readFileSync(join(folder, name + (suffixes[encoding ?? ""] ?? "")));
          assert.equal(header("content-length"), String(body.length));
          if (status === 200) return assert.ok(body.equals(whole));
          partial++;
          const [, from, to, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(header("content-range") ?? "") ?? [];
          assert.equal(Number(size), whole.length);
          assert.ok(Number(to) < whole.length && body.equals(whole.subarray(Number(from), Number(to) + 1)));
        }),
        { numRuns: 1000 },
      );
      assert.ok(partial > 5, `${partial} parts were looked at`);
      assert.deepEqual(faults, []);
    });
});
