/**
 * Compiles `src/` to `dist/`: JavaScript, declarations, and the files that pages need.
 *
 * The JavaScript is the TypeScript without its types, comments included, so it needs no source maps: a stack leads to lines that
 * can be read.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, rmSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const compiler = resolve(root, "node_modules/.bin/tsc");
rmSync(resolve(root, "dist"), { recursive: true, force: true });
execFileSync(compiler, ["--project", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
for (const folder of ["browsable/assets", "openapi/assets"])
  cpSync(resolve(root, "src", folder), resolve(root, "dist", folder), { recursive: true });
for (const file of ["common-passwords.txt.gz", "common-passwords.LICENSE.txt"]) {
  cpSync(resolve(root, "src/auth/passwords", file), resolve(root, "dist/auth/passwords", file));
}
chmodSync(resolve(root, "dist/cli/main.js"), 0o755);
