/**
 * A disk that is full: the real server on a small one, with its database, its files and its logs. What cannot be done is told, nothing
 * is half done, and all goes on by itself when there is room.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createProject, type Running, type TestProject } from "../cli/project.ts";
import { type Answer, type Client, clientOf } from "../http-client.ts";
import { formOf } from "../resource/documents.ts";
import { eventually } from "../server/running.ts";
import { noDisk, withDisk } from "./namespaces.ts";
import { report, stopwatch } from "./report.ts";

const source = `
  import { defineApp, field, model, resource } from "drf-auth";
  const Note = model("note", {
    fields: { text: field.text({ maxLength: 2000 }), paper: field.file({ blank: true, uploadTo: "papers" }) },
  });
  export default defineApp({ resources: { notes: resource(Note, { permissions: [] }) } });
`;
const path = "/api/v1/notes/";
const skip = noDisk();

describe("a disk that is full", { timeout: 120_000, skip }, () => {
  let project: TestProject;
  let server: Running;
  let client: Client;
  /** The disk, as the server sees it. */
  let disk: string;
  /** Requests that were answered. */
  let asked = 0;
  const read = (name: string): string => readFileSync(join(disk, name), "utf8");
  const fill = (): void => {
    try {
      for (let i = 0; ; i++) writeFileSync(join(disk, `ballast${i}`), Buffer.alloc(64 * 1024));
    } catch {
      // It is now.
    }
  };
  const makeRoom = (): void => {
    for (const name of readdirSync(disk)) if (name.startsWith("ballast")) rmSync(join(disk, name));
  };
  before(async () => {
    project = await createProject(source);
    const folder = project.path("disk");
    mkdirSync(folder);
    const environment = {
      ...{ SECRET_KEY: "a secret of tests, thirty-two characters", LOG_FILE: `${folder}/server.log` },
      ...{ DATABASE_URL: `sqlite:///${folder}/db.sqlite3`, MEDIA_ROOT: `${folder}/media` },
      CONTROL_SOCKET: "off",
    };
    await project.run(["makemigrations"], { environment });
    server = project.start(["serve", "--migrate"], environment, withDisk(folder, 6_000, 'exec >"$0"/access.log'));
    disk = `/proc/${server.process.pid}/root${folder}`;
    const url = await eventually(async () => /"url":"([^"]+)"/.exec(read("server.log"))?.[1]);
    client = clientOf(url);
  });
  after(() => project.remove());

  const ask = async (...words: Parameters<Client>): Promise<Answer> => {
    const answer = await client(...words);
    asked++;
    return answer;
  };
  const note = () => ask("POST", path, { json: { text: "x".repeat(1_500) } });
  const paper = () =>
    ask("POST", path, { body: formOf({ text: "a paper", paper: ["paper.txt", "p".repeat(200_000)] }) });
  const count = async (): Promise<number> => (await ask("GET", path)).json.count;
  const files = (folder: string): readonly string[] => readdirSync(join(disk, "media", folder));

  it("refuses what is to be written with 503 and 507, reads on, keeps nothing half, and writes again when there is room", async (t) => {
    let written = 0;
    for (const answer of [await note(), await paper()]) {
      assert.equal(answer.status, 201, answer.text);
      written++;
    }
    fill();
    const refused = await paper();
    assert.deepEqual(
      [refused.status, refused.json],
      [507, { detail: "The server has no room for this file just now." }],
    );
    let answer = await note();
    for (; answer.status === 201; answer = await note()) assert.ok(++written < 5_000, "the disk never was full");
    assert.equal(answer.status, 503, answer.text);
    assert.equal(typeof answer.json.detail, "string");
    // What LOG_FILE has no room for goes to standard error.
    for (let i = 0; i < 10; i++) assert.equal((await note()).status, 503);
    await server.says(/a log cannot be written[^\n]*"log":"LOG_FILE","reason":"ENOSPC"/);
    assert.equal(await count(), written);
    assert.deepEqual([files("papers").length, files(".uploads")], [1, []]);

    const elapsed = stopwatch();
    makeRoom();
    for (const again of [await note(), await paper()]) assert.equal(again.status, 201, again.text);
    const recovered = `both written again ${elapsed()} ms after there was room, by the same worker`;
    assert.equal(await count(), written + 2);
    assert.deepEqual([files("papers").length, files(".uploads")], [2, []]);
    report(t, { lost: "no row that was answered 201, no file", recovered });
  });

  it("loses lines of the logs, which are counted and told when there is room", async (t) => {
    const before = asked;
    fill();
    // A file has room to the end of its last block.
    for (let i = 0; i < 100; i++) await count();
    const during = asked - before;
    const elapsed = stopwatch();
    makeRoom();
    await count();
    const told = await eventually(
      () => /.*"a log is written again".*"standard output".*/.exec(read("server.log"))?.[0],
    );
    const recovered = `written again ${elapsed()} ms after there was room`;
    const { lost_lines: lost } = JSON.parse(told);
    assert.ok(lost > 0 && lost <= during, told);
    const counts = (): { readonly written: number; readonly lost: number } => ({
      written: read("access.log").match(/^{.*"status":.*}$/gm)?.length ?? 0,
      lost: [...read("server.log").matchAll(/"standard output","lost_lines":(\d+)/g)].reduce(
        (sum, [, n]) => sum + Number(n),
        0,
      ),
    });
    await eventually(() => (counts().written + counts().lost === asked ? true : undefined));
    assert.doesNotMatch(read("server.log"), /a worker ended/);
    report(t, { lost: `${lost} lines of ${during}`, recovered });
  });

  it("is told where the file of the process id has no room on it, and no empty one stays", () => {
    const folder = project.path("small");
    mkdirSync(folder);
    const fill = 'dd if=/dev/zero of="$0"/ballast bs=4k 2>/dev/null || true';
    const [command = "", ...words] = withDisk(folder, 16, fill);
    const script = '"$0" "$1"; ls "$2"';
    const fixture = fileURLToPath(new URL("../server/arbiter-fixture.ts", import.meta.url));
    const { stdout, stderr } = spawnSync(command, [...words, "sh", "-c", script, process.execPath, fixture, folder], {
      ...{ encoding: "utf8", env: { ...process.env, PID_FILE: `${folder}/server.pid` } },
    });
    assert.match(stderr, /PID_FILE=\S+: the disk is full; expected room for this file/);
    assert.equal(stdout, "ballast\n");
  });
});
