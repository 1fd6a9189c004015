/** The package, as users get it: packed, installed into an empty folder, the README's first app run with it. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blocksOf, helloWorld, sectionOf } from "../../test/readme.ts";
import { createClient } from "./client.ts";
import { root, run, start, type Tell } from "./process.ts";

/** Bytes that are downloaded; a package that is larger holds something that does not belong there. */
const maxPackedBytes = 1_000_000;

/** @throws Error  anything that is not as it should be */
export async function tryPackage(tell: Tell): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "drf-auth-smoke-"));
  try {
    const tarball = await pack(directory, tell);
    const project = join(directory, "snacks");
    await mkdir(project);
    const [install = ""] = blocksOf(sectionOf("Hello world"), "sh");
    await run(["sh", "-ec", install.replace("drf-auth", tarball)], project);
    await writeFile(join(project, "app.ts"), helloWorld());
    tell("installed into an empty folder");
    assert.match(await run(["npx", "drf-auth", "--help"], project), /^ {2}dev .*\n {2}serve /m);
    assert.match(await run(["npx", "drf-auth", "routes"], project), /POST +\/api\/v1\/snacks\/ +required/);
    tell("npx drf-auth --help, routes");

    await tryDev(project, tell);
    await tryServe(project, tell);
    await tryTypes(project, tell);
    await tryRefusals(project, tell);
    await tryTesting(project, tell);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Returns the path of the packed file. */
async function pack(directory: string, tell: Tell): Promise<string> {
  const out = await run(["npm", "pack", "--json", "--silent", "--pack-destination", directory], root);
  const [packed]: [{ filename: string; size: number; files: { path: string; mode: number }[] }] = JSON.parse(
    out.slice(out.search(/^\[/m)),
  );
  const strange = packed.files.filter(
    ({ path }) =>
      !/^(package\.json|README\.md|LICENSE|dist\/.*(\.js|\.d\.ts|\.css)|dist\/.*\/common-passwords\..*)$/.test(path),
  );
  assert.deepEqual(strange, []);
  assert.ok(packed.size < maxPackedBytes, `${packed.size} bytes`);
  assert.equal((packed.files.find(({ path }) => path === "dist/cli/main.js")?.mode ?? 0) & 0o111, 0o111);
  tell(`${packed.filename}: ${packed.files.length} files, ${Math.round(packed.size / 1000)} kB packed`);
  return join(directory, packed.filename);
}

/** `npx drf-auth dev`: an account, a token, a snack, a page; then Ctrl-C. */
async function tryDev(project: string, tell: Tell): Promise<void> {
  const dev = start(["npx", "drf-auth", "dev"], project, { environment: { PORT: "0" } });
  const [, url = ""] = await dev.says(/API: (\S+)/);
  await run(["npx", "drf-auth", "createuser", "alice"], project, { input: "correct horse" });
  const client = createClient(url);
  await client.json("POST", "/api/v1/snacks/", 401, { name: "nuts" });
  await client.signIn("alice", "correct horse");
  await client.json("POST", "/api/v1/snacks/", 201, { name: "nuts" });
  const { text } = await client.page("/api/v1/snacks/");
  assert.match(text, /<title>Snack List/);
  assert.match(text, /nuts/);
  await dev.interrupt();
  await assert.rejects(fetch(url));
  tell("dev: an account, a token, a snack, its page; Ctrl-C stops it");
}

/** `drf-auth serve`: what was created is there, and the page's style has a name that changes with it. */
async function tryServe(project: string, tell: Tell): Promise<void> {
  const server = start([join(project, "node_modules/.bin/drf-auth"), "serve"], project, {
    environment: { PORT: "0", WEB_CONCURRENCY: "2" },
  });
  const [, url = ""] = await server.says(/"url":"([^"]+)"/);
  const client = createClient(url);
  assert.equal((await client.json("GET", "/api/v1/snacks/?search=nut", 200)).count, 1);
  const { text } = await client.page("/api/v1/snacks/");
  const [, style = ""] = /<link rel="stylesheet" href="([^"]+)">/.exec(text) ?? [];
  assert.match(style, /^\/static\/pages\.[0-9a-f]{12}\.css$/);
  const css = await client.page(style);
  assert.match(css.headers.get("cache-control") ?? "", /immutable/);
  assert.equal((await server.terminate()).code, 0);
  tell(`serve: the snack is kept, the page has ${style}; SIGTERM ends with 0`);
}

/** The README's check finds nothing in the app, and something in an option that does not fit. */
async function tryTypes(project: string, tell: Tell): Promise<void> {
  const [, check = ""] = blocksOf(sectionOf("Hello world"), "sh");
  await run(["sh", "-ec", check], project);
  await writeFile(join(project, "wrong.ts"), helloWorld().replace("maxLength: 64", 'maxLength: "long"'));
  const { code, out } = await start(["sh", "-ec", check.replace("app.ts", "wrong.ts")], project).end;
  assert.notEqual(code, 0);
  assert.match(out, /^wrong\.ts\(\d+,\d+\): error TS2322/m);
  await writeFile(join(project, "page.ts"), pageOf("name"));
  const checkPage = check.replace("app.ts", "--allowImportingTsExtensions page.ts");
  await run(["sh", "-ec", checkPage], project);
  await writeFile(join(project, "page.ts"), pageOf("nmae"));
  const page = await start(["sh", "-ec", checkPage], project).end;
  assert.match(page.out, /^page\.ts\(\d+,\d+\): error TS2/m);
  tell("types: the app is right in strict mode, a wrong option is found, and so is a wrong name in its client");
}

/** A front end of the app, that sends one field. */
const pageOf = (field: string): string => `import { createClient } from "drf-auth/client";
import type app from "./app.ts";
const { resources } = createClient<typeof app>("");
export const made = resources.snacks.create({ ${field}: "nuts" });
`;

/** What cannot work says so before it starts. */
async function tryRefusals(project: string, tell: Tell): Promise<void> {
  await writeFile(join(project, "wrong.ts"), helloWorld().replace('search: ["name"]', 'search: ["nam"]'));
  const wrong = await start(["npx", "drf-auth", "routes", "--app", "wrong.ts"], project).end;
  assert.equal(wrong.code, 1);
  assert.match(wrong.all, /search.*nam\b/);
  const main = join(project, "node_modules/drf-auth/dist/cli/main.js");
  const old = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.19.0"})';
  const refused = await start([process.execPath, "--import", old, main, "dev"], project).end;
  assert.deepEqual(refused, {
    ...{ code: 1, out: "", all: "drf-auth needs Node 24 or newer; this is v20.19.0\n" },
  });
  tell("a field that is not there and an old Node are refused at start");
}

/** `drf-auth/testing` makes the table of who may do what, and finds a write that everybody may do. */
async function tryTesting(project: string, tell: Tell): Promise<void> {
  await writeFile(
    join(project, "app.test.ts"),
    `import { test } from "node:test";
import { assertAuthorization } from "drf-auth/testing";
import app from "./app.ts";
test("who may do what", () => assertAuthorization(app, { snapshot: new URL("./authorization.txt", import.meta.url) }));
`,
  );
  const words = [process.execPath, "--test", "app.test.ts"];
  await run(words, project);
  assert.match(
    await readFile(join(project, "authorization.txt"), "utf8"),
    /^snacks\.delete +denied +denied +allowed +denied /m,
  );
  const open = helloWorld().replace(/permissions: \[.*\],/, "permissions: [permission.allowAny()],");
  await writeFile(join(project, "app.ts"), open);
  const { code, out } = await start(words, project).end;
  assert.equal(code, 1);
  assert.match(out, /not signed in may write[\s\S]*snacks\.delete/);
  tell("drf-auth/testing: the table of who may do what is written, an open write is found");
}
