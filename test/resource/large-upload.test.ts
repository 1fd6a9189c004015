/** A large file goes through the server to the disk, and its memory stays as it was. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

const MEGABYTE = 2 ** 20;
/** What is sent; `LARGE_UPLOAD_MB=1024` for a whole gigabyte. */
const megabytes = Number(process.env.LARGE_UPLOAD_MB ?? 256);
/** What the memory may grow by, whatever is sent. */
const ALLOWED = 100 * MEGABYTE;

test(`a file of ${megabytes} MB does not grow the memory of the server`, async (t) => {
  const server = spawn(
    process.execPath,
    ["--conditions=drf-auth-source", join(import.meta.dirname, "large-upload.ts")],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  t.after(async () => {
    server.stdin.write("stop\n");
    await once(server, "exit");
  });
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const tell = async () => JSON.parse((await lines.next()).value ?? "{}");
  const { base, bearer, rss, mediaRoot } = await tell();

  const sending = request(`${base}/api/v1/documents/`, {
    method: "POST",
    headers: { ...bearer, "content-type": "multipart/form-data; boundary=x" },
  });
  const part = (name: string, rest = "") => `--x\r\nContent-Disposition: form-data; name="${name}"${rest}\r\n\r\n`;
  const chunk = Buffer.alloc(MEGABYTE, "0123456789abcdef\r\n--");
  sending.write(`${part("title")}large\r\n${part("file", '; filename="small.txt"')}small\r\n`);
  sending.write(part("anything", '; filename="large.bin"'));
  for (let sent = 0; sent < megabytes; sent++) if (!sending.write(chunk)) await once(sending, "drain");
  sending.end("\r\n--x--\r\n");
  const [answer] = await once(sending, "response");
  answer.resume();
  assert.equal(answer.statusCode, 201);

  server.stdin.write("tell\n");
  const { peak } = await tell();
  t.diagnostic(`memory: ${Math.round(rss / MEGABYTE)} MB before, at most ${Math.round(peak / MEGABYTE)} MB`);
  assert.ok(peak - rss < ALLOWED, `${peak - rss} bytes more`);
  assert.equal((await stat(join(mediaRoot, "large.bin"))).size, megabytes * MEGABYTE);
});
