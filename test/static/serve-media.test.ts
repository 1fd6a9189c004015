/** Files that clients sent are served so that none of them can act in the name of the site. */
import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createDatabase } from "../../src/testing/database.ts";
import { sendRaw } from "../http-client.ts";
import { startDocuments } from "../resource/documents.ts";

describe("files that clients sent", () => {
  let started: Awaited<ReturnType<typeof startDocuments>>;
  const get = (path: string, headers: Record<string, string> = {}) => started.client("GET", path, { headers });
  before(async () => {
    started = await startDocuments(await createDatabase());
    const { mediaRoot } = started;
    await mkdir(join(mediaRoot, "docs"));
    for (const name of ["note.txt", "page.html", "image.svg", "photo.png", "paper.pdf", "größe (1).txt", ".secret"])
      await writeFile(join(mediaRoot, "docs", name), "0123456789");
    await writeFile(join(mediaRoot, ".uploads", "half"), "half");
    await symlink("/etc/hostname", join(mediaRoot, "docs", "out.txt"));
    await symlink("/etc", join(mediaRoot, "docs", "etc"));
    await symlink(join(mediaRoot, "docs", "note.txt"), join(mediaRoot, "docs", "within.txt"));
  });
  after(() => started.stop());

  test("images, PDF and plain text are shown; whatever a browser might run is offered to be saved", async () => {
    for (const [name, type, shown] of [
      ["note.txt", 'text/plain; charset="utf-8"', "inline"],
      ["photo.png", "image/png", "inline"],
      ["paper.pdf", "application/pdf", "inline"],
      ["page.html", 'text/html; charset="utf-8"', "attachment"],
      ["image.svg", "image/svg+xml", "attachment"],
    ]) {
      const { status, headers, text } = await get(`/media/docs/${name}`);
      assert.deepEqual([status, text], [200, "0123456789"]);
      assert.equal(headers.get("content-type"), type);
      assert.equal(headers.get("content-disposition"), `${shown}; filename*=UTF-8''${name}`);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      const policy = type === "application/pdf" ? null : "default-src 'none'; sandbox";
      assert.equal(headers.get("content-security-policy"), policy);
    }
  });

  test("a name of any script is found and told", async () => {
    const { status, headers } = await get(`/media/docs/${encodeURIComponent("größe (1).txt")}`);
    assert.equal(status, 200);
    assert.match(headers.get("content-disposition") ?? "", /filename\*=UTF-8''gr%C3%B6%C3%9Fe%20%281%29\.txt$/);
  });

  test("a part is sent where one is asked for, and nothing where the client has it", async () => {
    const part = await get("/media/docs/note.txt", { range: "bytes=2-4" });
    assert.deepEqual([part.status, part.text, part.headers.get("content-range")], [206, "234", "bytes 2-4/10"]);
    const none = await get("/media/docs/note.txt", { range: "bytes=10-" });
    assert.equal(none.status, 416);
    const etag = part.headers.get("etag") ?? "";
    assert.equal((await get("/media/docs/note.txt", { "if-none-match": etag })).status, 304);
    for (const [name, value] of [
      ["if-match", '"other"'],
      ["if-unmodified-since", "Mon, 01 Jan 2001 00:00:00 GMT"],
    ] as const)
      assert.equal((await get("/media/docs/note.txt", { [name]: value })).status, 412);
    const [same, odd] = [{ "if-match": etag }, { "if-match": etag, "if-none-match": etag }];
    assert.deepEqual(
      [await get("/media/docs/note.txt", same), await get("/media/docs/note.txt", odd)].map((answer) => answer.status),
      [200, 304],
    );
    assert.equal(part.headers.get("accept-ranges"), "bytes");
    assert.equal((await started.client("HEAD", "/media/docs/note.txt")).headers.get("content-length"), "10");
    assert.equal((await started.client("POST", "/media/docs/note.txt")).status, 405);
  });

  test("a link within the folder is followed, one that leads out is not", async () => {
    assert.equal((await get("/media/docs/within.txt")).status, 200);
    assert.equal((await get("/media/docs/out.txt")).status, 404);
    assert.equal((await get("/media/docs/etc/hostname")).status, 404);
  });

  test("there is no listing, no name that begins with a dot, and no way out of the folder", async () => {
    const paths = ["", "docs", "docs/", "docs//note.txt", "docs/.secret", ".uploads/half", "nothing.txt"];
    const escapes = ["../app.ts", "..%2fapp.ts", "%2e%2e/app.ts", "docs/%2e%2e/docs/note.txt", "docs%00/note.txt"];
    const odd = ["docs\\note.txt", "docs%5cnote.txt", "%zz", "%2fetc/hostname", "/etc/hostname"];
    for (const path of [...paths, ...escapes, ...odd]) {
      const request = `GET /media/${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
      assert.equal(await sendRaw(started.client.base, request), 404, path);
    }
  });
});
