import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdir, readFile, rename, stat } from "node:fs/promises";
import { afterEach, beforeEach, describe, it } from "node:test";
import { appSource, createProject, type TestProject } from "./project.ts";

let project: TestProject;
beforeEach(async () => {
  project = await createProject();
});
afterEach(() => project.remove());

const json = async (url: string, init?: RequestInit): Promise<unknown> => (await fetch(url, init)).json();
const post = (body: unknown, token?: string): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  body: JSON.stringify(body),
});

/** As an editor saves: a new file in the place of the old one. */
async function save(source: string): Promise<void> {
  await project.write("app.ts.new", source);
  await rename(project.path("app.ts.new"), project.path("app.ts"));
}

describe("serve", () => {
  it("migrates where it is told to, serves, and ends well", async () => {
    await project.run(["makemigrations"]);
    const server = project.start(["serve", "--migrate"]);
    await server.says(/applying app\.0001_initial/);
    const [, url = ""] = await server.says(/"url":"([^"]+)"/);
    await project.run(["createuser", "alice"], { input: "correct horse" });
    const tokens = await json(`${url}/api/token/`, post({ username: "alice", password: "correct horse" }));
    assert.ok(typeof tokens === "object" && tokens !== null && "access" in tokens);
    assert.equal((await fetch(`${url}/api/v1/snacks/`, post({ name: "nuts" }))).status, 401);
    assert.deepEqual(await json(`${url}/api/v1/snacks/`, post({ name: "nuts" }, String(tokens.access))), {
      ...{ id: 1, name: "nuts", owner: 1 },
    });
    await server.says(/"method":"POST","path":"\/api\/v1\/snacks\/","status":201.*"user":1/);
    const { code, out, err } = await server.stop();
    assert.equal(code, 0);
    assert.doesNotMatch(out + err, /correct horse/);
  });

  const skip = process.getuid?.() !== 0 && "for root alone";
  it("that root starts opens its port, and is another user for all it does after that", { skip }, async () => {
    await project.run(["makemigrations"]);
    execFileSync("chown", ["-R", "nobody", project.directory]);
    const server = project.start(["serve", "--migrate", "--user", "nobody"]);
    const [, url = ""] = await server.says(/"url":"([^"]+)"/);
    assert.equal((await fetch(`${url}/api/v1/snacks/`)).status, 200);
    const { uid } = await stat(project.path("db.sqlite3"));
    assert.notEqual(uid, 0);
    const owner = async (pid: number | string | undefined) =>
      /^Uid:\s+(.*)$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1];
    const { pid } = server.process;
    const [worker] = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(" ");
    const all = [uid, uid, uid, uid].join("\t");
    assert.deepEqual([await owner(pid), await owner(worker)], [all, all]);
    assert.equal((await server.stop()).code, 0);
  });

  it("tells of a taken port in one line, and fails", async () => {
    await project.run(["makemigrations"]);
    const first = project.start(["serve", "--migrate"]);
    const [, port = ""] = await first.says(/"url":"http:\/\/127\.0\.0\.1:(\d+)"/);
    const { code, err } = await project.run(["serve", "--port", port]);
    assert.equal(code, 1);
    assert.match(err, /^drf-auth: HOST=127\.0\.0\.1 PORT=\d+: expected a free port[^\n]*\n$/);
  });

  it("tells of a database that is away in one line, without its password", async () => {
    const environment = {
      DATABASE_URL: "postgres://nobody:hidden@127.0.0.1:1/none",
      SECRET_KEY: "a secret of tests, thirty-two characters",
    };
    const { code, err } = await project.run(["serve"], { environment });
    assert.equal(code, 1);
    assert.match(err, /^drf-auth: [^\n]+\n$/);
    assert.doesNotMatch(err, /hidden/);
  });
});

describe("dev", () => {
  it("makes and applies migrations, and serves at the address it tells", async () => {
    const dev = project.start(["dev"]);
    await dev.says(/wrote migrations\/app\/0001_initial\.ts: create model snack/);
    const [, url = ""] = await dev.says(/Snacks: (\S+)/);
    assert.deepEqual(await json(`${url}snacks/`), { count: 0, next: null, previous: null, results: [] });
    assert.equal((await dev.stop()).code, 0);
    // What was compiled is kept for the next start, which takes half the time.
    assert.notEqual((await readdir(project.path("node_modules/.cache/drf-auth"))).length, 0);
  });

  it("starts again at every save, also of an editor that replaces the file", async () => {
    const dev = project.start(["dev"]);
    await dev.says(/Snacks: /);
    const name = "name: field.text({ maxLength: 64, unique: true })";
    await save(appSource(`${name}, note: field.text({ default: "" })`));
    await dev.says(
      /app\.ts changed; starting again[\s\S]*0002_snack_note\.ts: add field note to snack[\s\S]*Snacks: [\s\S]*reloaded in \d+\.\d s/,
    );
    await save(appSource(`${name}, note: field.text({ default: "" }), stars: field.integer({ null: true })`));
    await dev.says(/0003_snack_stars\.ts[\s\S]*Snacks: /);
  });

  it("waits for the next save where the file is broken", async () => {
    const dev = project.start(["dev"]);
    await dev.says(/Snacks: /);
    await save("export default ;");
    await dev.says(/app\.ts: does not run[\s\S]*waiting for the next save; Ctrl-C ends it/);
    await save(appSource().replace('"Snacks"', '"Mended"'));
    await dev.says(/Mended: /);
  });

  it("makes no migration that loses data", async () => {
    const dev = project.start(["dev"]);
    await dev.says(/Snacks: /);
    await save(appSource("title: field.text({ blank: true })"));
    await dev.says(/these would lose data.*remove field name from snack.*"drf-auth makemigrations"/);
  });
});
