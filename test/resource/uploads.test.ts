/** Files that clients send: kept with the row that names them, under a name that can do no harm, or not at all. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { openMedia } from "../../src/media/index.ts";
import { createDatabase } from "../../src/testing/database.ts";
import type { TestUser } from "../app.ts";
import { databases } from "../databases.ts";
import { open } from "../http-client.ts";
import { formOf, png, startDocuments } from "./documents.ts";

const path = "/api/v1/documents/";

for (const { name, create } of databases) {
  describe(name, () => {
    let started: Awaited<ReturnType<typeof startDocuments>>;
    let alice: TestUser;
    before(async () => {
      started = await startDocuments(await create(), { settings: { maxUploadBytes: 2_000_000, maxUploadFiles: 3 } });
      alice = await started.user("alice");
    });
    after(() => started.stop());

    const send = (method: string, at: string, values: Parameters<typeof formOf>[0], headers = {}) =>
      started.client(method, at, { body: formOf(values), headers: { ...alice.bearer, ...headers } });
    const sendJson = (method: string, at: string, json?: unknown) =>
      started.client(method, at, { json, headers: alice.bearer });
    const contentOf = (file: string) => readFile(join(started.mediaRoot, file), "utf8");
    /** What is in the folder after a request that must leave nothing there. */
    const unchanged = async (work: () => Promise<unknown>): Promise<void> => {
      const files = await started.files();
      await work();
      assert.deepEqual(await started.files(), files);
    };

    test("a file is kept in its folder, and shown as its absolute URL", async () => {
      const { status, json } = await send("POST", path, { title: "one", file: ["one.txt", "first"] });
      assert.equal(status, 201);
      assert.equal(json.file, `${started.client.base}/media/docs/one.txt`);
      assert.equal(json.cover, null);
      assert.equal(json.anything, null);
      assert.equal(await contentOf("docs/one.txt"), "first");
    });

    test("several files of one request each go to their field", async () => {
      const { json } = await send("POST", path, {
        ...{ title: "several", file: ["several.txt", "a"], anything: ["b.bin", "bb"], cover: ["c.png", png] },
      });
      const paths = [json.file, json.anything, json.cover].map((url) => new URL(url).pathname);
      assert.deepEqual(paths, ["/media/docs/several.txt", "/media/b.bin", "/media/covers/2024/c.png"]);
      assert.equal(await contentOf("b.bin"), "bb");
    });

    test("the name is that of the client without all that could lead elsewhere", async () => {
      const long = `${"ü".repeat(90)}.txt`;
      const names = {
        "../../x.txt": "x.txt",
        "..\\y.txt": "y.txt",
        "C:\\fakepath\\z.txt": "z.txt",
        ".hidden.txt": "hidden.txt",
        "a\u0001b\u202ec.txt": "abc.txt",
        "with a space.txt": "with_a_space.txt",
        "größe 文書.txt": "größe_文書.txt",
        [long]: long,
      };
      for (const [i, [sent, kept]] of Object.entries(names).entries()) {
        const { status, json } = await send("POST", path, { title: `named ${i}`, file: [sent, sent] });
        assert.equal(status, 201, sent);
        assert.equal(decodeURIComponent(new URL(json.file).pathname), `/media/docs/${kept}`.slice(0, 4000), sent);
        assert.equal(await contentOf(`docs/${kept}`), sent);
      }
    });

    test("two files of one name, sent at once, stand under two names", async () => {
      const answers = await Promise.all(
        [1, 2, 3].map((n) => send("POST", path, { title: `twin ${n}`, file: ["twin.txt", `twin ${n}`] })),
      );
      const paths = answers.map(({ json }) => new URL(json.file).pathname.replace("/media/", ""));
      assert.equal(new Set(paths).size, 3);
      assert.ok(paths.includes("docs/twin.txt"), paths.join());
      for (const each of paths) assert.match(each, /^docs\/twin(_\w{7})?\.txt$/);
      assert.deepEqual(await Promise.all(paths.map(contentOf)), ["twin 1", "twin 2", "twin 3"]);
    });

    test("what is wrong with a file is told by its field, and nothing is kept", async () => {
      const sentence = async (values: Parameters<typeof formOf>[0], field = "file") => {
        const { status, json } = await send("POST", path, { title: "wrong", ...values });
        return `${status} ${json[field]}`;
      };
      await unchanged(async () => {
        assert.equal(await sentence({ file: ["empty.txt", ""] }), "400 This file is empty.");
        const long = `${"n".repeat(97)}.txt`;
        assert.equal(await sentence({ file: [long, "n"] }), "400 At most 100 characters are allowed.");
        assert.match(await sentence({ file: ["***", "n"] }), /^400 This file has no name/);
        assert.equal(await sentence({ file: ["..", "n"] }), "400 This field is required.");
        assert.match(
          await sentence({ file: ["run.exe", "n"] }),
          /^400 .*expected a name that ends in .txt, .pdf, .html/,
        );
        const large = "n".repeat(1_000_001);
        assert.equal(await sentence({ file: ["large.txt", large] }), "400 At most 1000000 bytes are allowed.");
        assert.equal(await sentence({ file: "text" }), "400 Expected a file of a multipart/form-data body.");
        assert.equal(await sentence({}), "400 This field is required.");
        const disguised = { file: ["a.txt", "a"], cover: ["a.png", "no image"] } as const;
        assert.match(await sentence(disguised, "cover"), /^400 This is no image/);
        const json = { title: "of JSON", file: "docs/one.txt" };
        const answer = await sendJson("POST", path, json);
        assert.equal(`${answer.status} ${answer.json.file}`, "400 Expected a file of a multipart/form-data body.");
        const forged = { facts: { path: "docs/one.txt", name: "one.txt", sizeBytes: 1 }, field: "file" };
        assert.equal((await sendJson("POST", path, { title: "x", file: forged })).status, 400);
      });
    });

    test("a file is kept or replaced by a PATCH, and gone with null where that is allowed", async () => {
      const values = { title: "patched", file: ["kept.txt", "kept"], cover: ["old.png", png] } as const;
      const { json } = await send("POST", path, values);
      const at = `${path}${json.id}/`;
      const renamed = await send("PATCH", at, { title: "patched again" });
      assert.deepEqual([renamed.status, renamed.json.file, renamed.json.cover], [200, json.file, json.cover]);

      const replaced = await send("PATCH", at, { cover: ["new.png", png], file: ["second.txt", "second"] });
      assert.equal(new URL(replaced.json.cover).pathname, "/media/covers/2024/new.png");
      const files = await started.files();
      assert.ok(!files.includes("covers/2024/old.png"), "removeOld: the one before is gone");
      assert.ok(files.includes("docs/kept.txt"), "without it the one before stays");

      const emptied = await sendJson("PATCH", at, { cover: null });
      assert.equal(emptied.json.cover, null);
      assert.ok(!(await started.files()).includes("covers/2024/new.png"));
      const refused = await sendJson("PATCH", at, { file: null });
      assert.equal(`${refused.json.file}`, "This may not be null.");
    });

    test("a row that is deleted takes along the files of fields that say so", async () => {
      const values = { title: "deleted", file: ["stays.txt", "stays"], cover: ["goes.png", png] } as const;
      const { json } = await send("POST", path, values);
      assert.equal((await alice.client("DELETE", `${path}${json.id}/`)).status, 204);
      const files = await started.files();
      assert.deepEqual([files.includes("docs/stays.txt"), files.includes("covers/2024/goes.png")], [true, false]);
    });

    test("a file goes again when its row is not kept", async () => {
      await unchanged(async () => {
        const failed = await send("POST", path, { title: "refused after all", file: ["f.txt", "f"] });
        assert.equal(failed.status, 500);
        started.faults.length = 0;
        const taken = await send("POST", path, { title: "one", file: ["f.txt", "f"] });
        assert.equal(`${taken.json.title}`, "This value is taken already.");
        // Both pass the check, and the database lets one of them in.
      });
      const both = await Promise.all(
        ["p.txt", "q.txt"].map((file) => send("POST", path, { title: "race", file: [file, file] })),
      );
      assert.deepEqual(both.map(({ status }) => status).sort(), [201, 400]);
      const files = await started.files();
      assert.equal(files.filter((file) => /^docs\/[pq]\.txt$/.test(file)).length, 1);
    });

    test("nobody's file is read before they are allowed to send it", async () => {
      const bob = await started.user("bob");
      const { json } = await send("POST", path, { title: "of alice", file: ["a.txt", "a"] });
      await unchanged(async () => {
        for (const [method, at, headers, status] of [
          ["POST", path, {}, 401],
          ["PATCH", `${path}${json.id}/`, bob.bearer, 403],
          ["PUT", `${path}${json.id}/`, bob.bearer, 403],
          ["PATCH", `${path}999999/`, bob.bearer, 404],
        ] as const) {
          // The whole file is never sent: who waited for it would not answer.
          const socket = await open(started.client.base);
          socket.write(
            `${method} ${at} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n${Object.entries(
              headers,
            )
              .map(([key, value]) => `${key}: ${value}\r\n`)
              .join("")}\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n\r\nsome of it`,
          );
          const [head] = await once(socket, "data");
          assert.match(String(head), new RegExp(`^HTTP/1.1 ${status}`));
          socket.destroy();
        }
      });
    });

    test("the connection serves the next request after one whose files nobody wanted", async () => {
      const body = (boundary: string, bytes: number) =>
        `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n\r\n${"n".repeat(bytes)}\r\n--${boundary}--\r\n`;
      const socket = await open(started.client.base);
      const sent = body("x", 300_000);
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: ${sent.length}\r\n\r\n${sent}` +
          `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
      let answer = "";
      socket.on("data", (chunk) => {
        answer += chunk;
      });
      await once(socket, "close");
      assert.deepEqual(answer.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 401", "HTTP/1.1 200"]);
    });

    test("more bytes, files or texts than the settings allow end the request", async () => {
      await unchanged(async () => {
        const large = "n".repeat(900_000);
        const three = { title: "t", file: ["a.txt", large], anything: ["b", large], cover: ["c.png", large] } as const;
        assert.equal((await send("POST", path, three)).status, 413);
        const form = formOf({ title: "many" });
        for (const i of [1, 2, 3, 4]) form.append("file", new Blob(["n"]), `${i}.txt`);
        const many = await started.client("POST", path, { body: form, headers: alice.bearer });
        assert.deepEqual([many.status, many.json.detail], [400, "At most 3 files are allowed."]);
        const text = await send("POST", path, { title: "n".repeat(2_700_000), file: ["a.txt", "a"] });
        assert.equal(text.status, 413);
      });
    });

    test("of several files for one field the last one is kept, and nothing of those before it", async () => {
      const files = await started.files();
      const body = formOf({ title: "said twice", file: ["same.txt", "first"] });
      body.append("file", new Blob(["last"]), "same.txt");
      const { status, json } = await started.client("POST", path, { body, headers: alice.bearer });
      assert.equal(status, 201);
      const kept = new URL(json.file).pathname.replace("/media/", "");
      assert.equal(await contentOf(kept), "last");
      assert.deepEqual(await started.files(), [...files, kept].sort());
    });

    test("a file for a field that takes none is passed over", async () => {
      const { status, json } = await send("POST", path, {
        title: "extra",
        file: ["e.txt", "e"],
        other: ["o.txt", "o"],
      });
      assert.equal(status, 201);
      assert.ok(!(await started.files()).some((file) => file.endsWith("o.txt")), json);
    });

    test("nothing is left of a file whose client leaves in the middle", async () => {
      await unchanged(async () => {
        const socket = await open(started.client.base);
        const { authorization } = alice.bearer;
        socket.write(
          `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 900000\r\n\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n\r\n${"n".repeat(200_000)}`,
        );
        const temporary = async () => (await started.files()).filter((file) => file.startsWith(".uploads/"));
        while ((await temporary()).length === 0) await setImmediate();
        socket.destroy();
        while ((await temporary()).length > 0) await setImmediate();
      });
    });

    test("sent again with its key, a form with the same file is answered as before, one with another is refused", async () => {
      const headers = { "idempotency-key": "once" };
      const first = await send("POST", path, { title: "once", file: ["once.txt", "same"] }, headers);
      assert.equal(first.status, 201);
      await unchanged(async () => {
        const again = await send("POST", path, { title: "once", file: ["once.txt", "same"] }, headers);
        assert.deepEqual([again.status, again.json], [201, first.json]);
        assert.equal(again.headers.get("idempotency-replayed"), "true");
        const other = await send("POST", path, { title: "once", file: ["once.txt", "else"] }, headers);
        assert.equal(other.status, 422);
      });
    });

    test("the items of a bulk request, which are JSON, carry no files", async () => {
      const items = [{ title: "bulk", file: "docs/one.txt" }];
      const { status, json } = await sendJson("POST", path, items);
      assert.equal(`${status} ${json[0].file}`, "400 Expected a file of a multipart/form-data body.");
    });

    test("an action gets the path of its file, which goes when the action fails", async () => {
      const { json } = await send("POST", path, { title: "acted on", file: ["act.txt", "a"] });
      const done = await send("POST", `${path}${json.id}/attach/`, { file: ["note.txt", "note"] });
      assert.equal(new URL(done.json.anything).pathname, "/media/attached/note.txt");
      await unchanged(async () => {
        const failed = await send("POST", `${path}${json.id}/attach/`, { file: ["lost.txt", "lost"], fails: "true" });
        assert.equal(failed.status, 500);
        started.faults.length = 0;
      });
      const measured = await started.client("POST", "/api/v1/measure/", { body: formOf({ file: ["m.txt", "m"] }) });
      assert.deepEqual(measured.json, { path: "m.txt" });
    });

    test("the file of a related row is shown as a URL, too", async () => {
      const document = (await send("POST", path, { title: "on a shelf", file: ["s.txt", "s"] })).json;
      const shelf = await send("POST", "/api/v1/shelves/", { document: String(document.id), scan: ["scan", "s"] });
      assert.equal(shelf.json.paper.file, document.file);
      const { json } = await sendJson("GET", "/api/v1/shelves/");
      assert.equal(json.results[0].paper.file, document.file);
    });

    test("the file of an expanded row is a URL, beside a computed field as well", async () => {
      const { json: document } = await send("POST", path, { title: "expanded", file: ["expanded.txt", "e"] });
      const shelf = formOf({ document: `${document.id}`, scan: ["expanded.txt", "scan"] });
      const made = await started.client("POST", "/api/v1/shelves/", { body: shelf, headers: alice.bearer });
      const { json } = await sendJson("GET", `/api/v1/spines/${made.json.id}/?expand=document`);
      assert.deepEqual(json.document, { title: "expanded", file: document.file });
      assert.equal(json.scan, made.json.scan);
      assert.equal(json.label, `document ${document.id}`);
      const list = await sendJson("GET", `/api/v1/spines/?expand=document&document=${document.id}`);
      assert.deepEqual(list.json.results, [json]);
    });

    test("a private file is sent to whom its action lets have it, and to nobody else", async () => {
      const { json } = await send("POST", "/api/v1/contracts/", { paper: ["contract.txt", "0123456789"] });
      assert.deepEqual(Object.keys(json), ["id", "owner"]);
      const at = `/api/v1/contracts/${json.id}/paper/`;
      const whole = await alice.client("GET", at);
      assert.deepEqual([whole.status, whole.text], [200, "0123456789"]);
      assert.equal(whole.headers.get("cache-control"), "private, no-cache");
      assert.equal(whole.headers.get("content-type"), 'text/plain; charset="utf-8"');
      const part = await alice.client("GET", at, { headers: { range: "bytes=-3" } });
      assert.deepEqual([part.status, part.text], [206, "789"]);
      const carol = await started.user("carol");
      assert.equal((await carol.client("GET", at)).status, 404);
      assert.equal((await started.client("GET", at)).status, 404);
      assert.equal((await started.client("GET", "/media/.contracts/contract.txt")).status, 404);
    });

    test("OPTIONS tells which fields are files", async () => {
      const { json } = await sendJson("OPTIONS", path);
      const { file, cover } = json.actions.POST;
      assert.deepEqual(file, { type: "file upload", required: true, read_only: false, label: "File", max_length: 100 });
      assert.equal(cover.type, "image upload");
    });
  });
}

test("what a process that died left is removed at start, and what others are taking in is not", async (t) => {
  const started = await startDocuments(await createDatabase());
  t.after(() => started.stop());
  const folder = join(started.mediaRoot, ".uploads");
  await mkdir(folder, { recursive: true });
  const gone = 4_194_305; // more than a process's number can be
  const left = [`${hostname()} ${gone} a`];
  const alive = [`${hostname()} ${process.ppid} b`, "another-machine 12 c", `${hostname()} ${process.pid} d`];
  for (const name of [...left, ...alive]) await writeFile(join(folder, name), "half");
  await openMedia({ mediaRoot: started.mediaRoot, mediaUrl: "/media/", maxUploadBytes: 1, maxUploadFiles: 1 });
  assert.deepEqual(await started.files(), alive.map((name) => `.uploads/${name}`).sort());
  assert.ok((await stat(folder)).isDirectory());
});
