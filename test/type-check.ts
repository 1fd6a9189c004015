/** The compiler run on the app file of a test project, in strict mode. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import type { TestProject } from "./cli/project.ts";

const root = resolve(import.meta.dirname, "..");

/** Fails with the compiler's findings. */
export async function hasNoTypeErrors(project: TestProject, file = "app.ts"): Promise<void> {
  const compilerOptions = {
    ...{ strict: true, target: "es2024", lib: ["es2024", "esnext.iterator", "esnext.collection"] },
    ...{ module: "nodenext", noEmit: true, allowImportingTsExtensions: true, customConditions: ["drf-auth-source"] },
    ...{ types: ["node"], typeRoots: [join(root, "node_modules/@types")], skipLibCheck: true },
  };
  await project.write("tsconfig.json", JSON.stringify({ compilerOptions, files: [file] }));
  const { status, stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", project.directory], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout);
}
