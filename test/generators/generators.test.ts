/** Generators that people use make clients of the document: they compile in strict mode, and work against the server. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import shop from "../../examples/shop/app.ts";
import { startTestApp, type TestApp } from "../app.ts";
import { databases } from "../databases.ts";
import { everything } from "../openapi/everything.ts";

const here = import.meta.dirname;
const generated = join(here, ".generated");
const run = promisify(execFile);

/** Runs the command of a package. @param file  where it lies, seen from what one imports of the package */
async function runPackage(name: string, file: string, ...words: readonly string[]): Promise<void> {
  const command = fileURLToPath(new URL(file, import.meta.resolve(name)));
  await run(process.execPath, [command, ...words], { cwd: here });
}

/** Makes the clients of an app's document. */
async function generate({ client }: TestApp, prefix: string): Promise<void> {
  const file = (name: string): string => join(generated, prefix + name);
  await writeFile(file("openapi.json"), (await client("GET", "/api/schema/")).text);
  await runPackage(
    "openapi-typescript",
    "../bin/cli.js",
    file("openapi.json"),
    "--output",
    file("openapi-typescript.ts"),
  );
  await runPackage("oazapfts", "./cli.js", file("openapi.json"), file("oazapfts.ts"), "--argumentStyle=object");
}

interface Walk {
  walk(baseUrl: string, credentials: { username: string; password: string }): Promise<unknown[]>;
}

describe("a generated client", () => {
  let test: TestApp;
  before(async () => {
    const [sqlite] = databases;
    assert.ok(sqlite);
    test = await startTestApp(shop, await sqlite.create());
    await mkdir(generated, { recursive: true });
    const other = await startTestApp(everything, await sqlite.create());
    await Promise.all([generate(test, ""), generate(other, "everything-")]);
    await other.stop();
  });
  after(() => test.stop());

  it("compiles in strict mode, where a default need not be sent and a change needs nothing", async () => {
    const compilerOptions = {
      ...{ strict: true, exactOptionalPropertyTypes: false, noUncheckedIndexedAccess: true, target: "es2024" },
      ...{ lib: ["es2024", "dom", "dom.iterable"], module: "nodenext", noEmit: true, types: [] },
      ...{ allowImportingTsExtensions: true, skipLibCheck: true, isolatedModules: true },
    };
    const files = [
      ...["openapi-fetch", "oazapfts"].map((name) => join(here, "clients", `${name}.ts`)),
      ...["openapi-typescript", "oazapfts"].map((name) => join(generated, `everything-${name}.ts`)),
    ];
    const config = join(generated, "tsconfig.json");
    await writeFile(config, JSON.stringify({ compilerOptions, files }));
    const compiler = resolve(here, "../../node_modules/.bin/tsc");
    const { stdout } = await run(compiler, ["-p", config]).catch((error: { stdout: string }) => error);
    assert.equal(stdout, "");
  });

  for (const name of ["openapi-fetch", "oazapfts"])
    it(`of ${name} makes, finds, changes and removes a row`, async () => {
      const { username, password } = await test.user(name, { is_staff: true });
      const client: Walk = await import(join(here, "clients", `${name}.ts`));
      const told = await client.walk(test.client.base, { username, password });
      assert.deepEqual(told, [201, 0, 1, ["lamp"], "8.00", 412, 204, 404]);
    });
});
